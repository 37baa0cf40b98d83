// Termination: EC2 says that the instance has ended, or has not listed it for long enough. Nothing runs there any more.
import type { NodeRecord } from '../../records/node.ts';
import type { Listing } from '../../plan/listing.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import { notAhead } from '../../values/clocks.ts';
import { isKnownToStop } from '../../tasks/warm/power.ts';
import { inBrackets } from './ending.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';

export const termination: DisruptionMethod = {
  name: 'termination',
  commands: (candidates, { observation: { listing }, settings }) =>
    candidates.flatMap((node) => {
      const reason = evidenceOfTermination(node, listing, settings);
      return reason === null ? [] : [{ node, reason }];
    }),
  leaves: ({ missingSinceMs }) =>
    missingSinceMs === null
      ? 'EC2 has not said that it has ended'
      : `EC2 does not list it since ${timeText(missingSinceMs)}`,
};

/** Why the instance certainly does not run; null while it may. */
export function evidenceOfTermination(
  node: NodeRecord,
  listing: Listing | null,
  settings: DecisionSettings,
): string | null {
  if (!listing) return null;
  const instance = listing.instances.get(node.id);
  if (instance) {
    return instance.state === 'terminated' || (instance.state === 'stopped' && !isKnownToStop(node, listing, settings))
      ? `EC2 says ${instance.state}${inBrackets(instance.stateReason)}`
      : null;
  }
  // Absence counts only for what is old enough, and from two complete listings that are far enough apart.
  return node.missingSinceMs !== null && listing.atMs - node.missingSinceMs >= settings.listingsApartMs
    ? 'absent from two listings of EC2'
    : null;
}

/** What `missingSinceMs` must be after this listing. */
export function missingSince(node: NodeRecord, listing: Listing, settings: DecisionSettings): number | null {
  if (listing.instances.has(node.id) || listing.atMs - node.createdAtMs < settings.missingMinAgeMs) return null;
  return notAhead(node.missingSinceMs ?? listing.atMs, listing.atMs);
}

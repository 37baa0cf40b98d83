// Silence is not death. A node is lost when EC2 says that it does not run, or when it has been silent for
// so long that its agent has killed its tasks; and not even then while the silence looks like an outage of ours.
import type { NodeRecord } from '../records/node.ts';
import type { Listing, ListedInstance, Observation, PoolMemory } from '../plan/observation.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { silentAfterMs } from '../values/settings.ts';

/** EC2's word on the node: it does not run; null while it may. */
export function evidenceOfTermination(
  node: NodeRecord,
  listing: Listing | null,
  settings: DecisionSettings,
): string | null {
  if (!listing) return null;
  const instance = listing.instances.get(node.id);
  if (instance) {
    return instance.state === 'terminated' || instance.state === 'stopped'
      ? `EC2 says ${instance.state}${instance.stateReason ? ` (${instance.stateReason})` : ''}`
      : null;
  }
  // Absence counts only for what is old enough, and from two complete listings that are far enough apart.
  return node.missingSinceMs !== null && listing.atMs - node.missingSinceMs >= settings.listingsApartMs
    ? 'absent from two listings of EC2'
    : null;
}

/** What EC2 says of an instance that is about to end, and why a node drains then; null: it is not. */
export function wordOfEnding(instance: ListedInstance | undefined): string | null {
  if (instance?.state !== 'shutting-down' && instance?.state !== 'stopping') return null;
  return `EC2 says ${instance.state}${instance.stateReason ? ` (${instance.stateReason})` : ''}`;
}

/** Whether a node drains for nothing but that its instance was seen ending: nobody had announced or wished it. */
export function isSeenEnding({ drain }: Pick<NodeRecord, 'drain'>): boolean {
  return drain !== null && /^EC2 says (?:shutting-down|stopping)\b/.test(drain.reason);
}

/** What `missingSinceMs` must be after this listing. */
export function missingSince(node: NodeRecord, listing: Listing, settings: DecisionSettings): number | null {
  if (listing.instances.has(node.id) || listing.atMs - node.createdAtMs < settings.missingMinAgeMs) return null;
  return node.missingSinceMs ?? listing.atMs;
}

export function isSilent(node: NodeRecord, nowMs: number, settings: DecisionSettings): boolean {
  return node.lastSeenAtMs !== null && !node.isLost && nowMs - node.lastSeenAtMs > silentAfterMs(settings);
}

export interface SilenceVerdict {
  /** Silent nodes that may be given up now. */
  readonly lost: ReadonlySet<string>;
  /** Since when a mass silence is borne; null: there is none. */
  readonly massSilenceSinceMs: number | null;
}

/**
 * More than 20 % of the pool's nodes (and more than 5) silent together, or no agent heard within the last
 * minute of written heartbeats: then nobody is lost by silence until the hold has passed.
 */
export function judgeSilence(
  observation: Pick<Observation, 'nowMs' | 'nodes' | 'memory'>,
  settings: DecisionSettings,
): SilenceVerdict {
  const { nowMs, memory } = observation;
  const talking = observation.nodes
    .map(({ record }) => record)
    .filter((node) => node.lastSeenAtMs !== null && !node.isLost);
  const silent = talking.filter((node) => isSilent(node, nowMs, settings));
  if (silent.length === 0) return { lost: new Set(), massSilenceSinceMs: null };
  const newestMs = Math.max(...talking.map((node) => node.lastSeenAtMs ?? 0));
  const isMass =
    (silent.length > 5 && silent.length > 0.2 * talking.length) || nowMs - newestMs > 60_000 + settings.lastSeenWriteMs;
  if (!isMass) return { lost: new Set(silent.map((node) => node.id)), massSilenceSinceMs: null };
  const sinceMs = memory.massSilenceSinceMs ?? nowMs;
  const isBorne = nowMs - sinceMs < settings.massSilenceHoldMs;
  return { lost: isBorne ? new Set() : new Set(silent.map((node) => node.id)), massSilenceSinceMs: sinceMs };
}

export function isSameMemory(a: PoolMemory, b: PoolMemory): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

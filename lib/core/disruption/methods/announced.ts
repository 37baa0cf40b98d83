// Announced: EC2 takes the instance on a day that it named (maintenance, a retirement). The node works until shortly
// before, so that a full pool is not blocked for days; while it is empty it is replaced at once.
import type { NodeRecord } from '../../records/node.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';
import { isSilent } from './silence.ts';

/** It drains this long before: time for a node in its place to boot, and for short tasks to end. */
export const announcedLeadMs = 900_000;

export const announced: DisruptionMethod = {
  name: 'announced',
  commands: (candidates, { observation: { nowMs }, settings, wanted }) =>
    candidates.flatMap((node) => {
      if (!node.announced) return [];
      const isDue = node.announced.atMs - announcedLeadMs <= nowMs;
      const isFree =
        node.state === 'ready'
        && node.assigned.length === 0
        && !wanted.has(node.id)
        && !isSilent(node, nowMs, settings);
      return isDue || isFree ? [{ node, reason: node.announced.reason }] : [];
    }),
  dueAtMs: ({ announced: notice, state }) =>
    notice && (state === 'launching' || state === 'ready') ? notice.atMs - announcedLeadMs : null,
  leaves: ({ announced: notice }) =>
    notice ? `AWS takes it at ${timeText(notice.atMs)}: ${notice.reason}` : 'AWS has announced nothing',
};

/** The node that knows of it; null: it is known, or the node is leaving already. */
export function announcedTo(node: NodeRecord, notice: NonNullable<NodeRecord['announced']>): NodeRecord | null {
  if (node.state !== 'launching' && node.state !== 'ready') return null;
  const known = node.announced;
  return known?.atMs === notice.atMs && known.reason === notice.reason ? null : { ...node, announced: notice };
}

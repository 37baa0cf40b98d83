// Announced: EC2 takes the instance at a time that is known: one that it named (maintenance, a retirement), or the end
// of the capacity block that it is in. The node works until shortly before: a full pool is not blocked for days. While
// it is empty it is replaced at once, if it is not of a block: of that there is no other.
import { endsInstancesAtMs, reservationOf } from '../../catalog/commitments.ts';
import type { NodeRecord } from '../../records/node.ts';
import type { PoolSpec } from '../../records/pool.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';
import { isSilent } from './silence.ts';

/** It drains this long before: time for a node in its place to boot, and for short tasks to end. */
export const announcedLeadMs = 900_000;

export const announced: DisruptionMethod = {
  name: 'announced',
  commands: (candidates, { observation: { nowMs, pool }, settings, wanted }) =>
    candidates.flatMap((node) => {
      const notice = noticeOf(node, pool);
      if (!notice) return [];
      const isDue = notice.atMs - announcedLeadMs <= nowMs;
      const isFree =
        node.announced !== undefined
        && node.state === 'ready'
        && node.assigned.length === 0
        && !wanted.has(node.id)
        && !isSilent(node, nowMs, settings);
      return isDue || isFree ? [{ node, reason: notice.reason }] : [];
    }),
  dueAtMs: (node, { observation: { pool } }) => {
    const notice = noticeOf(node, pool);
    return notice && (node.state === 'launching' || node.state === 'ready') ? notice.atMs - announcedLeadMs : null;
  },
  leaves: (node, { observation: { pool } }) => {
    const notice = noticeOf(node, pool);
    return notice ? `AWS takes it at ${timeText(notice.atMs)}: ${notice.reason}` : 'AWS has announced nothing';
  },
};

type Notice = NonNullable<NodeRecord['announced']>;

/** What is known first to take the node, as its capacity block is declared now; undefined: nothing is known. */
function noticeOf(node: NodeRecord, pool: Pick<PoolSpec, 'commitments'>): Notice | undefined {
  const into = reservationOf(pool, node.reservation);
  const endsAtMs = into === undefined ? null : endsInstancesAtMs(into);
  if (into === undefined || endsAtMs === null || endsAtMs >= (node.announced?.atMs ?? Infinity)) return node.announced;
  return { reason: `EC2 ends what is in capacity block ${into.name} half an hour before its end`, atMs: endsAtMs };
}

/** The node that knows of it; null: it is known, or the node is leaving already. */
export function announcedTo(node: NodeRecord, notice: NonNullable<NodeRecord['announced']>): NodeRecord | null {
  if (node.state !== 'launching' && node.state !== 'ready') return null;
  const known = node.announced;
  return known?.atMs === notice.atMs && known.reason === notice.reason ? null : { ...node, announced: notice };
}

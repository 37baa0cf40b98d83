// Emptiness: a node without work is terminated after the pool's idle time, unless the plan counts on it, or an operator
// keeps it (cordon).
import type { NodeRecord } from '../../records/node.ts';
import type { PoolSpec } from '../../records/pool.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';
import { isSilent } from './silence.ts';

export const emptiness: DisruptionMethod = {
  name: 'emptiness',
  commands: (candidates, { observation: { nowMs, pool }, settings, wanted }) =>
    candidates.flatMap((node) => {
      const idleMs = idleAtMs(node, pool);
      // Whether a silent node is empty is not known: its document is older than its silence.
      const isEmpty = idleMs !== null && idleMs <= nowMs && !isSilent(node, nowMs, settings);
      return isEmpty && !wanted.has(node.id) ? [{ node, reason: 'idle' }] : [];
    }),
  dueAtMs: (node, { observation, wanted }) => (wanted.has(node.id) ? null : idleAtMs(node, observation.pool)),
  leaves: (node, { observation, wanted }) => {
    if (node.state !== 'ready') return 'it is not up yet';
    if (node.assigned.length > 0)
      return `it has work: ${String(node.assigned.length)} of at most ${String(node.tasksMax)} tasks`;
    const atMs = idleAtMs(node, observation.pool);
    if (atMs === null) return 'it is without work, and an operator keeps it';
    if (wanted.has(node.id)) return 'it is without work, and waiting tasks or headroom count on it';
    return `it is without work, and may go at ${timeText(atMs)}`;
  },
};

/** When the node may go for being idle; null while it works, or is not up yet. */
function idleAtMs(node: NodeRecord, pool: Pick<PoolSpec, 'idleAfterMs'>): number | null {
  if (node.state !== 'ready' || node.assigned.length > 0 || node.cordon) return null;
  return (node.emptySinceMs ?? node.readyAtMs ?? node.createdAtMs) + pool.idleAfterMs;
}

// Emptiness: a node without work is terminated after the pool's idle time, or stopped (warm-nodes.ts), unless the plan
// counts on it, or an operator keeps it (cordon). Stopped ones beyond as many as the pool keeps go.
import type { NodeRecord } from '../../records/node.ts';
import type { PoolSpec } from '../../records/pool.ts';
import { bootedAfterMs, surplusOf } from '../../tasks/warm/stock.ts';
import { isFarAhead } from '../../values/clocks.ts';
import type { DisruptionMethod, SeenByMethods } from '../method.ts';
import { timeText } from '../method.ts';
import { isSilent } from './silence.ts';

export const emptiness: DisruptionMethod = {
  name: 'emptiness',
  commands: (candidates, { observation, settings, wanted }) => {
    const { nowMs, pool } = observation;
    const surplus = surplusAmong(candidates, observation);
    return candidates.flatMap((node) => {
      if (surplus.has(node.id))
        return node.cordon ? [] : [{ node, reason: `stopped, and the pool keeps ${keptOf(pool)} such nodes` }];
      const idleMs = idleAtMs(node, observation);
      // Whether a silent node is empty is not known: its document is older than its silence.
      const isEmpty = idleMs !== null && idleMs <= nowMs && !isSilent(node, nowMs, settings);
      return isEmpty && !wanted.has(node.id) ? [{ node, reason: 'idle' }] : [];
    });
  },
  dueAtMs: (node, { observation, wanted }) => (wanted.has(node.id) ? null : idleAtMs(node, observation)),
  leaves: (node, { observation, wanted }) => {
    if (node.state === 'stopping' || node.state === 'stopped')
      return `it is ${node.state}: the pool keeps ${keptOf(observation.pool)} nodes stopped while they have no work`;
    if (node.state !== 'ready') return 'it is not up yet';
    if (node.assigned.length > 0)
      return `it has work: ${String(node.assigned.length)} of at most ${String(node.tasksMax)} tasks`;
    const atMs = idleAtMs(node, observation);
    if (atMs === null) return 'it is without work, and an operator keeps it';
    if (wanted.has(node.id)) return 'it is without work, and waiting tasks or headroom count on it';
    const end = observation.pool.warmNodes === undefined ? 'go' : 'go, or be stopped,';
    return `it is without work, and may ${end} at ${timeText(atMs)}`;
  },
};

/** When the node may go for being idle; null while it works, or is not up yet. */
function idleAtMs(node: NodeRecord, { pool, nowMs }: Pick<SeenByMethods, 'pool' | 'nowMs'>): number | null {
  if (node.state !== 'ready' || node.assigned.length > 0 || node.cordon) return null;
  const sinceMs = node.emptySinceMs ?? node.readyAtMs ?? node.createdAtMs;
  // A clock wrote it that was far ahead: until then it would cost money for nothing.
  if (isFarAhead(sinceMs, nowMs)) return nowMs;
  const atMs = sinceMs + pool.idleAfterMs;
  const mayBeStopped = (pool.warmNodes?.stopped ?? 0) > 0 && node.capacityType === 'on-demand';
  return mayBeStopped ? Math.max(atMs, (node.readyAtMs ?? node.createdAtMs) + bootedAfterMs) : atMs;
}

function keptOf({ warmNodes }: Pick<PoolSpec, 'warmNodes'>): string {
  return warmNodes === undefined ? 'no' : String(warmNodes.stopped);
}

/** Nearly no pool has any. */
function surplusAmong(candidates: readonly NodeRecord[], { pool, nodes }: SeenByMethods): ReadonlySet<string> {
  if (candidates.every((node) => node.state !== 'stopped')) return new Set();
  return surplusOf(
    nodes.map(({ record }) => record),
    pool,
  );
}

// Consolidation: the node that others of the pool can do without goes, where the pool says so and every task on it
// bears a restart. Which one that is, and whether it pays, is worked out once for a decision (see ../surplus.ts): here
// is when a pool is calm enough to ask, so that steady demand moves nothing.
import type { Versioned } from '../../plan/observation.ts';
import type { NodeRecord } from '../../records/node.ts';
import type { DisruptionMethod, SeenByMethods } from '../method.ts';
import { timeText } from '../method.ts';

const calmMsDefault = 300_000;
const apartMsDefault = 60_000;

export const consolidation: DisruptionMethod = {
  name: 'consolidation',
  commands: (candidates, { surplus }) => (surplus !== undefined && candidates.includes(surplus.node) ? [surplus] : []),
  dueAtMs: (node, { observation, wanted }) => {
    if (isOff(observation) || wanted.has(node.id) || !isAtWork(node)) return null;
    const atMs = calmAtMs(node, observation);
    return atMs > observation.nowMs ? atMs : null;
  },
  leaves: (node, { observation }) => {
    if (observation.pool.disruption?.consolidation === undefined) return 'its pool does not consolidate';
    if (observation.paused) return 'its pool is paused';
    if (node.cordon) return 'an operator keeps it';
    if (!isAtWork(node)) return 'no task runs there that could run elsewhere';
    const atMs = calmAtMs(node, observation);
    if (atMs > observation.nowMs)
      return `something was launched, placed or moved a short time ago: it is asked again at ${timeText(atMs)}`;
    return (
      'its tasks do not all bear a restart, or do not fit on nodes that run others, or moving them costs more than '
      + 'it saves, or another node goes first'
    );
  },
};

/** What a paused pool lets go, it could not buy again. */
export function isOff({ pool, paused, isPoolDeleting }: SeenByMethods): boolean {
  return pool.disruption?.consolidation === undefined || paused !== undefined || isPoolDeleting;
}

/** It runs tasks, and stays unless it is chosen. */
export function isAtWork({ state, assigned, cordon, isLost, announced }: NodeRecord): boolean {
  return state === 'ready' && assigned.length > 0 && !cordon && !isLost && !announced;
}

/** From when on it is asked, if nothing is launched, placed or moved until then. */
function calmAtMs(node: NodeRecord, seen: SeenByMethods): number {
  return Math.max(nodeCalmAtMs(node, seen), poolCalmAtMs(seen));
}

export function nodeCalmAtMs({ readyAtMs, createdAtMs, assigned }: NodeRecord, { pool }: SeenByMethods): number {
  const changedAtMs = assigned.reduce((last, one) => Math.max(last, one.placedAtMs), readyAtMs ?? createdAtMs);
  return changedAtMs + (pool.disruption?.consolidation?.calmMs ?? calmMsDefault);
}

export function poolCalmAtMs({ pool, nodes, memory }: SeenByMethods): number {
  const { calmMs = calmMsDefault, apartMs = apartMsDefault } = pool.disruption?.consolidation ?? {};
  return Math.max(newestAtMs(nodes) + calmMs, (memory.consolidatedAtMs ?? -Infinity) + apartMs);
}

const known = new WeakMap<readonly Versioned<NodeRecord>[], number>();

/** When the last node was bought that is there. */
function newestAtMs(nodes: readonly Versioned<NodeRecord>[]): number {
  const newest = known.get(nodes) ?? nodes.reduce((last, { record }) => Math.max(last, record.createdAtMs), -Infinity);
  known.set(nodes, newest);
  return newest;
}

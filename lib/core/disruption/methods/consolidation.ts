// Consolidation: nodes that others of the pool can do without go, where the pool says so and every task on them bears
// a stop. Which ones that are, and whether it pays, is worked out once for a decision (see ../consolidation-
// choice.ts): here is when a pool is calm enough to ask, so that steady demand moves nothing.
import type { Versioned } from '../../plan/observation.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import { isPaused } from '../../values/clocks.ts';
import type { Resources } from '../../values/resources.ts';
import { sumResources } from '../../values/resources.ts';
import type { DisruptionMethod, SeenByMethods } from '../method.ts';
import { timeText } from '../method.ts';

const calmMsDefault = 300_000;
const apartMsDefault = 60_000;

export const consolidation: DisruptionMethod = {
  name: 'consolidation',
  commands: (candidates, { moves = [] }) => moves.filter(({ node }) => candidates.includes(node)),
  dueAtMs: (node, { observation, wanted }) => {
    if (isOff(observation) || wanted.has(node.id) || !isAtWork(node)) return null;
    const atMs = calmAtMs(node, observation);
    return atMs > observation.nowMs ? atMs : null;
  },
  leaves: (node, { observation }) => {
    if (observation.pool.disruption?.consolidation === undefined) return 'its pool does not consolidate';
    if (observation.paused) return 'its pool is paused';
    if (node.cordon) return 'an operator keeps it';
    const untilMs = replacementDueAtMs(node, observation);
    if (untilMs !== null && replacedOf(node, observation).length > 0)
      return `it was bought in the place of ${(node.replaces ?? []).join(', ')}, which go if that pays then`;
    if (!isAtWork(node)) return 'no task runs there that could run elsewhere';
    const atMs = calmAtMs(node, observation);
    if (atMs > observation.nowMs)
      return `something was launched, placed or moved a short time ago: it is asked again at ${timeText(atMs)}`;
    return (
      'its tasks do not all bear a stop, or neither nodes that run others nor a cheaper new one carry them, or moving '
      + 'them costs more than it saves, or another node goes first'
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

/** When the last node was bought or started that is there, for demand: what replaces others says nothing of it. */
function newestAtMs(nodes: readonly Versioned<NodeRecord>[]): number {
  const newest = known.get(nodes) ?? nodes.reduce((last, { record }) => Math.max(last, cameAtMs(record)), -Infinity);
  known.set(nodes, newest);
  return newest;
}

function cameAtMs({ replaces, createdAtMs, state, warm }: NodeRecord): number {
  const boughtAtMs = replaces === undefined ? createdAtMs : -Infinity;
  if (state === 'starting' && warm !== undefined) return Math.max(boughtAtMs, warm.askedAtMs);
  const { readyAtMs = -Infinity, tookMs = 0 } = warm?.lastStart ?? {};
  return Math.max(boughtAtMs, readyAtMs - tookMs);
}

/** Of new demand it is looked at for so many times as long as what has changed is left alone. */
const newFor = 3;

/** Of tasks that came for the first time a short time ago: as much as comes again while demand is steady. */
export function newDemandOn(nodes: readonly NodeRecord[], { pool, nowMs }: SeenByMethods): Resources {
  const { calmMs = calmMsDefault } = pool.disruption?.consolidation ?? {};
  const isNew = (one: Assignment): boolean => one.attempt === 1 && nowMs - one.placedAtMs < newFor * calmMs;
  return sumResources(nodes.flatMap(({ assigned }) => assigned.filter(isNew).map((one) => one.resources)));
}

/** So long a node that replaces others is kept for them once it is ready. */
const keptForMs = 120_000;

/** Until when a node that was bought in the place of others waits for their tasks; null: it does not, or no more. */
export function replacementDueAtMs(
  { replaces, state, readyAtMs, assigned, ran }: NodeRecord,
  { nowMs }: Pick<SeenByMethods, 'nowMs'>,
): number | null {
  if (replaces === undefined || assigned.length > 0 || ran !== undefined) return null;
  // One that never calls goes by the boot timeout.
  if (state === 'launching') return Infinity;
  if (state !== 'ready' || readyAtMs === null || !isPaused(readyAtMs + keptForMs, nowMs, keptForMs)) return null;
  return readyAtMs + keptForMs;
}

/** Those of the nodes that it replaces that still run tasks. */
export function replacedOf(
  { replaces = [] }: Pick<NodeRecord, 'replaces'>,
  { nodes }: Pick<SeenByMethods, 'nodes'>,
): readonly NodeRecord[] {
  const ids = new Set(replaces);
  return nodes.map(({ record }) => record).filter((node) => ids.has(node.id) && node.state === 'ready');
}

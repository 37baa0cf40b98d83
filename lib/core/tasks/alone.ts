// Tasks that are kept apart (node-losses.ts) are placed and bought for before the others, each on a node of
// its own, by the same engine: of empty nodes only, and one task to a node. Few at once, so that they cannot
// take a pool's whole limit.
import type { Bin, Demand, Unplaced } from '../allocation/types.ts';
import type { CapacityQuestion } from './capacity/capacity-question.ts';
import { demandOf } from './demand.ts';
import type { MountGate } from './mounts.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { aloneMax } from './node-losses.ts';
import type { Observation } from '../plan/observation.ts';
import { noResources } from '../values/resources.ts';
import type { DecisionSettings } from '../values/settings.ts';

export interface AloneQuestion extends CapacityQuestion {
  /** More than may run alone at once. */
  readonly postponed: readonly Unplaced[];
}

/** null: no task is kept apart. `question`: that of the others. */
export function aloneQuestion(
  question: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  mounts: MountGate,
): AloneQuestion | null {
  if (observation.isPoolDeleting) return null;
  const demand = copy
    .waiting()
    .flatMap((record) => demandOf(record, copy, 'alone', observation.pool) ?? [])
    .flatMap((one) => mounts.admit(one));
  if (demand.length === 0) return null;
  const max = aloneMax(observation.pool);
  const running = [...copy.nodes()].flatMap((node) =>
    node.assigned.filter((one) => one.isAlone === true).map((one) => one.requestId),
  );
  const { admitted, postponed } = admit(demand, max, running);
  const { input } = question;
  return {
    isAlone: true,
    demand: admitted,
    onDemand: new Map(),
    postponed,
    input: {
      ...input,
      demand: admitted,
      bins: input.bins.map((bin) =>
        isEmpty(bin, copy) ? { ...bin, freeTasks: 1 } : { ...bin, free: noResources, freeTasks: 0 },
      ),
      pool: { ...input.pool, tasksPerNode: 1 },
    },
  };
}

/**
 * Where a node serves one tenant at a time, tasks that are kept apart would take each empty node from other tenants:
 * they come second while one of these waits that is older than all of them.
 */
export function givesWay(
  apart: CapacityQuestion,
  { demand, input: { pool, nowMs } }: CapacityQuestion,
  { reserveAfterMs }: Pick<DecisionSettings, 'reserveAfterMs'>,
): boolean {
  const oldestMs = Math.min(...apart.demand.map((one) => one.createdAtMs));
  return (
    pool.isTenantPerNode === true
    && demand.some(
      (one) =>
        apart.demand.some((other) => other.tenant !== one.tenant)
        && one.createdAtMs < oldestMs
        && nowMs - one.createdAtMs >= reserveAfterMs,
    )
  );
}

function isEmpty(bin: Bin, copy: WorkingCopy): boolean {
  return bin.freeTasks > 0 && (copy.node(bin.id)?.assigned.length ?? 0) === 0;
}

/**
 * The oldest first. Of a gang all or none: one that is larger than the bound goes when nothing else runs
 * alone, and what it loses comes back to it, whatever else does. `running`: the request of each task
 * that runs alone now.
 */
function admit(
  demand: readonly Demand[],
  max: number,
  running: readonly string[],
): { admitted: readonly Demand[]; postponed: readonly Unplaced[] } {
  const admitted: Demand[] = [];
  const postponed: Unplaced[] = [];
  let left = Math.max(0, max - running.length);
  for (const one of [...demand].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))) {
    const isGangIn = one.count <= left || (left === max && one.count > max) || running.includes(one.id);
    const count = one.gang === true ? (isGangIn ? one.count : 0) : Math.min(one.count, left);
    left = Math.max(0, left - count);
    if (count > 0) admitted.push({ ...apartFromNodes(one), count });
    if (count < one.count) postponed.push(unplaced(one, one.count - count, max));
  }
  return { admitted, postponed };
}

/** Whom it would be with on a node is nobody's concern any more. */
function apartFromNodes({ affinity, ...demand }: Demand): Demand {
  const left = (affinity ?? []).filter((one) => one.topology !== 'node');
  return left.length === 0 ? demand : { ...demand, affinity: left };
}

function unplaced({ id }: Demand, count: number, max: number): Unplaced {
  return {
    demandId: id,
    count,
    kind: 'constraints',
    excluded: [],
    message:
      `Nodes were lost under it without notice, so it runs alone on a node; at most ${String(max)} of the `
      + "pool's tasks do at once. It starts as others end, however long they run: cancel one of them, or "
      + 'give tasks a timeoutSeconds, where they may run for ever.',
  };
}

// A rush: tasks come one after the other, faster than room becomes free, and each waits a boot for the node that is
// bought for it. Where they go on coming, a node that was bought a little earlier lets those of the next seconds wait
// for less than a boot. How long a rush goes on nobody knows; it is taken to last as long again as it has lasted. What
// is asked for at one moment is no rush, however much it is: nothing says that more will come.
import type { AllocationInput, AllocationPlan, Demand } from '../allocation/types.ts';
import type { Observation } from '../plan/observation.ts';
import { bootMsOf } from '../tasks/capacity/boots.ts';
import { shapeKey } from '../tasks/demand.ts';
import { assert } from '../values/errors.ts';

/** Tasks are counted by these stretches of time, the last one first; so many are looked at. */
const stretchMs = 2_000;
const stretches = 7;
/** A rush has lasted for so many, with so many tasks in each that have no room, and with so many together. */
const stretchesLeast = 3;
const perStretchLeast = 2;
const togetherLeast = 8;
/** Of one stretch no more count than so many times the middle one: more were asked for at once. */
const timesMiddle = 2;
/** So many tasks are planned for at most. */
export const rushTasksMax = 1_000;

export interface Rush {
  /** As many tasks again as came, alike. */
  readonly demand: readonly Demand[];
  readonly because: string;
}

/** null: there is none, or the pool does not buy for what is to come. */
export function rushOf(observation: Observation, input: AllocationInput, plan: AllocationPlan | null): Rush | null {
  const { pool, paused, nowMs } = observation;
  const bootMs = bootMsOf(observation) ?? 0;
  if (plan === null || pool.objective === 'cost-now' || paused || bootMs < stretches * stretchMs) return null;
  const came = cameLately(input.demand, withRoom(input, plan), nowMs);
  const until = came.findIndex((some) => countOf(some) < perStretchLeast);
  const rush = until < 0 ? came : came.slice(0, until);
  if (rush.length < stretchesLeast) return null;
  const most = timesMiddle * middleOf(rush.map(countOf));
  const expected = rush.flatMap((some) => atMost(some, most));
  const count = countOf(expected);
  if (count < togetherLeast) return null;
  const seconds = (rush.length * stretchMs) / 1000;
  return {
    demand: again(atMost(expected, rushTasksMax), nowMs),
    because: `ahead of a rush (${String(count)} tasks without room came in ${String(seconds)} s)`,
  };
}

/** So many tasks of a demand. */
interface Some {
  readonly demand: Demand;
  readonly count: number;
}

/** By demand, how many start now. */
function withRoom({ bins }: AllocationInput, { placements }: AllocationPlan): ReadonlyMap<string, number> {
  const used = new Set(placements.map(({ binId }) => binId));
  const ready = new Set(bins.flatMap(({ id, state }) => (state === 'ready' && used.has(id) ? [id] : [])));
  const counts = new Map<string, number>();
  for (const { binId, tasks } of placements)
    if (ready.has(binId))
      for (const { demandId, count } of tasks) counts.set(demandId, (counts.get(demandId) ?? 0) + count);
  return counts;
}

/** Of each stretch, the last one first, the tasks that came and have no room. */
function cameLately(
  demand: readonly Demand[],
  starting: ReadonlyMap<string, number>,
  nowMs: number,
): readonly (readonly Some[])[] {
  const came = Array.from({ length: stretches }, (): Some[] => []);
  for (const one of demand) {
    const count = one.count - (starting.get(one.id) ?? 0);
    if (count > 0 && isPlain(one))
      came[Math.floor(Math.max(0, nowMs - one.createdAtMs) / stretchMs)]?.push({ demand: one, count });
  }
  return came;
}

/** Others have no say in where it goes, and nobody knows of it that the next one is alike. */
function isPlain({ gang, group, spread, affinity, antiAffinity, service }: Demand): boolean {
  return gang !== true && [group, spread, affinity, antiAffinity, service].every((one) => one === undefined);
}

function countOf(some: readonly Some[]): number {
  return some.reduce((sum, { count }) => sum + count, 0);
}

function middleOf(counts: readonly number[]): number {
  return [...counts].sort((a, b) => a - b)[Math.floor((counts.length - 1) / 2)] ?? 0;
}

/** The first of them. */
function atMost(some: readonly Some[], most: number): readonly Some[] {
  let left = most;
  return some.flatMap(({ demand, count }) => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken > 0 ? [{ demand, count: taken }] : [];
  });
}

/** One demand of each shape and tenant. */
function again(some: readonly Some[], nowMs: number): readonly Demand[] {
  const byShape = new Map<string, Demand>();
  for (const { demand, count } of some) {
    const key = `${shapeKey(demand)} of ${demand.tenant}`;
    const same = byShape.get(key);
    const id = same?.id ?? `rush ${String(byShape.size + 1)}`;
    byShape.set(key, { ...(same ?? demand), id, createdAtMs: nowMs, count: (same?.count ?? 0) + count });
  }
  const all = [...byShape.values()];
  assert(all.reduce((sum, { count }) => sum + count, 0) <= rushTasksMax, 'a rush is planned for without end');
  return all;
}

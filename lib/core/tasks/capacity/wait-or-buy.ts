// Wait or buy: a node takes a while to boot. Where running tasks are likely to leave enough room meanwhile, nothing
// is bought yet for tasks that came just now. They wait for at most the pool's patience, and never past their deadline.
import type { AllocationPlan, Demand } from '../../allocation/types.ts';
import type { WhyEntry } from '../../plan/plan.ts';
import { dictionary } from '../../values/dictionary.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import type { Offering } from '../../values/offering.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, fits, noResources, subtractResources, timesResources } from '../../values/resources.ts';
import type { Assignment } from '../../records/node.ts';
import { deadlineOf } from '../request-lifecycle.ts';
import type { Observation } from '../../plan/observation.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { shapeKey, shapeOf } from '../demand.ts';
import type { CapacityQuestion } from './capacity-question.ts';
import { bootMsOf, startMsOf } from './boots.ts';
import { Lives } from './predictions.ts';

/** Tasks that nothing is bought for yet. */
export interface Waiting {
  /** By demand, how many. */
  readonly counts: ReadonlyMap<string, number>;
  /** When something is bought for the first of them. */
  readonly untilMs: number;
  readonly patienceMs: number;
  /** Nothing is bought at all. */
  readonly isAll: boolean;
}

/** So many standard deviations less than what is expected to become free is counted on: ends come when they come. */
const deviationsLess = 0.5;
/** Of a boot, how long tasks wait where the pool says nothing. */
const bootsWaited = 0.5;
/** Shapes that may wait in one decision: what becomes free is added up for each. */
const shapesMax = 64;

/** Whether tasks of this question may wait for room instead of a node. */
export function isPatient({ isAlone }: CapacityQuestion, seen: Observation): boolean {
  return seen.pool.objective !== 'cost-now' && !isAlone && patienceOf(seen) > 0;
}

/** A stopped node is up before another could boot. */
function patienceOf(seen: Observation): number {
  if (seen.pool.patienceMs !== undefined) return seen.pool.patienceMs;
  const bootMs = bootMsOf(seen) ?? 0;
  const hasStopped = seen.nodes.some(({ record }) => record.state === 'stopped');
  return bootsWaited * (hasStopped ? Math.min(bootMs, startMsOf(seen) ?? bootMs) : bootMs);
}

/** Of the tasks that the plan buys for, those that wait for room instead; null: none does. */
export function tasksThatWait(question: CapacityQuestion, plan: AllocationPlan, copy: WorkingCopy): Waiting | null {
  const bootMs = bootMsOf(copy.seen);
  if (bootMs === undefined || plan.launches.length === 0) return null;
  const patienceMs = patienceOf(copy.seen);
  const bought = new Map<string, number>();
  for (const { tasks, count } of plan.launches)
    for (const one of tasks) bought.set(one.demandId, (bought.get(one.demandId) ?? 0) + one.count * count);
  const room = new RoomToCome(question, copy, Math.min(bootMs, patienceMs));
  const counts = new Map<string, number>();
  let untilMs = Infinity;
  let isAll = true;
  for (const demand of question.input.demand) {
    const wanted = bought.get(demand.id) ?? 0;
    const lastMs = lastBuyMs(demand, patienceMs, bootMs, copy);
    if (wanted === 0) continue;
    const count = lastMs <= copy.nowMs ? 0 : room.take(demand, wanted);
    isAll &&= count === wanted;
    if (count === 0) continue;
    counts.set(demand.id, count);
    untilMs = Math.min(untilMs, lastMs);
  }
  return counts.size === 0 ? null : { counts, untilMs, patienceMs, isAll };
}

/** For people; the text does not change while the same shapes wait. */
export function explainWaiting({ counts, patienceMs }: Waiting, copy: WorkingCopy): Readonly<Record<string, WhyEntry>> {
  const byShape = dictionary<WhyEntry>();
  const message =
    'Running tasks are likely to leave room for it before a new node could boot, so nothing is bought for it yet; it '
    + `waits for at most ${String(Math.round(patienceMs / 100) / 10)} s (patienceSeconds), and not past its deadline.`;
  for (const id of counts.keys()) {
    const request = copy.request(id);
    if (request) byShape[shapeOf(request)] = { code: 'waits_for_room', message, nextTryAtMs: null, excluded: [] };
  }
  return byShape;
}

/** When something has to be bought for it. What other tasks have a say in does not wait. */
function lastBuyMs(demand: Demand, patienceMs: number, bootMs: number, copy: WorkingCopy): number {
  const { gang, group, spread, affinity, antiAffinity, createdAtMs, lastsMs = 0 } = demand;
  const record = copy.request(demand.id);
  if (gang === true || record === undefined || [group, spread, affinity, antiAffinity].some((one) => one !== undefined))
    return -Infinity;
  const deadlineMs = deadlineOf(record) ?? Infinity;
  return Math.min(createdAtMs + patienceMs, deadlineMs - lastsMs - 2 * bootMs);
}

/** By resource: what is expected to become free, and its variance. */
type Expected = Readonly<Record<keyof Resources, { readonly mean: number; readonly variance: number }>>;

const resourceNames = ['cpuMilli', 'memoryMib', 'gpu'] as const;

/** What running tasks are likely to leave within a time, and what of it is promised already. */
class RoomToCome {
  readonly #nodes: readonly {
    readonly offering: Offering;
    readonly expected: Expected;
    /** Who may have what becomes free; undefined: everybody. */
    readonly tenant: string | undefined;
  }[];
  readonly #isTenantPerNode: boolean;
  readonly #likely = new Map<string, Resources>();
  #promised = noResources;

  constructor({ input }: CapacityQuestion, copy: WorkingCopy, withinMs: number) {
    const lives = new Lives(copy);
    this.#isTenantPerNode = input.pool.isTenantPerNode === true;
    this.#nodes = input.bins
      .filter((bin) => bin.state === 'ready' && bin.kept === undefined)
      .map(({ id, offering, tenant }) => ({
        offering,
        tenant,
        expected: expectedOf(copy.node(id)?.assigned ?? [], (one) => lives.endsWithin(one, withinMs)),
      }));
  }

  /** Of so many tasks, how many will find room; it is promised to them. */
  take(demand: Demand, wanted: number): number {
    const { resources } = demand;
    const free = subtractResources(this.#likelyFor(demand), this.#promised);
    const places = resourceNames.map((name) =>
      resources[name] > 0 ? Math.floor(free[name] / resources[name]) : Infinity,
    );
    const count = Math.max(0, Math.min(wanted, ...places));
    this.#promised = addResources(this.#promised, timesResources(resources, count));
    return count;
  }

  /** On nodes that could carry it. */
  #likelyFor(demand: Demand): Resources {
    const key = this.#isTenantPerNode ? `${shapeKey(demand)} of ${demand.tenant}` : shapeKey(demand);
    const known = this.#likely.get(key);
    if (known) return known;
    if (this.#likely.size >= shapesMax) return noResources;
    const { resources, requirements } = demand;
    const carriers = this.#nodes.filter(
      ({ offering, tenant = demand.tenant }) =>
        tenant === demand.tenant
        && fits(resources, offering.type.allocatable)
        && unmetRequirement(requirements, offering) === null,
    );
    const of = (name: keyof Resources): number => {
      const mean = carriers.reduce((sum, { expected }) => sum + expected[name].mean, 0);
      const variance = carriers.reduce((sum, { expected }) => sum + expected[name].variance, 0);
      return mean - deviationsLess * Math.sqrt(variance);
    };
    const likely = { cpuMilli: of('cpuMilli'), memoryMib: of('memoryMib'), gpu: of('gpu') };
    this.#likely.set(key, likely);
    return likely;
  }
}

function expectedOf(assigned: readonly Assignment[], chanceOf: (one: Assignment) => number): Expected {
  const sums = {
    cpuMilli: { mean: 0, variance: 0 },
    memoryMib: { mean: 0, variance: 0 },
    gpu: { mean: 0, variance: 0 },
  };
  for (const one of assigned) {
    const chance = chanceOf(one);
    for (const name of resourceNames) {
      sums[name].mean += chance * one.resources[name];
      sums[name].variance += chance * (1 - chance) * one.resources[name] ** 2;
    }
  }
  return sums;
}

/** Without what waits; null: nothing is left. */
export function withoutWaiting(demand: readonly Demand[], { counts }: Waiting): readonly Demand[] {
  return demand
    .map((one) => ({ ...one, count: one.count - (counts.get(one.id) ?? 0) }))
    .filter(({ count }) => count > 0);
}

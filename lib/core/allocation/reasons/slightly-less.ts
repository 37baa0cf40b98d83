// What a slightly smaller request would cost, where that matters: memory that is just over what a node leaves for
// tasks makes the next larger one necessary, and nobody who asks for a round number can know it.
import { weighedUsdPerHour } from '../../catalog/burstable.ts';
import type { Offering } from '../../values/offering.ts';
import type { Requirements } from '../../values/requirements.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { tasksOn } from '../../values/resources.ts';
import type { Allocate, AllocationInput, AllocationPlan, Demand } from '../types.ts';
import { amounts } from './satisfiable.ts';

export interface SlightlyLess {
  /** What to ask for instead, per task. */
  readonly resources: Resources;
  /** The node on which it would run. */
  readonly instanceType: string;
  /** Of all tasks by themselves, as asked for and with the smaller request. */
  readonly usdPerHour: number;
  readonly lessUsdPerHour: number;
}

/** A smaller request leaves at least this part of what was asked for. */
const partMin = 0.7;
/** It is worth saying from this part of the cost on, beyond what any smaller request saves in proportion. */
const savingMin = 0.1;
const stepMin = 0.05;
/** Tasks on one node up to which a step of size shows; with more of them sizes hardly matter. */
const tasksMax = 8;

type Wanted = Pick<Demand, 'resources' | 'requirements' | 'count'>;

/** null: nothing near it is much cheaper. `offerings`: what the pool may buy. */
export function slightlyLess(
  wanted: Wanted,
  tasksPerNode: number,
  offerings: readonly Offering[],
): SlightlyLess | null {
  const { resources, requirements, count } = wanted;
  const { cpuMilli, memoryMib, gpu } = resources;
  const numbers = [cpuMilli, memoryMib, gpu, count, tasksPerNode].join(' ');
  return oncePerList(answers, offerings, `${numbers} ${requirementsKey(requirements)}`, () =>
    searchLess(wanted, tasksPerNode, offerings),
  );
}

function searchLess(wanted: Wanted, tasksPerNode: number, offerings: readonly Offering[]): SlightlyLess | null {
  const priced = pricedOf(wanted.requirements, offerings);
  const nowUsd = costOf(wanted, wanted.resources, tasksPerNode, priced);
  if (nowUsd === Infinity) return null;
  const nowPart = inProportion(wanted.resources, priced);
  let best: SlightlyLess | null = null;
  for (const { type, usd } of priced) {
    const { allocatable } = type;
    for (let tasks = 1; tasks <= Math.min(tasksMax, tasksPerNode, wanted.count); tasks++) {
      const resources = shareOf(wanted.resources, allocatable, tasks);
      if (resources === null) break;
      const lessUsd = usd * Math.ceil(wanted.count / tasks);
      const bestUsd = best?.lessUsdPerHour ?? nowUsd * (1 - savingMin);
      if (lessUsd > bestUsd + 1e-9 || (best !== null && lessUsd > bestUsd - 1e-9 && !isMore(resources, best.resources)))
        continue;
      const proportional = wanted.count * (nowPart - inProportion(resources, priced));
      if (nowUsd - lessUsd - proportional < stepMin * nowUsd) continue;
      best = { resources, instanceType: type.name, usdPerHour: nowUsd, lessUsdPerHour: lessUsd };
    }
  }
  return best;
}

interface Priced {
  readonly type: Offering['type'];
  readonly usd: number;
}

/** What was asked of one list of offerings; with every request that comes, the same few things are. */
type Asked<T> = WeakMap<readonly Offering[], Map<string, T>>;
const askedMax = 64;
const prices: Asked<readonly Priced[]> = new WeakMap();
const answers: Asked<SlightlyLess | null> = new WeakMap();

function oncePerList<T>(known: Asked<T>, offerings: readonly Offering[], key: string, make: () => T): T {
  const byKey = known.get(offerings) ?? new Map<string, T>();
  known.set(offerings, byKey);
  const found = byKey.get(key);
  if (found !== undefined) return found;
  if (byKey.size >= askedMax) byKey.clear();
  const made = make();
  byKey.set(key, made);
  return made;
}

function pricedOf(requirements: Requirements, offerings: readonly Offering[]): readonly Priced[] {
  return oncePerList(prices, offerings, requirementsKey(requirements), () =>
    cheapestOfEachType(requirements, offerings),
  );
}

function cheapestOfEachType(requirements: Requirements, offerings: readonly Offering[]): Priced[] {
  const byType = new Map<string, Priced>();
  for (const one of offerings) {
    const usd = weighedUsdPerHour(one, requirements.bursty === true);
    if (usd >= (byType.get(one.type.name)?.usd ?? Infinity) || unmetRequirement(requirements, one) !== null) continue;
    byType.set(one.type.name, { type: one.type, usd });
  }
  return [...byType.values()];
}

/** The cheapest nodes of one type for all tasks; Infinity where none carries one. */
function costOf({ count }: Wanted, resources: Resources, tasksPerNode: number, priced: readonly Priced[]): number {
  let least = Infinity;
  for (const { type, usd } of priced) {
    const tasks = tasksOn(resources, type.allocatable, tasksPerNode);
    if (tasks > 0) least = Math.min(least, usd * Math.ceil(count / tasks));
  }
  return least;
}

/** What one task would cost if it paid for its share of the node alone. */
function inProportion({ cpuMilli, memoryMib, gpu }: Resources, priced: readonly Priced[]): number {
  let least = Infinity;
  for (const { type, usd } of priced) {
    const { allocatable } = type;
    if (gpu > allocatable.gpu || allocatable.cpuMilli <= 0 || allocatable.memoryMib <= 0) continue;
    const part = Math.max(
      cpuMilli / allocatable.cpuMilli,
      memoryMib / allocatable.memoryMib,
      gpu === 0 ? 0 : gpu / allocatable.gpu,
    );
    least = Math.min(least, usd * part);
  }
  return least;
}

/** The request, cut to a share of the node; null where that cuts too much, or nothing. */
function shareOf(asked: Resources, allocatable: Resources, tasks: number): Resources | null {
  const cut = (key: 'cpuMilli' | 'memoryMib'): number => Math.min(asked[key], Math.floor(allocatable[key] / tasks));
  const resources = { cpuMilli: cut('cpuMilli'), memoryMib: cut('memoryMib'), gpu: asked.gpu };
  const isNear = (['cpuMilli', 'memoryMib'] as const).every((key) => resources[key] >= asked[key] * partMin);
  return isNear && asked.gpu * tasks <= allocatable.gpu ? resources : null;
}

function isMore(a: Resources, b: Resources): boolean {
  return (
    a.cpuMilli >= b.cpuMilli && a.memoryMib >= b.memoryMib && (a.cpuMilli > b.cpuMilli || a.memoryMib > b.memoryMib)
  );
}

const usdText = (usd: number): string => `${usd.toFixed(4)} USD/h`;

/** One sentence, for people. */
export function slightlyLessText({ resources, instanceType, usdPerHour, lessUsdPerHour }: SlightlyLess): string {
  return (
    `With at most ${amounts(resources)} it would fit ${instanceType} and by itself cost ${usdText(lessUsdPerHour)} `
    + `instead of ${usdText(usdPerHour)}.`
  );
}

/** Plans of more requests get no advice: with many of them hardly a node is bought for one alone. */
const requestsAdvisedMax = 20;

/** For which requests of a plan a slightly smaller one makes the whole plan cheaper: each is planned to see it. */
export function adviceFor(
  allocate: Allocate,
  input: AllocationInput,
  plan: AllocationPlan,
): NonNullable<AllocationPlan['advice']> {
  if (input.demand.length > requestsAdvisedMax || plan.launches.length === 0 || plan.unplaced.length > 0) return [];
  return input.demand.flatMap((demand) => {
    const less = slightlyLess(demand, input.pool.tasksPerNode, input.offerings);
    if (less === null) return [];
    const changed = input.demand.map((one) => (one === demand ? { ...one, resources: less.resources } : one));
    const other = allocate({ ...input, demand: changed, iterations: 0 });
    if (other.unplaced.length > 0 || other.costUsdPerHour > plan.costUsdPerHour * (1 - savingMin)) return [];
    return [
      {
        demandId: demand.id,
        message:
          `With at most ${amounts(less.resources)} for each task of ${demand.id} this plan would cost `
          + `${usdText(other.costUsdPerHour)} instead of ${usdText(plan.costUsdPerHour)}.`,
      },
    ];
  });
}

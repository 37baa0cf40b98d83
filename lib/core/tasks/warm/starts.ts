// Start before buying: what waits has the nodes that are there and those that boot, then stopped ones, and only then
// others are bought. So has headroom, and what is forecast. A start is decided like a launch: within the limits, which
// it counts against from its write on.
import { afterLaunches } from '../../allocation/constraints/paid-first.ts';
import type { Taken } from '../../allocation/constraints/paid-first.ts';
import type { Allocate, AllocationInput, AllocationPlan, Bin, Demand, TaskShare } from '../../allocation/types.ts';
import { buysOneAtATime, isRefused } from '../../plan/capacity-memory.ts';
import { nodeNote } from '../../plan/change.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { usageOf } from '../../records/limits.ts';
import type { NodeRecord } from '../../records/node.ts';
import { assert } from '../../values/errors.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { Offering } from '../../values/offering.ts';
import { offeringId } from '../../values/offering.ts';
import { addResources, fits, noResources, timesResources } from '../../values/resources.ts';
import { stoppedBins } from '../capacity/bins.ts';
import { takenBy } from './after-starts.ts';
import { starting } from './power.ts';

/** A stopped node that costs more than so many times the cheapest for its tasks on demand stays stopped. */
const dearerMax = 2;
/** As many as are looked at in one plan. */
const shownMax = 200;
/** Requests named in the reason of a start. */
const namedMax = 3;

export interface Starts {
  /** With the nodes that may start among those that boot. */
  readonly input: AllocationInput;
  readonly plan: AllocationPlan;
}

/** null: nothing is started, and the plan stays. */
export function startsFor(
  input: AllocationInput,
  plan: AllocationPlan | null,
  demand: readonly Demand[],
  copy: WorkingCopy,
  allocate: Allocate,
): Starts | null {
  if (plan === null || (plan.launches.length === 0 && plan.unplaced.every((one) => one.kind === 'unsatisfiable')))
    return null;
  const { tasksPerNode } = input.pool;
  const bins = stoppedBins(startable(copy), copy.seen, copy)
    .slice(0, mostNow(copy))
    .map((bin) => ({ ...bin, freeTasks: Math.min(bin.freeTasks, tasksPerNode) }));
  if (bins.length === 0) return null;
  const { paid: _first, ...plain } = input;
  const asked = { ...plain, demand, iterations: 0, bins: [...plain.bins, ...bins] };
  const tasksOf = new Map(allocate(asked).placements.map(({ binId, tasks }) => [binId, tasks]));
  const worth = bins.filter((bin) => isWorthIt(bin, tasksOf.get(bin.id) ?? [], demand, copy));
  if (worth.length === 0) return null;
  const started = { ...afterLaunches(input, worth.map(takenBy)), bins: [...input.bins, ...worth.map(booting)] };
  return { input: started, plan: allocate({ ...started, demand }) };
}

/** While nodes come and never call, one is tried at a time, bought or started: each that never calls is lost. */
function mostNow(copy: WorkingCopy): number {
  if (!buysOneAtATime(copy.seen.memory)) return shownMax;
  return isTryingOne(copy) ? 0 : 1;
}

/** A node is about to come, or this decision learns what became of one, which the next one has counted. */
export function isTryingOne(copy: WorkingCopy): boolean {
  const { launches, nodes } = copy.seen;
  const isComing = ({ state }: NodeRecord): boolean => state === 'launching' || state === 'starting';
  return launches.length > 0 || nodes.some(({ record }) => isComing(record)) || [...copy.nodes()].some(isComing);
}

/** For what nobody waits for yet: headroom, a rush, a forecast. */
export class StartsFirst {
  readonly #copy: WorkingCopy;
  readonly #allocate: Allocate;
  readonly #started: Taken[] = [];

  constructor(copy: WorkingCopy, allocate: Allocate) {
    this.#copy = copy;
    this.#allocate = allocate;
  }

  /** So many nodes start. */
  get count(): number {
    return this.#started.length;
  }

  /** The plan for a demand once stopped nodes that do for it are started; that is decided here. */
  plan(given: AllocationInput, because: string): AllocationPlan {
    const input = afterLaunches(given, this.#started);
    const bought = this.#allocate(input);
    const starts = startsFor(input, bought, input.demand, this.#copy, this.#allocate);
    if (starts === null) return bought;
    const ids = new Set(startNodes(starts.plan, this.#copy, () => because).map(({ id }) => id));
    this.#started.push(...starts.input.bins.filter(({ id }) => ids.has(id)).map(takenBy));
    return starts.plan;
  }
}

/** Writes the decision to start those of them that the plan counts on. */
export function startNodes(
  plan: AllocationPlan,
  copy: WorkingCopy,
  because: (tasks: readonly TaskShare[]) => string = textOf,
): readonly NodeRecord[] {
  const started: NodeRecord[] = [];
  for (const { binId, tasks } of plan.placements) {
    const node = copy.node(binId);
    if (node?.state !== 'stopped') continue;
    const id = offeringId(node.instanceType, node.zone, node.capacityType);
    const offering = copy.seen.offerings.find((one) => one.id === id);
    assert(offering, `${node.id} is started, and the pool may not have ${id}`);
    const { node: next, costs } = starting(node, usageOf(offering), copy.nowMs);
    const reason = `started for ${because(tasks)}, which nothing is bought for then`;
    copy.change('power', reason, [copy.start(next)], { activity: nodeNote('node_starting', next, reason), costs });
    started.push(next);
  }
  return started;
}

/** Stopped nodes that EC2 is not known to have no capacity for, and that no late call may stop again. */
function startable(copy: WorkingCopy): readonly NodeRecord[] {
  const { memory, offerings, nowMs } = copy.seen;
  const refused = new Set(offerings.filter((one) => isRefused(memory, one, nowMs)).map((one) => one.id));
  return [...copy.nodes()].filter(
    (node) =>
      node.state === 'stopped'
      && node.cordon === undefined
      && node.announced === undefined
      && !node.isLost
      && (node.warm?.unheardUntilMs ?? 0) <= nowMs
      && !refused.has(offeringId(node.instanceType, node.zone, node.capacityType)),
  );
}

function isWorthIt(bin: Bin, tasks: readonly TaskShare[], demand: readonly Demand[], copy: WorkingCopy): boolean {
  if (tasks.length === 0) return false;
  let sum = noResources;
  const wishes = new Map<string, Requirements>();
  for (const { demandId, count } of tasks) {
    const one = demand.find(({ id }) => id === demandId);
    assert(one, `the plan places ${demandId}, which was not asked for`);
    sum = addResources(sum, timesResources(one.resources, count));
    wishes.set(requirementsKey(one.requirements), one.requirements);
  }
  const carries = ({ type, capacityType, ...where }: Offering): boolean =>
    capacityType === 'on-demand'
    && fits(sum, type.allocatable)
    && [...wishes.values()].every((wish) => unmetRequirement(wish, { type, capacityType, ...where }) === null);
  const cheapest = copy.seen.offerings.reduce(
    (least, one) => (one.priceUsdPerHour < least && carries(one) ? one.priceUsdPerHour : least),
    Infinity,
  );
  return bin.offering.priceUsdPerHour <= dearerMax * cheapest;
}

function booting({ isStopped: _isStopped, ...bin }: Bin): Bin {
  return { ...bin, state: 'in-flight' };
}

function textOf(tasks: readonly TaskShare[]): string {
  const count = tasks.reduce((sum, one) => sum + one.count, 0);
  const named = tasks.slice(0, namedMax).map(({ demandId }) => demandId);
  const more = tasks.length - named.length;
  const others = more === 0 ? '' : ` and ${String(more)} more request${more === 1 ? '' : 's'}`;
  return `${String(count)} task${count === 1 ? '' : 's'} of ${named.join(', ')}${others}`;
}

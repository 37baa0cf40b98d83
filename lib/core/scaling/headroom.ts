// Headroom: nodes without work that a pool holds above what its demand needs. What the plan leaves free counts, oldest
// first; then stopped nodes start, and what is still missing is bought by the same engine, within what the demand left
// of the limits.
import { afterLaunches } from '../allocation/constraints/paid-first.ts';
import type {
  Allocate,
  AllocationInput,
  AllocationPlan,
  Demand,
  PlannedLaunch,
  Unplaced,
} from '../allocation/types.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { Floor, Observation } from '../plan/observation.ts';
import { StartsFirst } from '../tasks/warm/starts.ts';
import type { Offering } from '../values/offering.ts';
import type { Resources } from '../values/resources.ts';
import { planAhead, planFor } from './ahead.ts';
import type { TaskShape } from './recent-tasks.ts';
import { rushOf } from './rush.ts';
import { carriesShape, largest, recentTasks } from './recent-tasks.ts';

export interface HeadroomPlan {
  /** Nodes that are not terminated though they have no work. */
  readonly kept: ReadonlySet<string>;
  readonly launches: readonly PlannedLaunch[];
  readonly unplaced: readonly Unplaced[];
}

export const noHeadroom: HeadroomPlan = { kept: new Set(), launches: [], unplaced: [] };

const demandId = 'headroom';
/** The size of a node where the pool has none to go by. */
const vcpuByDefault = 2;
/** Asked for a little less than the whole of a node, so that its twins of other families and makers are as welcome. */
const shareOfNode = 0.9;

/** `wanted`: nodes, there or starting, that the demand counts on. */
export function planHeadroom(
  observation: Observation,
  input: AllocationInput,
  copy: WorkingCopy,
  plan: AllocationPlan | null,
  wanted: ReadonlySet<string>,
  allocate: Allocate,
): HeadroomPlan {
  const { floor, isPoolDeleting } = observation;
  if (isPoolDeleting) return noHeadroom;
  const starts = new StartsFirst(copy, allocate);
  if (floor === undefined || (floor.nodes === 0 && floor.ahead === undefined))
    return planRush(observation, input, plan, starts);
  const waiting = (plan?.unplaced ?? []).find((one) => one.kind === 'limits');
  if (waiting) return { ...noHeadroom, unplaced: [behind(waiting, Math.max(1, floor.nodes))] };
  const ahead = floor.ahead === undefined ? noHeadroom : planAhead(observation, floor.ahead, input, plan, starts);
  if (floor.nodes === 0) return ahead;
  const bought = [...(plan?.launches ?? []), ...ahead.launches];
  const coming = ahead.launches.reduce((sum, one) => sum + one.count, starts.count);
  const own = planNodes(observation, floor, Math.max(0, floor.nodes - coming), input, copy, bought, wanted, starts);
  return {
    kept: new Set([...ahead.kept, ...own.kept]),
    launches: [...ahead.launches, ...own.launches],
    unplaced: [...ahead.unplaced, ...own.unplaced],
  };
}

/** What has no place for another reason than time comes before what may come. */
function planRush(
  observation: Observation,
  input: AllocationInput,
  plan: AllocationPlan | null,
  starts: StartsFirst,
): HeadroomPlan {
  const rush = plan?.unplaced.length === 0 ? rushOf(observation, input, plan) : null;
  if (rush === null) return noHeadroom;
  return { ...noHeadroom, launches: planFor(rush.demand, rush.because, input, plan, starts).launches };
}

/** Nodes without work, so many as are not bought ahead already. */
function planNodes(
  observation: Observation,
  floor: Floor,
  nodes: number,
  input: AllocationInput,
  copy: WorkingCopy,
  bought: readonly PlannedLaunch[],
  wanted: ReadonlySet<string>,
  starts: StartsFirst,
): HeadroomPlan {
  const shape = recentTasks(observation);
  const free = input.bins.filter(
    (bin) =>
      !wanted.has(bin.id)
      && (copy.node(bin.id)?.assigned.length ?? 0) === 0
      && bin.goesAtMs === undefined
      && carriesShape(bin.offering, shape),
  );
  // Ready ones first, and of those in the order of the observation: the same nodes stay held from tick to tick.
  const kept = [...free.filter((bin) => bin.state === 'ready'), ...free.filter((bin) => bin.state !== 'ready')].slice(
    0,
    nodes,
  );
  const missing = nodes - kept.length;
  const keptIds = new Set(kept.map((bin) => bin.id));
  if (missing === 0) return { ...noHeadroom, kept: keptIds };
  const many = `headroom of ${String(floor.nodes)} node${floor.nodes === 1 ? '' : 's'}${floor.because}`;
  const size = sizeOf(observation, input, shape);
  const { requirements } = shape;
  const asked = { id: demandId, count: missing, resources: size, requirements, createdAtMs: observation.nowMs };
  const answer = starts.plan(askedForNodes(afterLaunches(input, bought), asked), many);
  return {
    kept: keptIds,
    unplaced: answer.unplaced,
    launches: answer.launches.map((one) => ({ ...one, reason: `${many}; ${one.reason}` })),
  };
}

/** The question for nodes that nobody works on yet, of which each carries one of these. */
export function askedForNodes(
  input: AllocationInput,
  asked: Pick<Demand, 'id' | 'count' | 'resources' | 'requirements' | 'createdAtMs'>,
): AllocationInput {
  const demand = { ...asked, tenant: '', priority: 0, expectedDurationMs: null };
  // One to a node: two halves of one big node are not two nodes.
  return { ...input, bins: [], demand: [demand], pool: { ...input.pool, tasksPerNode: 1 } };
}

/** Requests come first: nodes that nobody works on must not take the room that a request waits for. */
function behind(waiting: Unplaced, floor: number): Unplaced {
  return {
    ...waiting,
    demandId,
    count: floor,
    message: 'Requests wait for room within the limits of the pool; they come before its headroom.',
  };
}

/**
 * As large as most of the pool's nodes, of those that carry its tasks; where there are none, as the cheapest that it
 * may buy of 2 vCPU or more. At least as large as its tasks.
 */
export function sizeOf(observation: Observation, input: AllocationInput, shape: TaskShape): Resources {
  const counts = new Map<string, { count: number; resources: Resources }>();
  for (const { offering } of input.bins) {
    if (!carriesShape(offering, shape)) continue;
    const same = counts.get(offering.type.name);
    counts.set(offering.type.name, { count: (same?.count ?? 0) + 1, resources: offering.type.allocatable });
  }
  const [most] = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  if (most) return largest(nearly(most[1].resources), shape.resources);
  const sold = (input.offerings.length > 0 ? input.offerings : observation.offerings).filter((one) =>
    carriesShape(one, shape),
  );
  const large = sold.filter((one) => one.type.vcpu >= vcpuByDefault);
  const cheapest = (large.length > 0 ? large : sold).reduce<Offering | null>(
    (best, one) => (best === null || one.priceUsdPerHour < best.priceUsdPerHour ? one : best),
    null,
  );
  return cheapest ? largest(nearly(cheapest.type.allocatable), shape.resources) : shape.resources;
}

function nearly({ cpuMilli, memoryMib, gpu }: Resources): Resources {
  return { cpuMilli: Math.ceil(cpuMilli * shareOfNode), memoryMib: Math.ceil(memoryMib * shareOfNode), gpu };
}

// Room for what is forecast: tasks that nobody has asked for yet, as many as the forecast says beyond those that are
// there. They are planned like others, on what is left free and on what has to be bought; nothing is placed.
import { afterLaunches } from '../allocation/constraints/paid-first.ts';
import type {
  AllocationInput,
  AllocationPlan,
  Bin,
  Demand,
  PlannedLaunch,
  TaskShare,
  Unplaced,
} from '../allocation/types.ts';
import type { Forecast } from '../forecast/learning.ts';
import type { Ahead, Observation } from '../plan/observation.ts';
import type { Resources } from '../values/resources.ts';
import { addResources, noResources, subtractResources, timesResources } from '../values/resources.ts';
import { activeRequests } from '../plan/working-copy.ts';
import { recentTasks } from './recent-tasks.ts';
import { withForecastOnly } from '../tasks/capacity/learning/styles.ts';
import type { StartsFirst } from '../tasks/warm/starts.ts';

export interface AheadPlan {
  /** Nodes that the forecast counts on. */
  readonly kept: ReadonlySet<string>;
  readonly launches: readonly PlannedLaunch[];
  readonly unplaced: readonly Unplaced[];
}

export const nothingAhead: AheadPlan = { kept: new Set(), launches: [], unplaced: [] };

const demandId = 'forecast';
/** So many are planned for at most: a forecast far off must not become a plan without end. */
export const aheadTasksMax = 2_000;
/** Nodes that are about to be bought count with what they have to spare, up to so many. */
const comingMax = 200;

export function planAhead(
  observation: Observation,
  ahead: Ahead,
  input: AllocationInput,
  plan: AllocationPlan | null,
  starts: StartsFirst,
): AheadPlan {
  return planFor(demandAhead(observation, ahead, input.pool), ahead.because, input, plan, starts);
}

/** Of tasks that nobody has asked for yet. */
export function planFor(
  demand: readonly Demand[],
  because: string,
  input: AllocationInput,
  plan: AllocationPlan | null,
  starts: StartsFirst,
): AheadPlan {
  if (demand.length === 0) return nothingAhead;
  const launches = plan?.launches ?? [];
  const bins = [...freeBins(input, plan), ...comingBins(input, launches)];
  const answer = starts.plan({ ...afterLaunches(input, launches), demand, bins }, because);
  const known = new Set(input.bins.map((one) => one.id));
  return {
    kept: new Set(answer.placements.map((one) => one.binId).filter((id) => known.has(id))),
    unplaced: answer.unplaced,
    launches: answer.launches.map((one) => ({ ...one, reason: `${because}; ${one.reason}` })),
  };
}

/** As many tasks like those that are there, or were last, as the forecast is above what is there; none: it is not. */
function demandAhead(
  seen: Observation,
  { wantedMilli }: Ahead,
  { isTenantPerNode }: AllocationInput['pool'],
): readonly Demand[] {
  const observation = withForecastOnly(seen);
  let [sum, tasks] = [noResources, 0];
  const byTenant = new Map<string, number>();
  for (const { record } of activeRequests(observation)) {
    if (record.endedAtMs !== null) continue;
    const count = record.counts.pending + record.counts.running;
    const own = timesResources(record.spec.resources, count);
    sum = addResources(sum, own);
    tasks += count;
    if (isTenantPerNode === true) byTenant.set(record.tenant, (byTenant.get(record.tenant) ?? 0) + own.cpuMilli);
  }
  const gapMilli = wantedMilli - sum.cpuMilli;
  const shape = recentTasks(observation);
  const mean = (of: keyof Resources): number => (tasks === 0 ? shape.resources[of] : Math.ceil(sum[of] / tasks));
  const resources: Resources = { cpuMilli: mean('cpuMilli'), memoryMib: mean('memoryMib'), gpu: mean('gpu') };
  if (gapMilli <= 0 || resources.cpuMilli <= 0) return [];
  const count = Math.min(aheadTasksMax, Math.ceil(gapMilli / resources.cpuMilli));
  return sharesOf(count, byTenant).map(([tenant, share], n) => ({
    id: n === 0 ? demandId : `${demandId} ${String(n + 1)}`,
    tenant,
    count: share,
    resources,
    requirements: shape.requirements,
    priority: 0,
    createdAtMs: observation.nowMs,
    expectedDurationMs: null,
  }));
}

/** Nodes are not shared by tenants: the forecast is of those who have most there now, each by its part. */
const tenantsAheadMax = 8;

function sharesOf(count: number, byTenant: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  const most = [...byTenant].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, tenantsAheadMax);
  const total = most.reduce((sum, [, milli]) => sum + milli, 0);
  if (most.length <= 1 || total === 0) return [[most[0]?.[0] ?? '', count]];
  let [before, given] = [0, 0];
  return most
    .map(([tenant, milli]) => {
      before += milli;
      const share = Math.round((count * before) / total) - given;
      given += share;
      return [tenant, share] as const;
    })
    .filter(([, share]) => share > 0);
}

/** What the plan leaves of the nodes that are there or come. */
function freeBins({ bins, demand, pool }: AllocationInput, plan: AllocationPlan | null): readonly Bin[] {
  const ownerOf = ownersIn(demand, pool);
  const sizes = new Map(demand.map((one) => [one.id, one.resources]));
  const placed = new Map((plan?.placements ?? []).map(({ binId, tasks }) => [binId, tasks]));
  return bins.flatMap((bin) => {
    if (bin.goesAtMs !== undefined || bin.kept !== undefined) return [];
    const tasks = placed.get(bin.id) ?? [];
    const used = sizeOf(tasks, sizes);
    // Of tasks that are kept apart the size is not known here; nothing else goes there.
    if (used === null) return [];
    const free = subtractResources(bin.free, used);
    return [{ ...bin, ...ownerOf(tasks), free, freeTasks: bin.freeTasks - countOf(tasks) }];
  });
}

function comingBins({ demand, pool }: AllocationInput, launches: readonly PlannedLaunch[]): readonly Bin[] {
  const ownerOf = ownersIn(demand, pool);
  const sizes = new Map(demand.map((one) => [one.id, one.resources]));
  return launches
    .flatMap(({ offerings: [offering], count, tasks }, index) => {
      const used = sizeOf(tasks, sizes);
      if (offering === undefined || used === null) return [];
      const bin = {
        ...ownerOf(tasks),
        state: 'in-flight',
        offering,
        free: subtractResources(offering.type.allocatable, used),
        freeTasks: pool.tasksPerNode - countOf(tasks),
        groups: {},
        antiAffinityGroups: [],
        expectedEmptyAtMs: null,
      } as const;
      return Array.from({ length: Math.min(count, comingMax) }, (_, i) => ({
        ...bin,
        id: `bought ${String(index)}.${String(i)}`,
      }));
    })
    .slice(0, comingMax);
}

/** Whose node it is once it has these tasks; nothing where that does not matter, or it has none. */
function ownersIn(
  demand: readonly Demand[],
  { isTenantPerNode }: AllocationInput['pool'],
): (tasks: readonly TaskShare[]) => Pick<Bin, 'tenant'> {
  const tenants = new Map(isTenantPerNode === true ? demand.map((one) => [one.id, one.tenant]) : []);
  return ([first]) => {
    const tenant = first && tenants.get(first.demandId);
    return tenant === undefined ? {} : { tenant };
  };
}

function countOf(tasks: readonly TaskShare[]): number {
  return tasks.reduce((sum, one) => sum + one.count, 0);
}

function sizeOf(tasks: readonly TaskShare[], sizes: ReadonlyMap<string, Resources>): Resources | null {
  let sum = noResources;
  for (const { demandId: id, count } of tasks) {
    const size = sizes.get(id);
    if (size === undefined) return null;
    sum = addResources(sum, timesResources(size, count));
  }
  return sum;
}

/** For people. */
export function aheadText({ method, wantedMilli, expectedMilli, quantile, leadMs }: Forecast): string {
  const vcpu = (milli: number): string => String(Math.round(milli / 100) / 10);
  return (
    `ahead of a forecast: ${vcpu(wantedMilli)} vCPU wanted within ${String(Math.round(leadMs / 1000))} s in `
    + `${String(Math.round(quantile * 100))} of 100 cases (${method}, ${vcpu(expectedMilli)} expected)`
  );
}

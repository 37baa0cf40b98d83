// One decision: (observation) -> plan. Compares what is wanted with what is there; the edges obey.
import type { Allocate, AllocationPlan, Demand, PlannedLaunch } from '../allocation/types.ts';
import { buysOneAtATime, claimGangs, pruned, rememberBoots } from './capacity-memory.ts';
import { aloneQuestion } from '../tasks/alone.ts';
import type { CapacityQuestion } from '../tasks/placing.ts';
import { capacityQuestion, explain, explainGangs, placeTasks, unplacedDueMs, whyOf } from '../tasks/placing.ts';
import { bootFailure } from '../disruption/boot-timeout.ts';
import { decideDepartures } from '../disruption/departures.ts';
import { disruptionDueAtMs } from '../disruption/index.ts';
import { decideLosses } from '../disruption/losses.ts';
import { decideArrays, decideEnded, decideListed, decideRequests } from '../tasks/decide-requests.ts';
import { decideMounts } from '../tasks/mounts.ts';
import { activeRequests, WorkingCopy } from './working-copy.ts';
import type { Observation, PoolMemory } from './observation.ts';
import { isSameMemory } from './observation.ts';
import type { LaunchTerms } from './launches.ts';
import { dueLaunches, nodeLaunches } from './launches.ts';
import type { Plan } from './plan.ts';
import { deadlineOf } from '../tasks/request-lifecycle.ts';
import type { Culprit } from './isolate.ts';
import { isolate } from './isolate.ts';
import { addUsage, sumUsage } from '../records/pool.ts';
import { reservedBy } from '../records/limits.ts';
import { planHeadroom } from '../scaling/headroom.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { assertSound, decideSetAside, recordKeys, withoutRecords } from './set-aside.ts';

export interface Decision {
  readonly plan: Plan;
  /** When tasks without a place must be looked at again; null: there are none. */
  readonly unplacedDueMs: number | null;
  /** Nodes without work that the headroom floor keeps. */
  readonly kept: ReadonlySet<string>;
  /** What it is about: without what is set aside. */
  readonly observation: Observation;
}

export interface IsolatedDecision extends Decision {
  /** Named as by {@link recordKeys}. */
  readonly culprits: readonly Culprit[];
  /** There are records that it did not get to. */
  readonly hasUntried: boolean;
}

/** Of every record on which no decision fails; the others are in `culprits`, and their pool goes on without them. */
export function reconcile(
  seen: Observation,
  settings: DecisionSettings,
  terms: LaunchTerms,
  allocate: Allocate,
  shouldStop: () => boolean,
): IsolatedDecision {
  const { value, culprits, untried } = isolate(recordKeys(seen), (without) =>
    decide(seen, withoutRecords(seen, without), settings, terms, allocate, shouldStop),
  );
  return { ...value, culprits, hasUntried: untried.length > 0 };
}

/** `whole`: what was seen, with what `seen` leaves out. */
function decide(
  whole: Observation,
  seen: Observation,
  settings: DecisionSettings,
  terms: LaunchTerms,
  allocate: Allocate,
  shouldStop: () => boolean,
): Decision {
  // First of all: what is bought below must not be what has just failed.
  const observation: Observation = { ...seen, memory: withBoots(seen, settings) };
  const copy = new WorkingCopy(observation);
  for (const one of activeRequests(observation)) assertSound(one);
  decideListed(observation, copy);
  const losses = decideLosses(observation, copy, settings);
  decideRequests(observation, copy);
  const mounts = decideMounts(observation, copy, settings);
  const question = capacityQuestion(observation, copy, settings, shouldStop, mounts);
  const apart = aloneQuestion(question, observation, copy, mounts);
  const alone = apart === null ? nothingPlanned : planAndPlace(apart, observation, copy, allocate);
  const others = planAndPlace(withoutNodes(question, alone), observation, copy, allocate);
  const allocation = joinedPlan(alone.plan, others.plan);
  const wanted = new Set([...alone.wanted, ...others.wanted]);
  const aloneUnplaced = [...(alone.plan?.unplaced ?? []), ...(apart?.postponed ?? [])];
  const demand = [...(apart?.demand ?? []), ...question.demand];
  const headroom = planHeadroom(observation, question.input, copy, allocation, wanted, allocate);
  decideDepartures(observation, copy, new Set([...wanted, ...headroom.kept]), settings);
  decideArrays(observation, copy);
  decideEnded(observation, copy);
  decideSetAside(observation, copy, settings);
  for (const action of dueLaunches(observation.launches, observation.nowMs)) copy.add(action);
  const launches = joined([...(allocation?.launches ?? []), ...headroom.launches].map((one) => withGangs(one, demand)));
  for (const planned of atMostOne(launches, observation)) {
    const { pool, nowMs } = observation;
    for (const launch of nodeLaunches(planned, pool, settings.nodesPerLaunch, nowMs, terms))
      copy.add({ kind: 'launch', launch });
  }
  const memory = memoryAfter(observation, settings, losses, demand, allocation);
  if (!isSameMemory(memory, whole.memory)) copy.add({ kind: 'remember', memory });
  const [lacking] = headroom.unplaced;
  const remembered = { ...observation, memory };
  const byShape = {
    ...mounts.why,
    ...explain(others.plan, aloneUnplaced, question, remembered, copy),
    ...explainGangs(question, remembered, copy),
  };
  copy.add({
    kind: 'explain',
    why: {
      byShape,
      ...(lacking ? { headroom: whyOf(lacking, remembered) } : {}),
      ...(observation.unseen ? { unseen: observation.unseen } : {}),
    },
  });
  const dueMs = unplacedDueMs(
    [...(others.plan?.unplaced ?? []), ...aloneUnplaced, ...headroom.unplaced],
    remembered,
    settings,
  );
  const mountsDueMs = Object.keys(mounts.why).length > 0 ? observation.nowMs + settings.unplacedAgainMs : null;
  // What waits for a gang's time, or for the one node that is tried, is placed nowhere and is no unplaced
  // of the plan's either.
  const heldBack =
    demand.length > 0 && (buysOneAtATime(memory) || Object.keys(memory.gangs).length > 0)
      ? observation.nowMs + settings.unplacedAgainMs
      : null;
  return {
    plan: { actions: copy.actions },
    unplacedDueMs: earliest(earliest(dueMs, mountsDueMs), heldBack),
    kept: headroom.kept,
    observation,
  };
}

interface Planned {
  readonly plan: AllocationPlan | null;
  /** Nodes that the plan counts on. */
  readonly wanted: ReadonlySet<string>;
}

const nothingPlanned: Planned = { plan: null, wanted: new Set() };

function planAndPlace(
  question: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  allocate: Allocate,
): Planned {
  if (question.demand.length === 0) return nothingPlanned;
  const whole = allocate(question.input);
  // Nothing is bought for a gang of which only a part came, before its time; nodes that are there are
  // for it as for others.
  const early = gangsTooEarly(observation, whole);
  const left = question.input.demand.filter((one) => !early.has(one.id));
  const plan = early.size === 0 ? whole : left.length === 0 ? null : allocate({ ...question.input, demand: left });
  return { plan, wanted: plan ? placeTasks(plan, question, copy, observation.pool) : new Set() };
}

/** Nodes and room within the limits that others have been given already. */
function withoutNodes(question: CapacityQuestion, { plan, wanted }: Planned): CapacityQuestion {
  if (plan === null) return question;
  const { input } = question;
  return {
    ...question,
    input: {
      ...input,
      bins: input.bins.filter((bin) => !wanted.has(bin.id)),
      usage: addUsage(input.usage, sumUsage(plan.launches.map((one) => reservedBy(one.offerings, one.count)))),
    },
  };
}

function joinedPlan(a: AllocationPlan | null, b: AllocationPlan | null): AllocationPlan | null {
  if (a === null || b === null) return a ?? b;
  return {
    ...b,
    placements: [...a.placements, ...b.placements],
    launches: [...a.launches, ...b.launches],
    unplaced: [...a.unplaced, ...b.unplaced],
    costUsdPerHour: a.costUsdPerHour + b.costUsdPerHour,
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Plans tell nodes apart by their tasks, purchases do not: equal nodes for equal reasons are one launch. */
function joined(launches: readonly PlannedLaunch[]): readonly PlannedLaunch[] {
  const byWhat = new Map<string, PlannedLaunch>();
  for (const one of launches) {
    const what = [one.reason, ...one.offerings.map((offering) => offering.id)].join('\n');
    const same = byWhat.get(what);
    const gangs = [...new Set([...(same?.gangs ?? []), ...(one.gangs ?? [])])];
    byWhat.set(what, same ? { ...same, count: same.count + one.count, ...(gangs.length === 0 ? {} : { gangs }) } : one);
  }
  return [...byWhat.values()];
}

function withBoots({ memory, nodes, nowMs }: Observation, settings: DecisionSettings): PoolMemory {
  return {
    ...memory,
    ...rememberBoots(
      memory,
      nodes.map(({ record }) => ({ ...record, failure: bootFailure(record) })),
      nowMs,
      settings,
    ),
  };
}

function memoryAfter(
  observation: Observation,
  settings: DecisionSettings,
  losses: Pick<PoolMemory, 'massSilenceSinceMs'>,
  demand: readonly Demand[],
  allocation: AllocationPlan | null,
): PoolMemory {
  const { nowMs, memory } = observation;
  const gangs = new Set(demand.filter((one) => one.gang === true).map((one) => one.id));
  const lacking = new Set((allocation?.unplaced ?? []).map((one) => one.demandId));
  return {
    ...memory,
    ...pruned(memory, nowMs, settings),
    gangs: claimGangs(memory.gangs, lacking, gangs, nowMs),
    massSilenceSinceMs: losses.massSilenceSinceMs,
  };
}

function gangsTooEarly({ memory, nowMs }: Observation, plan: AllocationPlan | null): ReadonlySet<string> {
  const bought = new Set((plan?.launches ?? []).flatMap((one) => one.tasks.map((share) => share.demandId)));
  return new Set(
    Object.entries(memory.gangs)
      .filter(([id, { untilMs }]) => untilMs !== null && untilMs > nowMs && bought.has(id))
      .map(([id]) => id),
  );
}

function withGangs(planned: PlannedLaunch, demand: readonly Demand[]): PlannedLaunch {
  const isGang = new Set(demand.filter((one) => one.gang === true).map((one) => one.id));
  const gangs = planned.tasks.map((one) => one.demandId).filter((id) => isGang.has(id));
  return gangs.length === 0 ? planned : { ...planned, gangs };
}

/** While nodes come and never call, one is bought to try, and the next when it is known what became of it. */
function atMostOne(launches: readonly PlannedLaunch[], observation: Observation): readonly PlannedLaunch[] {
  if (!buysOneAtATime(observation.memory)) return launches;
  const isTrying =
    observation.launches.length > 0 || observation.nodes.some(({ record }) => record.state === 'launching');
  const [first] = isTrying ? [] : launches;
  return first ? [{ ...first, count: 1 }] : [];
}

/** When the pool must tick again though nothing wakes it; null: never. */
export function nextDueAtMs(
  observation: Observation,
  settings: DecisionSettings,
  { unplacedDueMs: waitingDueMs, kept }: Pick<Decision, 'unplacedDueMs' | 'kept'>,
): number | null {
  const { nowMs } = observation;
  const due: number[] = [];
  for (const { record, chunks } of observation.requests) {
    // What has ended may still be seen here, through an index that lags: its deadline is nobody's any more.
    if (record.endedAtMs === null && record.batch) due.push(record.batch.untilMs);
    if (record.quarantine !== null || record.endedAtMs !== null || observation.aside?.requests.has(record.id) === true)
      continue;
    const deadlineAtMs = deadlineOf(record);
    if (deadlineAtMs !== null) due.push(deadlineAtMs);
    const tasks = record.spec.count === 1 ? record.tasks : chunks.flatMap((chunk) => chunk.record.tasks);
    for (const task of tasks) if (task.state === 'pending' && task.notBeforeMs > nowMs) due.push(task.notBeforeMs);
  }
  for (const { record } of observation.launches) due.push(record.nextTryAtMs);
  for (const { record } of observation.nodes) {
    if (record.state === 'terminating' || record.state === 'draining') due.push(nowMs + settings.listingBusyMs);
    const disruptedMs = disruptionDueAtMs(record, { observation, settings, wanted: kept });
    due.push(nowMs + settings.listingCalmMs, disruptedMs ?? Infinity);
  }
  if ((observation.aside?.nodes.length ?? 0) > 0) due.push(nowMs + settings.listingCalmMs);
  if (waitingDueMs !== null) due.push(waitingDueMs);
  if (observation.unseen) due.push(nowMs + settings.unplacedAgainMs);
  const floorActsMs = observation.floor?.nextActAtMs ?? null;
  if (floorActsMs !== null) due.push(floorActsMs);
  if (due.length === 0) return null;
  return Math.max(
    nowMs + 1,
    due.reduce((a, b) => Math.min(a, b)),
  );
}

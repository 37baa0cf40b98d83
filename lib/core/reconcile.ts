// One decision: (observation) -> plan. Compares what is wanted with what is there; the edges obey.
import type { Allocate, AllocationPlan, Demand, PlannedLaunch } from './allocation/types.ts';
import { aloneQuestion } from './decide-alone.ts';
import type { CapacityQuestion } from './decide-capacity.ts';
import { capacityQuestion, explain, placeTasks, unplacedDueMs, whyOf } from './decide-capacity.ts';
import { decideDepartures, decideLosses } from './decide-nodes.ts';
import { decideArrays, decideEnded, decideListed, decideRequests } from './decide-requests.ts';
import { idleAtMs } from './disruption/emptiness.ts';
import { isSameMemory } from './disruption/lost.ts';
import { decideMounts } from './decide-mounts.ts';
import { Draft } from './draft.ts';
import type { Observation, PoolMemory } from './observation.ts';
import type { Plan } from './plan.ts';
import { deadlineOf } from './request-lifecycle.ts';
import { addUsage, sumUsage } from './pool.ts';
import { planHeadroom, reservedBy } from './scaling/headroom.ts';
import type { DecisionSettings } from './settings.ts';
import { silentAfterMs } from './settings.ts';

export interface Decision {
  readonly plan: Plan;
  /** When tasks without a place must be looked at again; null: there are none. */
  readonly unplacedDueMs: number | null;
  /** Nodes without work that the headroom floor keeps. */
  readonly held: ReadonlySet<string>;
}

export function reconcile(observation: Observation, settings: DecisionSettings, allocate: Allocate, shouldStop: () => boolean): Decision {
  const draft = new Draft(observation);
  decideListed(observation, draft);
  const losses = decideLosses(observation, draft, settings);
  decideRequests(observation, draft);
  const mounts = decideMounts(observation, draft, settings);
  const question = capacityQuestion(observation, draft, settings, shouldStop, mounts);
  const apart = aloneQuestion(question, observation, draft, mounts);
  const alone = apart === null ? nothingPlanned : planAndPlace(apart, observation, draft, allocate);
  const others = planAndPlace(withoutNodes(question, alone), observation, draft, allocate);
  const allocation = joinedPlan(alone.plan, others.plan);
  const wanted = new Set([...alone.wanted, ...others.wanted]);
  const aloneUnplaced = [...alone.plan?.unplaced ?? [], ...apart?.held ?? []];
  const headroom = planHeadroom(observation, question.input, draft, allocation, wanted, allocate);
  decideDepartures(observation, draft, new Set([...wanted, ...headroom.held]), settings);
  decideArrays(observation, draft);
  decideEnded(observation, draft);
  for (const { record } of observation.launches) {
    if (record.nextTryAtMs <= observation.nowMs) draft.add({ kind: 'settle', launch: record });
  }
  for (const planned of joined([...allocation?.launches ?? [], ...headroom.launches])) draft.add({ kind: 'launch', planned });
  const memory = memoryAfter(observation, losses);
  if (!isSameMemory(memory, observation.memory)) draft.add({ kind: 'remember', memory });
  const [lacking] = headroom.unplaced;
  draft.add({ kind: 'explain', why: { byShape: { ...mounts.why, ...explain(others.plan, aloneUnplaced, observation, draft) }, ...(lacking ? { headroom: whyOf(lacking, observation) } : {}) } });
  const dueMs = unplacedDueMs([...others.plan?.unplaced ?? [], ...aloneUnplaced, ...headroom.unplaced], observation, settings);
  const mountsDueMs = Object.keys(mounts.why).length > 0 ? observation.nowMs + settings.unplacedAgainMs : null;
  return { plan: { actions: draft.actions }, unplacedDueMs: earliest(dueMs, mountsDueMs), held: headroom.held };
}

interface Planned {
  readonly plan: AllocationPlan | null;
  /** Nodes that the plan counts on. */
  readonly wanted: ReadonlySet<string>;
}

const nothingPlanned: Planned = { plan: null, wanted: new Set() };

function planAndPlace(question: CapacityQuestion, observation: Observation, draft: Draft, allocate: Allocate): Planned {
  if (question.demand.length === 0) return nothingPlanned;
  const { plan, poison } = allocateAround(allocate, question.input.demand, (demand) => ({ ...question.input, demand }));
  for (const { demand, error } of poison) {
    const record = draft.request(demand.id);
    if (record) draft.change('quarantine', error, [draft.setRequest({ ...record, quarantine: error })]);
  }
  return { plan, wanted: plan ? placeTasks(plan, question, draft, observation.pool) : new Set() };
}

/** Nodes and room within the limits that others have been given already. */
function withoutNodes(question: CapacityQuestion, { plan, wanted }: Planned): CapacityQuestion {
  if (plan === null) return question;
  const { input } = question;
  return { ...question, input: { ...input, bins: input.bins.filter((bin) => !wanted.has(bin.id)), usage: addUsage(input.usage, sumUsage(plan.launches.map(reservedBy))) } };
}

function joinedPlan(a: AllocationPlan | null, b: AllocationPlan | null): AllocationPlan | null {
  if (a === null || b === null) return a ?? b;
  return {
    ...b, placements: [...a.placements, ...b.placements], launches: [...a.launches, ...b.launches], unplaced: [...a.unplaced, ...b.unplaced],
    costUsdPerHour: a.costUsdPerHour + b.costUsdPerHour,
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.min(a, b);
}

/** Plans tell nodes apart by their tasks, purchases do not: equal nodes for equal reasons are one launch. */
function joined(launches: readonly PlannedLaunch[]): readonly PlannedLaunch[] {
  const byWhat = new Map<string, PlannedLaunch>();
  for (const one of launches) {
    const what = [one.reason, ...one.offerings.map((offering) => offering.id)].join('\n');
    const same = byWhat.get(what);
    byWhat.set(what, same ? { ...same, count: same.count + one.count } : one);
  }
  return [...byWhat.values()];
}

/** A request that makes planning fail is set aside with its error, never the pool: halves until the culprits stand alone. */
function allocateAround(
  allocate: Allocate, demand: readonly Demand[], input: (demand: readonly Demand[]) => Parameters<Allocate>[0],
): { plan: AllocationPlan | null; poison: readonly { demand: Demand; error: string }[] } {
  try {
    return { plan: allocate(input(demand)), poison: [] };
  } catch (error) {
    const poison = findPoison(allocate, demand, input);
    const culprits = new Set(poison.map((one) => one.demand.id));
    const rest = demand.filter((one) => !culprits.has(one.id));
    // No single request fails alone: the engine itself is at fault, and that must be loud.
    if (poison.length === 0) throw error;
    return rest.length === 0 ? { plan: null, poison } : { plan: allocate(input(rest)), poison };
  }
}

function findPoison(allocate: Allocate, demand: readonly Demand[], input: (demand: readonly Demand[]) => Parameters<Allocate>[0]): { demand: Demand; error: string }[] {
  try {
    if (demand.length > 0) allocate(input(demand));
    return [];
  } catch (error) {
    const [only] = demand;
    if (demand.length === 1 && only) return [{ demand: only, error: `planning failed: ${error instanceof Error ? error.message : String(error)}` }];
    const half = Math.ceil(demand.length / 2);
    return [...findPoison(allocate, demand.slice(0, half), input), ...findPoison(allocate, demand.slice(half), input)];
  }
}

function memoryAfter(observation: Observation, losses: Pick<PoolMemory, 'massSilenceSinceMs'>): PoolMemory {
  const { memory, nowMs } = observation;
  const live = Object.entries(memory.outUntilMs).filter(([, untilMs]) => untilMs > nowMs).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    outUntilMs: Object.fromEntries(live),
    buying: memory.buying && memory.buying.pausedUntilMs > nowMs ? memory.buying : null,
    massSilenceSinceMs: losses.massSilenceSinceMs,
  };
}

/** When the pool must tick again though nothing wakes it; null: never. */
export function nextDueAtMs(observation: Observation, settings: DecisionSettings, { unplacedDueMs: waitingDueMs, held }: Pick<Decision, 'unplacedDueMs' | 'held'>): number | null {
  const { nowMs } = observation;
  const due: number[] = [];
  for (const { record, chunks } of observation.requests) {
    // What has ended may still be seen here, through an index that lags: its deadline is nobody's any more.
    if (record.endedAtMs === null && record.batch) due.push(record.batch.untilMs);
    if (record.quarantine !== null || record.endedAtMs !== null) continue;
    const deadlineAtMs = deadlineOf(record);
    if (deadlineAtMs !== null) due.push(deadlineAtMs);
    const tasks = record.spec.count === 1 ? record.tasks : chunks.flatMap((chunk) => chunk.record.tasks);
    for (const task of tasks) if (task.state === 'pending' && task.notBeforeMs > nowMs) due.push(task.notBeforeMs);
  }
  for (const { record } of observation.launches) due.push(record.nextTryAtMs);
  for (const { record } of observation.nodes) {
    if (record.state === 'launching') due.push(record.createdAtMs + settings.bootTimeoutMs);
    if (record.state === 'terminating' || record.state === 'draining') due.push(nowMs + settings.listingBusyMs);
    if (record.lastSeenAtMs !== null && !record.isLost) due.push(record.lastSeenAtMs + silentAfterMs(settings) + 1);
    const idleMs = held.has(record.id) ? null : idleAtMs(record, observation.pool);
    if (idleMs !== null) due.push(idleMs);
    due.push(nowMs + settings.listingCalmMs);
  }
  if (waitingDueMs !== null) due.push(waitingDueMs);
  const floorActsMs = observation.floor?.nextActAtMs ?? null;
  if (floorActsMs !== null) due.push(floorActsMs);
  if (due.length === 0) return null;
  return Math.max(nowMs + 1, due.reduce((a, b) => Math.min(a, b)));
}

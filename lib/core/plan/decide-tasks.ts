// The part of a decision that is about tasks and nodes: what runs where, what is bought for it, and which nodes go.
import { afterLaunches } from '../allocation/constraints/paid-first.ts';
import { passedOverAfter } from '../allocation/ordering/priority.ts';
import type {
  Allocate,
  AllocationInput,
  AllocationPlan,
  Demand,
  PlannedLaunch,
  Unplaced,
} from '../allocation/types.ts';
import type { ClaimWorkingCopy } from '../claims/working-copy.ts';
import { buysOneAtATime, claimGangs, pruned } from './capacity-memory.ts';
import { aloneQuestion, givesWay } from '../tasks/alone.ts';
import type { CapacityQuestion } from '../tasks/capacity/capacity-question.ts';
import { capacityQuestion } from '../tasks/capacity/capacity-question.ts';
import { lifetimesAfter } from '../tasks/capacity/learning/learn-lifetimes.ts';
import { offeringsAfter } from '../tasks/capacity/learning/learn-offerings.ts';
import type { Waiting } from '../tasks/capacity/wait-or-buy.ts';
import { shareContextOf, withOnDemandShare } from '../tasks/capacity/on-demand-share.ts';
import { withOnDemandReasons } from '../tasks/capacity/spot-fallback.ts';
import { bootMsOf, startMsOf } from '../tasks/capacity/boots.ts';
import { explainWaiting, isPatient, tasksThatWait, withoutWaiting } from '../tasks/capacity/wait-or-buy.ts';
import { afterStarts } from '../tasks/warm/after-starts.ts';
import { stopFailedAfter } from '../tasks/warm/stock.ts';
import { isTryingOne, startNodes, startsFor } from '../tasks/warm/starts.ts';
import { placeTasks } from '../tasks/placing/placing.ts';
import { explain, explainGangs, unplacedDueMs, whyOf } from '../tasks/placing/why-waiting.ts';
import { inShortage, liveDroughts } from '../tasks/capacity/long-shortage.ts';
import type { Reservation } from '../tasks/capacity/reservation.ts';
import { reservationOf, withReasons, withReservation } from '../tasks/capacity/reservation.ts';
import { afterUse } from '../costs/commitment-days.ts';
import { passOnBills } from '../costs/pass-on-bills.ts';
import { decideDepartures } from '../disruption/departures.ts';
import { disruptionDueAtMs } from '../disruption/index.ts';
import { keptReplacements, repackOf } from '../disruption/consolidation-choice.ts';
import type { Repack } from '../disruption/consolidation-choice.ts';
import { replacedMax } from '../records/node.ts';
import { assert } from '../values/errors.ts';
import { decideLosses } from '../disruption/losses.ts';
import { decideEnded } from '../tasks/collect-ended.ts';
import { decideArrays, decideListed, decideRequests } from '../tasks/decide-requests.ts';
import type { MountGate } from '../tasks/mounts.ts';
import { decideMounts } from '../tasks/mounts.ts';
import type { WorkingCopy } from './working-copy.ts';
import { activeArrays } from './working-copy.ts';
import type { Observation, PoolMemory } from './observation.ts';
import { isSameMemory } from './observation.ts';
import { rowsOf } from './rows/seen-rows.ts';
import { nodeLaunches } from './launches.ts';
import type { Why } from './plan.ts';
import { deadlineOf } from '../tasks/request-lifecycle.ts';
import { decideServices } from '../services/decide.ts';
import type { HeadroomPlan } from '../scaling/headroom.ts';
import { knownTasks } from '../scaling/recent-tasks.ts';
import { ownDemandAfter } from '../tasks/capacity/learning/styles.ts';
import { planHeadroom } from '../scaling/headroom.ts';
import { planWarmStock } from '../scaling/warm-stock.ts';
import type { WarmStock } from '../scaling/warm-stock.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { assertSound, decideSetAside } from './set-aside.ts';

export interface TaskDecision {
  /** What is bought for tasks, as far as the pool buys now. */
  readonly launches: readonly PlannedLaunch[];
  /** When tasks without a place must be looked at again; null: there are none. */
  readonly unplacedDueMs: number | null;
  /** Nodes that no method takes by time alone: without work, as tasks or the floor count on it; kept by a budget. */
  readonly kept: ReadonlySet<string>;
  /** When services must be looked at again; null: when something happens. */
  readonly servicesDueMs: number | null;
}

/** `stored`: the pool's memory, which is written where this decision changes it. */
export function decideTasks(
  copy: ClaimWorkingCopy,
  stored: PoolMemory,
  allocate: Allocate,
  shouldStop: () => boolean,
): TaskDecision {
  const { seen, settings } = copy;
  for (const one of activeArrays(seen)) assertSound(one);
  decideListed(seen, copy);
  const losses = decideLosses(seen, copy, settings);
  const servicesDueMs = decideServices(copy);
  decideRequests(seen, copy);
  const mounts = decideMounts(seen, copy, settings);
  const placed = place(copy, mounts, allocate, shouldStop);
  const { plan, wanted, question, demand } = placed;
  const headroom = planHeadroom(seen, afterStarts(question.input, copy), copy, plan, wanted, allocate);
  const repack = repackIn(copy, placed, headroom, new Set([...wanted, ...headroom.kept]), allocate);
  const replacements = keptReplacements(copy);
  const kept = new Set([...wanted, ...headroom.kept, ...replacements.ids]);
  const budgeted = decideDepartures(seen, copy, kept, settings, {
    ...(repack === null ? {} : { moves: repack.commands }),
    vacated: placed.reservation?.vacated ?? new Set(),
    templateVersion: copy.terms.templateVersion,
    ...(copy.terms.rootVolumeGib === undefined ? {} : { rootVolumeGib: copy.terms.rootVolumeGib }),
  });
  decideArrays(seen, copy);
  decideEnded(seen, copy);
  decideSetAside(seen, copy, settings);
  passOnBills(copy);
  const planned = withOnDemandReasons(plan?.launches ?? [], question.onDemand);
  const launches = withOnDemandShare([...planned, ...headroom.launches], demand, shareContextOf(copy));
  buyNodes(copy, launches, demand);
  const isConsolidated = carriesOut(repack, copy);
  const stock = buyStock(copy, placed, headroom, kept, allocate);
  const memory: PoolMemory = {
    ...memoryAfter(copy, losses, placed),
    ...(isConsolidated ? { consolidatedAtMs: seen.nowMs } : {}),
  };
  // What time alone has made stale goes with the next news: of itself it is no reason to write.
  if (!isSameMemory(memory, { ...stored, ...pruned(stored, seen.nowMs, settings) }))
    copy.add({ kind: 'remember', memory });
  const remembered = { ...seen, memory };
  copy.add({ kind: 'explain', why: whyTasksWait(remembered, placed, mounts, { headroom, stock }, copy) });
  const dueMs = unplacedDueMs([...placed.unplaced, ...headroom.unplaced, ...stock.unplaced], remembered, settings);
  const mountsDueMs = Object.keys(mounts.why).length > 0 ? seen.nowMs + settings.unplacedAgainMs : null;
  // What waits for a gang's time, or for the one node that is tried, is placed nowhere and is no unplaced
  // of the plan's either.
  const delayedDueMs =
    demand.length > 0 && (buysOneAtATime(memory) || Object.keys(memory.gangs).length > 0)
      ? seen.nowMs + settings.unplacedAgainMs
      : null;
  // A budget may be raised without a wake: the pool looks again as for all that has no place.
  const spentDueMs = seen.stops === undefined ? null : seen.nowMs + settings.unplacedAgainMs;
  const due = [dueMs, mountsDueMs, delayedDueMs, spentDueMs, placed.waiting?.untilMs ?? null, replacements.untilMs];
  const waitedFor = [...wanted].filter((id) => copy.node(id)?.assigned.length === 0);
  const quiet = new Set([...headroom.kept, ...budgeted, ...waitedFor, ...replacements.ids]);
  return { launches: ofDemand(launches, demand), unplacedDueMs: due.reduce(earliest), kept: quiet, servicesDueMs };
}

/** Those that carry some of it. */
function ofDemand(launches: readonly PlannedLaunch[], demand: readonly Demand[]): readonly PlannedLaunch[] {
  const ids = new Set(demand.map(({ id }) => id));
  return launches.filter(({ tasks }) => tasks.some(({ demandId }) => ids.has(demandId)));
}

/** What became of all that waits. */
interface Placed {
  readonly plan: AllocationPlan | null;
  /** Nodes that the plan counts on. */
  readonly wanted: ReadonlySet<string>;
  readonly demand: readonly Demand[];
  /** The question of those that run together. */
  readonly question: CapacityQuestion;
  /** The same, beside those that are kept apart and with what is kept for the first that does not fit. */
  readonly asked: CapacityQuestion;
  readonly reservation: Reservation | null;
  /** Tasks that nothing is bought for yet. */
  readonly waiting: Waiting | null;
  readonly others: AllocationPlan | null;
  readonly aloneUnplaced: readonly Unplaced[];
  readonly unplaced: readonly Unplaced[];
}

/** Tasks that are kept apart come first, and the others have what these leave; or the other way round. */
function place(copy: ClaimWorkingCopy, mounts: MountGate, allocate: Allocate, shouldStop: () => boolean): Placed {
  const { seen, settings } = copy;
  const question = capacityQuestion(seen, copy, settings, shouldStop, mounts);
  const apart = aloneQuestion(question, seen, copy, mounts);
  const plan = (one: CapacityQuestion): Planned => planAndPlace(one, seen, copy, allocate, settings);
  const first = apart !== null && givesWay(apart, question, settings) ? plan(question) : null;
  const alone = apart === null ? nothingPlanned : plan(first === null ? apart : withoutNodes(apart, first, copy));
  const others = first ?? plan(withoutNodes(question, alone, copy));
  const aloneUnplaced = [...(alone.plan?.unplaced ?? []), ...(apart?.postponed ?? [])];
  const { reservation } = others;
  const kept = [...(reservation?.kept.keys() ?? [])].filter((id) => reservation?.vacated.has(id) !== true);
  return {
    plan: joinedPlan(alone.plan, others.plan),
    wanted: new Set([...alone.wanted, ...others.wanted, ...kept]),
    demand: [...(apart?.demand ?? []), ...question.demand],
    question,
    asked: others.question ?? question,
    reservation,
    waiting: others.waiting,
    others: others.plan,
    aloneUnplaced,
    unplaced: [...(others.plan?.unplaced ?? []), ...aloneUnplaced],
  };
}

/** What a repack buys is bought; answers whether anything of it is done now. */
function carriesOut(repack: Repack | null, copy: ClaimWorkingCopy): boolean {
  if (repack === null) return false;
  const { seen, settings, terms } = copy;
  if (repack.purchase !== null) {
    const { planned, replaces } = repack.purchase;
    assert(replaces.length <= replacedMax, 'nodes are bought in the place of a few');
    for (const one of planned)
      for (const launch of nodeLaunches(one, seen.pool, settings.nodesPerLaunch, seen.nowMs, terms, replaces))
        copy.buy(launch);
  }
  return (
    repack.purchase !== null || repack.commands.some(({ node }) => copy.node(node.id)?.drain?.by === 'consolidation')
  );
}

/** What others can do without. While tasks wait that a node may still be found for, none is looked for. */
function repackIn(
  copy: ClaimWorkingCopy,
  { plan, question, reservation, waiting, unplaced }: Placed,
  headroom: HeadroomPlan,
  wanted: ReadonlySet<string>,
  allocate: Allocate,
): Repack | null {
  const isUnderWay =
    reservation !== null
    || waiting !== null
    || [...copy.nodes()].some((node) => node.state === 'starting')
    || [...(plan?.launches ?? []), ...headroom.launches, ...headroom.unplaced].length > 0
    || unplaced.some((one) => one.kind !== 'unsatisfiable');
  return isUnderWay ? null : repackOf({ input: question.input, wanted }, copy, allocate, copy.settings);
}

function buyNodes(copy: ClaimWorkingCopy, planned: readonly PlannedLaunch[], demand: readonly Demand[]): void {
  const { seen, settings, terms } = copy;
  const launches = joined(
    inShortage(planned, {
      memory: seen.memory,
      offerings: seen.offerings,
      nowMs: seen.nowMs,
      limits: seen.pool.limits,
      usage: copy.usage(),
      demand,
      specOf: (id) => copy.request(id)?.spec,
    }).map((one) => withGangs(one, demand)),
  );
  for (const one of atMostOne(launches, copy))
    for (const launch of nodeLaunches(one, seen.pool, settings.nodesPerLaunch, seen.nowMs, terms)) copy.buy(launch);
}

/** Nodes that nobody waits for are bought when nobody waits. */
function buyStock(
  copy: ClaimWorkingCopy,
  { question, unplaced }: Placed,
  headroom: HeadroomPlan,
  used: ReadonlySet<string>,
  allocate: Allocate,
): WarmStock {
  const { seen, settings, terms } = copy;
  const isWaiting = [...unplaced, ...headroom.unplaced].length > 0 || buysOneAtATime(seen.memory);
  if (seen.pool.warmNodes === undefined || isWaiting) return { launches: [], unplaced: [] };
  // Of a paused pool the question says that nothing is bought; else all counts that this decision buys and starts.
  const usage = seen.paused === undefined ? copy.usage() : question.input.usage;
  const stock = planWarmStock(copy, { ...question.input, usage }, used, allocate);
  for (const one of stock.launches)
    for (const launch of nodeLaunches(one, seen.pool, settings.nodesPerLaunch, seen.nowMs, terms))
      copy.buy({ ...launch, isWarm: true });
  return stock;
}

function whyTasksWait(
  remembered: Observation,
  { others, aloneUnplaced, question, asked, reservation, waiting }: Placed,
  mounts: MountGate,
  { headroom, stock }: { readonly headroom: HeadroomPlan; readonly stock: WarmStock },
  copy: WorkingCopy,
): Why {
  const [[lacking], [missing]] = [headroom.unplaced, stock.unplaced];
  return {
    byShape: {
      ...mounts.why,
      ...(waiting === null ? {} : explainWaiting(waiting, copy)),
      ...explain(others, aloneUnplaced, asked, remembered, copy, reservation),
      ...explainGangs(question, remembered, copy),
    },
    ...(lacking ? { headroom: whyOf(lacking, remembered) } : {}),
    ...(missing ? { warmNodes: whyOf(missing, remembered) } : {}),
    ...(remembered.stops ? { stops: remembered.stops } : {}),
    ...(remembered.unseen ? { unseen: remembered.unseen } : {}),
  };
}

interface Planned {
  readonly plan: AllocationPlan | null;
  /** Nodes that the plan counts on. */
  readonly wanted: ReadonlySet<string>;
  /** The one that was answered in the end; null: none was asked. */
  readonly question: CapacityQuestion | null;
  readonly reservation: Reservation | null;
  readonly waiting: Waiting | null;
}

const nothingPlanned: Planned = { plan: null, wanted: new Set(), question: null, reservation: null, waiting: null };

function planAndPlace(
  given: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  allocate: Allocate,
  settings: DecisionSettings,
): Planned {
  if (given.demand.length === 0) return nothingPlanned;
  const { plan: bought, demand, waiting } = planNow(given, observation, copy, allocate);
  if (bought === null) return { ...nothingPlanned, waiting };
  const { input, plan } = startsFor(given.input, bought, demand, copy, allocate) ?? {
    input: given.input,
    plan: bought,
  };
  const question = { ...given, input };
  const reservation = question.isAlone ? null : reservationOf({ question, plan, copy, allocate }, settings);
  const asked = reservation === null ? question : withReservation(question, plan, reservation);
  const answer = reservation === null ? plan : withReasons(allocate({ ...asked.input, demand }), plan, reservation);
  const wanted = placeTasks(answer, asked, copy, observation.pool);
  startNodes(answer, copy);
  return { plan: answer, wanted, question: asked, reservation, waiting };
}

/** The plan of what is not to wait, and the demand that it is for. */
function planNow(
  question: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  allocate: Allocate,
): { readonly plan: AllocationPlan | null; readonly demand: readonly Demand[]; readonly waiting: Waiting | null } {
  const { input } = question;
  // Where tasks may wait, the search for the best nodes is for what is bought in the end.
  const mayWait = isPatient(question, copy.seen);
  const whole = allocate(mayWait ? { ...input, iterations: 0 } : input);
  // Nothing is bought for a gang of which only a part came, before its time; nodes that are there are
  // for it as for others.
  const early = gangsTooEarly(observation, whole);
  const timely = early.size === 0 ? input.demand : input.demand.filter((one) => !early.has(one.id));
  const planFor = (demand: readonly Demand[]): AllocationPlan | null =>
    demand.length === 0 ? null : allocate({ ...input, demand });
  const plan = early.size === 0 ? whole : planFor(timely);
  const waiting = plan && mayWait ? tasksThatWait(question, plan, copy) : null;
  if (!plan || !waiting) {
    const isRough = plan === whole && mayWait && whole.launches.length > 0;
    return { plan: isRough ? planFor(timely) : plan, demand: timely, waiting: null };
  }
  const demand = withoutWaiting(timely, waiting);
  return { plan: waiting.isAll ? { ...plan, launches: [], costUsdPerHour: 0 } : planFor(demand), demand, waiting };
}

/** Nodes and room within the limits that others have been given already. */
function withoutNodes(question: CapacityQuestion, { plan, wanted }: Planned, copy: WorkingCopy): CapacityQuestion {
  if (plan === null) return question;
  const input = afterLaunches(afterStarts(question.input, copy), plan.launches);
  return { ...question, input: { ...input, bins: input.bins.filter((bin) => !wanted.has(bin.id)) } };
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

/** Plans tell nodes apart by their tasks, purchases do not: equal nodes for equal reasons are one launch. */
function joined(launches: readonly PlannedLaunch[]): readonly PlannedLaunch[] {
  const byWhat = new Map<string, PlannedLaunch>();
  for (const one of launches) {
    const what = [one.reason, one.reservation?.id ?? '', ...one.offerings.map((offering) => offering.id)].join('\n');
    const same = byWhat.get(what);
    const union = (key: 'gangs' | 'shapes'): readonly string[] => [
      ...new Set([...(same?.[key] ?? []), ...(one[key] ?? [])]),
    ];
    const [gangs, shapes] = [union('gangs'), union('shapes')];
    const added = { ...(gangs.length === 0 ? {} : { gangs }), ...(shapes.length === 0 ? {} : { shapes }) };
    byWhat.set(what, same ? { ...same, count: same.count + one.count, ...added } : one);
  }
  return [...byWhat.values()];
}

function memoryAfter(
  copy: ClaimWorkingCopy,
  losses: Pick<PoolMemory, 'massSilenceSinceMs'>,
  { demand, plan, others, asked }: Placed,
): PoolMemory {
  const { seen: observation, settings } = copy;
  const { nowMs } = observation;
  const { passedOver: _before, lastTasks: _last, lifetimes: _learned, ...kept } = observation.memory;
  const { droughts, commitments: usedBefore, stopFailedAtMs, ...memory } = kept;
  const { uses } = copy.paid;
  const lifetimes = lifetimesAfter(copy);
  const offerings = offeringsAfter(copy);
  const bootMs = bootMsOf(observation);
  const startMs = startMsOf(observation);
  const passedOver = others === null ? {} : passedOverBy(others, asked.input);
  const lastTasks = keepsAny(observation.floor) ? knownTasks(observation) : null;
  const waitingRequests = demand.map((one) => copy.rows.open(one.id)?.record).filter((one) => one !== undefined);
  const gangs = new Set(demand.filter((one) => one.gang === true).map((one) => one.id));
  const lacking = new Set((plan?.unplaced ?? []).map((one) => one.demandId));
  return {
    ...memory,
    ...pruned(memory, nowMs, settings),
    gangs: claimGangs(memory.gangs, lacking, gangs, nowMs),
    massSilenceSinceMs: losses.massSilenceSinceMs,
    ...liveDroughts(droughts, waitingRequests),
    ...(Object.keys(passedOver).length === 0 ? {} : { passedOver }),
    ...(lastTasks === null ? {} : { lastTasks }),
    ...(lifetimes === undefined ? {} : { lifetimes }),
    ...(offerings === undefined ? {} : { offerings }),
    ...ownDemandAfter(observation),
    ...(bootMs === undefined ? {} : { bootMs }),
    ...(startMs === undefined ? {} : { startMs }),
    ...stopFailedAfter(copy.nodes(), stopFailedAtMs, nowMs),
    ...(uses.length === 0 ? {} : { commitments: afterUse(usedBefore, uses, nowMs) }),
  };
}

function keepsAny(floor: Observation['floor']): boolean {
  return floor !== undefined && (floor.nodes > 0 || floor.ahead !== undefined);
}

/** Levels of priority that wait while others have been given nodes that are there. */
function passedOverBy(plan: AllocationPlan, input: AllocationInput): NonNullable<PoolMemory['passedOver']> {
  const ready = new Set(input.bins.filter((one) => one.state === 'ready').map((one) => one.id));
  const served = plan.placements.filter(({ binId }) => ready.has(binId)).flatMap(({ tasks }) => tasks);
  return passedOverAfter(
    input,
    new Set(plan.unplaced.map((one) => one.demandId)),
    new Set(served.map((one) => one.demandId)),
  );
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
function atMostOne(launches: readonly PlannedLaunch[], copy: WorkingCopy): readonly PlannedLaunch[] {
  if (!buysOneAtATime(copy.seen.memory)) return launches;
  const [first] = isTryingOne(copy) ? [] : launches;
  return first ? [{ ...first, count: 1 }] : [];
}

/** When the pool must look at its tasks and nodes again though nothing wakes it; null: never. */
export function tasksDueAtMs(
  observation: Observation,
  settings: DecisionSettings,
  { unplacedDueMs: waitingDueMs, kept, servicesDueMs }: TaskDecision,
): number | null {
  const { nowMs, aside, unseen, floor } = observation;
  const due = [requestsDueAtMs(observation), ...observation.launches.map(({ record }) => record.nextTryAtMs)];
  for (const { record } of observation.nodes) {
    if (['terminating', 'draining', 'stopping', 'starting'].includes(record.state))
      due.push(nowMs + settings.listingBusyMs);
    const disruptedMs = disruptionDueAtMs(record, { observation, settings, wanted: kept });
    due.push(nowMs + settings.listingCalmMs, disruptedMs ?? Infinity);
  }
  if ((aside?.nodes.length ?? 0) > 0) due.push(nowMs + settings.listingCalmMs);
  if (waitingDueMs !== null) due.push(waitingDueMs);
  if (servicesDueMs !== null) due.push(servicesDueMs);
  if (unseen) due.push(nowMs + settings.unplacedAgainMs);
  const floorActsMs = floor?.nextActAtMs ?? null;
  if (floorActsMs !== null) due.push(floorActsMs);
  const first = due.reduce((a, b) => Math.min(a, b), Infinity);
  return first === Infinity ? null : first;
}

function requestsDueAtMs(observation: Observation): number {
  const { nowMs, aside } = observation;
  const { unsettled, untilMs } = rowsOf(observation);
  let first = untilMs;
  const isDue = (atMs: number): void => {
    first = Math.min(first, atMs);
  };
  for (const { record, chunks } of unsettled) {
    // What has ended may still be seen here, through an index that lags: its deadline is nobody's any more.
    if (record.endedAtMs === null && record.batch) isDue(record.batch.untilMs);
    if (record.quarantine !== null || record.endedAtMs !== null || aside?.requests.has(record.id) === true) continue;
    isDue(deadlineOf(record) ?? Infinity);
    const tasks = record.spec.count === 1 ? record.tasks : chunks.flatMap((chunk) => chunk.record.tasks);
    for (const task of tasks) if (task.state === 'pending' && task.notBeforeMs > nowMs) isDue(task.notBeforeMs);
  }
  return first;
}

export function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

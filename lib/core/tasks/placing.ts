// Placing and buying: turns demand, nodes and offerings into the allocation engine's input, and its plan
// into actions. Tasks are placed on nodes whose agent has called; nodes on their way are only counted upon.
import { canCarry } from '../allocation/reasons/explain.ts';
import type { AllocationInput, AllocationPlan, Demand, TaskShare, Unplaced } from '../allocation/types.ts';
import { hasRefusals, isPlain, refusalOf, refusalReason, refusalTimes, tryingReason } from '../plan/capacity-memory.ts';
import type { CapacityQuestion } from './capacity/capacity-question.ts';
import { dictionary, ownValue } from '../values/dictionary.ts';
import { aloneKey, shapeKey, waitingIndexes } from './demand.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { assert } from '../values/errors.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import type { Observation } from '../plan/observation.ts';
import type { Offering } from '../values/offering.ts';
import type { RecordWrite, WhyEntry } from '../plan/plan.ts';
import { writeKey } from '../plan/plan.ts';
import type { PoolSpec } from '../records/pool.ts';
import { pauseText } from '../records/pool.ts';
import { attemptId } from '../records/request.ts';
import type { RequestRecord, TaskRecord } from '../records/request.ts';
import { allocationOn } from './request-lifecycle.ts';
import { fits } from '../values/resources.ts';
import type { Resources } from '../values/resources.ts';
import type { Reservation } from './capacity/reservation.ts';
import { reservedText } from './capacity/reservation.ts';
import { gateKey, gateSpread } from './spread-gate.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { Slices } from '../plan/slices.ts';
import { placeTask } from './task-lifecycle.ts';
import { withAsked } from '../regret/history.ts';

/** The plan's placements on ready nodes as changes. Answers the nodes that the plan counts on. */
export function placeTasks(
  plan: AllocationPlan,
  question: CapacityQuestion,
  copy: WorkingCopy,
  pool: Pick<PoolSpec, 'lossesMax'>,
): ReadonlySet<string> {
  const ready = new Set(question.input.bins.filter((one) => one.state === 'ready').map((one) => one.id));
  const waitingOf = waitingTasks(question.isAlone ? 'alone' : 'together', copy, pool);
  const { gate, gangs } = startsNow(plan, question, ready, copy);
  const wanted = new Set<string>();
  for (const { binId, tasks } of plan.placements) {
    wanted.add(binId);
    const node = copy.node(binId);
    if (!ready.has(binId) || !node) continue;
    const slices = placementSlices(binId, copy);
    for (const share of tasks) {
      if (gangs.has(share.demandId)) continue;
      const request = copy.request(share.demandId);
      assert(request, `the plan places ${share.demandId}, which is not open`);
      const indexes = waitingOf(request);
      // The document alone says that a single task is placed; what it was placed from has to be true all the same.
      const isSingle = request.spec.count === 1;
      const count = Math.min(share.count, gate.get(gateKey(share.demandId, binId)) ?? Infinity);
      for (let i = 0; i < count; i += 1) {
        const step = indexes.next();
        assert(!step.done, `the plan places more tasks of ${share.demandId} than wait`);
        const task = copy.task(share.demandId, step.value);
        assert(task, `task ${String(step.value)} of ${share.demandId} is not in this observation`);
        const placed = copy.setTask(share.demandId, placeTask(task, allocationOn(node), copy.nowMs));
        const assignment = assignmentOf(request, task, copy.nowMs, question.isAlone);
        const restsOn = isSingle ? [writeKey(placed)] : [];
        slices.add({ assignment, restsOn }, isSingle ? [] : [placed], restsOn);
      }
    }
    slices.end();
  }
  return wanted;
}

/** The tasks of each request that wait, each once. */
function waitingTasks(
  which: 'alone' | 'together',
  copy: WorkingCopy,
  pool: Pick<PoolSpec, 'lossesMax'>,
): (request: RequestRecord) => Iterator<number, undefined> {
  const known = new Map<string, Iterator<number, undefined>>();
  return (request) => {
    let indexes = known.get(request.id);
    if (!indexes) {
      // Collected up front: what is placed meanwhile must not change what waits.
      indexes = [...waitingIndexes(request, copy.chunks(request.id), copy.nowMs, which, pool)].values();
      known.set(request.id, indexes);
    }
    return indexes;
  };
}

interface StartsNow {
  /** How many tasks of a demand a node may take now, see spread-gate.ts. */
  readonly gate: ReadonlyMap<string, number>;
  /** Gangs that do not start. */
  readonly gangs: ReadonlySet<string>;
}

/** A gang of which the gate holds a part back does not start, and then the gate lets others through. */
function startsNow(
  plan: AllocationPlan,
  { demand, input }: CapacityQuestion,
  ready: ReadonlySet<string>,
  copy: WorkingCopy,
): StartsNow {
  const nodes = new Map([...copy.nodes()].filter((node) => ready.has(node.id)).map((node) => [node.id, node]));
  const running = [
    ...input.bins.map(({ groups, offering }) => ({ groups, zone: offering.zone })),
    ...(input.closed ?? []),
  ];
  const gangs = new Set(gangsThatWait(plan, demand, ready));
  for (;;) {
    const placements = plan.placements.map((one) => ({
      ...one,
      tasks: one.tasks.filter(({ demandId }) => !gangs.has(demandId)),
    }));
    const gate = gateSpread({
      placements,
      demand,
      offerings: [...input.offerings, ...input.unavailable],
      ready: nodes,
      running: (group, zone) =>
        running.reduce((sum, one) => sum + (one.zone === zone ? (ownValue(one.groups, group) ?? 0) : 0), 0),
    });
    const isCutShort = ({ demandId, count }: TaskShare, binId: string): boolean =>
      (gate.get(gateKey(demandId, binId)) ?? count) < count;
    const broken = demand.filter(
      ({ id, gang }) =>
        gang === true
        && placements.some(({ binId, tasks }) => tasks.some((one) => one.demandId === id && isCutShort(one, binId))),
    );
    const [first] = broken;
    if (!first) return { gate, gangs };
    gangs.add(first.id);
  }
}

function assignmentOf({ id, spec }: RequestRecord, task: TaskRecord, nowMs: number, isAlone: boolean): Assignment {
  return {
    attemptId: attemptId(id, task.index, task.attempt),
    requestId: id,
    index: task.index,
    attempt: task.attempt,
    resources: spec.resources,
    isOffered: false,
    placedAtMs: nowMs,
    startedAtMs: null,
    expectedEndAtMs: spec.expectedDurationMs === null ? null : nowMs + spec.expectedDurationMs,
    withdrawn: null,
    ...(isAlone ? { isAlone: true as const } : {}),
    ...(spec.mounts === undefined
      ? {}
      : { mounts: { requests: spec.mounts.map((one) => one.request), areAttached: false } }),
  };
}

/** The document takes the tasks of each slice in the write that marks them as placed. */
function placementSlices(
  nodeId: string,
  copy: WorkingCopy,
): Slices<{ readonly assignment: Assignment; readonly restsOn: readonly string[] }> {
  return new Slices(copy.suspects, (placed, writes: readonly RecordWrite[]) => {
    const node = copy.node(nodeId);
    assert(node, `node ${nodeId} is not in this observation`);
    const asked = placed.reduce(
      (all, { assignment }) => withAsked(all, copy.request(assignment.requestId)?.spec.requirements ?? {}),
      node.asked,
    );
    const next: NodeRecord = {
      ...node,
      assigned: [...node.assigned, ...placed.map((one) => one.assignment)],
      emptySinceMs: null,
      ...(asked === undefined ? {} : { asked }),
    };
    copy.change('place', `${String(placed.length)} tasks placed on ${nodeId}`, [...writes, copy.setNode(next)], {
      restsOn: placed.flatMap((one) => one.restsOn),
    });
  });
}

/** Gangs of which a part would have to wait for a node: none of them starts now. */
function gangsThatWait(
  plan: AllocationPlan,
  demand: readonly Demand[],
  ready: ReadonlySet<string>,
): ReadonlySet<string> {
  const placeable = new Map<string, number>();
  for (const { binId, tasks } of plan.placements) {
    if (!ready.has(binId)) continue;
    for (const share of tasks) placeable.set(share.demandId, (placeable.get(share.demandId) ?? 0) + share.count);
  }
  return new Set(
    demand.filter((one) => one.gang === true && (placeable.get(one.id) ?? 0) < one.count).map((one) => one.id),
  );
}

/**
 * Why tasks wait, by shape; those that are kept apart for reasons of their own, which are an array's
 * where it has no other.
 */
export function explain(
  plan: AllocationPlan | null,
  alone: readonly Unplaced[],
  question: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  reservation: Reservation | null = null,
): Readonly<Record<string, WhyEntry>> {
  const byShape = dictionary<WhyEntry>();
  for (const one of plan?.unplaced ?? []) {
    const request = copy.request(one.demandId);
    if (!request) continue;
    const { spec } = request;
    const shape = shapeKey(spec);
    // What is kept for one of them is the news, whichever of the same shape comes first.
    if (byShape[shape] && one.demandId !== reservation?.demandId) continue;
    const why = whyOf(one, observation, carriersOf(spec, question.input), spec.resources.gpu > 0);
    byShape[shape] = withReserved(why, one.demandId, spec.resources, question.input, reservation);
  }
  for (const one of alone) {
    const request = copy.request(one.demandId);
    if (!request) continue;
    const shape = shapeKey(request.spec);
    const why = whyOf(one, observation, carriersOf(request.spec, question.input), request.spec.resources.gpu > 0);
    byShape[aloneKey(shape)] ??= why;
    if (request.spec.count > 1) byShape[shape] ??= why;
  }
  const trying = tryingReason(observation.memory);
  if (plan === null || (trying === null && !hasRefusals(observation.memory, observation.nowMs))) return byShape;
  // What is bought now may be refused as well: until a node comes, this is what there is to say.
  const bought = new Set(plan.launches.flatMap((launch) => launch.tasks.map((one) => one.demandId)));
  for (const id of [...bought].slice(0, searchesMax)) {
    const request = copy.request(id);
    if (!request || byShape[shapeKey(request.spec)]) continue;
    const entry = trying
      ? { code: 'launch_refused', message: trying, nextTryAtMs: null, excluded: [] }
      : searchOf(carriersOf(request.spec, question.input), observation, request.spec.resources.gpu > 0);
    if (entry) byShape[shapeKey(request.spec)] = entry;
  }
  return byShape;
}

/** With what is kept for it, or what has room but is kept for another. */
function withReserved(
  why: WhyEntry,
  demandId: string,
  size: Resources,
  { bins }: AllocationInput,
  reservation: Reservation | null,
): WhyEntry {
  if (reservation === null || why.code === 'unsatisfiable' || why.code === 'pool_paused') return why;
  if (reservation.demandId === demandId) return { ...why, message: `${why.message} ${reservedText(reservation)}` };
  const room = bins.filter((one) => one.kept !== undefined && one.freeTasks > 0 && fits(size, one.free));
  const [first] = room;
  if (!first) return why;
  const others = room.length > 1 ? ` (and ${String(room.length - 1)} more nodes)` : '';
  return {
    ...why,
    message:
      `${why.message} Node ${first.id}${others} has room, but is kept for request ${reservation.demandId}, which is `
      + 'served first and does not fit yet; only tasks that are known to end before it starts run there meanwhile.',
  };
}

const codes = {
  unsatisfiable: 'unsatisfiable',
  shortage: 'no_capacity',
  limits: 'limit_reached',
  constraints: 'constraints',
} as const;

/**
 * When the pool must look again for the sake of tasks without a place, whatever keeps them: nothing may wait
 * for a wake that nobody sends. A shortage ends at a known time; what a limit or a relation waits for (ends,
 * nodes that go, other requests, the pool's spec) wakes the pool, and it looks again all the same, in case that
 * was lost; so it does, seldom, for what can never be placed: prices and the catalog change without a wake.
 */
export function unplacedDueMs(
  unplaced: readonly Unplaced[],
  { memory, nowMs }: Pick<Observation, 'memory' | 'nowMs'>,
  settings: DecisionSettings,
): number | null {
  let due = Infinity;
  const refusals = refusalTimes({ refusals: memory.refusals, gangs: {} }, nowMs);
  // Tasks of one shape lack the very same list.
  const asked = new Set<readonly Offering[]>();
  for (const { kind, lacking = [] } of unplaced) {
    due = Math.min(due, nowMs + (kind === 'unsatisfiable' ? settings.neverAgainMs : settings.unplacedAgainMs));
    // Beside the relation there may be a refusal, whose end its reason names.
    if (kind === 'constraints') due = Math.min(due, ...refusals);
    if (kind !== 'shortage' || asked.has(lacking)) continue;
    asked.add(lacking);
    for (const offering of lacking)
      due = Math.min(due, refusalOf(memory, offering, nowMs)?.refusal.untilMs ?? Infinity);
  }
  return due === Infinity ? null : due;
}

/** Shapes whose search is described at once: each asks every offering. */
const searchesMax = 100;

/** Gangs of which only a part came, and that wait for the whole. */
export function explainGangs(
  { demand, input }: CapacityQuestion,
  { memory, nowMs }: Observation,
  copy: WorkingCopy,
): Readonly<Record<string, WhyEntry>> {
  const byShape = dictionary<WhyEntry>();
  for (const one of demand) {
    const gang = ownValue(memory.gangs, one.id);
    const request = gang && copy.request(one.id);
    if (!request || gang.untilMs === null) continue;
    const refused = refusalReason(memory, carriersOf(request.spec, input), nowMs, request.spec.resources.gpu > 0);
    // Its time has come: what stands in its way now, if anything does, is another thing.
    if (gang.untilMs <= nowMs && !refused) continue;
    byShape[shapeKey(request.spec)] = {
      code: 'no_capacity',
      message:
        `${String(gang.came)} of ${String(gang.of)} nodes came; it wants all or none, so they are `
        + `terminated and all are asked for again later.${refused ? ` ${refused.message}` : ''}`,
      nextTryAtMs: Math.max(gang.untilMs, refused?.nextTryAtMs ?? 0),
      excluded: [],
    };
  }
  return byShape;
}

/** Offerings that could carry one task of it, refused ones among them. */
function carriersOf(
  spec: Pick<Demand, 'resources' | 'requirements'>,
  { offerings, unavailable, pool }: AllocationInput,
): readonly Offering[] {
  return [...offerings, ...unavailable].filter((one) => canCarry(spec, one, pool));
}

function searchOf(
  carriers: readonly Offering[],
  { memory, nowMs }: Observation,
  isGpuWanted: boolean,
): WhyEntry | null {
  const relevant = isGpuWanted ? carriers : carriers.filter(isPlain);
  const refused = relevant.flatMap((one) => refusalOf(memory, one, nowMs) ?? []);
  const [first] = refused;
  if (!first) return null;
  const codes = [...new Set(refused.map((one) => one.refusal.code))].slice(0, 3).join(', ');
  return {
    code: 'searching',
    message:
      `EC2 refused ${String(refused.length)} of the ${String(relevant.length)} offerings that could carry `
      + `it (${codes}); others are being asked for.`,
    nextTryAtMs: null,
    excluded: [],
  };
}

/** With what EC2 refuses of `carriers`, the offerings that could carry it. */
export function whyOf(
  one: Unplaced,
  { pool, paused, memory, nowMs, offerings }: Pick<Observation, 'pool' | 'paused' | 'memory' | 'nowMs' | 'offerings'>,
  carriers: readonly Offering[] = offerings,
  isGpuWanted = true,
): WhyEntry {
  if (paused && one.kind === 'limits')
    return { code: 'pool_paused', message: pauseText(pool.name, paused), excluded: [], nextTryAtMs: null };
  // Nodes that are tried one at a time leave no room below a small limit: the limit is not why it waits.
  const trying = one.kind === 'limits' ? tryingReason(memory) : null;
  if (trying) return { code: 'launch_refused', message: trying, nextTryAtMs: null, excluded: [] };
  // What can never be placed does not wait for EC2 either.
  const refused =
    one.kind === 'limits' || one.kind === 'unsatisfiable'
      ? null
      : refusalReason(memory, one.lacking ?? carriers, nowMs, isGpuWanted);
  if (refused?.code === 'no_capacity')
    return { ...refused, message: `${one.message} ${refused.message}`, excluded: one.excluded };
  if (refused) return { ...refused, excluded: [] };
  const [nextOfferMs = null] = one.kind === 'shortage' ? refusalTimes(memory, nowMs).toSorted((a, b) => a - b) : [];
  return { code: codes[one.kind], message: one.message, excluded: one.excluded, nextTryAtMs: nextOfferMs };
}

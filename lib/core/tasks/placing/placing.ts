// Turns the plan of the allocation engine into placements: tasks are placed on nodes whose agent has called; nodes on
// their way are only counted upon.
import type { AllocationPlan, Demand, TaskShare } from '../../allocation/types.ts';
import type { CapacityQuestion } from '../capacity/capacity-question.ts';
import { ownValue } from '../../values/dictionary.ts';
import { waitingIndexes } from '../demand.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { assert } from '../../values/errors.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import { changeBounds, WriteSum } from '../../plan/bounds.ts';
import { writeEntry } from '../../plan/change.ts';
import type { RecordWrite } from '../../plan/plan.ts';
import { writeKey } from '../../plan/plan.ts';
import type { PoolSpec } from '../../records/pool.ts';
import { attemptId } from '../../records/request.ts';
import type { RequestRecord, TaskRecord } from '../../records/request.ts';
import { allocationOn } from '../request-lifecycle.ts';
import { gateKey, gateSpread } from './spread-gate.ts';
import { Slices } from '../../plan/parts/slices.ts';
import { placeTask } from '../task-lifecycle.ts';
import { payerOf } from '../../costs/bills.ts';
import { withMeter } from '../../costs/meter.ts';
import { withAsked } from '../../costs/regret/history.ts';

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
  const gangsStarting = new Map<string, Placed[]>();
  for (const { binId, tasks } of plan.placements) {
    wanted.add(binId);
    const node = copy.node(binId);
    if (!ready.has(binId) || !node) continue;
    const ofNode: Placed[] = [];
    for (const share of tasks) {
      if (gangs.has(share.demandId)) continue;
      const request = copy.request(share.demandId);
      assert(request, `the plan places ${share.demandId}, which is not open`);
      const indexes = waitingOf(request);
      // The document alone says that a single task is placed; what it was placed from has to be true all the same.
      const isSingle = request.spec.count === 1;
      const count = Math.min(share.count, gate.get(gateKey(share.demandId, binId)) ?? Infinity);
      const placed = request.spec.gang === true ? listOf(gangsStarting, request.id) : ofNode;
      for (let i = 0; i < count; i += 1) {
        const step = indexes.next();
        assert(!step.done, `the plan places more tasks of ${share.demandId} than wait`);
        const task = copy.task(share.demandId, step.value);
        assert(task, `task ${String(step.value)} of ${share.demandId} is not in this observation`);
        const write = copy.setTask(share.demandId, placeTask(task, allocationOn(node), copy.nowMs));
        const assignment = assignmentOf(request, task, node, copy, question.isAlone);
        placed.push({
          nodeId: binId,
          assignment,
          writes: isSingle ? [] : [write],
          restsOn: isSingle ? [writeKey(write)] : [],
        });
      }
    }
    place(ofNode, copy);
  }
  for (const [id, placed] of gangsStarting) placeTogether(id, placed, copy);
  return wanted;
}

/** A task that is placed: the node's document names it in the write that marks it. */
interface Placed {
  readonly nodeId: string;
  readonly assignment: Assignment;
  readonly writes: readonly RecordWrite[];
  /** Keys of what it was placed from, where nothing of that is written. */
  readonly restsOn: readonly string[];
}

function listOf<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
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
  // Whoever has no place in the plan counts for no zone, as in the plan: who gave way would keep others waiting.
  const planned = new Set([...plan.placements, ...plan.launches].flatMap((one) => one.tasks.map((of) => of.demandId)));
  const counted = demand.filter(({ id }) => planned.has(id));
  for (;;) {
    const placements = plan.placements.map((one) => ({
      ...one,
      tasks: one.tasks.filter(({ demandId }) => !gangs.has(demandId)),
    }));
    const gate = gateSpread({
      placements,
      demand: counted,
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

function assignmentOf(
  request: RequestRecord,
  task: TaskRecord,
  node: NodeRecord,
  { seen: { labelKeys = [] }, nowMs }: WorkingCopy,
  isAlone: boolean,
): Assignment {
  const { id, spec } = request;
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
    payer: payerOf(request, node, labelKeys, nowMs),
    withdrawn: null,
    ...(isAlone ? { isAlone: true as const } : {}),
    ...(spec.service === undefined ? {} : { isServing: true as const }),
    ...(spec.health === undefined ? {} : { isChecked: true as const }),
    ...(spec.mounts === undefined
      ? {}
      : { mounts: { requests: spec.mounts.map((one) => one.request), areAttached: false } }),
  };
}

/** Tasks of one node, as many to a write as there is room for. */
function place(placed: readonly Placed[], copy: WorkingCopy): void {
  const slices = new Slices<Placed>(copy.suspects, (some, writes) => {
    const [first] = some;
    assert(first, 'a slice without a task');
    copy.change(
      'place',
      `${String(some.length)} tasks placed on ${first.nodeId}`,
      [...writes, copy.setNode(withTasks(first.nodeId, some, copy))],
      { restsOn: some.flatMap((one) => one.restsOn) },
    );
  });
  for (const one of placed) slices.add(one, one.writes, one.restsOn);
  slices.end();
}

/** A gang starts in one write on all of its nodes, or not. One that is too large for a write is written by node. */
function placeTogether(id: string, placed: readonly Placed[], copy: WorkingCopy): void {
  const byNode = Map.groupBy(placed, (one) => one.nodeId);
  const nodes = [...byNode].map(([nodeId, some]) => withTasks(nodeId, some, copy));
  const writes = placed.flatMap((one) => one.writes);
  const all: readonly RecordWrite[] = [...writes, ...nodes.map((record): RecordWrite => ({ type: 'node', record }))];
  if (new WriteSum().hasRoomFor(new Map(all.map(writeEntry)), changeBounds)) {
    copy.change(
      'place',
      `${String(placed.length)} tasks of gang ${id} placed on ${String(nodes.length)} nodes`,
      [...writes, ...nodes.map((node) => copy.setNode(node))],
      { restsOn: placed.flatMap((one) => one.restsOn) },
    );
    return;
  }
  for (const some of byNode.values()) place(some, copy);
}

/** Its document once it has these, too. */
function withTasks(nodeId: string, placed: readonly Placed[], copy: WorkingCopy): NodeRecord {
  const node = copy.node(nodeId);
  assert(node, `node ${nodeId} is not in this observation`);
  const asked = placed.reduce(
    (all, { assignment }) => withAsked(all, copy.request(assignment.requestId)?.spec.requirements ?? {}),
    node.asked,
  );
  return {
    ...withMeter(node, copy.nowMs),
    assigned: [...node.assigned, ...placed.map((one) => one.assignment)],
    emptySinceMs: null,
    ...(asked === undefined ? {} : { asked }),
  };
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

// Turns the plan of the allocation engine into placements: tasks are placed on nodes whose agent has called; nodes on
// their way are only counted upon.
import type { AllocationPlan, Demand, TaskShare } from '../../allocation/types.ts';
import type { CapacityQuestion } from '../capacity/capacity-question.ts';
import { ownValue } from '../../values/dictionary.ts';
import { waitingIndexes } from '../demand.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { assert } from '../../values/errors.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import type { RecordWrite } from '../../plan/plan.ts';
import { writeKey } from '../../plan/plan.ts';
import type { PoolSpec } from '../../records/pool.ts';
import { attemptId } from '../../records/request.ts';
import type { RequestRecord, TaskRecord } from '../../records/request.ts';
import { allocationOn } from '../request-lifecycle.ts';
import { gateKey, gateSpread } from './spread-gate.ts';
import { Slices } from '../../plan/slices.ts';
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
        const assignment = assignmentOf(request, task, node, copy, question.isAlone);
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
      ...withMeter(node, copy.nowMs),
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

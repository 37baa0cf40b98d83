// What a decision about the shadow makes of it. Launches succeed and boot as long as the pool's nodes do; nodes that go
// are gone; tasks that are stopped wait at once.
import type { IsolatedDecision } from '../../plan/decide.ts';
import type { Observation } from '../../plan/observation.ts';
import type { NodeLaunch } from '../../records/launch.ts';
import { isNodeLaunch } from '../../records/launch.ts';
import type { NodeRecord } from '../../records/node.ts';
import { withEnded } from './bill.ts';
import type { ShadowNode, ShadowRecord, ShadowRequest, ShadowTask } from './record.ts';
import { taskKey } from './record.ts';
import { withWait } from './waits.ts';

interface Launching {
  readonly tasksMax: number;
  readonly bootMs: number;
}

interface Outcome {
  /** Documents as the decision leaves them. */
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  readonly gone: ReadonlySet<string>;
  readonly launches: readonly NodeLaunch[];
  /** Requests that it ended: their deadline is over. */
  readonly ended: ReadonlySet<string>;
  readonly consolidatedAtMs?: number;
}

/** `nodes`: as the decision saw them. */
export function afterDecision(
  before: ShadowRecord,
  decision: IsolatedDecision,
  nodes: Observation['nodes'],
  launching: Launching,
): ShadowRecord {
  const out = outcomeOf(decision, nodes);
  const { atMs, sinceMs } = before;
  let { sums } = before;
  const tasks: ShadowTask[] = [];
  const places = placesIn(out);
  for (const task of before.tasks) {
    const key = taskKey(task);
    if (task.isOver === true || out.ended.has(key) || isOverdue(before.requests[task.request], atMs)) {
      tasks.push({ ...task, node: null, placedAtMs: null, isOver: true });
      continue;
    }
    const place = places.get(key);
    if (task.node !== null && place === undefined) {
      sums = { ...sums, moves: sums.moves + 1 };
      tasks.push({ ...task, node: null, placedAtMs: null, attempt: task.attempt + 1 });
    } else if (task.node === null && place !== undefined) {
      const { createdAtMs = atMs } = before.requests[task.request] ?? {};
      if (task.attempt === 1 && createdAtMs >= sinceMs)
        sums = { ...sums, waits: withWait(sums.waits, atMs - createdAtMs) };
      tasks.push({ ...task, node: place, placedAtMs: atMs });
    } else tasks.push(task);
  }
  const left: ShadowNode[] = [];
  for (const node of before.nodes) {
    const now = out.nodes.get(node.id);
    const isGone = now === undefined || out.gone.has(node.id) || ends(now);
    if (isGone || (now.drain !== null && now.assigned.every(isStopped))) sums = withEnded(sums, node, sinceMs, atMs);
    else left.push(withDocument(node, now, atMs));
  }
  const bought = out.launches.flatMap((one) => nodesOf(one, atMs, launching));
  sums = { ...sums, launches: sums.launches + bought.length };
  return {
    ...before,
    ...{ tasks, sums, nodes: [...left, ...bought], dueAtMs: decision.tasks.unplacedDueMs },
    ...(out.consolidatedAtMs === undefined ? {} : { consolidatedAtMs: out.consolidatedAtMs }),
  };
}

/** Decisions stop what runs then: that is none of the moves. */
function isOverdue(request: ShadowRequest | undefined, atMs: number): boolean {
  return request?.spec.deadlineMs !== undefined && request.spec.deadlineMs !== null
    ? request.createdAtMs + request.spec.deadlineMs <= atMs
    : false;
}

function outcomeOf({ plan }: IsolatedDecision, seen: Observation['nodes']): Outcome {
  const nodes = new Map(seen.map(({ record }) => [record.id, record]));
  const gone = new Set<string>();
  const launches: NodeLaunch[] = [];
  const ended = new Set<string>();
  let consolidatedAtMs: number | undefined;
  for (const action of plan.actions) {
    if (action.kind === 'launch' && isNodeLaunch(action.launch)) launches.push(action.launch);
    if (action.kind === 'remember') ({ consolidatedAtMs } = action.memory);
    if (action.kind !== 'change') continue;
    for (const write of action.writes) {
      if (write.type === 'node') nodes.set(write.record.id, write.record);
      if (write.type === 'drop' && write.name.kind === 'node') gone.add(write.name.id);
      if (write.type === 'request' && write.record.endedAtMs !== null) ended.add(write.record.id);
    }
  }
  return { nodes, gone, launches, ended, ...(consolidatedAtMs === undefined ? {} : { consolidatedAtMs }) };
}

/** One that is stopped costs nothing here, and what would be started again is bought. */
function ends({ state }: NodeRecord): boolean {
  return state === 'terminating' || state === 'stopping';
}

function isStopped({ withdrawn }: NodeRecord['assigned'][number]): boolean {
  return withdrawn !== null;
}

/** By task: the node that it is on now. */
function placesIn({ nodes, gone }: Outcome): ReadonlyMap<string, string> {
  return new Map(
    [...nodes.values()]
      .filter(({ id }) => !gone.has(id))
      .flatMap(({ id, assigned }) =>
        assigned.filter((one) => !isStopped(one)).map((one) => [one.requestId, id] as const),
      ),
  );
}

function withDocument(node: ShadowNode, { assigned, emptySinceMs, drain }: NodeRecord, atMs: number): ShadowNode {
  const isEmpty = assigned.every(isStopped);
  return {
    ...node,
    emptySinceMs: isEmpty
      ? (emptySinceMs ?? (node.readyAtMs <= atMs ? (node.emptySinceMs ?? node.readyAtMs) : null))
      : null,
    ...(drain === null ? {} : { drain }),
  };
}

/** What a launch was made into, for its nodes. */
export function intoReservation({ reservation }: NodeLaunch['request']): Pick<ShadowNode, 'reservation'> {
  return reservation === undefined ? {} : { reservation: reservation.id };
}

function nodesOf(
  { id, request, replaces, createdAtMs }: NodeLaunch,
  atMs: number,
  { tasksMax, bootMs }: Launching,
): readonly ShadowNode[] {
  const [first] = request.overrides;
  if (first === undefined) return [];
  return Array.from({ length: request.count }, (_, at) => ({
    ...{ id: `${id}.${String(at)}`, ...first, capacityType: request.capacityType, tasksMax, createdAtMs },
    ...{ readyAtMs: atMs + bootMs, emptySinceMs: null },
    ...(replaces === undefined ? {} : { replaces }),
    ...intoReservation(request),
  }));
}

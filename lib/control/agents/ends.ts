// The ends and withdrawals of one sync, each written to its task: in the row of a single one, in the chunk of an
// array's. What an attempt wrote, where it came with the end, is stored before the end or with it. All of it may be
// repeated.
import { withEarlierCost } from '../../core/costs/attempt.ts';
import { endsPerSyncMax } from '../../core/plan/bounds.ts';
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { isEnd } from '../../core/records/request.ts';
import type { AttemptEnd, SyncRequest } from '../../core/records/sync.ts';
import { withMemoryAfter } from '../../core/tasks/capacity/memory-growth.ts';
import { chunkOf, firstIndexOf, newChunk } from '../../core/tasks/array-chunks.ts';
import { taskStopWish, withPlacement, withTask } from '../../core/tasks/request-lifecycle.ts';
import { endTask, preStopText, withdrawnWithoutEnd } from '../../core/tasks/task-lifecycle.ts';
import type { SmallOutput } from '../../core/values/output.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { listEnded } from '../requests/lists/listed.ts';
import { requestItem } from '../requests/submit.ts';
import { keys } from '../store/keys.ts';
import { inParallel, put, reading, update } from '../store/store-retry.ts';

const recordsAtOnce = 8;
const outputsAtOnce = 16;

type TaskChange = (task: TaskRecord, request: RequestRecord) => TaskRecord | null;

export interface DueChange {
  readonly assignment: Assignment;
  readonly change: TaskChange;
  /** null: it was withdrawn. */
  readonly end: AttemptEnd | null;
  /** What came with the end. */
  readonly output: SmallOutput | null;
}

/** Of the changes, what their tasks' request says; without those of which nobody knows any more. */
interface KnownChange extends DueChange {
  readonly row: RequestRecord;
}

/**
 * What this sync ends or takes back. A node speaks only for itself: what its document does not carry has ended
 * or moved on, and its end changes nothing. `later`: attempts whose turn comes with the next sync; their ends
 * are not acknowledged.
 */
export function dueChanges(
  node: NodeRecord,
  sync: SyncRequest,
  nowMs: number,
): { readonly due: readonly DueChange[]; readonly later: ReadonlySet<string> } {
  const ends = new Map(sync.ends.map((end) => [end.attemptId, end]));
  const onNodeIds = new Set(sync.onNode.map((one) => one.attemptId));
  const due: DueChange[] = [];
  const later = new Set<string>();
  for (const assignment of node.assigned) {
    const end = ends.get(assignment.attemptId);
    if (!end && !isWithdrawalDone(assignment, sync, onNodeIds)) continue;
    const change = withCost(
      end ? endOf(assignment, end, nowMs) : withdrawalOf(assignment, nowMs),
      end?.endedAtMs ?? nowMs,
    );
    if (due.length >= endsPerSyncMax) later.add(assignment.attemptId);
    else due.push({ assignment, change, end: end ?? null, output: end?.output ?? null });
  }
  return { due, later };
}

function withCost(change: TaskChange, endedAtMs: number): TaskChange {
  return (task, request) => {
    const next = change(task, request);
    return next && withEarlierCost(task, next, request.spec.resources, endedAtMs);
  };
}

/** An agent that has seen a reply without the attempt, and no longer lists it, has stopped it. */
function isWithdrawalDone(assignment: Assignment, sync: SyncRequest, onNodeIds: ReadonlySet<string>): boolean {
  const { withdrawn } = assignment;
  if (!withdrawn) return false;
  const isLater = sync.bootId !== withdrawn.atBootId || sync.seq > withdrawn.atSeq;
  return isLater && !onNodeIds.has(assignment.attemptId);
}

/** Why it was withdrawn, the agent does not know. */
function endOf({ attempt, withdrawn }: Assignment, reported: AttemptEnd, nowMs: number): TaskChange {
  return (task, request) => {
    const { spec } = request;
    const saved = spec.disruption?.mode === 'checkpoint' ? savedText(reported) : '';
    const end =
      reported.outcome === 'withdrawn' && withdrawn
        ? { ...reported, message: `${withdrawn.reason}${saved}${preStopText(reported)}` }
        : reported;
    return endTask(task, attempt, end, spec, taskStopWish(request, task, nowMs), nowMs);
  };
}

function savedText({ isSaved }: AttemptEnd): string {
  return isSaved === true ? '; it had saved its work' : '; it had not saved its work when it was stopped';
}

function withdrawalOf(assignment: Assignment, nowMs: number): TaskChange {
  return (task, request) =>
    task.state === 'placed' && task.attempt === assignment.attempt
      ? withdrawnWithoutEnd(
          task,
          taskStopWish(request, task, nowMs),
          assignment.withdrawn?.reason ?? 'withdrawn',
          nowMs,
        )
      : null;
}

/**
 * Writes them. Answers the single tasks that have left the open requests with their end, which is not published yet:
 * the node's document has to name them, beside those that it names already.
 */
export async function storeEnds(
  ports: ControlPorts,
  settings: ControlSettings,
  node: NodeRecord,
  due: readonly DueChange[],
): Promise<readonly string[]> {
  if (due.length === 0) return [];
  const known = await withRows(ports, due);
  const ofArrays = known.filter((one) => one.row.spec.count > 1);
  await storeOutputs(ports, settings, ofArrays);
  const singles = known.filter((one) => one.row.spec.count === 1);
  const unpublished: string[] = [];
  let room = settings.unpublishedEndsMax - (node.ended ?? []).length;
  await inParallel(singles, recordsAtOnce, async (one) => {
    const mayLeave = room > 0;
    if (mayLeave) room -= 1;
    if (await changeSingle(ports, settings, node, mayLeave, one)) unpublished.push(one.row.id);
    else if (mayLeave) room += 1;
  });
  // All of one chunk in one write.
  const byChunk = Map.groupBy(ofArrays, ({ row, assignment }) => `${row.id} ${String(chunkOf(assignment.index))}`);
  await inParallel([...byChunk.values()], recordsAtOnce, (changes) => changeChunk(ports, changes));
  return unpublished;
}

async function withRows(ports: ControlPorts, due: readonly DueChange[]): Promise<readonly KnownChange[]> {
  const ids = [...new Set(due.map((one) => one.assignment.requestId))];
  const items = await reading(ports, () => ports.store.getMany<RequestRecord>(ids.map(keys.request)));
  const rows = new Map(items.flatMap((item) => (item ? [[item.data.id, item.data] as const] : [])));
  return due.flatMap((one) => {
    const row = rows.get(one.assignment.requestId);
    return row && one.assignment.index < row.spec.count ? [{ ...one, row }] : [];
  });
}

/** Before the ends: an end that is acknowledged takes the agent's copy with it. Kept as long as ended requests are. */
async function storeOutputs(
  ports: ControlPorts,
  settings: ControlSettings,
  changes: readonly KnownChange[],
): Promise<void> {
  await inParallel(changes, outputsAtOnce, async ({ assignment: { requestId, index, attempt }, output }) => {
    if (output === null) return;
    const expiresAtMs = ports.clock.nowMs() + settings.keepEndedMs;
    try {
      await put(ports, { ...keys.output(requestId, index, attempt), data: output, expiresAtMs }, 'absent');
    } catch (error) {
      // This sync again, or one that was not answered: an attempt ends once, so what is there is the same.
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  });
}

/**
 * Changes the task in its request's row; nothing where the change says null. The row of one that ends leaves the open
 * requests with that write, if it `mayLeave` them. true: it has, and its end is not published yet.
 */
async function changeSingle(
  ports: ControlPorts,
  settings: ControlSettings,
  node: NodeRecord,
  mayLeave: boolean,
  { assignment, change, end, output }: KnownChange,
): Promise<boolean> {
  const { requestId, attempt } = assignment;
  const nowMs = ports.clock.nowMs();
  const { item } = await update<RequestRecord>(ports, keys.request(requestId), async (current) => {
    if (!current) return null;
    const placed = withPlacement(current.data, node, assignment);
    const [task] = placed.tasks;
    const next = task ? change(task, placed) : null;
    if (!next) return null;
    const changed = withMemoryAfter(withTask(placed, next, nowMs), end, nowMs);
    const record = output === null ? changed : { ...changed, output: { ...output, attempt } };
    if (!isEnd(record.state) || !mayLeave) return requestItem(record, null);
    await listEnded(ports, record, settings.keepEndedMs);
    return requestItem(record, { expiresAtMs: nowMs + settings.keepEndedMs });
  });
  return (
    item !== null && isEnd(item.data.state) && item.index.open === undefined && item.data.tasks[0]?.attempt === attempt
  );
}

/** `changes`: of tasks of one chunk. */
async function changeChunk(ports: ControlPorts, changes: readonly KnownChange[]): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const number = chunkOf(first.assignment.index);
  const key = keys.chunk(first.row.id, number);
  await update<ChunkRecord>(ports, key, (current) => {
    const chunk = current?.data ?? newChunk(first.row, number);
    const tasks = [...chunk.tasks];
    let isChanged = false;
    for (const { assignment, change, row } of changes) {
      const at = assignment.index - firstIndexOf(number);
      const next = tasks[at] ? change(tasks[at], row) : null;
      if (next === null) continue;
      tasks[at] = next;
      isChanged = true;
    }
    return isChanged ? { ...key, data: { ...chunk, tasks } } : null;
  });
}

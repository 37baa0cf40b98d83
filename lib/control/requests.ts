// Reading and cancelling requests, as their rows and the documents of nodes together say.
import { attemptId } from '../core/request.ts';
import type { RequestRecord, TaskRecord, TimelineEntry } from '../core/request.ts';
import { isEnd, tasksPerChunk } from '../core/request.ts';
import { shapeKey } from '../core/demand.ts';
import type { NodeRecord } from '../core/node.ts';
import type { Why } from '../core/plan.ts';
import { stopPending } from '../core/task-lifecycle.ts';
import { newChunk, stopWish, withTimeline } from '../core/request-lifecycle.ts';
import type { ChunkRecord } from '../core/request.ts';
import { keys } from './keys.ts';
import type { ControlPorts, ReadingPorts } from './ports.ts';
import { requestItem } from './submit.ts';
import { markCancelled } from './holds/change.ts';
import type { AnyRequest } from '../core/holds/hold.ts';
import { isHold } from '../core/holds/hold.ts';
import { RequestList } from './listing.ts';
import type { NodesSeen } from './seen.ts';
import type { ListedPage, RequestFilter } from './use-cases.ts';
import { raiseWake } from './wake.ts';
import { reading, update } from './writing.ts';

async function readAny(ports: ControlPorts, tenant: string, id: string): Promise<AnyRequest | null> {
  const item = await reading(ports, () => ports.store.get<AnyRequest>(keys.request(id)));
  return item && item.data.tenant === tenant ? item.data : null;
}

/** A request that runs; null also for one that holds. */
async function readRow(ports: ControlPorts, tenant: string, id: string): Promise<RequestRecord | null> {
  const record = await readAny(ports, tenant, id);
  return record && !isHold(record) ? record : null;
}

export async function getRequest(ports: ControlPorts, nodes: NodesSeen, tenant: string, id: string): Promise<AnyRequest | null> {
  const record = await readAny(ports, tenant, id);
  if (!record || isHold(record)) return record;
  const [seen] = await nodes.seen([record]);
  return seen ? withReason(ports, seen) : null;
}

/** What it waits for, as the last entry of the timeline and as its reason. */
async function withReason(ports: ControlPorts, record: RequestRecord): Promise<RequestRecord> {
  if (record.endedAtMs !== null || record.counts.pending === 0) return record;
  const entry = await waitingFor(ports, record);
  // Its agent knows better how far the start is.
  const isTold = entry.code === 'starting' && record.timeline.at(-1)?.code === 'starting';
  return { ...(isTold ? record : withTimeline(record, entry)), reason: record.state === 'pending' ? entry.code : record.reason };
}

async function waitingFor(ports: ControlPorts, record: RequestRecord): Promise<TimelineEntry> {
  const atMs = ports.clock.nowMs();
  const stage = 'pending';
  if (record.quarantine !== null) return { atMs, stage, code: 'quarantined', message: `${record.quarantine}; cancel it, or report it to the operators of this installation` };
  if (record.cancelRequestedAtMs !== null) return { atMs, stage, code: 'cancelling', message: 'its tasks are being stopped' };
  if (record.reason === 'starting') return { atMs, stage, code: 'starting', message: record.spec.mounts === undefined ? 'placed; its node is about to start it' : 'placed; it starts when its volumes are attached to the node and mounted' };
  const [task] = record.tasks;
  if (task && task.notBeforeMs > atMs) {
    return { atMs, stage, code: 'backoff', message: `attempt ${String(task.attempt)} waits after ${task.reason ?? 'a failure'}`, nextTryAtMs: task.notBeforeMs };
  }
  const why = (await reading(ports, () => ports.store.get<Why>(keys.why(record.pool))))?.data.byShape[shapeKey(record.spec)];
  if (why) {
    return { atMs, stage, code: why.code, message: why.message, excluded: why.excluded, ...(why.nextTryAtMs === null ? {} : { nextTryAtMs: why.nextTryAtMs }) };
  }
  const coming = await comingNodes(ports, record.pool);
  return coming > 0
    ? { atMs, stage, code: 'waiting_for_node', message: `counts on ${String(coming)} node${coming === 1 ? '' : 's'} of pool ${record.pool} that ${coming === 1 ? 'is' : 'are'} starting` }
    : { atMs, stage, code: 'waiting_for_tick', message: `the next tick of pool ${record.pool} decides` };
}

async function comingNodes(ports: ControlPorts, pool: string): Promise<number> {
  const launches = await reading(ports, () => ports.store.query<{ request: { count: number } }>({ pk: keys.launches(pool), limit: 100 }));
  const nodes = await reading(ports, () => ports.store.query<NodeRecord>({ pk: keys.nodes(pool), limit: 1_000 }));
  return launches.items.reduce((sum, item) => sum + item.data.request.count, 0) + nodes.items.filter((item) => item.data.state === 'launching').length;
}

export async function getTask(ports: ControlPorts, nodes: NodesSeen, tenant: string, id: string, index: number): Promise<{ request: RequestRecord; task: TaskRecord } | null> {
  const row = await readRow(ports, tenant, id);
  if (!row || index < 0 || index >= row.spec.count) return null;
  const [request = row] = await nodes.seen([row]);
  if (request.spec.count === 1) {
    const [task] = request.tasks;
    return task ? { request, task } : null;
  }
  const number = Math.floor(index / tasksPerChunk);
  const item = await reading(ports, () => ports.store.get<ChunkRecord>(keys.chunk(id, number)));
  const chunk = item?.data ?? newChunk(request, number);
  const task = chunk.tasks[index - number * tasksPerChunk];
  if (!task) return null;
  // Tasks that were never touched end with their array.
  const wish = stopWish(request, request.endedAtMs ?? ports.clock.nowMs());
  return { request, task: !item && request.endedAtMs !== null && wish ? stopPending(task, wish, request.endedAtMs) : task };
}

/** Filters apply after reading, so a page may be short, even empty; its cursor goes on. @throws InvalidCursorError */
export async function listRequests(ports: ReadingPorts, nodes: NodesSeen, filter: RequestFilter): Promise<ListedPage<AnyRequest>> {
  const items: AnyRequest[] = [];
  const list = new RequestList(ports, filter.tenant, filter.cursor, filter.limit);
  while (items.length < filter.limit) {
    const rows = await nodes.seen(await list.next(filter.limit - items.length));
    items.push(...rows.filter((one) => (filter.state === undefined || one.state === filter.state)
      && (filter.pool === undefined || one.pool === filter.pool) && (filter.type === undefined || one.spec.type === filter.type)));
    if (list.isOver) break;
  }
  return { items, nextCursor: list.cursor };
}

/** Marks the wish; the next ticks end what waits and stop what runs: only they know which of it is placed. */
export async function cancel(ports: ControlPorts, nodes: NodesSeen, tenant: string, id: string): Promise<AnyRequest | null> {
  const nowMs = ports.clock.nowMs();
  const { item, isChanged } = await update<AnyRequest>(ports, keys.request(id), (current) => {
    if (!current || current.data.tenant !== tenant || isEnd(current.data.state) || current.data.cancelRequestedAtMs !== null) return null;
    if (isHold(current.data)) return markCancelled(current.data, nowMs);
    return requestItem(withTimeline(
      { ...current.data, cancelRequestedAtMs: nowMs, quarantine: null },
      { atMs: nowMs, stage: 'cancelling', code: 'cancel_requested', message: 'cancelled by the caller' },
    ), null);
  });
  if (!item || item.data.tenant !== tenant) return null;
  if (isChanged || !isEnd(item.data.state)) await raiseWake(ports, item.data.pool);
  const [seen = item.data] = await nodes.seen([item.data]);
  return seen;
}

export async function readOutput(ports: ControlPorts, nodes: NodesSeen, tenant: string, id: string, index: number, tailBytes: number) {
  const found = await getTask(ports, nodes, tenant, id, index);
  if (!found) return null;
  for (let { attempt } = found.task; attempt >= 1; attempt -= 1) {
    const output = await ports.outputs.read(attemptId(id, index, attempt), tailBytes);
    if (output) return { stdout: output.stdout, stderr: output.stderr, truncated: output.isTruncated };
  }
  return { stdout: '', stderr: '', truncated: false };
}

// Requests as people see them: a single task is placed, and runs, once its node's document says so. Its row does not.
import type { AnyRow } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { attemptId } from '../../core/records/request.ts';
import type { RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';
import type { Moment } from '../coordination/elapsed.ts';
import { elapsedMs, momentOf } from '../coordination/elapsed.ts';
import { keys } from './keys.ts';
import type { ReadingPorts } from '../ports.ts';
import { queryAll } from './store-retry.ts';

/**
 * The documents of larger pools are read at most so often by one process, however many callers ask
 * for what waits there.
 */
const largeNodes = 50;
const keepMs = 1_000;

export class NodesSeen {
  readonly #ports: ReadingPorts;
  readonly #last = new Map<string, { readonly at: Moment; readonly nodes: readonly NodeRecord[] }>();

  constructor(ports: ReadingPorts) {
    this.#ports = ports;
  }

  async of(pool: string): Promise<readonly NodeRecord[]> {
    const { clock } = this.#ports;
    const at = momentOf(clock);
    const last = this.#last.get(pool);
    if (last && last.nodes.length > largeNodes && elapsedMs(clock, last.at) < keepMs) return last.nodes;
    const nodes = (await queryAll<NodeRecord>(this.#ports, keys.nodes(pool))).map((item) => item.data);
    this.#last.set(pool, { at, nodes });
    return nodes;
  }

  /** In their order. `known`: of a caller who asks several times, and reads the documents of a pool once. */
  async seen<T extends AnyRow>(
    records: readonly T[],
    known = new Map<string, Promise<readonly NodeRecord[]>>(),
  ): Promise<readonly T[]> {
    const open = records.filter(
      (one: AnyRow): one is T & RequestRecord => !isClaim(one) && one.spec.count === 1 && one.endedAtMs === null,
    );
    const byId = new Map<string, RequestRecord>();
    for (const pool of new Set(open.map((one) => one.pool))) {
      const read = known.get(pool) ?? this.of(pool);
      known.set(pool, read);
      const nodes = await read;
      const started = new Map(nodes.flatMap((node) => node.assigned.map((one) => [one.attemptId, one.startedAtMs])));
      for (const record of withPlacements(
        open.filter((one) => one.pool === pool),
        nodes,
      ))
        byId.set(record.id, asStarted(record, started));
    }
    return records.map((one) => (byId.get(one.id) as T | undefined) ?? one);
  }
}

/** A task that is placed and not started yet is still `pending` for people; one that runs says since when. */
function asStarted(record: RequestRecord, started: ReadonlyMap<string, number | null>): RequestRecord {
  const task = placedTask(record);
  if (!task) return record;
  const startedAtMs = started.get(attemptId(record.id, task.index, task.attempt)) ?? null;
  if (startedAtMs === null)
    return { ...record, state: 'pending', reason: 'starting', counts: { ...record.counts, pending: 1, running: 0 } };
  return { ...record, startedAtMs: record.startedAtMs ?? startedAtMs };
}

function placedTask(record: RequestRecord): TaskRecord | null {
  const [task] = record.tasks;
  return task?.state === 'placed' ? task : null;
}

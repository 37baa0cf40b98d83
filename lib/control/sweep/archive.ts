// Puts tasks that have ended into the archive (core/forecast/archive.ts), some hour of them together, so that they are
// compact. What was noted (store/ended.ts) is removed when its parts are written, and a part is named by what is in it:
// so whoever stops in between, or works beside another, leaves nothing out, and writes the same again at worst.
import { createHash } from 'node:crypto';
import type { ArchivePart } from '../../core/forecast/archive.ts';
import { ArchiveBuilder } from '../../core/forecast/archive.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { isEnd } from '../../core/records/request.ts';
import { shownIndex } from '../../core/tasks/arrays/subset.ts';
import type { Item } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { PoolItem } from '../requests/pools.ts';
import type { EndedRecord } from '../store/ended.ts';
import { keys } from '../store/keys.ts';
import { inParallel, put, queryAll, reading, removeItem, update } from '../store/store-retry.ts';
import { historyDaysOf } from '../tick/scaling/demand-history.ts';

const dayMs = 86_400_000;
/** What is noted of one pool is read in pages of so many. */
const notesPerPage = 100;
/** Then no further row is read, and what was read is written; the next sweep goes on. */
const archivingMs = 10_000;
const rowsAtOnce = 100;

export async function archiveEnded(
  ports: ControlPorts,
  { archiveAfterMs }: ControlSettings,
  pools: readonly PoolItem[],
): Promise<void> {
  if (archiveAfterMs === null) return;
  const startedMs = ports.clock.monotonicMs();
  const isLate = (): boolean => ports.clock.monotonicMs() - startedMs >= archivingMs;
  // Another pool first each time, so that a large one does not keep back the others for ever.
  const from = Math.floor(ports.random.next() * pools.length);
  for (const pool of [...pools.slice(from), ...pools.slice(0, from)]) {
    while (!isLate()) if (!(await archivePage(ports, pool, archiveAfterMs, isLate))) break;
  }
}

/** Writes one page of notes, or what there is time for. false: nothing is left that is old enough. */
async function archivePage(
  ports: ControlPorts,
  { data: { spec } }: PoolItem,
  afterMs: number,
  isLate: () => boolean,
): Promise<boolean> {
  const { notes, isLast } = await oldestNotes(ports, spec.name);
  const [oldest] = notes;
  if (oldest === undefined || keys.atMsOf(oldest) > ports.clock.nowMs() - afterMs) return false;
  const [atMs, days] = [keys.atMsOf(oldest), historyDaysOf(spec)];
  // Also where nothing is archived: chunks of what has ended are kept as long as its row from here on.
  const write = async (part: ArchivePart): Promise<void> => {
    if (days > 0) await writePart(ports, spec.name, part, atMs, days);
  };
  const builder = new ArchiveBuilder();
  const known = new Set<string>();
  let read: Item<EndedRecord>[] = [];
  let cut: Item<EndedRecord> | null = null;
  for (const note of notes) {
    const ids = [...new Set(note.data.ended)].filter((id) => !known.has(id));
    const count = await readRows(ports, spec.name, ids, isLate, async ({ row, tasks }) => {
      const full = builder.add(row, tasks);
      for (const part of full) await write(part);
      if (full.length === 0) return;
      // What they name is in parts that are written: only of this row something may be in the next one.
      await removeNotes(ports, read);
      read = [];
    });
    for (const id of ids) known.add(id);
    if (count < ids.length) cut = { ...note, data: { ended: ids.slice(count) } };
    else read.push(note);
    if (isLate()) break;
  }
  for (const part of builder.rest()) await write(part);
  await removeNotes(ports, read);
  if (cut !== null) await shortenNote(ports, cut);
  return !isLast;
}

async function removeNotes(ports: ControlPorts, notes: readonly Item<EndedRecord>[]): Promise<void> {
  await inParallel(notes, 8, (note) => removeItem(ports, note));
}

/** The next sweep goes on with what is left of it. Where another has it by now, that one goes on. */
async function shortenNote(ports: ControlPorts, { version, ...note }: Item<EndedRecord>): Promise<void> {
  try {
    await put(ports, note, version);
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    ports.log.write('warn', 'what has ended is being archived by another sweep, too', {
      note: `${note.pk} ${note.sk}`,
    });
  }
}

/** Some, the oldest first; none where there are none. */
async function oldestNotes(
  ports: ControlPorts,
  pool: string,
): Promise<{ readonly notes: readonly Item<EndedRecord>[]; readonly isLast: boolean }> {
  const query = { pk: keys.allEnded(pool), limit: notesPerPage };
  for (let cursor: string | undefined; ;) {
    const at = cursor;
    const page = await reading(ports, () => ports.store.query<EndedRecord>({ ...query, cursor: at }));
    cursor = page.cursor;
    if (page.items.length > 0 || cursor === undefined) return { notes: page.items, isLast: cursor === undefined };
  }
}

interface Ended {
  readonly row: RequestRecord;
  readonly tasks: readonly TaskRecord[];
}

/** How many of the ids `take` has had, in their order: one at least, then as many as there is time for. */
async function readRows(
  ports: ControlPorts,
  pool: string,
  ids: readonly string[],
  isLate: () => boolean,
  take: (ended: Ended) => Promise<void>,
): Promise<number> {
  for (let at = 0; at < ids.length; at += rowsAtOnce) {
    const some = ids.slice(at, at + rowsAtOnce);
    const rows = await reading(ports, () => ports.store.getMany<RequestRecord>(some.map(keys.request)));
    for (const [n, row] of rows.entries()) {
      if (row === null || row.data.isUnreadable === true) {
        const why = row === null ? 'it is no longer kept' : 'its record cannot be read';
        ports.log.write('warn', `a request that has ended is not in the archive: ${why}`, { pool, id: some[n] });
      } else await take({ row: row.data, tasks: await endedTasks(ports, row) });
      if (isLate()) return at + n + 1;
    }
  }
  return ids.length;
}

/** By their own indices. Of an array, its chunks go when its row goes. */
async function endedTasks(ports: ControlPorts, { data: row, expiresAtMs }: Item<RequestRecord>) {
  const chunks: readonly Item<ChunkRecord>[] =
    row.spec.count === 1
      ? []
      : await queryAll<ChunkRecord>(ports, keys.request(row.id).pk, { skPrefix: keys.chunkPrefix });
  await inParallel(
    chunks.filter((one) => one.expiresAtMs === null),
    8,
    (chunk) =>
      update<ChunkRecord>(ports, chunk, (current) =>
        current && expiresAtMs !== null ? { pk: chunk.pk, sk: chunk.sk, data: current.data, expiresAtMs } : null,
      ),
  );
  const tasks: readonly TaskRecord[] = [...row.tasks, ...chunks.flatMap(({ data }) => data.tasks)];
  return tasks
    .filter((task) => isEnd(task.state))
    .map((task) => ({ ...task, index: shownIndex(row.spec, task.index) }));
}

/** One that is there already has the same content. */
async function writePart(
  ports: ControlPorts,
  pool: string,
  part: ArchivePart,
  atMs: number,
  days: number,
): Promise<void> {
  const hash = createHash('sha256').update(JSON.stringify(part)).digest('hex').slice(0, 20);
  try {
    await put(ports, { ...keys.archive(pool, atMs, hash), data: part, expiresAtMs: atMs + days * dayMs }, 'absent');
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}

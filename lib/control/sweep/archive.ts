// Puts tasks that have ended into the archive (core/forecast/archive.ts), some hour of them together, so that they are
// compact. What was noted (store/ended.ts) is read in pages. The parts that a page fills are named by its first note
// and a number, and that note is removed last: while it is there, the next sweep finds by its name what the archive has
// of the page already, whoever stopped in between; parts say how far their page went, for the next one may be shorter.
// Whoever begins a page writes its first note once more, so that nobody beside it removes that; and of two that write a
// part of the same number one gives way. So each note's tasks are in the archive once, and what was noted twice in
// different pages is in it twice.
import type { ArchivePart } from '../../core/forecast/archive.ts';
import { ArchiveBuilder, tasksInPart } from '../../core/forecast/archive.ts';
import type { ChunkRecord, RequestRecord, TaskRecord } from '../../core/records/request.ts';
import { isEnd } from '../../core/records/request.ts';
import { shownIndex } from '../../core/tasks/arrays/subset.ts';
import type { Item } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { PoolItem } from '../requests/pools.ts';
import type { EndedRecord } from '../store/ended.ts';
import { keys } from '../store/keys.ts';
import { inParallel, put, queryAll, reading, removeItem, transact, update } from '../store/store-retry.ts';
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

/** Writes one page of notes, or what there is time for. false: nothing is left that is old enough, or not for us. */
async function archivePage(
  ports: ControlPorts,
  pool: PoolItem,
  afterMs: number,
  isLate: () => boolean,
): Promise<boolean> {
  const { notes, isLast } = await oldestNotes(ports, pool.data.spec.name);
  const [oldest, ...others] = notes;
  if (oldest === undefined || keys.atMsOf(oldest) > ports.clock.nowMs() - afterMs) return false;
  try {
    const { version, pk, sk, data, expiresAtMs } = oldest;
    const first = await put(ports, { pk, sk, data, expiresAtMs }, version);
    await new PageOfNotes(ports, pool, first, isLate).archive(others, isLast);
    return !isLast;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    const about = { note: `${oldest.pk} ${oldest.sk}` };
    ports.log.write('warn', 'what has ended is being archived by another sweep, too', about);
    return false;
  }
}

/** Of one sweep; see the head of this file. */
class PageOfNotes {
  readonly #ports: ControlPorts;
  readonly #pool: string;
  readonly #days: number;
  readonly #first: Item<EndedRecord>;
  readonly #isLate: () => boolean;
  readonly #builder = new ArchiveBuilder();
  /** `id index` of what earlier sweeps have written of this page. */
  readonly #written = new Set<string>();
  #parts = 0;
  /** The last note that earlier sweeps may have written of; '': none. */
  #upTo = '';
  /** The last note of the page. */
  #last: string;

  constructor(ports: ControlPorts, { data: { spec } }: PoolItem, first: Item<EndedRecord>, isLate: () => boolean) {
    this.#ports = ports;
    this.#pool = spec.name;
    this.#days = historyDaysOf(spec);
    this.#first = first;
    this.#isLate = isLate;
    this.#last = first.sk;
  }

  /** @throws ConditionFailedError where another sweep works on it */
  async archive(others: readonly Item<EndedRecord>[], isLast: boolean): Promise<void> {
    await this.#readParts();
    this.#last = others.at(-1)?.sk ?? this.#first.sk;
    const known = new Set<string>();
    let read: Item<EndedRecord>[] = [];
    let cut: Item<EndedRecord> | null = null;
    let done = '';
    for (const note of [this.#first, ...others]) {
      const ids = [...new Set(note.data.ended)].filter((id) => !known.has(id));
      const count = await readRows(this.#ports, this.#pool, ids, this.#isLate, async (ended) => {
        if (!(await this.#add(ended))) return;
        // What they name is in parts that are written: only of this row something may be in the next one.
        await removeNotes(this.#ports, read);
        read = [];
      });
      for (const id of ids) known.add(id);
      if (count < ids.length) cut = { ...note, data: { ended: ids.slice(count) } };
      else {
        done = note.sk;
        if (note !== this.#first) read.push(note);
      }
      if (this.#isLate()) break;
    }
    for (const part of this.#builder.rest()) await this.#write(part);
    await removeNotes(this.#ports, read);
    // What is in those parts is found by this note: it stays until no other of them is left.
    if (done < this.#upTo && !(isLast && cut === null && done === this.#last)) return;
    if (cut === null || cut.sk !== this.#first.sk) {
      if (cut !== null) await put(this.#ports, cut, cut.version);
      await removeItem(this.#ports, this.#first);
    } else await this.#replaceFirst(cut);
  }

  async #readParts(): Promise<void> {
    const range = { skPrefix: keys.archiveParts(this.#first) };
    const parts = await queryAll<ArchivePart>(this.#ports, keys.archives(this.#pool), range);
    for (const { sk, data } of parts) {
      if ((data.upTo ?? '') > this.#upTo) this.#upTo = data.upTo ?? '';
      this.#parts = Number(sk.slice(range.skPrefix.length)) + 1;
      for (const request of data.requests)
        for (const { index } of tasksInPart(data, request)) this.#written.add(`${request.id} ${String(index)}`);
    }
  }

  /** Answers whether a part was full by it. */
  async #add({ row, tasks }: Ended): Promise<boolean> {
    const full = this.#builder.add(
      row,
      tasks.filter(({ index }) => !this.#written.has(`${row.id} ${String(index)}`)),
    );
    for (const part of full) await this.#write(part);
    return full.length > 0;
  }

  /** Also where nothing is kept rows are read: chunks of what has ended stay as long as its row from then on. */
  async #write(part: ArchivePart): Promise<void> {
    if (this.#days === 0) return;
    const key = keys.archive(this.#pool, this.#first, this.#parts);
    const expiresAtMs = keys.atMsOf(this.#first) + this.#days * dayMs;
    await put(this.#ports, { ...key, data: { ...part, upTo: this.#last }, expiresAtMs }, 'absent');
    this.#parts += 1;
  }

  /** What is left of the first note gets a name of its own: parts under the old one need not be read again. */
  async #replaceFirst({ pk, sk, data, expiresAtMs }: Item<EndedRecord>): Promise<void> {
    const rest = keys.ended(this.#pool, keys.atMsOf({ sk }), this.#ports.random.id());
    await transact(this.#ports, [
      { op: 'put', item: { ...rest, data, expiresAtMs }, condition: 'absent' },
      { op: 'delete', key: { pk, sk }, condition: this.#first.version },
    ]);
  }
}

async function removeNotes(ports: ControlPorts, notes: readonly Item<EndedRecord>[]): Promise<void> {
  await inParallel(notes, 8, (note) => removeItem(ports, note));
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

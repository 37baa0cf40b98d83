// The change list of a pool: whoever is about to write a record that ticks keep a copy of, and does not check the fence
// in that write, says so first, with the version that the write rests on. Said before the write, so that a crash in
// between costs a look and never a change; with the version, so that a reader knows when there is nothing more to come:
// once the record has a later version, the write has happened, or never will.
//
// A tick says what it wrote at its end, in notes of the same form: see ticks-writes.ts.
//
// A writer whose entry took long to arrive, or who stood still since, says it again: a reader looks only a few seconds
// back (see catch-up.ts). Entries expire by themselves, which costs nothing.
import { schemaVersion } from '../../../core/records/schema.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Item, ItemKey } from '../../../ports/store.ts';
import { ThrottledError } from '../../../ports/store.ts';
import type { ReadingPorts } from '../../ports.ts';
import { elapsedMs, momentOf } from '../../coordination/elapsed.ts';
import { keys } from '../keys.ts';
import { inParallel, put, reading } from '../store-retry.ts';
import { keyOfName, nameOfKey } from './copied-keys.ts';

/** A write that may come: of this record, if it has this version still. 0: if it is absent. */
export interface ListedChange {
  readonly key: ItemKey;
  readonly version: number;
}

interface ChangeRecord {
  readonly schemaVersion: number;
  /** Names of records (copied-keys.ts) with versions. */
  readonly changes: readonly (readonly [name: string, version: number])[];
  /** Of a tick's note: its epoch. */
  readonly epoch?: number;
}

/** An entry of some 200 rows is 8 KB of text, and some 4 KB packed. */
export const changesPerEntryMax = 200;
/** Entries that are asked for within this time are written as one. */
const gatherMs = 1;
/** An entry that was not written within this time of its place in the list may be passed over by readers. */
export const entryLateMs = 1_000;
const triesMax = 5;
/** Far longer than a copy is used (copyLifeMs). */
const entryLifeMs = 4 * 3_600_000;

/** Entries of one tick's note that are written together. */
const notesAtOnce = 8;

interface Gathering {
  readonly changes: ListedChange[];
  written: Promise<void>;
}

export class ChangeList {
  readonly #ports: ReadingPorts;
  readonly #gathering = new Map<string, Gathering>();

  constructor(ports: ReadingPorts) {
    this.#ports = ports;
  }

  /** Resolves when they are listed, in time. @throws what the store throws, and ThrottledError when it is too slow */
  async announce(pool: string, changes: readonly ListedChange[]): Promise<void> {
    assert(changes.length <= changesPerEntryMax, `${String(changes.length)} changes in one entry of the change list`);
    const open = this.#gathering.get(pool);
    if (open && open.changes.length + changes.length <= changesPerEntryMax) {
      open.changes.push(...changes);
      return open.written;
    }
    const mine: Gathering = { changes: [...changes], written: Promise.resolve() };
    this.#gathering.set(pool, mine);
    mine.written = this.#write(pool, mine);
    return mine.written;
  }

  async #write(pool: string, gathering: Gathering): Promise<void> {
    const { clock, random } = this.#ports;
    await clock.sleep(gatherMs);
    if (this.#gathering.get(pool) === gathering) this.#gathering.delete(pool);
    const data = recordOf(gathering.changes);
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const started = momentOf(clock);
      const atMs = clock.nowMs();
      const item = { ...keys.changes(pool, atMs, random.id()), data, expiresAtMs: atMs + entryLifeMs };
      await put(this.#ports, item, 'absent');
      if (elapsedMs(clock, started) <= entryLateMs) return;
    }
    throw new ThrottledError('the store is too slow for the change list; nothing else was written');
  }
}

/**
 * What the tick of this epoch wrote, said before it releases its lock. Whoever looks for it looks from a time before
 * the tick began, so that it cannot be too late. Returns the entries' own keys.
 */
export async function noteWritten(
  ports: ReadingPorts,
  pool: string,
  epoch: number,
  changes: readonly ListedChange[],
): Promise<readonly ItemKey[]> {
  const parts: ListedChange[][] = [];
  for (let at = 0; at < changes.length; at += changesPerEntryMax)
    parts.push(changes.slice(at, at + changesPerEntryMax));
  return inParallel(parts, notesAtOnce, async (part) => {
    const atMs = ports.clock.nowMs();
    const key = keys.changes(pool, atMs, ports.random.id());
    const data = { ...recordOf(part), epoch };
    await put(ports, { ...key, data, expiresAtMs: atMs + entryLifeMs }, 'absent');
    return key;
  });
}

function recordOf(changes: readonly ListedChange[]): ChangeRecord {
  return { schemaVersion, changes: changes.map(({ key, version }) => [nameOfKey(key), version]) };
}

/** One entry as a reader has it. */
export interface ListedChanges {
  /** Of its entry: no two are the same. */
  readonly sk: string;
  /** null: what it says cannot be read. */
  readonly changes: readonly ListedChange[] | null;
}

/** All entries of the pool from this time of their writers' clocks on; null: they name more changes than `most`. */
export async function readChanges(
  ports: ReadingPorts,
  pool: string,
  fromMs: number,
  most: number,
): Promise<readonly ListedChanges[] | null> {
  const skFrom = keys.changes(pool, fromMs, '').sk;
  const entries: ListedChanges[] = [];
  let count = 0;
  await Promise.all(
    keys.changeShards(pool).map(async (pk) => {
      let cursor: string | undefined;
      do {
        const at = cursor;
        const page = await reading(ports, () => ports.store.query({ pk, skFrom, limit: 1_000, cursor: at }));
        const read = page.items.map((item) => ({ sk: item.sk, changes: changesOf(pool, item) }));
        for (const one of read) count += one.changes?.length ?? 0;
        entries.push(...read);
        cursor = page.cursor;
      } while (cursor !== undefined && count <= most);
    }),
  );
  return count > most ? null : entries;
}

function changesOf(pool: string, { data }: Item): readonly ListedChange[] | null {
  const { schemaVersion: stamp, changes } = data as Partial<Record<keyof ChangeRecord, unknown>>;
  if (stamp !== schemaVersion || !Array.isArray(changes)) return null;
  const listed: ListedChange[] = [];
  for (const one of changes as readonly unknown[]) {
    const [name, version] = Array.isArray(one) ? (one as readonly unknown[]) : [];
    const key = typeof name === 'string' ? keyOfName(pool, name) : null;
    if (key === null || !Number.isSafeInteger(version)) return null;
    listed.push({ key, version: version as number });
  }
  return listed;
}

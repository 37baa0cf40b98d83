// The change list of a pool: whoever is about to write a record that ticks keep a copy of, and does not check the fence
// in that write, says so first, with the version that the write rests on. Said before the write, so that a crash in
// between costs a look and never a change; with the version, so that a reader knows when there is nothing more to come:
// once the record has a later version, the write has happened, or never will.
//
// A writer whose entry took long to arrive, or who stood still since, says it again: a reader looks only a few seconds
// back (see catch-up.ts). Entries expire by themselves, which costs nothing.
import { schemaVersion } from '../../../core/records/schema.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Item, ItemKey } from '../../../ports/store.ts';
import { ThrottledError } from '../../../ports/store.ts';
import type { ReadingPorts } from '../../ports.ts';
import { keys } from '../keys.ts';
import { put, queryAll } from '../store-retry.ts';
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
    const data: ChangeRecord = {
      schemaVersion,
      changes: gathering.changes.map(({ key, version }) => [nameOfKey(key), version]),
    };
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const startedMs = clock.monotonicMs();
      const atMs = clock.nowMs();
      const item = { ...keys.changes(pool, atMs, random.id()), data, expiresAtMs: atMs + entryLifeMs };
      await put(this.#ports, item, 'absent');
      if (clock.monotonicMs() - startedMs <= entryLateMs) return;
    }
    throw new ThrottledError('the store is too slow for the change list; nothing else was written');
  }
}

/** One entry as a reader has it. */
export interface ListedChanges {
  /** Of its entry: no two are the same. */
  readonly sk: string;
  /** null: what it says cannot be read. */
  readonly changes: readonly ListedChange[] | null;
}

/** All entries of the pool from this time of their writers' clocks on. */
export async function readChanges(
  ports: ReadingPorts,
  pool: string,
  fromMs: number,
): Promise<readonly ListedChanges[]> {
  const skFrom = keys.changes(pool, fromMs, '').sk;
  const shards = await Promise.all(keys.changeShards(pool).map((pk) => queryAll<unknown>(ports, pk, { skFrom })));
  return shards.flat().map((item) => ({ sk: item.sk, changes: changesOf(pool, item) }));
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

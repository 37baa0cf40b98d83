// Which open requests a tick looks at: a window of bounded size. However many wait, it shows the head of every group
// (priority and tenant), so that neither an urgent request nor a tenant is hidden by a backlog of others; half of it is in
// the order in which the pool serves, a quarter in order of priority alone, and a quarter the oldest: nobody waits unseen
// for ever. Requests that nodes name are read anyway and take no room in it.
import type { PoolSpec } from '../core/pool.ts';
import { ageingMsPerPoint } from '../core/allocation/ordering/priority.ts';
import type { Unseen } from '../core/plan.ts';
import type { ItemKey, KeyPage, QueryOptions, Store } from '../ports/store.ts';
import { keys, openEntryOf, openGroupOf } from './keys.ts';
import type { ReadingPorts } from './ports.ts';
import { reading } from './writing.ts';

/** So many groups of one shard have their heads in one window; more take turns, tick by tick. */
export const groupsPerShardMax = 256;
const pageKeysMax = 1_000;
const firstPageKeys = 100;

interface Entry {
  readonly id: string;
  readonly sk: string;
  readonly createdAtMs: number;
  readonly priority: number;
}

type KeyReader = (options: QueryOptions) => Promise<KeyPage>;

/** The entries of one group of one shard, oldest first, read as far as they are asked for. */
class Group {
  readonly name: string;
  readonly #read: KeyReader;
  readonly #pk: string;
  #buffer: Entry[] = [];
  #at = 0;
  #cursor: string | undefined;
  #isOver = false;
  #limit = firstPageKeys;

  constructor(read: KeyReader, pk: string, name: string) {
    this.#read = read;
    this.#pk = pk;
    this.name = name;
  }

  async head(): Promise<Entry | null> {
    while (this.#at >= this.#buffer.length && !this.#isOver) {
      const [cursor, limit] = [this.#cursor, this.#limit];
      const page = await this.#read({ pk: this.#pk, skPrefix: this.name, limit, cursor });
      this.#buffer = page.keys.map((key, n) => entryOf(key, page.indexSks[n] ?? ''));
      [this.#at, this.#cursor, this.#limit] = [0, page.cursor, pageKeysMax];
      this.#isOver = page.cursor === undefined;
    }
    return this.#buffer[this.#at] ?? null;
  }

  next(): void {
    this.#at += 1;
  }
}

function entryOf(key: ItemKey, sk: string): Entry {
  return { id: keys.requestIdOf(key), sk, ...openEntryOf(sk) };
}

/** The groups that one shard has, in order, from a place on; at most so many. */
async function groupsOf(read: KeyReader, pk: string, from: string, most: number): Promise<{ readonly names: readonly string[]; readonly isAll: boolean }> {
  const names: string[] = [];
  let skFrom = from;
  while (names.length < most) {
    const group = await firstGroup(read, pk, skFrom);
    if (group === null) return { names, isAll: true };
    names.push(group);
    skFrom = `${group}~`;
  }
  return { names, isAll: false };
}

async function firstGroup(read: KeyReader, pk: string, skFrom: string): Promise<string | null> {
  let cursor: string | undefined;
  do {
    const at = cursor;
    const page = await read({ pk, limit: 1, cursor: at, ...(skFrom === '' ? {} : { skFrom }) });
    const [sk] = page.indexSks;
    if (sk !== undefined) return openGroupOf(sk);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return null;
}

/** Whether a request's entry is beyond the window that `unseen` tells of. */
export function isUnseen({ pk, sk }: ItemKey, unseen: Unseen): boolean {
  const group = openGroupOf(sk);
  const after = unseen.after[`${pk} ${group}`];
  if (after !== undefined) return sk > after;
  const from = unseen.from[pk];
  return from !== undefined && sk >= from;
}

/**
 * One window after another, each of other requests, until all were shown. `isTaken`: requests that take no room in it.
 * `turn` moves on what is shown of more groups than one window has room for.
 */
export class OpenWindow {
  readonly #read: KeyReader;
  readonly #pool: Pick<PoolSpec, 'name' | 'ordering'>;
  readonly #isTaken: (id: string) => boolean;
  readonly #shards: { readonly pk: string; readonly groups: readonly Group[]; readonly from: string | null }[] = [];
  readonly #shown = new Map<string, string>();
  readonly #ids = new Set<string>();
  #behind = 0;

  constructor(ports: Pick<ReadingPorts, 'store' | 'clock' | 'random'>, pool: Pick<PoolSpec, 'name' | 'ordering'>, isTaken: (id: string) => boolean) {
    this.#read = async (options) => reading(ports, () => ports.store.indexKeys('open', options));
    this.#pool = pool;
    this.#isTaken = isTaken;
  }

  /** Reads which groups there are. `turn`: any number, another one with each tick. */
  async open(turn: number): Promise<void> {
    for (const pk of keys.openShards(this.#pool.name)) {
      const { names, isAll } = await groupsOf(this.#read, pk, '', groupsPerShardMax);
      const half = names.slice(0, groupsPerShardMax / 2);
      // The first half are the most urgent; the rest of the places go round.
      const shown = isAll ? names : [...half, ...(await this.#others(pk, `${half.at(-1) ?? ''}~`, turn))];
      this.#shards.push({ pk, groups: [...new Set(shown)].map((name) => new Group(this.#read, pk, name)), from: isAll ? null : `${half.at(-1) ?? ''}~` });
    }
  }

  async #others(pk: string, from: string, turn: number): Promise<readonly string[]> {
    const { names } = await groupsOf(this.#read, pk, from, groupsPerShardMax * 8);
    const most = groupsPerShardMax / 2;
    const start = names.length === 0 ? 0 : (turn * most) % names.length;
    return [...names.slice(start), ...names.slice(0, start)].slice(0, most);
  }

  async take(most: number): Promise<readonly string[]> {
    const ids: string[] = [];
    await this.#heads(ids, most);
    const oldest = (a: Entry, b: Entry): number => a.createdAtMs - b.createdAtMs;
    const urgent = (a: Entry, b: Entry): number => b.priority - a.priority || oldest(a, b);
    // Priority and age in one: of two that wait, time never changes which is ahead.
    const aged = (a: Entry, b: Entry): number => a.createdAtMs - a.priority * ageingMsPerPoint - (b.createdAtMs - b.priority * ageingMsPerPoint) || oldest(a, b);
    const share = Math.ceil((most - ids.length) / 4);
    const rounds: readonly (readonly [(a: Entry, b: Entry) => number, number])[] = [
      [oldest, share], [urgent, share], [this.#pool.ordering === 'fifo' ? oldest : aged, most],
    ];
    if (this.#pool.ordering === 'fair-share') await this.#inTurns(ids, Math.ceil(most / 2));
    for (const [order, more] of rounds) await this.#merge(ids, Math.min(most, ids.length + more), order);
    return ids;
  }

  #all(): { readonly pk: string; readonly group: Group }[] {
    return this.#shards.flatMap(({ pk, groups }) => groups.map((group) => ({ pk, group })));
  }

  /** The first of each group. */
  async #heads(ids: string[], most: number): Promise<void> {
    for (const { pk, group } of this.#all()) if (ids.length < most) await this.#next(ids, pk, group);
  }

  /** One of each group, and again. */
  async #inTurns(ids: string[], most: number): Promise<void> {
    for (let before = -1; ids.length < most && ids.length !== before;) {
      before = ids.length;
      await this.#heads(ids, most);
    }
  }

  async #next(ids: string[], pk: string, group: Group): Promise<void> {
    for (let entry = await group.head(); entry !== null; entry = await group.head()) {
      group.next();
      this.#shown.set(`${pk} ${group.name}`, entry.sk);
      // An entry that moves while the groups are read may be in two of them.
      if (this.#isTaken(entry.id) || this.#ids.has(entry.id)) continue;
      this.#ids.add(entry.id);
      ids.push(entry.id);
      this.#behind += 1;
      return;
    }
  }

  async #merge(ids: string[], most: number, order: (a: Entry, b: Entry) => number): Promise<void> {
    const queue: { readonly pk: string; readonly group: Group; head: Entry }[] = [];
    for (const { pk, group } of this.#all()) {
      const head = await group.head();
      if (head) queue.push({ pk, group, head });
    }
    while (ids.length < most && queue.length > 0) {
      let best = 0;
      for (let at = 1; at < queue.length; at += 1) if (order(queue[at]?.head as Entry, queue[best]?.head as Entry) < 0) best = at;
      const { pk, group } = queue[best] as (typeof queue)[number];
      await this.#next(ids, pk, group);
      const head = await group.head();
      if (head) (queue[best] as (typeof queue)[number]).head = head;
      else queue.splice(best, 1);
    }
  }

  /** After the last take: what it did not show. */
  async unseen(): Promise<Unseen | null> {
    const after: Record<string, string> = {};
    const from: Record<string, string> = {};
    for (const { pk, group } of this.#all()) if ((await group.head()) !== null) after[`${pk} ${group.name}`] = this.#shown.get(`${pk} ${group.name}`) ?? '';
    for (const shard of this.#shards) {
      if (shard.from === null) continue;
      from[shard.pk] = shard.from;
      for (const { name } of shard.groups) after[`${shard.pk} ${name}`] ??= '~';
    }
    return Object.keys(after).length + Object.keys(from).length === 0 ? null : { behind: this.#behind, after, from };
  }
}

/** The oldest open request of one shard that `waits` lets through, looking at so many of each group at most. */
export async function oldestOpen<T extends { readonly createdAtMs: number }>(
  store: Pick<Store, 'indexKeys' | 'queryIndex'>, pk: string, waits: (rows: readonly T[]) => readonly T[], rowsMax: number,
): Promise<T | null> {
  const { names } = await groupsOf(async (options) => store.indexKeys('open', options), pk, '', groupsPerShardMax);
  let best: T | null = null;
  for (const skPrefix of names) {
    let cursor: string | undefined;
    for (let rows = 0; rows < rowsMax; rows += pageRows) {
      const page = await store.queryIndex<T>('open', { pk, skPrefix, limit: pageRows, cursor });
      const [oldest] = waits(page.items.map((item) => item.data));
      if (oldest !== undefined && (best === null || oldest.createdAtMs < best.createdAtMs)) best = oldest;
      if (oldest !== undefined || page.cursor === undefined) break;
      cursor = page.cursor;
    }
  }
  return best;
}

const pageRows = 25;

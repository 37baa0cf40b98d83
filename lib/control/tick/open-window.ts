// Which open requests a tick looks at: a window of bounded size. However many wait, it shows the head of every
// group (priority and tenant), so that neither an urgent request nor a tenant is hidden by a backlog of others;
// half of it is in the order in which the pool serves, a quarter in order of priority alone, and a quarter the
// oldest: nobody waits unseen for ever. Of more groups than it has room for it shows the most urgent ones, and
// the others by turns, each tick going on where the last one ended. Requests that nodes name are read anyway
// and take no room in it.
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Unseen } from '../../core/plan/observation.ts';
import type { ItemKey, KeyPage, QueryOptions, Store } from '../../ports/store.ts';
import { keys, openEntryOf, openGroupOf } from '../store/keys.ts';
import type { ReadingPorts } from '../ports.ts';
import { reading } from '../store/store-retry.ts';

/** So many groups of one shard have their heads in one window: half of them the most urgent, the others by turns. */
const groupsPerShardMax = 256;
const shards = keys.openShards('').length;
const pageKeysMax = 1_000;
const firstPageKeys = 100;

/** Of a window of so many requests the heads of groups take half at most. */
function groupsOfWindow(most: number): number {
  return Math.max(2, Math.min(groupsPerShardMax, Math.floor(most / shards / 2)));
}

interface Entry {
  readonly id: string;
  readonly sk: string;
  readonly createdAtMs: number;
  readonly priority: number;
}

/** A page of the open requests of one partition; of those that take no room in a window some may not be in it. */
export type KeyReader = (options: QueryOptions) => Promise<KeyPage>;

/** The entries of one group of one shard, oldest first, read as far as they are asked for. */
class Group {
  readonly name: string;
  readonly #read: KeyReader;
  readonly #options: Pick<QueryOptions, 'pk' | 'skPrefix' | 'skFrom'>;
  #buffer: readonly Entry[];
  #at = 0;
  #cursor: string | undefined;
  #isOver: boolean;

  /** `first`: its first entries, at least one. `isOver`: all of them. */
  constructor(read: KeyReader, pk: string, name: string, first: readonly Entry[], isOver: boolean) {
    this.name = name;
    this.#read = read;
    this.#options = { pk, skPrefix: name, skFrom: `${first.at(-1)?.sk ?? ''}!` };
    this.#buffer = first;
    this.#isOver = isOver;
  }

  async head(): Promise<Entry | null> {
    while (this.#at >= this.#buffer.length && !this.#isOver) {
      const page = await this.#read({ ...this.#options, limit: pageKeysMax, cursor: this.#cursor });
      [this.#buffer, this.#at, this.#cursor] = [entriesOf(page), 0, page.cursor];
      this.#isOver = page.cursor === undefined;
    }
    return this.#buffer[this.#at] ?? null;
  }

  next(): void {
    this.#at += 1;
  }
}

function entriesOf(page: KeyPage): readonly Entry[] {
  return page.keys.map((key, n) => {
    const sk = page.indexSks[n] ?? '';
    return { id: keys.requestIdOf(key), sk, ...openEntryOf(sk) };
  });
}

interface Scanned {
  readonly groups: readonly Group[];
  /** There are no more behind them. */
  readonly isAll: boolean;
}

/**
 * The groups that one shard has, in order, from a place on; at most so many. A page shows many small groups or
 * a part of a large one.
 */
async function scanGroups(read: KeyReader, pk: string, from: string, most: number): Promise<Scanned> {
  const groups: Group[] = [];
  let skFrom = from;
  while (groups.length < most) {
    const { entries, isEnd } = await firstEntries(read, pk, skFrom);
    const byName = Map.groupBy(entries, (entry) => openGroupOf(entry.sk));
    const last = [...byName.keys()].at(-1);
    if (last === undefined) return { groups, isAll: true };
    for (const [name, first] of byName) groups.push(new Group(read, pk, name, first, isEnd || name !== last));
    if (isEnd) return { groups: groups.slice(0, most), isAll: groups.length <= most };
    skFrom = behind(last);
  }
  return { groups: groups.slice(0, most), isAll: false };
}

/** No entry of the group comes after this, and all of later groups do. */
function behind(group: string): string {
  return `${group}~`;
}

/** The first page that is not empty. */
async function firstEntries(
  read: KeyReader,
  pk: string,
  skFrom: string,
): Promise<{ readonly entries: readonly Entry[]; readonly isEnd: boolean }> {
  let cursor: string | undefined;
  do {
    const page = await read({ pk, limit: firstPageKeys, cursor, ...(skFrom === '' ? {} : { skFrom }) });
    const entries = entriesOf(page);
    cursor = page.cursor;
    if (entries.length > 0) return { entries, isEnd: cursor === undefined };
  } while (cursor !== undefined);
  return { entries: [], isEnd: true };
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
 * `most`: how many a tick looks at. `read`: where not from the store's index.
 */
export class OpenWindow {
  readonly #ports: Pick<ReadingPorts, 'store' | 'clock' | 'random'>;
  readonly #read: KeyReader;
  readonly #pool: Pick<PoolSpec, 'name' | 'ordering'>;
  readonly #isTaken: (id: string) => boolean;
  readonly #groupsMax: number;
  readonly #shards: {
    readonly pk: string;
    readonly groups: readonly Group[];
    readonly from: string | null;
    readonly goOn: string | null;
  }[] = [];
  readonly #shown = new Map<string, string>();
  readonly #ids = new Set<string>();
  #behind = 0;

  constructor(
    ports: Pick<ReadingPorts, 'store' | 'clock' | 'random'>,
    pool: Pick<PoolSpec, 'name' | 'ordering'>,
    isTaken: (id: string) => boolean,
    most: number,
    read: KeyReader = async (options) => reading(ports, () => ports.store.indexKeys('open', options)),
  ) {
    this.#ports = ports;
    this.#read = read;
    this.#pool = pool;
    this.#isTaken = isTaken;
    this.#groupsMax = groupsOfWindow(most);
  }

  /**
   * Reads which groups there are. `lastGoOn`: where the last window ended, as its `unseen` has it; asked for
   * where there are too many.
   */
  async open(lastGoOn: () => Promise<Unseen['goOn']>): Promise<void> {
    const half = Math.floor(this.#groupsMax / 2);
    let places: Unseen['goOn'] | null = null;
    for (const pk of keys.openShards(this.#pool.name)) {
      const { groups, isAll } = await scanGroups(this.#read, pk, '', this.#groupsMax);
      if (isAll) {
        this.#shards.push({ pk, groups, from: null, goOn: null });
        continue;
      }
      places ??= await lastGoOn();
      const urgent = groups.slice(0, half);
      const from = behind(urgent.at(-1)?.name ?? '');
      const others = await this.#others(pk, groups.slice(half), this.#groupsMax - half, places?.[pk] ?? '');
      // Not always at the end: who is shown at every so many ticks must not be met by the same kind of tick each time.
      const last = others[Math.floor(this.#ports.random.next() * others.length)];
      this.#shards.push({ pk, groups: [...urgent, ...others], from, goOn: last ? behind(last.name) : null });
    }
  }

  /** `first`: the first of those that take turns. From the last place on, and from the beginning again. */
  async #others(pk: string, first: readonly Group[], most: number, goOn: string): Promise<readonly Group[]> {
    if (goOn <= (first[0]?.name ?? '')) return first.slice(0, most);
    const { groups } = await scanGroups(this.#read, pk, goOn, most);
    return [...groups, ...first.filter((group) => group.name < goOn).slice(0, most - groups.length)];
  }

  async take(most: number): Promise<readonly string[]> {
    const ids: string[] = [];
    await this.#heads(ids, most);
    const oldest = (a: Entry, b: Entry): number => a.createdAtMs - b.createdAtMs;
    const urgent = (a: Entry, b: Entry): number => b.priority - a.priority || oldest(a, b);
    const share = Math.ceil((most - ids.length) / 4);
    const rounds: readonly (readonly [(a: Entry, b: Entry) => number, number])[] = [
      [oldest, share],
      [urgent, share],
      [this.#pool.ordering === 'fifo' ? oldest : urgent, most],
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
      for (let at = 1; at < queue.length; at += 1)
        if (order(queue[at]?.head as Entry, queue[best]?.head as Entry) < 0) best = at;
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
    const goOn: Record<string, string> = {};
    for (const { pk, group } of this.#all())
      if ((await group.head()) !== null) after[`${pk} ${group.name}`] = this.#shown.get(`${pk} ${group.name}`) ?? '';
    for (const shard of this.#shards) {
      if (shard.from === null) continue;
      from[shard.pk] = shard.from;
      if (shard.goOn !== null) goOn[shard.pk] = shard.goOn;
      for (const { name } of shard.groups) after[`${shard.pk} ${name}`] ??= '~';
    }
    return Object.keys(after).length + Object.keys(from).length === 0
      ? null
      : { behind: this.#behind, after, from, goOn };
  }
}

/** So many groups of a shard are looked through for the oldest request. */
const oldestGroupsMax = 2_048;
const pageRows = 25;

/** The oldest open request of one shard that `waits` lets through, looking at so many of each group at most. */
export async function oldestOpen<T extends { readonly createdAtMs: number }>(
  store: Pick<Store, 'indexKeys' | 'queryIndex'>,
  pk: string,
  waits: (rows: readonly T[]) => readonly T[],
  rowsMax: number,
): Promise<T | null> {
  const { groups } = await scanGroups(async (options) => store.indexKeys('open', options), pk, '', oldestGroupsMax);
  const heads = await Promise.all(
    groups.map(async (group) => ({ name: group.name, createdAtMs: (await group.head())?.createdAtMs ?? Infinity })),
  );
  let best: T | null = null;
  for (const { name, createdAtMs } of heads.sort(
    (a, b) => a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1),
  )) {
    // None of a group is older than its first.
    if (best !== null && best.createdAtMs <= createdAtMs) break;
    let cursor: string | undefined;
    for (let rows = 0; rows < rowsMax; rows += pageRows) {
      const page = await store.queryIndex<T>('open', { pk, skPrefix: name, limit: pageRows, cursor });
      const [oldest] = waits(page.items.map((item) => item.data));
      if (oldest !== undefined && (best === null || oldest.createdAtMs < best.createdAtMs)) best = oldest;
      if (oldest !== undefined || page.cursor === undefined) break;
      cursor = page.cursor;
    }
  }
  return best;
}

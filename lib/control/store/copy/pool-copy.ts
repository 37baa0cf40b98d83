// What one process has read of a pool: all documents of its nodes, the entries of its open requests, and the rows and
// chunks that ticks asked for. Nothing rests on it: every write is conditional on the versions that it says.
import { SortedArray } from '../../../core/values/collections/sorted-array.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Item, ItemKey, KeyPage, QueryOptions } from '../../../ports/store.ts';
import { keys, spreadOver } from '../keys.ts';
import { copiedKind, poolOfRow } from './copied-keys.ts';
import { isHeartbeat } from './heartbeat.ts';
import { NamedRows } from './named-rows.ts';

interface Entry {
  /** As decisions see it: its version may be behind by heartbeats. */
  item: Item;
  /** What the store has it in. */
  version: number;
  /** On the monotonic clock. */
  readAtMs: number;
}

/** An entry of the index: a request's, by its sort key there. */
export interface OpenEntry {
  readonly sk: string;
  readonly id: string;
}

/** What a copy knows of a request. */
export interface RequestKnown {
  /** undefined: its row is not known. */
  readonly version: number | undefined;
  /** In the index; undefined: in none of its partitions that are copied. */
  readonly place: ItemKey | undefined;
  /** Its row goes by itself. */
  readonly isEnded: boolean;
}

type WrittenItem = readonly [
  version: number,
  writeId: string,
  data: unknown,
  index: Item['index'],
  expiresAtMs: number | null,
];

/** What is known of some requests, as text can be made of it. */
export interface PoolPart {
  readonly rows: (readonly [id: string, ...WrittenItem])[];
  /** In the index, where the row does not say the same. */
  readonly places: (readonly [id: string, pk: string, sk: string])[];
  readonly chunks: (readonly [id: string, from: string, items: (readonly [sk: string, ...WrittenItem])[]])[];
}

interface Chunks {
  /** All of the request's chunks from this sort key on. */
  readonly from: string;
  readonly bySk: Map<string, Item>;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const bySk = (a: OpenEntry, b: OpenEntry): number => byText(a.sk, b.sk);

export class PoolCopy {
  readonly pool: string;
  readonly #nodes = new Map<string, Entry>();
  readonly #nodeIds = new SortedArray<string>(byText);
  /** Nodes whose version in the store is not the one that is shown. */
  readonly #behind = new Set<string>();
  /** What was shown of nodes whose documents have changed since somebody asked last; undefined: nothing. */
  #shownBefore = new Map<string, Item | undefined>();
  readonly #rows = new Map<string, { item: Item; usedAt: number }>();
  /** Those of {@link #rows} that no document names: they go when nobody asks for them. */
  readonly #loose = new Set<string>();
  readonly #chunks = new Map<string, Chunks>();
  /** Entries of requests that no document names: the others are read with their nodes. Of those set aside all. */
  readonly #open: ReadonlyMap<string, SortedArray<OpenEntry>>;
  /** Requests that are put into {@link #open} when a part is filled in; null: none is. */
  #filling: Set<string> | null = null;
  readonly #aside: ReadonlySet<string>;
  readonly #placeOf = new Map<string, ItemKey>();
  readonly named = new NamedRows((id, isNamed) => {
    this.#noteNamed(id, isNamed);
  });
  #uses = 0;

  constructor(pool: string) {
    this.pool = pool;
    this.#aside = new Set(keys.asideShards(pool));
    this.#open = new Map(
      [...keys.openShards(pool), ...keys.asideShards(pool)].map((pk) => [pk, new SortedArray<OpenEntry>(bySk)]),
    );
  }

  /** Records in it, for bounds. */
  get size(): number {
    let chunks = 0;
    for (const { bySk } of this.#chunks.values()) chunks += bySk.size;
    return this.#nodes.size + this.#placeOf.size + this.#rows.size + chunks;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Nodes by id, after this one; '' for the first. */
  nodesAfter(id: string, most: number): readonly Item[] {
    const from = this.#nodeIds.countWhile((one) => one <= id);
    const items: Item[] = [];
    for (let at = from; at < this.#nodeIds.length && items.length < most; at += 1) {
      const entry = this.#nodes.get(this.#nodeIds.at(at) ?? '');
      if (entry) items.push(entry.item);
    }
    return items;
  }

  /** Ids of nodes whose last heartbeat that is known here is from before this time. */
  nodesSeenBefore(atMs: number): readonly string[] {
    const ids: string[] = [];
    for (const [id, { item }] of this.#nodes) {
      const { lastSeenAtMs, isLost } = item.data as NodeRecord;
      if (typeof lastSeenAtMs === 'number' && lastSeenAtMs < atMs && !isLost) ids.push(id);
    }
    return ids;
  }

  /**
   * Documents that are there, are not the same objects as when this was asked last, and what was shown of them then;
   * undefined: nothing.
   */
  takeChangedNodes(): readonly { readonly item: Item; readonly before: Item | undefined }[] {
    const changed = [...this.#shownBefore].flatMap(([id, before]) => {
      const item = this.#nodes.get(id)?.item;
      return item === undefined || item.data === before?.data ? [] : [{ item, before }];
    });
    this.#shownBefore = new Map();
    return changed;
  }

  node(id: string): Readonly<Entry> | undefined {
    return this.#nodes.get(id);
  }

  /** undefined: not known here. null: it has expired. */
  row(id: string, nowMs: number): Item | null | undefined {
    const entry = this.#rows.get(id);
    if (!entry) return undefined;
    entry.usedAt = this.#uses;
    return isExpired(entry.item, nowMs) ? null : entry.item;
  }

  /** What is known here of a request, for who compares it with the store. */
  request(id: string): RequestKnown {
    const item = this.#rows.get(id)?.item;
    return { version: item?.version, place: this.#placeOf.get(id), isEnded: (item?.expiresAtMs ?? null) !== null };
  }

  /** At most so many requests of all that are known here, evenly; `from` (0 to 1) says with which it begins. */
  someRequests(most: number, from: number): readonly string[] {
    const step = Math.max(1, Math.ceil(this.#placeOf.size / most));
    const first = Math.floor(from * step);
    return [...this.#placeOf.keys()].filter((_, at) => at % step === first % step);
  }

  /** undefined: the chunks from this sort key on are not known here. */
  chunksFrom(id: string, skFrom: string): readonly Item[] | undefined {
    const known = this.#chunks.get(id);
    if (!known || known.from > skFrom) return undefined;
    return [...known.bySk.values()].filter((item) => item.sk >= skFrom).sort((a, b) => byText(a.sk, b.sk));
  }

  setChunks(id: string, from: string, items: readonly Item[]): void {
    this.#chunks.set(id, { from, bySk: new Map(items.map((item) => [item.sk, item])) });
  }

  /** All that is known here of this partition of the index. */
  hasAllOpen(pk: string): boolean {
    return this.#aside.has(pk);
  }

  /** Like a page of the index, of a partition that is copied; of open requests those that no document names. */
  openPage({ pk, skPrefix = '', skFrom = '', limit, cursor }: QueryOptions): KeyPage {
    const entries = this.#open.get(pk);
    assert(entries, `partition ${pk} of the index is not copied`);
    const from = skFrom > skPrefix ? skFrom : skPrefix;
    const first = entries.countWhile(({ sk }) => (cursor === undefined ? sk < from : sk <= cursor));
    const found: ItemKey[] = [];
    const indexSks: string[] = [];
    for (let at = first; found.length < limit; at += 1) {
      const entry = entries.at(at);
      if (!entry?.sk.startsWith(skPrefix)) return { keys: found, indexSks };
      found.push(keys.request(entry.id));
      indexSks.push(entry.sk);
    }
    return { keys: found, indexSks, cursor: indexSks.at(-1) ?? '' };
  }

  /** As the index has it now, which may lag: rows that are read later correct it. */
  noteIndexed(pk: string, sk: string, id: string): void {
    this.#place(id, { pk, sk });
  }

  /** The version that the store has it in, as far as is known here; undefined: nothing is. 0: it is absent. */
  versionOf(key: ItemKey): number | undefined {
    switch (copiedKind(key)) {
      case 'node':
        return this.#nodes.get(key.sk)?.version ?? 0;
      case 'row':
        return this.#rows.get(keys.requestIdOf(key))?.item.version;
      case 'chunk': {
        const known = this.#chunks.get(keys.requestIdOf(key));
        if (!known) return undefined;
        // Tasks of earlier chunks have all ended.
        return key.sk < known.from ? Infinity : (known.bySk.get(key.sk)?.version ?? 0);
      }
      case null:
        return undefined;
    }
  }

  /**
   * What a consistent read says of a key; null: it is absent. `isInRound`: decisions have been made with the version
   * that is shown, and a heartbeat alone does not move it.
   */
  note(key: ItemKey, item: Item | null, readAtMs: number, isInRound: boolean): void {
    switch (copiedKind(key)) {
      case 'node':
        this.#noteNode(key.sk, item, readAtMs, isInRound);
        return;
      case 'row':
        this.#noteRow(keys.requestIdOf(key), item);
        return;
      case 'chunk':
        this.#noteChunk(key, item);
        return;
      case null:
    }
  }

  #noteNode(id: string, item: Item | null, readAtMs: number, isInRound: boolean): void {
    const before = this.#nodes.get(id);
    if (item === null) {
      if (!before) return;
      this.#noteShown(id);
      this.#behind.delete(id);
      this.#nodes.delete(id);
      this.#nodeIds.remove(id);
      this.named.noteNode(id, null);
      return;
    }
    if (before && before.version > item.version) return; // a later one is known
    if (before && isSameAs(before.item, item)) {
      before.readAtMs = readAtMs;
      return;
    }
    const { version } = item;
    const isShownStill = isInRound && before !== undefined && isHeartbeat(before.item.data, item.data);
    const shown = isShownStill ? { ...item, version: before.item.version } : item;
    this.#setNode(id, { item: shown, version, readAtMs });
  }

  /** The tick's own write: what it shows has the version that the writer counts with. */
  noteWrittenNode(item: Item, version: number, atMs: number): void {
    this.#setNode(item.sk, { item, version, readAtMs: atMs });
  }

  #setNode(id: string, entry: Entry): void {
    this.#noteShown(id);
    if (!this.#nodes.has(id)) this.#nodeIds.insert(id);
    this.#nodes.set(id, entry);
    if (entry.item.version === entry.version) this.#behind.delete(id);
    else this.#behind.add(id);
    this.named.noteNode(id, entry.item.data);
  }

  #noteShown(id: string): void {
    if (!this.#shownBefore.has(id)) this.#shownBefore.set(id, this.#nodes.get(id)?.item);
  }

  #noteRow(id: string, item: Item | null): void {
    const before = this.#rows.get(id);
    if (item === null || poolOfRow(item.data) !== this.pool) {
      this.#rows.delete(id);
      this.#loose.delete(id);
      this.named.noteRow(id);
      this.#place(id, null);
      return;
    }
    if (before && before.item.version > item.version && before.item.expiresAtMs === null) return;
    if (before && isSameAs(before.item, item)) {
      before.usedAt = this.#uses;
      return;
    }
    this.#rows.set(id, { item, usedAt: this.#uses });
    if (!this.named.isNamed(id)) this.#loose.add(id);
    this.named.noteRow(id);
    this.#place(id, item.index.open ?? null);
  }

  #noteChunk(key: ItemKey, item: Item | null): void {
    const known = this.#chunks.get(keys.requestIdOf(key));
    if (!known || key.sk < known.from) return;
    if (item === null) known.bySk.delete(key.sk);
    else if ((known.bySk.get(key.sk)?.version ?? 0) <= item.version) known.bySk.set(key.sk, item);
  }

  #place(id: string, place: ItemKey | null): void {
    const before = this.#placeOf.get(id);
    if (before && (place === null || before.pk !== place.pk || before.sk !== place.sk)) {
      this.#open.get(before.pk)?.remove({ sk: before.sk, id });
      this.#placeOf.delete(id);
    }
    const entries = place && this.#open.get(place.pk);
    if (!entries || !place) return;
    if (before && this.#placeOf.has(id)) return;
    if (this.hasAllOpen(place.pk) || !this.named.isNamed(id)) this.#insert(entries, { sk: place.sk, id });
    this.#placeOf.set(id, place);
  }

  #insert(entries: SortedArray<OpenEntry>, entry: OpenEntry): void {
    if (this.#filling === null) entries.insert(entry);
    else this.#filling.add(entry.id);
  }

  /** One by one each would move half of the others, and there may be a million of them. */
  #insertFilled(ids: ReadonlySet<string>): void {
    const added = new Map<string, OpenEntry[]>();
    for (const id of ids) {
      const place = this.#placeOf.get(id);
      if (place === undefined) continue;
      const list = added.get(place.pk);
      if (list === undefined) added.set(place.pk, [{ sk: place.sk, id }]);
      else list.push({ sk: place.sk, id });
    }
    for (const [pk, list] of added) this.#open.get(pk)?.insertAll(list);
  }

  #noteNamed(id: string, isNamed: boolean): void {
    const row = this.#rows.get(id);
    if (row) row.usedAt = this.#uses;
    if (row && !isNamed) this.#loose.add(id);
    else this.#loose.delete(id);
    const place = this.#placeOf.get(id);
    if (!place || this.hasAllOpen(place.pk)) return;
    const entries = this.#open.get(place.pk);
    if (isNamed) entries?.remove({ sk: place.sk, id });
    else entries?.insert({ sk: place.sk, id });
  }

  /** All requests of which something is known here, spread over so many parts. */
  spread(count: number): readonly (readonly string[])[] {
    const parts = Array.from({ length: count }, (): string[] => []);
    for (const id of new Set([...this.#rows.keys(), ...this.#placeOf.keys(), ...this.#chunks.keys()]))
      parts[spreadOver(id, count)]?.push(id);
    return parts;
  }

  /** What is known of these now. */
  part(ids: readonly string[]): PoolPart {
    const part: PoolPart = { rows: [], places: [], chunks: [] };
    for (const id of ids) {
      const item = this.#rows.get(id)?.item;
      if (item) part.rows.push([id, ...writtenItem(item)]);
      const [own, place] = [item?.index.open, this.#placeOf.get(id)];
      if (place && (own?.pk !== place.pk || own.sk !== place.sk)) part.places.push([id, place.pk, place.sk]);
      const chunks = this.#chunks.get(id);
      if (!chunks) continue;
      const items = [...chunks.bySk.values()].map((one): PoolPart['chunks'][number][2][number] => [
        one.sk,
        ...writtenItem(one),
      ]);
      part.chunks.push([id, chunks.from, items]);
    }
    return part;
  }

  /** What another process has known: nothing of these requests is here yet. */
  fill({ rows, places, chunks }: PoolPart): void {
    this.#filling = new Set();
    for (const [id, ...item] of rows) this.#noteRow(id, readItem(keys.request(id), item));
    for (const [id, pk, sk] of places) this.#place(id, { pk, sk });
    this.#insertFilled(this.#filling);
    this.#filling = null;
    for (const [id, from, items] of chunks) {
      const { pk } = keys.request(id);
      this.setChunks(
        id,
        from,
        items.map(([sk, ...item]) => readItem({ pk, sk }, item)),
      );
    }
  }

  /**
   * Rows that no document names and no tick has asked for in the last so many rounds go, and chunks without a row.
   * Heartbeats are caught up with.
   */
  beginRound(roundsKept: number): void {
    this.#uses += 1;
    for (const id of this.#behind) {
      const entry = this.#nodes.get(id);
      if (entry) entry.item = { ...entry.item, version: entry.version };
    }
    this.#behind.clear();
    if (this.#uses % roundsKept !== 0) return;
    for (const id of this.#loose) {
      if (this.#uses - (this.#rows.get(id)?.usedAt ?? 0) <= roundsKept) continue;
      this.#rows.delete(id);
      this.#loose.delete(id);
    }
    for (const id of this.#chunks.keys()) if (!this.#rows.has(id)) this.#chunks.delete(id);
  }
}

/**
 * The same one, read again, stays the object that it was, and so does all that was made of it: a store answers another
 * object each time.
 */
function isSameAs(known: Item, read: Item): boolean {
  return known.version === read.version && known.writeId === read.writeId;
}

function writtenItem({ version, writeId, data, index, expiresAtMs }: Item): WrittenItem {
  return [version, writeId, data, index, expiresAtMs];
}

function readItem({ pk, sk }: ItemKey, [version, writeId, data, index, expiresAtMs]: WrittenItem): Item {
  return { pk, sk, version, writeId, data, index, expiresAtMs };
}

function isExpired({ expiresAtMs }: Item, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

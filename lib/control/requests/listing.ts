// Lists in pages. That of a tenant's requests is newest first, or oldest first. Its index is spread over shards, and
// what came in one batch has one entry there together: a page is merged from all shards, and batches are opened as far
// as it needs them. The requests of one name, or of one value of a label that is indexed, have a list of their own,
// of which each entry names ids: its rows are read with it.
import type { AnyRequest, AnyRow } from '../../core/records/claim.ts';
import type { Item } from '../../ports/store.ts';
import { InvalidCursorError } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import type { ReadingPorts } from '../ports.ts';
import type { ListedPage, ListOptions } from '../use-cases.ts';
import { reading } from '../store/store-retry.ts';
import { placeIn, readSource } from './lists/sources.ts';
import type { ListKind, Source, Sources } from './lists/sources.ts';

/** Which requests are wanted, and in which order. */
export interface ListWish extends ListOptions {
  readonly order?: 'newest' | 'oldest' | undefined;
  /** None that was accepted before. */
  readonly sinceMs?: number | undefined;
}

/** What lists the requests of one batch, until each of them has ended or lists itself; or a request in a named list. */
export interface BatchRecord {
  readonly id: string;
  readonly requestIds: readonly string[];
}

interface Row {
  /** Its place: the list is ordered by it. */
  readonly at: string;
  readonly record: AnyRequest;
}

/** As it is stored; whether it belongs into the list is not known yet. */
interface Found {
  readonly at: string;
  readonly record: AnyRow;
}

interface Batch {
  readonly at: string;
  readonly batchId: string;
  /** Those that are not looked at yet; never empty. */
  readonly requestIds: readonly string[];
}

interface Shard {
  readonly source: Source;
  cursor: string | undefined;
  /** What was read and is not passed yet, in order: requests, and batches that are not opened or only in part. */
  entries: (Row | Batch)[];
  /** The last place that was read; all before it is in `entries` or passed. */
  readTo: string;
  /** How many requests and batches were read of it. */
  looked: number;
  isRead: boolean;
}

/** Which of the records that one read answered belong into the list, as people see them. */
export type Choose = (records: readonly AnyRow[]) => Promise<readonly AnyRequest[]>;

const rowsOfBatch = 100;
/** A page takes so many reads of the store at most, and looks at so many requests; its cursor goes on from there. */
export const listReadsMax = 100;
export const listItemsMax = 1_100;
/** Each read takes some more than it needs by what the last ones let through. */
const spareItems = 4;
/** The first of each partition: an entry may be a batch of many requests, so that few of them fill the page. */
const firstItemsMax = 20;
/** Behind a place, before the next one. */
const justBehind = '\u0001';
/** Behind all that an entry lists. */
const behindEntry = '~';
const first = '!';
const last = '~';

/**
 * `limit` of the records of one partition where there are so many: a page of the store is short
 * where some have expired.
 */
export async function pageOf<T>(
  ports: ReadingPorts,
  pk: string,
  { limit, cursor }: ListOptions,
  isDescending = false,
): Promise<ListedPage<T>> {
  const items: T[] = [];
  let at = cursor;
  for (let reads = 0; reads < listReadsMax; reads += 1) {
    const from = at;
    const page = await reading(ports, () =>
      ports.store.query<T>({ pk, limit: limit - items.length, cursor: from, isDescending }),
    );
    items.push(...page.items.map((item) => item.data));
    at = page.cursor;
    if (at === undefined || items.length >= limit) break;
  }
  return { items, nextCursor: at ?? null };
}

export class RequestList {
  readonly #ports: ReadingPorts;
  readonly #choose: Choose;
  readonly #kind: ListKind;
  readonly #isDescending: boolean;
  readonly #limit: number;
  /** Of the entries in a list, text order is time order. */
  readonly #since: string;
  readonly #from: string | null;
  /** The open request, by its place among these, to which pages came before the list went on by time. */
  readonly #passed: string | null;
  readonly #shards: readonly Shard[];
  #readsLeft = listReadsMax;
  #itemsLeft = listItemsMax;
  #chosenItems = 0;
  readonly #taken = new Set<string>();

  /** `limit`: as many as the caller wants; a guess for how much to read at once. @throws InvalidCursorError */
  constructor(
    ports: ReadingPorts,
    { kind, all }: Sources,
    { cursor, limit, order, sinceMs }: ListWish,
    choose: Choose,
  ) {
    this.#ports = ports;
    this.#choose = choose;
    this.#kind = kind;
    this.#limit = limit;
    this.#isDescending = order !== 'oldest';
    this.#since = sinceMs === undefined ? '' : keys.timeText(sinceMs);
    const position = cursor === undefined ? null : positionOf(cursor, kind, this.#isDescending);
    this.#from = position?.place ?? (this.#isDescending || this.#since === '' ? null : this.#since);
    this.#passed = position?.passed ?? null;
    this.#shards = all.map((source) => ({
      source,
      cursor: undefined,
      entries: [],
      readTo: this.#from ?? (this.#isDescending ? last : first),
      looked: 0,
      isRead: false,
    }));
  }

  /** The next request; null at the end, and when this page has read enough. */
  async next(): Promise<AnyRequest | null> {
    for (;;) {
      const shard = this.#first();
      const [entry] = shard?.entries ?? [];
      if (!shard) return null;
      if (entry && 'record' in entry) {
        this.#taken.add(entry.record.id);
        this.#passTaken();
        return entry.record;
      }
      if (!(await this.#readOn())) return null;
    }
  }

  /** An open claim is in two partitions, and so is what moved from one to another while they were read. */
  #passTaken(): void {
    for (const shard of this.#shards)
      while (shard.entries[0] && 'record' in shard.entries[0] && this.#taken.has(shard.entries[0].record.id))
        shard.entries.shift();
  }

  /** Where the next page begins; null: this was the last. */
  get cursor(): string | null {
    const shard = this.#first();
    if (!shard) return null;
    const [entry] = shard.entries;
    const place = this.#isDescending
      ? entry
        ? `${firstPlace(entry)}${justBehind}`
        : shard.readTo
      : entry
        ? firstPlace(entry)
        : shard.readTo;
    // Those of one millisecond have another order among open requests: their pages have to know both places.
    if (this.#passed !== null && place.startsWith(timeIn(this.#passed)))
      return cursorOf(`${openMark}${this.#passed}${turn}${place}`);
    return cursorOf(this.#kind === 'open' ? `${openMark}${place}` : place);
  }

  /** How many requests it looked at so far, batches among them; more than it answered where a filter left some out. */
  get examined(): number {
    return listItemsMax - this.#itemsLeft;
  }

  #isBefore(a: string, b: string): boolean {
    return this.#isDescending ? a > b : a < b;
  }

  /** The shard that has the next request, or may have it; null: nothing is left. */
  #first(): Shard | null {
    const open = this.#shards.filter((shard) => shard.entries.length > 0 || !shard.isRead);
    return open.length === 0 ? null : open.reduce((a, b) => (this.#isBefore(nextPlace(b), nextPlace(a)) ? b : a));
  }

  /** Reads where a request may be that comes before all that are known. false: this page has read enough. */
  async #readOn(): Promise<boolean> {
    const known = this.#shards.flatMap(({ entries: [entry] }) => (entry && 'record' in entry ? [entry.at] : []));
    const isUnsure = (place: string): boolean => known.every((one) => this.#isBefore(place, one));
    const unsure = this.#shards.filter(({ entries: [entry], isRead, readTo }) =>
      entry ? !('record' in entry) && isUnsure(firstPlace(entry)) : !isRead && isUnsure(readTo),
    );
    // One batch at a time, the first: what is opened behind the place where this page ends is read again by the next.
    const batch = this.#first();
    const now = unsure
      .filter((shard) => shard === batch || shard.entries.length === 0)
      .slice(0, Math.min(this.#readsLeft, this.#itemsLeft));
    this.#readsLeft -= now.length;
    const itemsMax = Math.floor(this.#itemsLeft / now.length);
    await Promise.all(now.map((shard) => this.#read(shard, Math.min(itemsMax, this.#readItemsOf(shard)))));
    this.#passTaken();
    return now.length > 0;
  }

  /** What is missing, by what the filter let through so far, and the part of it that this shard had. */
  #readItemsOf({ looked }: Shard): number {
    const missing = Math.max(1, this.#limit - this.#taken.size);
    if (looked === 0) return Math.min(firstItemsMax, Math.ceil(missing / this.#shards.length) + spareItems);
    const passed = Math.max(1, this.#chosenItems) / this.examined;
    return Math.ceil((missing / passed) * (looked / this.examined)) + spareItems;
  }

  #read(shard: Shard, limit: number): Promise<void> {
    const [entry] = shard.entries;
    return entry && 'batchId' in entry
      ? this.#open(shard, entry, Math.min(rowsOfBatch, limit))
      : this.#readEntries(shard, limit);
  }

  #countItems(shard: Shard, items: number): void {
    shard.looked += items;
    this.#itemsLeft -= items;
  }

  async #readEntries(shard: Shard, limit: number): Promise<void> {
    const { source, cursor } = shard;
    const from = this.#from === null || this.#isDescending ? this.#from : entryOfPlace(this.#from);
    const { items, cursor: next } = await reading(this.#ports, () =>
      readSource<AnyRow | BatchRecord>(this.#ports, source, from, { limit, cursor, isDescending: this.#isDescending }),
    );
    this.#countItems(shard, items.length);
    shard.cursor = next;
    const readTo = placeIn(source, items.at(-1));
    shard.isRead = next === undefined || (this.#isDescending && readTo !== '' && readTo < this.#since);
    if (readTo !== '') shard.readTo = this.#isDescending ? readTo : `${readTo}${behindEntry}`;
    const entries = await this.#withRows(items.flatMap((item) => this.#entryOf(source, item) ?? []));
    const rows = await this.#chosen(entries.filter((one): one is Found => 'record' in one));
    shard.entries = entries.flatMap((one): (Row | Batch)[] =>
      'batchId' in one ? [one] : [...(rows.get(one.at) ?? [])],
    );
  }

  /** An entry of a named list says only which request it is: their rows, a hundred at a time. */
  async #withRows(entries: readonly (Found | Batch)[]): Promise<readonly (Found | Batch)[]> {
    const alone = entries.filter((one): one is Batch => 'batchId' in one && !isBatchPlace(one.at));
    if (alone.length === 0) return entries;
    const records = await this.#rowsOf(alone.flatMap((one) => one.requestIds));
    return entries.flatMap((one) => {
      if (!('batchId' in one) || isBatchPlace(one.at)) return [one];
      const record = records.get(one.batchId);
      return record && this.#isOfEntry(record, one.at) ? [{ at: one.at, record }] : [];
    });
  }

  #isOfEntry(record: AnyRow, at: string): boolean {
    return this.#kind === 'ended' ? at === openPlaceOf(record) : isOfEntry(record, at);
  }

  async #rowsOf(ids: readonly string[]): Promise<ReadonlyMap<string, AnyRow>> {
    const parts = Array.from({ length: Math.ceil(ids.length / rowsOfBatch) }, (_, n) =>
      ids.slice(n * rowsOfBatch, (n + 1) * rowsOfBatch),
    );
    const read = await Promise.all(
      parts.map((part) =>
        reading(this.#ports, () => this.#ports.store.getMany<AnyRow>(part.map((id) => keys.request(id)))),
      ),
    );
    return new Map(read.flat().flatMap((item) => (item ? [[item.data.id, item.data] as const] : [])));
  }

  async #open(shard: Shard, batch: Batch, limit: number): Promise<void> {
    const [now, rest] = [batch.requestIds.slice(0, limit), batch.requestIds.slice(limit)];
    const records = await this.#rowsOf(now);
    this.#countItems(shard, now.length);
    // A repeat belongs to the batch that it first came with; what lists itself is found there.
    const isOurs = (record: AnyRow): boolean =>
      this.#kind === 'listed' ? isOfEntry(record, batch.at) : 'batch' in record && record.batch?.id === batch.batchId;
    const rows = await this.#chosen(
      now.flatMap((id) => {
        const record = records.get(id);
        return record && isOurs(record) ? [{ at: `${batch.at}#${id}`, record }] : [];
      }),
    );
    shard.entries = [
      ...[...rows.values()].flat(),
      ...(rest.length === 0 ? [] : [{ ...batch, requestIds: rest }]),
      ...shard.entries.slice(1),
    ];
  }

  /** Those that belong into the list, by place, in their order. */
  async #chosen(found: readonly Found[]): Promise<ReadonlyMap<string, readonly Row[]>> {
    const passed = this.#passed;
    const rows = passed === null ? found : found.filter(({ record }) => this.#isBehind(passed, openPlaceOf(record)));
    if (rows.length === 0) return new Map();
    const chosen = new Map((await this.#choose(rows.map((row) => row.record))).map((record) => [record.id, record]));
    this.#chosenItems += chosen.size;
    return new Map(
      rows.map(({ at, record: { id } }) => {
        const record = chosen.get(id);
        return [at, record ? [{ at, record }] : []];
      }),
    );
  }

  #entryOf(source: Source, item: Item<AnyRow | BatchRecord>): Found | Batch | null {
    const { data } = item;
    const at = placeIn(source, item);
    if (!('requestIds' in data)) return this.#isAhead(at) ? { at, record: data } : null;
    const isAlone = !isBatchPlace(at);
    const requestIds = data.requestIds.filter((id) => this.#isAhead(isAlone ? at : `${at}#${id}`)).sort();
    if (this.#isDescending) requestIds.reverse();
    return requestIds.length === 0 ? null : { at, batchId: data.id, requestIds };
  }

  #isAhead(at: string): boolean {
    if (at < this.#since) return false;
    return this.#from === null || this.#isBehind(this.#from, at);
  }

  /** A page begins behind its cursor: before it in a descending list, from it on in an ascending one. */
  #isBehind(from: string, at: string): boolean {
    return this.#isDescending ? at < from : at >= from;
  }
}

/** Whether the entry of this place lists a batch. */
function isBatchPlace(at: string): boolean {
  return at.includes('#~');
}

/** A repeated submission may have left other entries: the request is listed where it first came. */
function isOfEntry(record: AnyRow, at: string): boolean {
  const { listedWith, createdAtMs } = record;
  return listedWith === undefined
    ? at.startsWith(`${keys.timeText(createdAtMs)}#`) && !isBatchPlace(at)
    : at.endsWith(`#~${listedWith}`);
}

/** The place of the first request that the entry may list. */
function firstPlace(entry: Row | Batch): string {
  return 'record' in entry ? entry.at : `${entry.at}#${entry.requestIds[0] ?? ''}`;
}

/** The place of the next request of the shard, or one that it cannot be in front of. */
function nextPlace({ entries: [entry], readTo }: Shard): string {
  return entry ? firstPlace(entry) : readTo;
}

/** The place of the entry that lists what is at this place. */
function entryOfPlace(place: string): string {
  return place.split('#').slice(0, 2).join('#');
}

/** Among open requests. */
function openPlaceOf({ id, createdAtMs }: AnyRow): string {
  return `${keys.timeText(createdAtMs)}#${id}`;
}

/** What the places of one millisecond begin with. */
function timeIn(place: string): string {
  return place.slice(0, place.indexOf('#') + 1);
}

/** Those of open requests are marked: they have other places than the same requests by time. */
const openMark = 'o';
/** Between the place where a list of open requests was left and the one by time where it goes on. */
const turn = '|';

function cursorOf(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function textOf(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

/** Whether it is of a list of open requests, also of one that goes on by time now. */
export function isOfOpenList(cursor: string): boolean {
  return textOf(cursor).startsWith(openMark);
}

/** Whether the list went on by the pools' open requests when it made the cursor. */
export function isOpenCursor(cursor: string): boolean {
  return isOfOpenList(cursor) && !textOf(cursor).includes(turn);
}

interface Position {
  readonly place: string;
  readonly passed: string | null;
}

const placePattern = `(?:\\d{14}#[\\w~#-]*|[~!])${justBehind}?`;
const cursorPattern = new RegExp(`^(?:o?${placePattern}|o${placePattern}\\|${placePattern})$`);

/**
 * A list of open requests that became too wide goes on by time: from the beginning of its millisecond, without those
 * that were passed.
 */
function positionOf(cursor: string, kind: ListKind, isDescending: boolean): Position {
  const text = textOf(cursor);
  const isOpen = isOpenCursor(cursor);
  if (!cursorPattern.test(text) || cursorOf(text) !== cursor || (kind === 'open' && !isOpen))
    throw new InvalidCursorError(cursor);
  if (!text.startsWith(openMark)) return { place: text, passed: null };
  const [passed = '', place] = text.slice(openMark.length).split(turn);
  if (kind === 'open') return { place: passed, passed: null };
  if (place !== undefined) return { place, passed };
  const time = timeIn(passed);
  // Batches come behind what came alone.
  return { place: time === '' ? passed : isDescending ? `${time}~~` : time, passed };
}

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

/** Which requests are wanted, and in which order. */
export interface ListWish extends ListOptions {
  readonly tenant: string;
  readonly order?: 'newest' | 'oldest' | undefined;
  /** None that was accepted before. */
  readonly sinceMs?: number | undefined;
  /** Only those of this list (see listed.ts); null: all. */
  readonly listed: string | null;
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
  readonly pk: string;
  cursor: string | undefined;
  /** What was read and is not passed yet, in order: requests, and batches that are not opened or only in part. */
  entries: (Row | Batch)[];
  /** The last place that was read; all before it is in `entries` or passed. */
  readTo: string;
  /** How many index entries the next read asks for. */
  readItems: number;
  isRead: boolean;
}

/** Which of the records that one read answered belong into the list, as people see them. */
export type Choose = (records: readonly AnyRow[]) => Promise<readonly AnyRequest[]>;

const rowsOfBatch = 100;
const readItemsMax = 1_000;
/** A page takes so many reads of the store at most; its cursor goes on from there. */
export const listReadsMax = 100;
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
  readonly #listed: string | null;
  readonly #isDescending: boolean;
  /** Of the entries in a list, text order is time order. */
  readonly #since: string;
  readonly #from: string | null;
  readonly #shards: readonly Shard[];
  #readsLeft = listReadsMax;

  /** `limit`: as many as the caller wants; a guess for how much to read at once. @throws InvalidCursorError */
  constructor(ports: ReadingPorts, { tenant, cursor, limit, order, sinceMs, listed }: ListWish, choose: Choose) {
    this.#ports = ports;
    this.#choose = choose;
    this.#listed = listed;
    this.#isDescending = order !== 'oldest';
    this.#since = sinceMs === undefined ? '' : keys.timeText(sinceMs);
    this.#from =
      cursor === undefined ? (this.#isDescending || this.#since === '' ? null : this.#since) : placeOf(cursor);
    const pks = listed === null ? keys.byTimeShards(tenant) : keys.listedShards(tenant, listed);
    const readItems = Math.min(readItemsMax, Math.ceil(limit / pks.length) + 4);
    this.#shards = pks.map((pk) => ({
      pk,
      cursor: undefined,
      entries: [],
      readTo: this.#from ?? (this.#isDescending ? last : first),
      readItems,
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
        shard.entries.shift();
        return entry.record;
      }
      if (!(await this.#readOn())) return null;
    }
  }

  /** Where the next page begins; null: this was the last. */
  get cursor(): string | null {
    const shard = this.#first();
    if (!shard) return null;
    const [entry] = shard.entries;
    // A page begins with what is behind its cursor: before this in a descending list, from it on in an ascending one.
    const place = this.#isDescending
      ? entry
        ? `${firstPlace(entry)}${justBehind}`
        : shard.readTo
      : entry
        ? firstPlace(entry)
        : shard.readTo;
    return Buffer.from(place).toString('base64url');
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
    const now = unsure.slice(0, this.#readsLeft);
    this.#readsLeft -= now.length;
    await Promise.all(now.map((shard) => this.#read(shard)));
    return now.length > 0;
  }

  #read(shard: Shard): Promise<void> {
    const [entry] = shard.entries;
    return entry && 'batchId' in entry ? this.#open(shard, entry) : this.#readEntries(shard);
  }

  async #readEntries(shard: Shard): Promise<void> {
    const { pk, cursor, readItems: limit } = shard;
    const skFrom = this.#from === null ? {} : { skFrom: this.#isDescending ? this.#from : entryOfPlace(this.#from) };
    const options = { pk, limit, cursor, isDescending: this.#isDescending, ...skFrom };
    const { items, cursor: next } = await reading(this.#ports, () =>
      this.#listed === null
        ? this.#ports.store.queryIndex<AnyRow | BatchRecord>('by-time', options)
        : this.#ports.store.query<AnyRow | BatchRecord>(options),
    );
    shard.cursor = next;
    const readTo = this.#placeIn(items.at(-1));
    shard.isRead = next === undefined || (this.#isDescending && readTo !== '' && readTo < this.#since);
    if (readTo !== '') shard.readTo = this.#isDescending ? readTo : `${readTo}${behindEntry}`;
    // What was asked for did not suffice: a filter leaves few, or others expired.
    shard.readItems = Math.min(readItemsMax, limit * 2);
    const entries = await this.#withRows(items.flatMap((item) => this.#entryOf(item) ?? []));
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
      return record && isOfEntry(record, one.at) ? [{ at: one.at, record }] : [];
    });
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

  async #open(shard: Shard, batch: Batch): Promise<void> {
    const [now, rest] = [batch.requestIds.slice(0, rowsOfBatch), batch.requestIds.slice(rowsOfBatch)];
    const records = await this.#rowsOf(now);
    // A repeat belongs to the batch that it first came with; what lists itself is found there.
    const isOurs = (record: AnyRow): boolean =>
      this.#listed === null ? 'batch' in record && record.batch?.id === batch.batchId : isOfEntry(record, batch.at);
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
  async #chosen(rows: readonly Found[]): Promise<ReadonlyMap<string, readonly Row[]>> {
    if (rows.length === 0) return new Map();
    const chosen = new Map((await this.#choose(rows.map((row) => row.record))).map((record) => [record.id, record]));
    return new Map(
      rows.map(({ at, record: { id } }) => {
        const record = chosen.get(id);
        return [at, record ? [{ at, record }] : []];
      }),
    );
  }

  #placeIn(item: Item<AnyRow | BatchRecord> | undefined): string {
    return (this.#listed === null ? item?.index['by-time']?.sk : item?.sk) ?? '';
  }

  #entryOf(item: Item<AnyRow | BatchRecord>): Found | Batch | null {
    const { data } = item;
    const at = this.#placeIn(item);
    if (!('requestIds' in data)) return this.#isAhead(at) ? { at, record: data } : null;
    const isAlone = !isBatchPlace(at);
    const requestIds = data.requestIds.filter((id) => this.#isAhead(isAlone ? at : `${at}#${id}`)).sort();
    if (this.#isDescending) requestIds.reverse();
    return requestIds.length === 0 ? null : { at, batchId: data.id, requestIds };
  }

  #isAhead(at: string): boolean {
    if (at < this.#since) return false;
    return this.#from === null || (this.#isDescending ? at < this.#from : at >= this.#from);
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

function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  const behind = place.endsWith(justBehind) ? place.slice(0, -1) : place;
  const isOurs = /^(?:\d{14}#[\w~#-]+|[~!])$/.test(behind) && Buffer.from(place).toString('base64url') === cursor;
  if (!isOurs) throw new InvalidCursorError(cursor);
  return place;
}

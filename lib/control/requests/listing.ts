// Lists in pages. That of a tenant's requests is newest first. Its index is spread over shards, and what
// came in one batch has one entry there together: a page is merged from all shards, and batches are opened
// as far as it needs them.
import type { AnyRequest, AnyRow } from '../../core/records/claim.ts';
import type { Item } from '../../ports/store.ts';
import { InvalidCursorError } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import type { ReadingPorts } from '../ports.ts';
import type { ListedPage, ListOptions } from '../use-cases.ts';
import { reading } from '../store/store-retry.ts';

/** What lists the requests of one batch, until each of them has ended or lists itself. */
export interface BatchRecord {
  readonly id: string;
  readonly requestIds: readonly string[];
}

interface Row {
  /** Its place: the list is ordered by it, descending. */
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
/** Directly in front of a place, where no other can be. */
const justBefore = '\u0001';
const beforeAll = '~';

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
  readonly #from: string | null;
  readonly #shards: readonly Shard[];
  #readsLeft = listReadsMax;

  /** `limit`: as many as the caller wants; a guess for how much to read at once. @throws InvalidCursorError */
  constructor(ports: ReadingPorts, tenant: string, { cursor, limit }: ListOptions, choose: Choose) {
    this.#ports = ports;
    this.#choose = choose;
    this.#from = cursor === undefined ? null : placeOf(cursor);
    const pks = keys.byTimeShards(tenant);
    const readItems = Math.min(readItemsMax, Math.ceil(limit / pks.length) + 4);
    this.#shards = pks.map((pk) => ({
      pk,
      cursor: undefined,
      entries: [],
      readTo: this.#from ?? beforeAll,
      readItems,
      isRead: false,
    }));
  }

  /** The next request; null at the end, and when this page has read enough. */
  async next(): Promise<AnyRequest | null> {
    for (;;) {
      const first = this.#first();
      const [entry] = first?.entries ?? [];
      if (!first) return null;
      if (entry && 'record' in entry) {
        first.entries.shift();
        return entry.record;
      }
      if (!(await this.#readOn())) return null;
    }
  }

  /** Where the next page begins; null: this was the last. */
  get cursor(): string | null {
    const first = this.#first();
    if (!first) return null;
    const [entry] = first.entries;
    return Buffer.from(entry ? `${firstPlace(entry)}${justBefore}` : first.readTo).toString('base64url');
  }

  /** The shard that has the next request, or may have it; null: nothing is left. */
  #first(): Shard | null {
    const open = this.#shards.filter((shard) => shard.entries.length > 0 || !shard.isRead);
    return open.length === 0 ? null : open.reduce((a, b) => (nextPlace(b) > nextPlace(a) ? b : a));
  }

  /** Reads where a request may be that comes before all that are known. false: this page has read enough. */
  async #readOn(): Promise<boolean> {
    const known = this.#shards.flatMap(({ entries: [entry] }) => (entry && 'record' in entry ? [entry.at] : []));
    const sure = known.reduce((a, b) => (a > b ? a : b), '');
    const unsure = this.#shards.filter(({ entries: [entry], isRead, readTo }) =>
      entry ? !('record' in entry) && firstPlace(entry) > sure : !isRead && readTo > sure,
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
    const { items, cursor: next } = await reading(this.#ports, () =>
      this.#ports.store.queryIndex<AnyRow | BatchRecord>('by-time', {
        pk,
        limit,
        cursor,
        isDescending: true,
        ...(this.#from === null ? {} : { skFrom: this.#from }),
      }),
    );
    shard.cursor = next;
    shard.isRead = next === undefined;
    shard.readTo = items.at(-1)?.index['by-time']?.sk ?? shard.readTo;
    // What was asked for did not suffice: a filter leaves few, or others expired.
    shard.readItems = Math.min(readItemsMax, limit * 2);
    const entries = items.flatMap((item) => this.#entryOf(item) ?? []);
    const rows = await this.#chosen(entries.filter((one): one is Found => 'record' in one));
    shard.entries = entries.flatMap((one): (Row | Batch)[] =>
      'batchId' in one ? [one] : [...(rows.get(one.at) ?? [])],
    );
  }

  async #open(shard: Shard, batch: Batch): Promise<void> {
    const [now, rest] = [batch.requestIds.slice(0, rowsOfBatch), batch.requestIds.slice(rowsOfBatch)];
    const items = await reading(this.#ports, () =>
      this.#ports.store.getMany<AnyRow>(now.map((id) => keys.request(id))),
    );
    // A repeat belongs to the batch that it first came with; what lists itself is found there.
    const rows = await this.#chosen(
      items.flatMap((item) =>
        item && 'batch' in item.data && item.data.batch?.id === batch.batchId
          ? [{ at: `${batch.at}#${item.data.id}`, record: item.data }]
          : [],
      ),
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

  #entryOf({ data, index }: Item<AnyRow | BatchRecord>): Found | Batch | null {
    const at = index['by-time']?.sk ?? '';
    if (!('requestIds' in data)) return this.#isAhead(at) ? { at, record: data } : null;
    const requestIds = data.requestIds
      .filter((id) => this.#isAhead(`${at}#${id}`))
      .sort()
      .reverse();
    return requestIds.length === 0 ? null : { at, batchId: data.id, requestIds };
  }

  #isAhead(at: string): boolean {
    return this.#from === null || at < this.#from;
  }
}

/** The place of the first request that the entry may list. */
function firstPlace(entry: Row | Batch): string {
  return 'record' in entry ? entry.at : `${entry.at}#${entry.requestIds[0] ?? ''}`;
}

/** The place of the next request of the shard, or one that it cannot be in front of. */
function nextPlace({ entries: [entry], readTo }: Shard): string {
  return entry ? firstPlace(entry) : readTo;
}

function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  const behind = place.endsWith(justBefore) ? place.slice(0, -1) : place;
  const isOurs = /^(?:\d{14}#[\w~#-]+|~)$/.test(behind) && Buffer.from(place).toString('base64url') === cursor;
  if (!isOurs) throw new InvalidCursorError(cursor);
  return place;
}

// The list of a tenant's requests, newest first. Its index is spread over shards, and what came in one batch has one
// entry there together: a page is merged from all shards, and batches are opened as far as it needs them.
import type { AnyRequest } from '../core/holds/hold.ts';
import type { Item } from '../ports/store.ts';
import { InvalidCursorError } from '../ports/store.ts';
import { keys } from './keys.ts';
import type { ReadingPorts } from './ports.ts';
import { reading } from './writing.ts';

/** What lists the requests of one batch, until each of them has ended or lists itself. */
export interface BatchRecord {
  readonly id: string;
  readonly requestIds: readonly string[];
}

interface Listed {
  /** Its place: the list is ordered by it, descending. */
  readonly at: string;
  readonly record: AnyRequest;
}

/** An entry of the index that is not opened yet: a request, or what is left of a batch. */
type Entry = Listed | { readonly at: string; readonly batchId: string; readonly requestIds: readonly string[] };

interface Shard {
  readonly pk: string;
  cursor: string | undefined;
  readonly entries: Entry[];
  readonly rows: Listed[];
  /** Nothing is left before this place; null: nothing is passed yet. */
  passed: string | null;
  isRead: boolean;
}

const rowsOfBatch = 100;
/** A page takes so many rounds of reads at most; a cursor goes on from there. */
const roundsMax = 20;
/** Directly in front of a place, where no other can be. */
const justBefore = '\u0001';
const beforeAll = '~';

export class RequestList {
  readonly #ports: ReadingPorts;
  readonly #shards: readonly Shard[];
  readonly #from: string | null;
  readonly #pageItems: number;
  #roundsLeft = roundsMax;

  /** @throws InvalidCursorError */
  constructor(ports: ReadingPorts, tenant: string, cursor: string | undefined, limit: number) {
    this.#ports = ports;
    this.#from = cursor === undefined ? null : placeOf(cursor);
    this.#pageItems = Math.ceil(limit / keys.byTimeShards(tenant).length) + 4;
    this.#shards = keys.byTimeShards(tenant).map((pk) => ({ pk, cursor: undefined, entries: [], rows: [], passed: this.#from, isRead: false }));
  }

  /** The next requests, at most so many; fewer at the end, and when this page has read enough. */
  async next(limit: number): Promise<readonly AnyRequest[]> {
    const records: AnyRequest[] = [];
    while (records.length < limit) {
      const unread = this.#shards.filter((shard) => shard.rows.length === 0 && hasMore(shard));
      if (unread.length > 0) {
        if (this.#roundsLeft === 0) break;
        this.#roundsLeft -= 1;
        await Promise.all(unread.map((shard) => this.#fill(shard)));
        continue;
      }
      const first = this.#shards.reduce((a, b) => ((b.rows[0]?.at ?? '') > (a.rows[0]?.at ?? '') ? b : a));
      const row = first.rows.shift();
      if (!row) break;
      first.passed = row.at;
      records.push(row.record);
    }
    return records;
  }

  /** Nothing more comes from {@link next}: the end is reached, or enough is read for one page. */
  get isOver(): boolean {
    return this.#roundsLeft === 0 || this.cursor === null;
  }

  /** Where the next page begins; null: this was the last. */
  get cursor(): string | null {
    const open = this.#shards.filter((shard) => shard.rows.length > 0 || hasMore(shard));
    if (open.length === 0) return null;
    const places = open.map(({ rows: [row], entries: [entry], passed }) => {
      const next = row?.at ?? (entry && firstPlace(entry));
      return next === undefined ? (passed ?? beforeAll) : `${next}${justBefore}`;
    });
    return Buffer.from(places.reduce((a, b) => (a > b ? a : b))).toString('base64url');
  }

  async #fill(shard: Shard): Promise<void> {
    if (shard.entries.length === 0) {
      const page = await reading(this.#ports, () => this.#ports.store.queryIndex<AnyRequest | BatchRecord>('by-time', {
        pk: shard.pk, limit: this.#pageItems, cursor: shard.cursor, isDescending: true, ...(this.#from === null ? {} : { skFrom: this.#from }),
      }));
      shard.entries.push(...page.items.map(entryOf));
      shard.cursor = page.cursor;
      shard.isRead = page.cursor === undefined;
    }
    while (shard.rows.length === 0 && shard.entries.length > 0) await this.#open(shard);
  }

  async #open(shard: Shard): Promise<void> {
    const entry = shard.entries.shift();
    if (!entry) return;
    shard.passed = entry.at;
    if ('record' in entry) {
      if (this.#isAhead(entry.at)) shard.rows.push(entry);
      return;
    }
    const ids = entry.requestIds.filter((id) => this.#isAhead(`${entry.at}#${id}`));
    const now = ids.slice(0, rowsOfBatch);
    if (now.length < ids.length) shard.entries.unshift({ ...entry, requestIds: ids.slice(rowsOfBatch) });
    const items = await reading(this.#ports, () => this.#ports.store.getMany<AnyRequest>(now.map((id) => keys.request(id))));
    for (const item of items) {
      // A repeat belongs to the batch that it first came with; what lists itself is found there.
      if (item && 'batch' in item.data && item.data.batch?.id === entry.batchId) shard.rows.push({ at: `${entry.at}#${item.data.id}`, record: item.data });
    }
  }

  #isAhead(at: string): boolean {
    return this.#from === null || at < this.#from;
  }
}

function hasMore(shard: Shard): boolean {
  return !shard.isRead || shard.entries.length > 0;
}

function entryOf(item: Item<AnyRequest | BatchRecord>): Entry {
  const at = item.index['by-time']?.sk ?? '';
  if (!('requestIds' in item.data)) return { at, record: item.data };
  return { at, batchId: item.data.id, requestIds: [...item.data.requestIds].sort().reverse() };
}

/** The place of the first request that the entry may list. */
function firstPlace(entry: Entry): string {
  return 'record' in entry ? entry.at : `${entry.at}#${entry.requestIds[0] ?? ''}`;
}

function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  const behind = place.endsWith(justBefore) ? place.slice(0, -1) : place;
  const isOurs = /^(?:\d{14}#[\w~#-]+|~)$/.test(behind) && Buffer.from(place).toString('base64url') === cursor;
  if (!isOurs) throw new InvalidCursorError(cursor);
  return place;
}

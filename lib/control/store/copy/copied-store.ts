// The store as a tick has it whose process keeps a copy of the pool: what is copied is answered from the copy, all else
// by the store. Single reads always go to the store: whoever reads one record to change it wants the latest. What the
// tick writes goes into the copy when it is written, on the conditions on which the copy stands.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Condition, Item, ItemKey, KeyPage, Page, QueryOptions, Store, Write } from '../../../ports/store.ts';
import { ConditionFailedError } from '../../../ports/store.ts';
import { keyName, keyOf, toItem } from '../../../ports/store/rules.ts';
import { keys } from '../keys.ts';
import { copiedKind } from './copied-keys.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { PoolCopy } from './pool-copy.ts';

/** A document that was read longer ago is read again before it is written: a heartbeat may have come since. */
const freshMs = 1_000;

/** What became of the tick's writes that the copy cannot know by itself. */
export interface Doubts {
  /** May or may not have been written: by key name. */
  readonly unsure: Map<string, ItemKey>;
  /** Somebody else had written it: by key name, with the version that the copy took it to have. */
  readonly overtaken: Map<string, { readonly key: ItemKey; readonly version: number }>;
}

export class CopiedStore implements Store {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #copy: PoolCopy;
  readonly #doubts: Doubts;

  constructor(store: Store, clock: Clock, copy: PoolCopy, doubts: Doubts) {
    this.#store = store;
    this.#clock = clock;
    this.#copy = copy;
    this.#doubts = doubts;
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    const item = await this.#store.get<T>(key);
    this.#saw(key, item);
    return item;
  }

  async getMany<T>(all: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    const nowMs = this.#clock.nowMs();
    const found = all.map((key) =>
      copiedKind(key) === 'row' ? this.#copy.row(keys.requestIdOf(key), nowMs) : undefined,
    );
    const missing = all.filter((_, at) => found[at] === undefined);
    if (missing.length > 0) {
      const items = await this.#store.getMany<T>(missing);
      let next = 0;
      for (let at = 0; at < all.length; at += 1) {
        if (found[at] !== undefined) continue;
        found[at] = items[next] ?? null;
        next += 1;
      }
      missing.forEach((key, at) => this.#note(key, items[at] ?? null));
    }
    return found as readonly (Item<T> | null)[];
  }

  async query<T>(options: QueryOptions): Promise<Page<T>> {
    if (options.isDescending === true) return this.#store.query<T>(options);
    if (options.pk === keys.nodes(this.#copy.pool) && options.skPrefix === undefined && options.skFrom === undefined) {
      const items = this.#copy.nodesAfter(options.cursor ?? '', options.limit + 1);
      return pageOf(items as readonly Item<T>[], options.limit);
    }
    if (options.skPrefix === keys.chunkPrefix && options.cursor === undefined) return this.#chunks<T>(options);
    return this.#store.query<T>(options);
  }

  /** All of an array's chunks at once: they are read together, and are known together. */
  async #chunks<T>(options: QueryOptions): Promise<Page<T>> {
    const id = keys.requestIdOf(options);
    const from = options.skFrom ?? keys.chunkPrefix;
    const known = this.#copy.chunksFrom(id, from);
    if (known) return { items: known as readonly Item<T>[] };
    const items: Item<T>[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.#store.query<T>({ ...options, cursor });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    this.#copy.setChunks(id, from, items);
    return { items };
  }

  queryIndex: Store['queryIndex'] = (...given) => this.#store.queryIndex(...given);

  async indexKeys(index: 'open' | 'by-time', options: QueryOptions): Promise<KeyPage> {
    return index === 'open' && options.isDescending !== true && this.#copy.hasAllOpen(options.pk)
      ? this.#copy.openPage(options)
      : this.#store.indexKeys(index, options);
  }

  async put<T>(write: Parameters<Store['put']>[0]): Promise<Item<T>> {
    const { item, condition, writeId } = write;
    const [sent] = await this.#asStored([{ op: 'put', item, condition }]);
    if (sent?.op !== 'put') throw new TypeError('a put became something else');
    try {
      const written = await this.#store.put({ item: sent.item, condition: sent.condition, writeId });
      this.#written([{ op: 'put', item, condition }], [sent], writeId);
      return written as Item<T>;
    } catch (error) {
      this.#failed([{ op: 'put', item, condition }], [sent], error, writeId);
      throw error;
    }
  }

  async delete(key: ItemKey, condition: number): Promise<void> {
    const write: Write = { op: 'delete', key, condition };
    try {
      await this.#store.delete(key, condition);
      this.#written([write], [write], '');
    } catch (error) {
      this.#failed([write], [write], error, '');
      throw error;
    }
  }

  async transact(writes: readonly Write[], writeId: string): Promise<void> {
    const sent = await this.#asStored(writes);
    try {
      await this.#store.transact(sent, writeId);
      this.#written(writes, sent, writeId);
    } catch (error) {
      this.#failed(writes, sent, error, writeId);
      throw error;
    }
  }

  /** With the versions and heartbeats that documents have in the store, where the copy is behind by these alone. */
  async #asStored(writes: readonly Write[]): Promise<readonly Write[]> {
    const nowMs = this.#clock.monotonicMs();
    const old = writes.map(keyOf).filter((key) => {
      const entry = copiedKind(key) === 'node' ? this.#copy.node(key.sk) : undefined;
      return entry !== undefined && nowMs - entry.readAtMs > freshMs;
    });
    if (old.length > 0) {
      const items = await this.#store.getMany(old);
      old.forEach((key, at) => this.#saw(key, items[at] ?? null));
    }
    return writes.map((write) => {
      const key = keyOf(write);
      const entry = copiedKind(key) === 'node' ? this.#copy.node(key.sk) : undefined;
      if (!entry || write.op === 'check' || write.condition !== entry.item.version) return write;
      if (write.op === 'delete') return { ...write, condition: entry.version };
      const data = withHeartbeat(write.item.data as NodeRecord, entry.item.data as NodeRecord);
      return { ...write, item: { ...write.item, data }, condition: entry.version };
    });
  }

  #note(key: ItemKey, item: Item | null): void {
    if (copiedKind(key) === 'node' && key.pk !== keys.nodes(this.#copy.pool)) return;
    this.#copy.note(key, item, this.#clock.monotonicMs(), true);
  }

  /** What others have changed since the copy was brought up to date has to be in the change list by then. */
  #saw(key: ItemKey, item: Item | null): void {
    const known = copiedKind(key) === 'node' ? this.#copy.node(key.sk) : undefined;
    const shown = known?.item.version;
    this.#note(key, item);
    const isMoved = known !== undefined && this.#copy.node(key.sk)?.item.version !== shown;
    const name = keyName(key);
    if (isMoved && !this.#doubts.unsure.has(name)) this.#doubts.overtaken.set(name, { key, version: known.version });
  }

  /** `writes`: with the versions that the writer counts with; `sent`: as the store took them. */
  #written(writes: readonly Write[], sent: readonly Write[], writeId: string): void {
    const atMs = this.#clock.monotonicMs();
    sent.forEach((one, at) => {
      const key = keyOf(one);
      if (one.op === 'check' || copiedKind(key) === null) return;
      this.#doubts.unsure.delete(keyName(key));
      if (one.op === 'delete') {
        this.#note(key, null);
        return;
      }
      const item = toItem(one.item, one.condition, writeId);
      if (copiedKind(key) !== 'node') this.#note(key, item);
      else if (key.pk === keys.nodes(this.#copy.pool))
        this.#copy.noteWrittenNode({ ...item, version: after(writes[at]) }, item.version, atMs);
    });
  }

  #failed(writes: readonly Write[], sent: readonly Write[], error: unknown, writeId: string): void {
    if (!(error instanceof ConditionFailedError)) {
      for (const key of sent.filter((one) => one.op !== 'check').map(keyOf))
        if (copiedKind(key) !== null) this.#doubts.unsure.set(keyName(key), key);
      return;
    }
    const { key, current } = error;
    // Its answer was lost the first time: the caller takes it for the success that it is.
    if (current !== null && current.writeId === writeId) this.#written(writes, sent, writeId);
    else if (copiedKind(key) === 'node') this.#saw(key, current);
    else if (copiedKind(key) !== null) {
      const version = this.#copy.versionOf(key);
      if (version !== undefined && !this.#doubts.overtaken.has(keyName(key)))
        this.#doubts.overtaken.set(keyName(key), { key, version });
    }
  }
}

function after(write: Write | undefined): number {
  const condition: Condition = write?.op === 'put' ? write.condition : 'absent';
  return condition === 'absent' ? 1 : condition + 1;
}

function pageOf<T>(items: readonly Item<T>[], limit: number): Page<T> {
  if (items.length <= limit) return { items };
  const part = items.slice(0, limit);
  return { items: part, cursor: part.at(-1)?.sk ?? '' };
}

// The store as everybody in control has it: no write of a record that ticks keep a copy of passes by the change list,
// unless it checks the fence, which only the holder of the lock can, whose copy it is. So nobody has to think of it,
// and nobody can forget it. Pools that no copy is kept of (LockRecord.listedSinceMs) cost nothing here but a look now
// and then. Heartbeats are not listed: see isHeartbeat.
import type { Item, ItemKey, Store, Write } from '../../../ports/store.ts';
import { keyName, keyOf } from '../../../ports/store/rules.ts';
import type { ReadingPorts } from '../../ports.ts';
import type { Moment } from '../../coordination/elapsed.ts';
import { elapsedMs, momentOf } from '../../coordination/elapsed.ts';
import type { LockRecord } from '../../coordination/lock.ts';
import { keys } from '../keys.ts';
import { reading } from '../store-retry.ts';
import type { ListedChange } from './change-list.ts';
import { ChangeList } from './change-list.ts';
import { copiedKind, poolOfNode, poolOfRow } from './copied-keys.ts';
import { isHeartbeat } from './heartbeat.ts';
import { TicksWrites } from './ticks-writes.ts';

/** A writer that stood still for longer after it was listed, or after it saw that nothing is, looks again. */
const stillMs = 5_000;
/** So long a process takes it for granted that a pool is not listed, and that one is. */
const notListedMs = 2_000;
const listedMs = 60_000;
/** Documents of nodes that were read last, to tell heartbeats. */
const documentsMax = 500;
/** Pools, and chunks' requests, of which something is remembered. */
const rememberedMax = 10_000;

interface Seen {
  readonly isListed: boolean;
  readonly at: Moment;
}

interface PoolChange extends ListedChange {
  readonly pool: string;
}

export class AnnouncingStore implements Store {
  readonly #ports: ReadingPorts;
  readonly #list: ChangeList;
  /** What ticks write under their fences. */
  readonly ticksWrites = new TicksWrites();
  readonly #seen = new Map<string, Seen>();
  readonly #documents = new Map<string, Item>();
  readonly #poolOfRequest = new Map<string, string>();

  /** `ports`: its store may be replaced by another later on. */
  constructor(ports: ReadingPorts) {
    this.#ports = ports;
    this.#list = new ChangeList(ports);
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    const at = momentOf(this.#ports.clock);
    const item = await this.#ports.store.get<T>(key);
    if (item !== null) this.#note(item, at);
    return item;
  }

  getMany: Store['getMany'] = (all) => this.#ports.store.getMany(all);
  query: Store['query'] = (options) => this.#ports.store.query(options);
  queryIndex: Store['queryIndex'] = (...given) => this.#ports.store.queryIndex(...given);
  indexKeys: Store['indexKeys'] = (...given) => this.#ports.store.indexKeys(...given);

  put: Store['put'] = (write) =>
    this.#announced([{ op: 'put', item: write.item, condition: write.condition }], () => this.#ports.store.put(write));

  delete: Store['delete'] = (key, condition) =>
    this.#announced([{ op: 'delete', key, condition }], () => this.#ports.store.delete(key, condition));

  transact: Store['transact'] = async (writes, writeId) => {
    const fence = writes.find(isFenceCheck);
    if (!fence) return this.#announced(writes, () => this.#ports.store.transact(writes, writeId));
    this.ticksWrites.note(fence, writes);
    return this.#ports.store.transact(writes, writeId);
  };

  async #announced<T>(writes: readonly Write[], write: () => Promise<T>): Promise<T> {
    const changes = await this.#changesOf(writes);
    if (changes.length === 0) return write();
    const { clock } = this.#ports;
    for (;;) {
      const started = momentOf(clock);
      await this.#announce(changes);
      if (elapsedMs(clock, started) <= stillMs) break;
    }
    const before = momentOf(clock);
    const result = await write();
    // It stood still in between: whoever began to keep a copy meanwhile hears of it now.
    if (elapsedMs(clock, before) > stillMs) await this.#announce(changes);
    return result;
  }

  async #announce(changes: readonly PoolChange[]): Promise<void> {
    for (const [pool, own] of Map.groupBy(changes, (one) => one.pool))
      if (await this.#isListed(pool)) await this.#list.announce(pool, own);
  }

  async #isListed(pool: string): Promise<boolean> {
    const { clock } = this.#ports;
    const seen = this.#seen.get(pool);
    if (seen && elapsedMs(clock, seen.at) < (seen.isListed ? listedMs : notListedMs)) return seen.isListed;
    const at = momentOf(clock);
    const lock = await reading(this.#ports, () => this.#ports.store.get<LockRecord>(keys.lock(pool)));
    if (lock !== null) this.#note(lock, at);
    else remember(this.#seen, pool, { isListed: false, at }, rememberedMax);
    return this.#seen.get(pool)?.isListed ?? false;
  }

  /** `at`: before it was read. */
  #note(item: Item, at: Moment): void {
    if (copiedKind(item) === 'node') remember(this.#documents, keyName(item), item, documentsMax);
    const pool = keys.poolOfLock(item);
    if (pool === null) return;
    // Of a lock that cannot be read it is not known, and none is kept.
    const isListed = typeof (item.data as Partial<LockRecord> | null)?.listedSinceMs === 'number';
    remember(this.#seen, pool, { isListed, at }, rememberedMax);
  }

  async #changesOf(writes: readonly Write[]): Promise<readonly PoolChange[]> {
    const changes: PoolChange[] = [];
    for (const write of writes) {
      if (write.op === 'check') continue;
      const key = keyOf(write);
      const version = write.condition === 'absent' ? 0 : write.condition;
      const pool = await this.#poolOf(write);
      if (pool !== null && !this.#isHeartbeat(write)) changes.push({ pool, key: { pk: key.pk, sk: key.sk }, version });
    }
    return changes;
  }

  #isHeartbeat(write: Write): boolean {
    if (write.op !== 'put' || copiedKind(write.item) !== 'node') return false;
    const before = this.#documents.get(keyName(write.item));
    return before?.version === write.condition && isHeartbeat(before.data, write.item.data);
  }

  /** null: it is of no kind that is copied. */
  async #poolOf(write: Write): Promise<string | null> {
    const key = keyOf(write);
    switch (copiedKind(key)) {
      case null:
        return null;
      case 'node':
        return poolOfNode(key);
      case 'row': {
        const data = write.op === 'put' ? write.item.data : (await this.#read(key))?.data;
        const pool = poolOfRow(data);
        if (pool !== null) remember(this.#poolOfRequest, key.pk, pool, rememberedMax);
        return pool;
      }
      case 'chunk': {
        const known = this.#poolOfRequest.get(key.pk);
        if (known !== undefined) return known;
        const pool = poolOfRow((await this.#read({ pk: key.pk, sk: keys.request('').sk }))?.data);
        if (pool !== null) remember(this.#poolOfRequest, key.pk, pool, rememberedMax);
        return pool;
      }
    }
  }

  #read(key: ItemKey): Promise<Item | null> {
    return reading(this.#ports, () => this.#ports.store.get(key));
  }
}

function isFenceCheck(write: Write): write is Write & { op: 'check' } {
  return write.op === 'check' && keys.isFence(write.key);
}

/** The oldest goes where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** A view: whoever replaces the store later is heard of. */
export function withAnnouncedChanges<P extends ReadingPorts>(ports: P): P & { readonly store: AnnouncingStore } {
  const store = { value: new AnnouncingStore(ports), enumerable: true };
  return Object.create(ports, { store }) as P & { readonly store: AnnouncingStore };
}

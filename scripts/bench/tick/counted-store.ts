// The store in memory, as it answers the process that ticks, and what is asked of it. Sizes are added up when somebody
// wants to know, so that the process that ticks does not wait for it more than it must.
import { writeUnits } from '../../../lib/adapters/aws/dynamodb/units.ts';
import { MemoryCompactCopies } from '../../../lib/adapters/memory/compact-copies.ts';
import type { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import type { Item, Write } from '../../../lib/ports/store.ts';
import { toWire } from './wire.ts';
import type { Answer, Operation, Operations, Question, WireItem } from './wire.ts';

const attributesBytes = (item: WireItem): number =>
  Object.entries(item ?? {}).reduce((sum, [name, { S, N, B }]) => {
    const text = S ?? N;
    return sum + name.length + (text === undefined ? (B?.length ?? 0) : Buffer.byteLength(text));
  }, 0);
/** A unit per begun 4 KB. */
const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4_096));

export class Counts {
  calls = 0;
  items = 0;
  indexKeys = 0;
  readUnits = 0;
  writes = 0;
  writeUnits = 0;
  copyReads = 0;
  copyWrites = 0;
  copyBytes = 0;
}

type Handlers = { readonly [O in Operation]: (given: Operations[O]['given']) => Promise<Operations[O]['answer']> };

export class CountedStore {
  counts = new Counts();
  /** Compact copies that are whole. */
  manifests = 0;
  readonly #store: MemoryStore;
  readonly #copies = new MemoryCompactCopies();

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async answer<O extends Operation>({ id, operation, given }: Question<O>): Promise<Answer> {
    const handler = this.#handlers[operation] as (given: Operations[O]['given']) => Promise<unknown>;
    try {
      return { kind: 'answer', id, answer: await handler(given) };
    } catch (error) {
      if (error instanceof ConditionFailedError)
        return { kind: 'answer', id, failure: { key: error.key, current: toWire(error.current) } };
      return { kind: 'answer', id, error: String(error) };
    }
  }

  readonly #handlers: Handlers = {
    getMany: async ({ keys }) => {
      const items = (await this.#store.getMany(keys)).map(toWire);
      this.counts.calls += Math.ceil(keys.length / 100);
      this.counts.items += items.length;
      for (const item of items) this.counts.readUnits += unitsOf(attributesBytes(item));
      return items;
    },
    query: async ({ options }) => {
      const page = await this.#store.query(options);
      return { ...page, items: this.#page(page.items) };
    },
    queryIndex: async ({ index, options }) => {
      const page = await this.#store.queryIndex(index, options);
      return { ...page, items: this.#page(page.items) };
    },
    /** Half a unit in an index, some 160 bytes a key. */
    indexKeys: async ({ index, options }) => {
      const page = await this.#store.indexKeys(index, options);
      this.counts.calls += 1;
      this.counts.items += page.keys.length;
      this.counts.indexKeys += page.keys.length;
      this.counts.readUnits += unitsOf(page.keys.length * 160) / 2;
      return page;
    },
    put: async (write) => {
      const before = this.#store.peek(write.item);
      this.#wrote(before, await this.#store.put(write), false);
      return null;
    },
    delete: async ({ key, condition }) => {
      const before = this.#store.peek(key);
      await this.#store.delete(key, condition);
      this.#wrote(before, null, false);
      return null;
    },
    transact: async ({ writes, writeId }) => {
      const keyOf = (one: Write): Item | null => this.#store.peek(one.op === 'put' ? one.item : one.key);
      const before = writes.map(keyOf);
      await this.#store.transact(writes, writeId);
      writes.forEach((one, at) => {
        this.#wrote(before[at] ?? null, keyOf(one), true);
      });
      return null;
    },
    writeCopy: async ({ name, bytes }) => {
      if (name.endsWith('/manifest')) this.manifests += 1;
      this.counts.copyWrites += 1;
      this.counts.copyBytes += bytes.length;
      await this.#copies.write(name, bytes);
      return null;
    },
    readCopy: async ({ name }) => {
      const bytes = await this.#copies.read(name);
      this.counts.copyReads += 1;
      this.counts.copyBytes += bytes?.length ?? 0;
      return bytes;
    },
  };

  #page(items: readonly Item[]): readonly WireItem[] {
    const sent = items.map(toWire);
    this.counts.calls += 1;
    this.counts.items += sent.length;
    this.counts.readUnits += unitsOf(sent.reduce((sum, item) => sum + attributesBytes(item), 0));
    return sent;
  }

  #wrote(before: Item | null, after: Item | null, isTransactional: boolean): void {
    const { table, indexes } = writeUnits(before, after, isTransactional);
    this.counts.writes += 1;
    this.counts.writeUnits += table + indexes;
  }
}

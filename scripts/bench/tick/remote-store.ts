// The store and the compact copies, as the process that ticks has them: each call is a message to the process in which
// they are, and what comes back is unpacked here as on AWS.
import type { CompactCopies } from '../../../lib/ports/store/compact-copies.ts';
import type { Condition, Item, ItemKey, KeyPage, Page, PutItem, Store } from '../../../lib/ports/store.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import { toItem } from '../../../lib/ports/store/rules.ts';
import { fromWire } from './wire.ts';
import type { Answer, Operation, Operations, WirePage } from './wire.ts';

/** Of one message; the store counts 100 as a call. */
const keysPerMessage = 1_000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Remote {
  readonly #send: (message: object) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(send: (message: object) => void) {
    this.#send = send;
  }

  ask<O extends Operation>(operation: O, given: Operations[O]['given']): Promise<Operations[O]['answer']> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#send({ kind: 'question', id, operation, given });
    });
  }

  take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('answer' in answer) waiting?.resolve(answer.answer);
    else if ('failure' in answer)
      waiting?.reject(new ConditionFailedError(answer.failure.key, fromWire(answer.failure.current)));
    else waiting?.reject(new Error(answer.error));
  }
}

export class RemoteStore implements Store {
  readonly #remote: Remote;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    const [item = null] = await this.getMany<T>([key]);
    return item;
  }

  async getMany<T>(keys: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    const all: (Item | null)[] = [];
    for (let from = 0; from < keys.length; from += keysPerMessage) {
      const some = await this.#remote.ask('getMany', { keys: keys.slice(from, from + keysPerMessage) });
      for (const item of some) all.push(fromWire(item));
    }
    return all as (Item<T> | null)[];
  }

  query: Store['query'] = async <T>(options: Parameters<Store['query']>[0]) =>
    pageOf<T>(await this.#remote.ask('query', { options }));

  queryIndex: Store['queryIndex'] = async <T>(...[index, options]: Parameters<Store['queryIndex']>) =>
    pageOf<T>(await this.#remote.ask('queryIndex', { index, options }));

  indexKeys(...[index, options]: Parameters<Store['indexKeys']>): Promise<KeyPage> {
    return this.#remote.ask('indexKeys', { index, options });
  }

  async put<T>(write: {
    readonly item: PutItem<T>;
    readonly condition: Condition;
    readonly writeId: string;
  }): Promise<Item<T>> {
    await this.#remote.ask('put', write);
    return toItem(write.item, write.condition, write.writeId);
  }

  async delete(key: ItemKey, condition: number): Promise<void> {
    await this.#remote.ask('delete', { key, condition });
  }

  async transact(...[writes, writeId]: Parameters<Store['transact']>): Promise<void> {
    await this.#remote.ask('transact', { writes, writeId });
  }
}

function pageOf<T>({ items, cursor }: WirePage): Page<T> {
  const found = items.map(fromWire).filter((item) => item !== null) as Item<T>[];
  return cursor === undefined ? { items: found } : { items: found, cursor };
}

export class RemoteCopies implements CompactCopies {
  readonly #remote: Remote;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#remote.ask('writeCopy', { name, bytes });
  }

  read(name: string): Promise<Uint8Array | null> {
    return this.#remote.ask('readCopy', { name });
  }
}

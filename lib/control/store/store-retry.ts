// Writes that can lose to themselves: every write carries an id of its own and is repeated with it when no
// answer came; a conflict that shows our own id is a success. Throttles and conflicts are repeated with jitter.
import type { Versioned } from '../../core/plan/observation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { Condition, IndexName, Item, ItemKey, PutItem, QueryOptions, Store, Write } from '../../ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';

interface WritingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

const triesMax = 8;

/** Repeating it may help: the store was busy, or gave no answer. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof ThrottledError || error instanceof UnknownOutcomeError;
}

/** Full jitter: 10 ms, doubling, at most 1 s. */
function pauseMs(tries: number, random: Random): number {
  return random.next() * Math.min(1_000, 10 * 2 ** tries);
}

async function repeating<T>(ports: WritingPorts, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || tries >= triesMax) throw error;
      await ports.clock.sleep(pauseMs(tries, ports.random));
    }
  }
}

/** A read, repeated while the store is throttled. */
export async function reading<T>(ports: WritingPorts, read: () => Promise<T>): Promise<T> {
  return repeating(ports, read);
}

/** A conditional put. @throws ConditionFailedError when somebody else's write stands in the way */
export async function put<T>(ports: WritingPorts, item: PutItem<T>, condition: Condition): Promise<Item<T>> {
  const writeId = ports.random.id();
  return repeating(ports, async () => {
    try {
      return await ports.store.put({ item, condition, writeId });
    } catch (error) {
      if (error instanceof ConditionFailedError && error.current?.writeId === writeId) return error.current as Item<T>;
      throw error;
    }
  });
}

/** Removes an item of this version, if it still is there. */
export async function removeItem(
  ports: WritingPorts,
  { pk, sk, version }: ItemKey & { readonly version: number },
): Promise<void> {
  try {
    await repeating(ports, () => ports.store.delete({ pk, sk }, version));
  } catch (error) {
    // Gone or changed: by another process, or by our own first try whose answer was lost.
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}

/** A transaction. @throws ConditionFailedError when somebody else's write stands in the way */
export async function transact(ports: WritingPorts, writes: readonly Write[]): Promise<void> {
  const writeId = ports.random.id();
  let isRepeat = false;
  await repeating(ports, async () => {
    try {
      await ports.store.transact(writes, writeId);
    } catch (error) {
      if (error instanceof UnknownOutcomeError) isRepeat = true;
      if (!(error instanceof ConditionFailedError)) throw error;
      if (error.current?.writeId === writeId) return;
      if (isRepeat && (await hasWon(ports, writes, writeId))) return;
      throw error;
    }
  });
}

/** After a lost answer: did our transaction win, though its first failing item does not show it (a delete, a check)? */
async function hasWon(ports: WritingPorts, writes: readonly Write[], writeId: string): Promise<boolean> {
  const put = writes.find((write) => write.op === 'put');
  if (!put) return false;
  const item = await ports.store.get({ pk: put.item.pk, sk: put.item.sk });
  return item?.writeId === writeId;
}

/**
 * Reads, changes and writes one item until it wins. `change` answers the next data, or null to leave it.
 * Answers the item as it stands afterwards; null when it is absent and stays so.
 */
export async function update<T>(
  ports: WritingPorts,
  key: { readonly pk: string; readonly sk: string },
  change: (current: Item<T> | null) => PutItem<T> | null | Promise<PutItem<T> | null>,
): Promise<{ readonly item: Item<T> | null; readonly isChanged: boolean }> {
  for (let tries = 1; ; tries += 1) {
    const current = await reading(ports, () => ports.store.get<T>(key));
    const next = await change(current);
    if (!next) return { item: current, isChanged: false };
    try {
      return { item: await put(ports, next, current?.version ?? 'absent'), isChanged: true };
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= 20) throw error;
      await ports.clock.sleep(pauseMs(Math.min(tries, 5), ports.random));
    }
  }
}

type ChangeWith<T> = { readonly item: PutItem<T>; readonly others: readonly Write[] } | null;

/** {@link update} of one item, with other writes in the same transaction. */
export async function updateWith<T>(
  ports: WritingPorts,
  key: { readonly pk: string; readonly sk: string },
  change: (current: Item<T> | null) => ChangeWith<T> | Promise<ChangeWith<T>>,
): Promise<{ readonly data: T | null; readonly isChanged: boolean }> {
  for (let tries = 1; ; tries += 1) {
    const current = await reading(ports, () => ports.store.get<T>(key));
    const next = await change(current);
    if (!next) return { data: current?.data ?? null, isChanged: false };
    try {
      await transact(ports, [{ op: 'put', item: next.item, condition: current?.version ?? 'absent' }, ...next.others]);
      return { data: next.item.data, isChanged: true };
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= 20) throw error;
      await ports.clock.sleep(pauseMs(Math.min(tries, 5), ports.random));
    }
  }
}

/** All pages of a query on the base table. */
export async function queryAll<T>(
  ports: WritingPorts,
  pk: string,
  range: Pick<QueryOptions, 'skPrefix' | 'skFrom'> = {},
): Promise<Item<T>[]> {
  const all: Item<T>[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor;
    const page = await reading(ports, () => ports.store.query<T>({ pk, limit: 1_000, cursor: at, ...range }));
    all.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** The keys that one partition of an index has now, up to so many or a page more. */
export async function indexedKeys(
  ports: WritingPorts,
  index: IndexName,
  pk: string,
  enough = Infinity,
): Promise<ItemKey[]> {
  const all: ItemKey[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor;
    const page = await reading(ports, () => ports.store.indexKeys(index, { pk, limit: 1_000, cursor: at }));
    all.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined && all.length < enough);
  return all;
}

/** How much is in these partitions of an index. */
export async function countIndexed(ports: WritingPorts, index: IndexName, pks: readonly string[]): Promise<number> {
  let count = 0;
  for (const pk of pks) count += (await indexedKeys(ports, index, pk)).length;
  return count;
}

/** Runs `work` over all `items`, keeping the order of results; so many at once, and failing, as {@link workThrough}. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  await workThrough(
    Math.min(width, items.length),
    () => left.next().value,
    async ([at, item]) => {
      results[at] = await work(item);
    },
  );
  return results;
}

/**
 * Runs `work` over what `next` hands out until that is undefined, at most `width` at once: the next begins when any of
 * them ends. Rejects with the first failure at once, and begins nothing more; what is under way goes on.
 */
export async function workThrough<T>(
  width: number,
  next: () => T | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = hasFailed ? undefined : next();
      if (item === undefined) return;
      try {
        await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** As decisions take it. */
export function versioned<T>(item: Item<T>): Versioned<T> {
  return { record: item.data, version: item.version };
}

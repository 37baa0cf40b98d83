// The two indexes of the memory store. Each update becomes visible at a time of its own, so that a simulation
// can serve them as late as DynamoDB may; updates of one item stay in their order.
import type { IndexName, Item, ItemKey } from '../../ports/store.ts';
import { keyName } from '../../ports/store/rules.ts';
import { compareEntries } from './range.ts';
import type { Entry } from './range.ts';
import { SortedArray } from '../../core/values/collections/sorted-array.ts';

const indexNames: readonly IndexName[] = ['open', 'by-time'];

export interface IndexEntry extends Entry {
  readonly base: ItemKey;
  /** As it was when the index learnt of it, which may be some time ago. */
  readonly item: Item;
}

interface Update {
  readonly visibleAtMs: number;
  readonly seq: number;
  readonly name: string;
  readonly before: Item | null;
  readonly after: Item | null;
}

const noEntries: SortedArray<IndexEntry> = new SortedArray<IndexEntry>(compareEntries);

export class LaggingIndexes {
  readonly #partitions = new Map<string, SortedArray<IndexEntry>>();
  readonly #pending = new SortedArray<Update>(
    (left, right) => left.visibleAtMs - right.visibleAtMs || left.seq - right.seq,
  );
  /** Per item with pending updates: how many, and when the last of them becomes visible. */
  readonly #queued = new Map<string, { readonly count: number; readonly lastVisibleAtMs: number }>();
  #seq = 0;

  /** `before` or `after` is in an index. */
  update(before: Item | null, after: Item | null, nowMs: number, lagMs: number): void {
    const item = after ?? before;
    if (item === null) return;
    const name = keyName(item);
    const queued = this.#queued.get(name);
    if (lagMs <= 0 && !queued) {
      this.#apply(before, after);
      return;
    }
    const visibleAtMs = Math.max(nowMs + lagMs, queued?.lastVisibleAtMs ?? 0);
    this.#queued.set(name, { count: (queued?.count ?? 0) + 1, lastVisibleAtMs: visibleAtMs });
    this.#seq += 1;
    this.#pending.insert({ visibleAtMs, seq: this.#seq, name, before, after });
  }

  /** What a reader sees at this time. */
  entries(index: IndexName, pk: string, nowMs: number): SortedArray<IndexEntry> {
    for (const next of this.#pending.takeFirst(this.#pending.countWhile((update) => update.visibleAtMs <= nowMs))) {
      this.#apply(next.before, next.after);
      const queued = this.#queued.get(next.name);
      if (!queued || queued.count === 1) this.#queued.delete(next.name);
      else this.#queued.set(next.name, { ...queued, count: queued.count - 1 });
    }
    return this.#partitions.get(partitionName(index, pk)) ?? noEntries;
  }

  #apply(before: Item | null, after: Item | null): void {
    for (const index of indexNames) {
      const old = before?.index[index];
      const next = after?.index[index];
      // Most writes leave the place in the index as it is: nothing needs to move.
      const isInPlace = old?.pk === next?.pk && old?.sk === next?.sk;
      if (after && next && isInPlace) this.#partition(index, next.pk).set(entryOf(after, next));
      if (isInPlace) continue;
      if (before && old) this.#partitions.get(partitionName(index, old.pk))?.remove(entryOf(before, old));
      if (after && next) this.#partition(index, next.pk).insert(entryOf(after, next));
    }
  }

  #partition(index: IndexName, pk: string): SortedArray<IndexEntry> {
    const name = partitionName(index, pk);
    let partition = this.#partitions.get(name);
    if (!partition) this.#partitions.set(name, (partition = new SortedArray<IndexEntry>(compareEntries)));
    return partition;
  }
}

function entryOf(item: Item, key: ItemKey): IndexEntry {
  return { sk: key.sk, base: { pk: item.pk, sk: item.sk }, item };
}

function partitionName(index: IndexName, pk: string): string {
  return `${index} ${pk}`;
}

// One page of an ordered list, whatever it holds: shared by the base table and the indexes of the memory store.
import type { Item, ItemKey, Page, QueryOptions } from '../../ports/store.ts';
import type { Position } from '../../ports/store/cursor.ts';
import type { SortedArray } from '../../core/values/collections/sorted-array.ts';

/** A place in a list: its sort key and, in an index, the key of the item itself. */
export interface Entry {
  readonly sk: string;
  readonly base: ItemKey | null;
}

export function compareEntries(left: Entry, right: Entry): number {
  if (left.sk !== right.sk) return left.sk < right.sk ? -1 : 1;
  if (left.base === null || right.base === null) return 0;
  if (left.base.pk !== right.base.pk) return left.base.pk < right.base.pk ? -1 : 1;
  return left.base.sk === right.base.sk ? 0 : left.base.sk < right.base.sk ? -1 : 1;
}

export interface Range<E extends Entry> {
  readonly entries: SortedArray<E>;
  readonly options: QueryOptions;
  readonly position: Position;
  /** How many items this page may hold; less than the limit for a short page. */
  readonly pageItemsMax: number;
  /** null: expired, to be passed over. */
  readonly itemOf: (entry: E) => Item | null;
  readonly encode: (position: Position) => string;
}

export function readPage<E extends Entry>(range: Range<E>): Page {
  const { entries, options, position } = range;
  const step = options.isDescending === true ? -1 : 1;
  const [first, end] = bounds(entries, options, position);
  const items: Item[] = [];
  let last = position;
  let at = step === 1 ? first : end - 1;
  for (; at >= first && at < end && items.length < range.pageItemsMax; at += step) {
    const entry = entries.at(at);
    if (entry === undefined) break;
    const item = range.itemOf(entry);
    if (item !== null) items.push(item);
    last = { sk: entry.sk, base: entry.base };
  }
  const isAtEnd = at < first || at >= end;
  return isAtEnd ? { items } : { items, cursor: range.encode(last) };
}

/** The half-open range of places that the options and the position leave. */
function bounds<E extends Entry>(
  entries: SortedArray<E>,
  options: QueryOptions,
  position: Position,
): readonly [number, number] {
  const { skPrefix = '', skFrom, isDescending = false } = options;
  let first = skPrefix === '' ? 0 : entries.countWhile((entry) => entry.sk < skPrefix);
  let end =
    skPrefix === ''
      ? entries.length
      : entries.countWhile((entry) => entry.sk < skPrefix || entry.sk.startsWith(skPrefix));
  if (skFrom !== undefined && !isDescending)
    first = Math.max(
      first,
      entries.countWhile((entry) => entry.sk < skFrom),
    );
  if (skFrom !== undefined && isDescending)
    end = Math.min(
      end,
      entries.countWhile((entry) => entry.sk <= skFrom),
    );
  if (position !== null && !isDescending)
    first = Math.max(
      first,
      entries.countWhile((entry) => compareEntries(entry, position) <= 0),
    );
  if (position !== null && isDescending)
    end = Math.min(
      end,
      entries.countWhile((entry) => compareEntries(entry, position) < 0),
    );
  return [first, end];
}

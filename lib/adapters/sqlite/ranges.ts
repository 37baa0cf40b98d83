// The part of a list that a page starts from, as bounds of SQL: sort keys from `low` (inclusive) to `high`
// (exclusive), and in an index exactly behind an item that shares its sort key with others.
import type { QueryOptions } from '../../ports/store.ts';
import type { Position } from '../../ports/store/cursor.ts';

// Storable keys are made of U+0001 to U+D7FF (see ports/store/rules.ts), so this is behind every continuation …
const behindAll = '\u{10ffff}';
// … and this is the first one: `key + next` is the smallest key behind `key`.
const next = '\u0001';

/** A sort key, and in an index the item's own key behind it. */
export type Bound = readonly [sk: string, pk: string, baseSk: string];

export interface Bounds {
  readonly low: Bound;
  readonly high: Bound;
}

export function boundsOf(options: QueryOptions, position: Position): Bounds {
  const { skPrefix = '', skFrom, isDescending = false } = options;
  const before = (sk: string): Bound => [sk, '', ''];
  let low = before(skPrefix);
  let high = before(skPrefix + behindAll);
  if (skFrom !== undefined) {
    if (isDescending) high = smaller(high, before(skFrom + next));
    else low = larger(low, before(skFrom));
  }
  if (position !== null) {
    const { sk, base } = position;
    // The base table compares sort keys only; an index compares all three parts, and `low` excludes its bound there.
    if (isDescending) high = smaller(high, base === null ? before(sk) : [sk, base.pk, base.sk]);
    else low = larger(low, base === null ? before(sk + next) : [sk, base.pk, base.sk]);
  }
  return { low, high };
}

function compare(left: Bound, right: Bound): number {
  for (const part of [0, 1, 2] as const) {
    if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1;
  }
  return 0;
}

function smaller(left: Bound, right: Bound): Bound {
  return compare(left, right) <= 0 ? left : right;
}

function larger(left: Bound, right: Bound): Bound {
  return compare(left, right) >= 0 ? left : right;
}

// An array may be some tasks of a larger one that are run again. Records count its tasks from 0; each task, and people,
// know it by its index in the larger one.
import type { TaskSpec } from '../../records/request.ts';

/** Ascending indices as text: `3,7-9`. */
export function indicesText(indices: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last && index === last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`)).join(',');
}

function indicesIn(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split('-');
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => Number(from) + n);
  });
}

type Subset = NonNullable<TaskSpec['subset']>;
/** Each is read with every attempt that starts. */
const known = new WeakMap<Subset, readonly number[]>();

function indicesOf(subset: Subset): readonly number[] {
  const indices = known.get(subset) ?? indicesIn(subset.indices);
  known.set(subset, indices);
  return indices;
}

/** How many tasks the array has of which these are some. */
export function arraySize({ count, subset }: Pick<TaskSpec, 'count' | 'subset'>): number {
  return subset?.of ?? count;
}

/** As the task knows it. */
export function shownIndex({ subset }: Pick<TaskSpec, 'count' | 'subset'>, at: number): number {
  return subset === undefined ? at : (indicesOf(subset)[at] ?? at);
}

/** Where the record has the first task with this index or a higher one; `count`: there is none. */
export function placeFrom({ count, subset }: Pick<TaskSpec, 'count' | 'subset'>, index: number): number {
  if (subset === undefined) return Math.min(count, Math.max(0, index));
  const at = indicesOf(subset).findIndex((one) => one >= index);
  return at < 0 ? count : at;
}

/** Where the record has the task; null: it has none of this index. */
export function placeOf(spec: Pick<TaskSpec, 'count' | 'subset'>, index: number): number | null {
  const at = placeFrom(spec, index);
  return at < spec.count && shownIndex(spec, at) === index ? at : null;
}

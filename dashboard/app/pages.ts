// A long list of the API, page by page: those that were scrolled to are kept, and the first one and the one in view are
// asked again and again.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Query } from './api.ts';
import { ApiError, call, pathOf } from './api.ts';
import { nowMs } from './live.ts';

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

interface Part<T> {
  /** undefined: the first page's. */
  readonly cursor: string | undefined;
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PagedList<T> {
  /** null: not known yet. */
  readonly rows: readonly T[] | null;
  readonly hasMore: boolean;
  readonly error: ApiError | null;
  /** The list shows these rows now: what is there is asked again, and the next page where they come near its end. */
  readonly inView: (from: number, to: number) => void;
}

/** So many rows are kept at most: the filters find what is beyond. */
const rowsMax = 100_000;

export function usePagedList<T>(path: string, query: Query, keyOf: (row: T) => string, limit = 100): PagedList<T> {
  const parts = useSignal<readonly Part<T>[]>([]);
  const error = useSignal<ApiError | null>(null);
  const view = useRef({ from: 0, to: 0 });
  const asking = useRef(new Set<string>());
  const key = pathOf(path, query);
  const current = useRef(key);
  current.current = key;

  const load = async (cursor: string | undefined): Promise<void> => {
    const slot = `${key} ${cursor ?? ''}`;
    if (asking.current.has(slot)) return;
    asking.current.add(slot);
    try {
      const page = await call<ListPage<T>>('GET', pathOf(path, { ...query, limit, cursor }));
      if (current.current !== key) return;
      error.value = null;
      const part = { cursor, items: page.items, next: page.nextCursor };
      const isKnown = parts.peek().some((one) => one.cursor === cursor);
      parts.value = isKnown ? parts.peek().map((one) => (one.cursor === cursor ? part : one)) : [...parts.peek(), part];
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (current.current === key) error.value = failure;
    } finally {
      asking.current.delete(slot);
    }
  };
  const lookAgain = (): void => {
    const shown = partsInView(parts.peek(), view.current.from, view.current.to);
    for (const cursor of new Set([undefined, ...shown.map((part) => part.cursor)])) void load(cursor);
  };
  useEffect(() => {
    parts.value = [];
    error.value = null;
    void load(undefined);
  }, [key]);
  useEffect(() => nowMs.subscribe(lookAgain), [key]);

  const rows = parts.value.length === 0 ? null : unique(parts.value, keyOf);
  const next = parts.value.at(-1)?.next ?? null;
  const hasMore = next !== null && (rows?.length ?? 0) < rowsMax;
  return {
    rows,
    hasMore,
    error: error.value,
    inView: (from, to) => {
      view.current = { from, to };
      if (hasMore && rows !== null && to >= rows.length - limit / 2) void load(next);
    },
  };
}

/** New rows at the front push others into the next page, which has them still: each is shown once. */
function unique<T>(parts: readonly Part<T>[], keyOf: (row: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const row of parts.flatMap((part) => part.items)) if (!seen.has(keyOf(row))) seen.set(keyOf(row), row);
  return [...seen.values()];
}

function partsInView<T>(parts: readonly Part<T>[], from: number, to: number): readonly Part<T>[] {
  let start = 0;
  return parts.filter((part) => {
    const begin = start;
    start += part.items.length;
    return begin < to && start > from;
  });
}

// A long list of the API, page by page: those that were scrolled to are kept, and the first one and the one in view are
// asked again and again.
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { RowList } from '../logic/rows.ts';
import type { Query } from './api.ts';
import { ApiError, call, pathOf } from './api.ts';
import { nowMs } from './live.ts';

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** So many were looked at, those among them that a filter leaves out. */
  readonly examined: number;
}

export interface PagedList<T> {
  /** null: not known yet. */
  readonly rows: readonly T[] | null;
  readonly hasMore: boolean;
  /** So many were looked at so far. */
  readonly examined: number;
  /** A filter leaves so few that nothing more is read until somebody says so. */
  readonly goOn: (() => void) | null;
  readonly error: ApiError | null;
  /** The list shows these rows now: what is there is asked again, and the next page where they come near its end. */
  readonly inView: (from: number, to: number) => void;
}

/** So many rows are kept at most: the filters find what is beyond. */
const rowsMax = 100_000;
/** So many pages in a row that a filter left short are read without being asked to. */
const shortPagesMax = 10;
/** Of what is in view, so many pages at most are asked again. */
const askedAgainMax = 3;

/** One list: of another query there is another. */
class Pager<T> {
  readonly list: RowList<T>;
  /** Rises whenever there is something new to show. */
  readonly version = signal(0);
  error: ApiError | null = null;
  readonly #path: string;
  readonly #query: Query;
  readonly #limit: number;
  readonly #asking = new Set<string | undefined>();
  #view = { from: 0, to: 0 };
  #shortPages = 0;
  #isOver = false;

  constructor(path: string, query: Query, keyOf: (row: T) => string, limit: number) {
    this.list = new RowList(keyOf);
    this.#path = path;
    this.#query = query;
    this.#limit = limit;
  }

  get hasMore(): boolean {
    return this.list.next !== null && this.list.rows.length < rowsMax;
  }

  /** A filter leaves so few that nothing more is read until somebody says so. */
  get isPaused(): boolean {
    return this.hasMore && this.#isNear && this.#shortPages >= shortPagesMax;
  }

  get #isNear(): boolean {
    return this.#view.to >= this.list.rows.length - this.#limit / 2;
  }

  start(): () => void {
    const stop = nowMs.subscribe(() => {
      this.#lookAgain();
    });
    return () => {
      this.#isOver = true;
      stop();
    };
  }

  goOn(): void {
    this.#shortPages = 0;
    this.#fill();
  }

  inView(from: number, to: number): void {
    this.#view = { from, to };
    this.#fill();
  }

  #fill(): void {
    const { next } = this.list;
    if (next !== null && this.hasMore && this.#isNear && this.#shortPages < shortPagesMax) void this.#load(next);
  }

  #lookAgain(): void {
    const shown = this.list.inView(this.#view.from, this.#view.to).slice(0, askedAgainMax);
    for (const cursor of new Set([undefined, ...shown.map((part) => part.cursor)])) void this.#load(cursor);
  }

  async #load(cursor: string | undefined): Promise<void> {
    if (this.#asking.has(cursor)) return;
    this.#asking.add(cursor);
    const query = { ...this.#query, limit: this.#limit, cursor };
    try {
      const { items, nextCursor, examined } = await call<ListPage<T>>('GET', pathOf(this.#path, query));
      const isFurther = this.list.parts.length === 0 || cursor === this.list.next;
      this.list.put({ cursor, items, next: nextCursor, examined });
      if (isFurther) this.#shortPages = items.length < this.#limit ? this.#shortPages + 1 : 0;
      this.error = null;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      this.error = failure;
    } finally {
      this.#asking.delete(cursor);
    }
    if (this.#isOver) return;
    this.version.value += 1;
    if (this.error === null) this.#fill();
  }
}

export function usePagedList<T>(path: string, query: Query, keyOf: (row: T) => string, limit = 100): PagedList<T> {
  const key = pathOf(path, query);
  const pager = useMemo(() => new Pager<T>(path, query, keyOf, limit), [key]);
  useEffect(() => pager.start(), [pager]);
  const isKnown = pager.version.value > 0 && pager.list.parts.length > 0;
  return {
    rows: isKnown ? pager.list.rows : null,
    hasMore: pager.hasMore,
    examined: pager.list.examined,
    goOn: pager.isPaused
      ? () => {
          pager.goOn();
        }
      : null,
    error: pager.error,
    inView: (from, to) => {
      pager.inView(from, to);
    },
  };
}

// Follows the cursors of a list: a page may be short, even empty, and not be the last.
import { limits } from '../lib/api/limits.ts';

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A type, since a query of the client has any names. */

export type PageQuery = { readonly limit: number; readonly cursor: string | undefined };

/** As many as are wanted, or all; `nextCursor` goes on behind them, and is null at the end. */
export async function allPages<T>(
  read: (query: PageQuery) => Promise<ListPage<T>>,
  wanted = Infinity,
  first?: string,
): Promise<ListPage<T>> {
  const items: T[] = [];
  for (let cursor = first; ;) {
    const page = await read({ limit: Math.min(limits.pageItemsMax, wanted - items.length), cursor });
    items.push(...page.items);
    if (page.nextCursor === null || items.length >= wanted) return { items, nextCursor: page.nextCursor };
    cursor = page.nextCursor;
  }
}

// Rows of the items table and the items of the port, in both directions.
import type { SQLInputValue } from 'node:sqlite';
import type { IndexName, Item, ItemKey } from '../../ports/store.ts';

export const itemColumns = 'pk, sk, version, write_id, data, expires_at_ms, open_pk, open_sk, by_time_pk, by_time_sk';

/** The columns of each index. */
export const indexColumns = {
  open: { pk: 'open_pk', sk: 'open_sk' },
  'by-time': { pk: 'by_time_pk', sk: 'by_time_sk' },
} as const satisfies Record<IndexName, { pk: string; sk: string }>;

export type Row = Record<string, unknown>;

/** In the order of {@link itemColumns}. */
export function toValues(item: Item): SQLInputValue[] {
  const { open, 'by-time': byTime } = item.index;
  return [
    item.pk,
    item.sk,
    item.version,
    item.writeId,
    JSON.stringify(item.data),
    item.expiresAtMs,
    open?.pk ?? null,
    open?.sk ?? null,
    byTime?.pk ?? null,
    byTime?.sk ?? null,
  ];
}

/** The table is STRICT and written by {@link toValues} alone, so the types of the columns hold. */
export function toItem<T>(row: Row): Item<T> {
  const index: Partial<Record<IndexName, ItemKey>> = {};
  if (row['open_pk'] !== null) index.open = { pk: row['open_pk'] as string, sk: row['open_sk'] as string };
  if (row['by_time_pk'] !== null)
    index['by-time'] = { pk: row['by_time_pk'] as string, sk: row['by_time_sk'] as string };
  return {
    pk: row['pk'] as string,
    sk: row['sk'] as string,
    version: row['version'] as number,
    writeId: row['write_id'] as string,
    data: JSON.parse(row['data'] as string) as T,
    index,
    expiresAtMs: row['expires_at_ms'] as number | null,
  };
}

// A long list page by page: each row once, in order, whatever is asked again.
import { expect, test } from '@jest/globals';
import { RowList } from '../../dashboard/logic/rows.ts';
import type { Part } from '../../dashboard/logic/rows.ts';

interface Row {
  readonly id: string;
  readonly version: number;
}

function page(cursor: string | undefined, next: string | null, ids: string, version = 0): Part<Row> {
  return { cursor, next, examined: 10, items: [...ids].map((id) => ({ id, version })) };
}

function list(...pages: readonly Part<Row>[]): RowList<Row> {
  const rows = new RowList<Row>(({ id }) => id);
  for (const one of pages) rows.put(one);
  return rows;
}

const shown = (rows: RowList<Row>): string => rows.rows.map(({ id, version }) => `${id}${String(version)}`).join(' ');

test('pages come one after another, and a row that two of them have is shown once', () => {
  const rows = list(page(undefined, 'b', 'abc'), page('b', null, 'cde'));
  expect([shown(rows), rows.next, rows.examined]).toEqual(['a0 b0 c0 d0 e0', null, 20]);
});

test('a page that is asked again shows its rows as they are now, and no other', () => {
  const rows = list(page(undefined, 'b', 'abc'), page('b', 'c', 'de'), page('b', 'd', 'de', 1));
  expect([shown(rows), rows.next]).toEqual(['a0 b0 c0 d1 e1', 'd']);
});

test('what is new in front moves the others on, and none twice', () => {
  const rows = list(page(undefined, 'b', 'abc'), page('b', null, 'def'), page(undefined, 'b', 'zab', 1));
  expect(shown(rows)).toBe('z1 a1 b1 d0 e0 f0');
  rows.put(page('b', null, 'bcd', 2));
  expect(shown(rows)).toBe('z1 a1 b1 c2 d2');
});

test('pages in view are those of which a row is, and an empty one is none', () => {
  const rows = list(page(undefined, 'b', 'abc'), page('b', 'c', ''), page('c', null, 'de'));
  expect([rows.inView(0, 3), rows.inView(2, 4)].map((parts) => parts.map(({ cursor }) => cursor))).toEqual([
    [undefined],
    [undefined, 'c'],
  ]);
});

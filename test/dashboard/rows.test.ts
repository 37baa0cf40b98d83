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

test('rows that new ones push out of a page stay, and are asked for from where it ends now', () => {
  const rows = list(page(undefined, 'c', 'abc'), page('c', 'f', 'def'), page('f', null, 'ghi'));
  rows.put(page(undefined, 'b', 'zab', 1));
  expect(shown(rows)).toBe('z1 a1 b1 c0 d0 e0 f0 g0 h0 i0');
  // It was asked for before the first page came.
  rows.put(page('c', 'f', 'def', 2));
  expect(shown(rows)).toBe('z1 a1 b1 c0 d0 e0 f0 g0 h0 i0');
  rows.put(page('b', 'e', 'cde', 3));
  expect([shown(rows), rows.next]).toEqual(['z1 a1 b1 c3 d3 e3 f0 g0 h0 i0', null]);
  expect(rows.inView(0, 10).map(({ cursor }) => cursor)).toEqual([undefined, 'b', 'e']);
});

test('rows that went are no longer shown, and the list ends where its last page does', () => {
  const rows = list(page(undefined, 'c', 'abc'), page('c', 'f', 'def'), page('f', null, 'g'));
  rows.put(page(undefined, 'd', 'acd', 1));
  expect(shown(rows)).toBe('a1 c1 d1 e0 f0 g0');
  rows.put(page(undefined, null, 'ac', 2));
  expect([shown(rows), rows.next]).toEqual(['a2 c2', null]);
});

test('where nothing of a page is known any more, what came between is read page by page', () => {
  const rows = list(page(undefined, 'c', 'abc'), page('c', null, 'def'));
  rows.put(page(undefined, 't', 'rst', 1));
  expect(shown(rows)).toBe('r1 s1 t1 a0 b0 c0 d0 e0 f0');
  rows.put(page('t', 'w', 'uvw', 1));
  expect([shown(rows), rows.next]).toEqual(['r1 s1 t1 u1 v1 w1', 'w']);
});

test('however long rows are pushed out, parts stay few and no row is lost', () => {
  const ids = Array.from({ length: 3_000 }, (_, n) => n);
  const rows = new RowList<number>(String);
  const put = (cursor: string | undefined, newest: number): void => {
    const from = cursor === undefined ? newest : Number(cursor) - 1;
    const items = ids.slice(Math.max(0, from - 99), from + 1).reverse();
    rows.put({ cursor, items, next: String(items.at(-1)), examined: 100 });
  };
  put(undefined, 300);
  put(rows.next ?? '', 300);
  for (let newest = 300; newest < 2_400; newest += 3) put(undefined, newest);
  const first = rows.rows[0] ?? 0;
  expect(rows.rows).toEqual(ids.slice(101, first + 1).reverse());
  expect(rows.parts.length).toBeLessThan(40);
});

test('pages in view are those of which a row is, and an empty one is none', () => {
  const rows = list(page(undefined, 'b', 'abc'), page('b', 'c', ''), page('c', null, 'de'));
  expect([rows.inView(0, 3), rows.inView(2, 4)].map((parts) => parts.map(({ cursor }) => cursor))).toEqual([
    [undefined],
    [undefined, 'c'],
  ]);
});

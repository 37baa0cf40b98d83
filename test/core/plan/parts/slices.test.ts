// A decision about many tasks of one node becomes changes that are each right by themselves.
import { expect, test } from '@jest/globals';
import { changeBounds, recordBytes } from '../../../../lib/core/plan/bounds.ts';
import type { RecordWrite } from '../../../../lib/core/plan/plan.ts';
import { Slices } from '../../../../lib/core/plan/parts/slices.ts';
import { request } from '../../builders.ts';

function slices(suspects: readonly string[] = []) {
  const made: { parts: readonly string[]; writes: number }[] = [];
  const all = new Slices<string>(new Set(suspects), (parts, writes) => made.push({ parts, writes: writes.length }));
  return { all, made, parts: () => made.map((one) => one.parts.join(' ')) };
}
const write = (id: string, bytes = 0): RecordWrite => ({
  type: 'request',
  record: request(id, { env: { A: 'x'.repeat(bytes) } }),
});

test('what fits is one slice; nothing is none', () => {
  const { all, made } = slices();
  all.end();
  expect(made).toEqual([]);
  all.add('a', [write('a')]);
  all.add('b', []);
  all.end();
  expect(made).toEqual([{ parts: ['a', 'b'], writes: 1 }]);
  all.end();
  expect(made).toHaveLength(1);
});

test('a slice leaves room for the node’s own document', () => {
  const { all, made } = slices();
  for (let n = 0; n < changeBounds.writes + 1; n += 1) all.add(`r${String(n)}`, [write(`r${String(n)}`)]);
  all.end();
  expect(made.map((one) => one.writes)).toEqual([changeBounds.writes - 1, 2]);
});

test('writes of one record count once', () => {
  const { all, made } = slices();
  for (let n = 0; n < 200; n += 1) all.add(String(n), [write('same')]);
  all.end();
  expect(made).toHaveLength(1);
});

test('large records make small slices', () => {
  const { all, made } = slices();
  const each = 300_000;
  const largeRecord = request('r', { env: { A: 'x'.repeat(each) } });
  const most = Math.floor((changeBounds.bytes - 400 * 1024) / recordBytes(largeRecord));
  for (let n = 0; n < most + 1; n += 1) all.add(String(n), [write(`r${String(n)}`, each)]);
  all.end();
  expect(made.map((one) => one.writes)).toEqual([most, 1]);
});

test('what writes or rests on a suspect comes last, alone, in the order of the suspects', () => {
  const { all, parts } = slices(['request x', 'request y']);
  all.add('on y', [write('y')]);
  all.add('a', [write('a')]);
  all.add('rests on x', [], ['request x']);
  all.add('b', [write('b')]);
  all.add('on y again', [write('y')]);
  all.add('on x and y', [write('x'), write('y')]);
  all.end();
  expect(parts()).toEqual(['a b', 'rests on x', 'on y', 'on y again', 'on x and y']);
  all.end();
  expect(parts()).toHaveLength(5);
});

// Which tasks of an array failed first, and what of.
import { expect, test } from '@jest/globals';
import type { TaskRecord } from '../../../../lib/core/records/request.ts';
import { failedText, withFailed } from '../../../../lib/core/tasks/arrays/failed.ts';
import { task } from '../../builders.ts';

const spec = { count: 50 };
const failed = (index: number, more: Partial<TaskRecord> = {}): TaskRecord =>
  task({ index, state: 'failed', exitCode: 1, ...more });

test('the first five are named, behind those that are known already', () => {
  const tasks = [task({ index: 0, state: 'succeeded', exitCode: 0 }), ...[1, 2, 3, 4].map((index) => failed(index))];
  const known = [
    { index: 7, what: 'timeout' },
    { index: 8, what: 'exit 2' },
  ];
  expect(withFailed(known, tasks, spec).map((one) => one.index)).toEqual([7, 8, 1, 2, 3]);
  expect(withFailed([], tasks, spec).map((one) => one.index)).toEqual([1, 2, 3, 4]);
});

test.each<[Partial<TaskRecord>, string]>([
  [{ exitCode: 3, reason: 'exit code 3' }, 'exit 3'],
  [{ exitCode: 0 }, 'exit 0'],
  [{ exitCode: null, reason: 'timeout: it ran for longer than 5 s' }, 'timeout'],
  [{ exitCode: null, reason: 'x'.repeat(100) }, 'x'.repeat(40)],
  [{ exitCode: null, reason: null }, 'failed'],
])('what of: %o', (more, what) => {
  expect(withFailed([], [failed(4, more)], spec)).toEqual([{ index: 4, what }]);
});

test('of a repeat of some tasks, by the number that the first request gave them', () => {
  const subset = { of: 20, indices: '3,9,12' };
  expect(withFailed([], [failed(1)], { count: 3, subset })).toEqual([{ index: 9, what: 'exit 1' }]);
});

test('as a text, which says that there are more', () => {
  const named = [
    { index: 77, what: 'exit 1' },
    { index: 92, what: 'timeout' },
  ];
  expect(failedText(named, 2)).toBe('77 (exit 1), 92 (timeout)');
  expect(failedText(named, 3)).toBe('77 (exit 1), 92 (timeout), …');
  expect(failedText([], 4)).toBe('');
});

// What a task says of its saves: which are new, and which answer the question.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaveWatcher } from '../../../agent/tasks/kept/saves.ts';
import { until } from '../../hang.ts';

let dir: string;
let file: string;
let seen: { readonly id: string; readonly isAsked: boolean; readonly atMs: number }[];
let watcher: SaveWatcher;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-saves-'));
  file = join(dir, 'saved');
  seen = [];
  watcher = new SaveWatcher((id, save) => seen.push({ id, ...save }));
});

afterEach(() => {
  watcher.stop();
  rmSync(dir, { recursive: true });
});

const answers = (): readonly boolean[] => seen.map(({ isAsked }) => isAsked);

test('each save is told of once; only what is written after the question is an answer', async () => {
  watcher.watch('a', file);
  writeFileSync(file, 'saved\n');
  await until(() => seen.length === 1, 'the first save');
  watcher.ask('a');
  writeFileSync(join(dir, 'other'), 'saved');
  watcher.watch('b', join(dir, 'other'));
  // Two looks at least: the first save is no answer, however often it is seen.
  await until(() => seen.some(({ id }) => id === 'b'), 'a later look');
  expect(answers()).toEqual([false, false]);
  writeFileSync(file, 'saved');
  await until(() => seen.length === 3, 'the answer');
  expect(answers()).toEqual([false, false, true]);
});

test('one that nobody has looked at when it is asked is told of, and is no answer', async () => {
  watcher.watch('a', file);
  writeFileSync(file, 'saved');
  watcher.ask('a');
  expect(seen).toEqual([]);
  await until(() => seen.length === 1, 'the save');
  expect(answers()).toEqual([false]);
});

test('neither other words nor links are saves, and a time that cannot be is none', async () => {
  writeFileSync(file, 'saving');
  writeFileSync(join(dir, 'real'), 'saved');
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  for (const [id, name] of [
    ['a', 'saved'],
    ['b', 'link'],
    ['c', 'real'],
  ] as const)
    watcher.watch(id, join(dir, name));
  const future = Date.now() / 1_000 + 86_400;
  utimesSync(join(dir, 'real'), future, future);
  await until(() => seen.length > 0, 'the save');
  expect(seen.map(({ id }) => id)).toEqual(['c']);
  expect(seen[0]?.atMs).toBeLessThanOrEqual(Date.now());
});

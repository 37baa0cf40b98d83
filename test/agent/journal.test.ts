// The journal file: what a crash may leave of it, and what may never be read past.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalRecord } from '../../agent/core/types.ts';
import { Journal, JournalError } from '../../agent/journal.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-journal-'));
  file = join(dir, 'journal.jsonl');
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const start = (attemptId: string): JournalRecord => ({
  kind: 'start',
  facts: { attemptId, resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 }, timeoutMs: null, outputUrl: '/x' },
});

test('reads what was appended', () => {
  const { journal, records } = Journal.open(file);
  expect(records).toEqual([]);
  journal.append(start('a.0.1'), true);
  journal.append({ kind: 'acknowledged', attemptIds: ['a.0.1'] }, false);
  journal.close();
  expect(Journal.open(file).records).toEqual([start('a.0.1'), { kind: 'acknowledged', attemptIds: ['a.0.1'] }]);
});

test('a checkpoint of a start and of an end outlive a restart of the agent', () => {
  const facts = { ...(start('a.0.1') as Extract<JournalRecord, { kind: 'start' }>).facts };
  const saver = { ...facts, checkpoint: { signal: 'USR2' } } as const;
  const end = { attemptId: 'a.0.1', outcome: 'withdrawn', exitCode: null, message: 'm', startedAtMs: 1 } as const;
  const records: readonly JournalRecord[] = [
    { kind: 'start', facts: saver },
    { kind: 'end', facts: saver, end: { ...end, endedAtMs: 2, isSaved: true }, isFinal: true },
  ];
  const { journal } = Journal.open(file);
  for (const record of records) journal.append(record, false);
  journal.close();
  expect(Journal.open(file).records).toEqual(records);
});

test('what is known of an end outlives a restart of the agent: what it used, that it starved, and its image', () => {
  const facts = { ...(start('a.0.1') as Extract<JournalRecord, { kind: 'start' }>).facts };
  const usage = { memoryPeakMib: 9, cpuMs: 1, writtenBytes: null, by: 'cgroup' } as const;
  const end = { attemptId: 'a.0.1', outcome: 'exited', exitCode: 137, message: 'm', startedAtMs: 1 } as const;
  const known = { usage, isOutOfMemory: true, imageDigest: 'sha256:0d' } as const;
  const record: JournalRecord = { kind: 'end', facts, end: { ...end, endedAtMs: 2, ...known }, isFinal: true };
  Journal.open(file).journal.append(record, true);
  expect(Journal.open(file).records).toEqual([record]);
});

test('a torn last line did not happen, and does not spoil the next record', () => {
  Journal.open(file).journal.append(start('a.0.1'), true);
  appendFileSync(file, '{"kind":"start","fac');
  const { journal, records } = Journal.open(file);
  expect(records).toEqual([start('a.0.1')]);
  journal.append(start('b.0.1'), true);
  expect(Journal.open(file).records).toEqual([start('a.0.1'), start('b.0.1')]);
});

test('anything else that is unreadable stops the agent: a start could be hidden there', () => {
  writeFileSync(file, '{"kind":"start"}\n{"kind":"acknowledged","attemptIds":[]}\n');
  expect(() => Journal.open(file)).toThrow(JournalError);
  writeFileSync(file, 'no json\n');
  expect(() => Journal.open(file)).toThrow(JournalError);
});

test('is replaced by the shortest records when it has grown', () => {
  const { journal } = Journal.open(file);
  const long = 'x'.repeat(1_000);
  for (let n = 0; n < 600; n += 1) {
    journal.append({ kind: 'stop', attemptId: 'a.0.1', outcome: 'withdrawn', message: long }, false);
    journal.compactWhenGrown(() => [start('a.0.1')]);
  }
  journal.append(start('b.0.1'), true);
  expect(readFileSync(file, 'utf8').length).toBeLessThan(200_000);
  const { records } = Journal.open(file);
  expect(records[0]).toEqual(start('a.0.1'));
  expect(records.at(-1)).toEqual(start('b.0.1'));
});

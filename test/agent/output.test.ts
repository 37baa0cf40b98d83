// Bounded output: what is kept of streams that are too long, also while the task goes on writing.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOutput, trimAboveBytes, trimOutput } from '../../agent/output.ts';
import { agentLimits } from '../../lib/api/limits.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-output-'));
  writeFileSync(join(dir, 'stdout'), '');
  writeFileSync(join(dir, 'stderr'), '');
});
afterEach(() => { rmSync(dir, { recursive: true }); });

const max = agentLimits.outputBytesPerStream;

test('short output is kept as it is', () => {
  writeFileSync(join(dir, 'stdout'), 'grüße\n');
  expect(readOutput(dir)).toEqual({ stdout: 'grüße\n', stderr: '', truncated: false });
});

test('long output keeps head and tail, whole characters, and says how much is missing', () => {
  const text = `first ${'ü'.repeat(400_000)} last`;
  writeFileSync(join(dir, 'stdout'), text);
  const { stdout, truncated } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(max);
  expect(stdout).toMatch(/^first ü+\n\[… \d+ bytes left out …\]\nü+ last$/);
});

test('bytes that are no text do not make it too long', () => {
  writeFileSync(join(dir, 'stderr'), Buffer.alloc(max, 0xff));
  const { stderr, truncated } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(max);
});

test('the file itself is cut back while it grows; head and the latest tail stay', () => {
  appendFileSync(join(dir, 'stdout'), `first\n${'a'.repeat(trimAboveBytes)}`);
  trimOutput(dir);
  expect(statSync(join(dir, 'stdout')).size).toBe(0);
  appendFileSync(join(dir, 'stdout'), `${'b'.repeat(trimAboveBytes)}middle`);
  trimOutput(dir);
  appendFileSync(join(dir, 'stdout'), 'last\n');
  const { stdout, truncated } = readOutput(dir);
  expect(truncated).toBe(true);
  expect(stdout.startsWith('first\na')).toBe(true);
  expect(stdout.endsWith('bmiddlelast\n')).toBe(true);
  const leftOut = Number(/(\d+) bytes left out/.exec(stdout)?.[1]);
  const kept = Buffer.byteLength(stdout) - Buffer.byteLength(`\n[… ${String(leftOut)} bytes left out …]\n`);
  expect(leftOut + kept).toBe(2 * trimAboveBytes + 'first\n'.length + 'middle'.length + 'last\n'.length);
});

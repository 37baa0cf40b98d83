// Output as files: what is written is read back, its end when that is all that is wanted.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOutLine } from '../../../lib/core/values/output.ts';
import { InvalidAttemptIdError, LocalOutputs } from '../../../lib/adapters/local/kept/outputs.ts';

const none = { stdout: 0, stderr: 0 };
let dir: string;
let outputs: LocalOutputs;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-outputs-'));
  outputs = new LocalOutputs(join(dir, 'outputs'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

test('answers the latest that was written, and null where nothing was', async () => {
  expect(await outputs.read('r-1.0.1', 100)).toBeNull();
  await outputs.write('r-1.0.1', { stdout: 'a', stderr: '', isTruncated: false, leftOutBytes: none });
  await outputs.write('r-1.0.1', { stdout: 'ab', stderr: 'e', isTruncated: false, leftOutBytes: none });
  expect(await outputs.read('r-1.0.1', 100)).toEqual({
    stdout: 'ab',
    stderr: 'e',
    isTruncated: false,
    leftOutBytes: none,
  });
  expect(await outputs.read('r-1.0.2', 100)).toBeNull();
});

test('gives the last bytes of each stream without splitting a character, and says so', async () => {
  await outputs.write('r-1.0.1', { stdout: 'grüße', stderr: 'ok', isTruncated: false, leftOutBytes: none });
  expect(await outputs.read('r-1.0.1', 4)).toEqual({
    stdout: 'ße',
    stderr: 'ok',
    isTruncated: true,
    leftOutBytes: { stdout: 4, stderr: 0 },
  });
  expect(await outputs.read('r-1.0.1', 2)).toEqual({
    stdout: 'e',
    stderr: 'ok',
    isTruncated: true,
    leftOutBytes: { stdout: 6, stderr: 0 },
  });
});

test(
  'the line in the place of what the agent left out is no output: ' + 'never half of it, and it does not count',
  async () => {
    const kept = {
      stdout: `${'h'.repeat(100)}${leftOutLine(1_000)}${'t'.repeat(100)}`,
      stderr: '',
      isTruncated: true,
      leftOutBytes: { stdout: 1_000, stderr: 0 },
    };
    await outputs.write('r-1.0.1', kept);
    expect(await outputs.read('r-1.0.1', 1_000)).toEqual(kept);
    const whole = Buffer.byteLength(kept.stdout);
    for (let tailBytes = 1; tailBytes < whole; tailBytes += 1) {
      const read = await outputs.read('r-1.0.1', tailBytes);
      const shown = (read?.stdout ?? '').replace(leftOutLine(1_000), '');
      expect(shown).toMatch(/^h*t+$/);
      expect([tailBytes, (read?.leftOutBytes.stdout ?? 0) + shown.length]).toEqual([tailBytes, 1_200]);
      expect(read?.isTruncated).toBe(true);
    }
  },
);

test('what an earlier version kept is read as it is', async () => {
  mkdirSync(join(dir, 'outputs', 'r-1'), { recursive: true });
  writeFileSync(join(dir, 'outputs', 'r-1', 'r-1.0.1.json'), '{"stdout":"a","stderr":"","isTruncated":false}');
  expect(await outputs.read('r-1.0.1', 10)).toEqual({
    stdout: 'a',
    stderr: '',
    isTruncated: false,
    leftOutBytes: none,
  });
});

test('what is no attempt id names no file', async () => {
  for (const id of ['../../etc/passwd', '..0.1', 'a/b.0.1', 'r-1', ''])
    await expect(outputs.read(id, 1)).rejects.toBeInstanceOf(InvalidAttemptIdError);
});

test('deletes what is old', async () => {
  await outputs.prune(1); // nothing there yet
  await outputs.write('r-old.0.1', { stdout: '', stderr: '', isTruncated: false, leftOutBytes: none });
  await outputs.write('r-new.0.1', { stdout: '', stderr: '', isTruncated: false, leftOutBytes: none });
  utimesSync(join(dir, 'outputs', 'r-old'), 1, 1);
  await outputs.prune(2_000_000);
  expect([existsSync(join(dir, 'outputs', 'r-old')), existsSync(join(dir, 'outputs', 'r-new'))]).toEqual([false, true]);
});

test('tells agents the path of the agent API', async () => {
  expect(await outputs.uploadUrl('r-1.0.1')).toBe('/agent/v1/output/r-1.0.1');
});

// What a machine knows of its own start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { bootOf } from '../../../agent/start/boot-times.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-boot-times-'));
const file = join(folder, 'times');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('its kernel, what its user data wrote down, and this process; lines that nobody knows are skipped', () => {
  writeFileSync(file, 'userDataAtMs=1700000000123\nlaterAtMs=5\nunpackedAtMs=1700000002456\n');
  const { kernelAtMs = 0, agentAtMs, ...rest } = bootOf(file);
  expect(rest).toEqual({ userDataAtMs: 1_700_000_000_123, unpackedAtMs: 1_700_000_002_456 });
  expect(agentAtMs).toBe(Math.round(performance.timeOrigin));
  expect(Math.abs(Date.now() - uptime() * 1_000 - kernelAtMs)).toBeLessThan(60_000);
});

test('after a reboot the file is gone; one that is spoilt is an error', () => {
  expect(Object.keys(bootOf(join(folder, 'none'))).sort()).toEqual(['agentAtMs', 'kernelAtMs']);
  expect(Object.keys(bootOf(undefined)).sort()).toEqual(['agentAtMs', 'kernelAtMs']);
  writeFileSync(file, 'userDataAtMs=soon\n');
  expect(() => bootOf(file)).toThrow(/userDataAtMs/);
});

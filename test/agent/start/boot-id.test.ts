// Names of starts sort in the order of the starts, whatever the clock does.
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextBootId } from '../../../agent/start/boot-id.ts';

test('later starts sort after earlier ones, also when the clock was set back', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bellows-boot-'));
  const ids = [5_000, 4_000, 4_000, 9_000, 10 ** 13, 1].map((wallMs) => nextBootId(dir, wallMs));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids.map((id) => id.length)).size).toBe(1);
  rmSync(dir, { recursive: true });
});

// When a disk is full.
import { expect, test } from '@jest/globals';
import { diskTrouble } from '../../../agent/tasks/disk.ts';

const gib = 1_073_741_824;

test.each([
  ['with room', 20 * gib, gib, null],
  ['nearly full', 20 * gib, 50 * 1_048_576, 'its disk of 20480 MiB is full'],
  ['small, with a hundredth left', 2 * 1_048_576, 24_576, null],
])('a disk: %s', (_what, whole, free, expected) => {
  expect(diskTrouble('/x', () => ({ bsize: 4_096, blocks: whole / 4_096, bavail: free / 4_096 }))).toBe(expected);
});

test('one that cannot be looked at is trouble, and says why', () => {
  expect(diskTrouble('/no-such-folder')).toMatch(/^its disk cannot be looked at: .*ENOENT/);
});

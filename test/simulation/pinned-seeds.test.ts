// Every seed that once found a bug in the code runs clean.
import { describe, expect, test } from '@jest/globals';
import { failureReport } from '../../lib/simulator/report.ts';
import { run } from '../../lib/simulator/run.ts';
import { pinnedSeeds } from './pinned-seeds.ts';

describe('pinned seeds', () => {
  test.each(pinnedSeeds.map(({ seed, found }) => [seed, found] as const))('seed %i: %s', async (seed) => {
    const result = await run({ seed });
    expect(failureReport({ seed }, result)).toBe('');
  }, 60_000);
});

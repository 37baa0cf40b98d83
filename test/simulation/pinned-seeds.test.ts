// Every seed that once found a bug in the code runs clean.
import { describe, expect, test } from '@jest/globals';
import { failureReport } from '../../lib/simulator/report.ts';
import { run } from '../../lib/simulator/run.ts';
import { pinnedSeeds } from './pinned-seeds.ts';

describe('pinned seeds', () => {
  test.each(pinnedSeeds.map(({ seed, found, holds }) => [seed, found, holds ?? false] as const))('seed %i: %s', async (seed, _found, holds) => {
    const result = await run({ seed, holds });
    expect(failureReport({ seed, holds }, result)).toBe('');
  });
});

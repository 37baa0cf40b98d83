// Every seed that once found a bug in the code runs clean.
import { describe, expect, test } from '@jest/globals';
import { failureReport } from '../../lib/simulator/program/report.ts';
import { run } from '../../lib/simulator/run/run.ts';
import type { RunOptions } from '../../lib/simulator/run/types.ts';
import { pinnedSeeds } from './pinned-seeds.ts';

describe('pinned seeds', () => {
  test.each(pinnedSeeds.map((one) => [one.seed, one.found, one] as const))(
    'seed %i: %s',
    async (seed, _found, pinned) => {
      const { claims = false, world = 'plain' } = pinned;
      const options: RunOptions = world === 'plain' ? { seed, world, claims } : { seed, world, scale: 'reduced' };
      expect(failureReport(options, await run({ services: false, ...options }))).toBe('');
    },
  );
});

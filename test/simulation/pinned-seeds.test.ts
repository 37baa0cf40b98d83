// Every seed that once found a bug in the code runs clean.
import { describe, expect, test } from '@jest/globals';
import { failureReport } from '../../lib/simulator/program/report.ts';
import { run } from '../../lib/simulator/run/run.ts';
import type { RunOptions } from '../../lib/simulator/run/types.ts';
import { pinnedSeeds } from './pinned-seeds.ts';
import type { PinnedSeed } from './pinned-seeds.ts';

describe('pinned seeds', () => {
  test.each(pinnedSeeds.map((one) => [one.seed, one.found, one] as const))(
    'seed %i: %s',
    async (seed, _found, pinned) => {
      const options = optionsOf(pinned);
      expect(failureReport(options, await run(options))).toBe('');
    },
  );
});

function optionsOf({
  seed,
  claims = false,
  world,
  isDrawn,
  hasServices,
  hasStyles,
  allocation,
}: PinnedSeed): RunOptions {
  // The others were found before runs had learning styles.
  const styles = hasStyles ? undefined : false;
  if (isDrawn) return { seed, styles, scale: 'reduced', ...(hasServices ? { services: true } : {}), allocation };
  const services = false;
  return world ? { seed, world, scale: 'reduced', services } : { seed, world: 'plain', claims, services, styles };
}

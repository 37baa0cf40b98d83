// Worlds of the API's maxima, in the reduced size, which is beyond every bound of the store: one of each kind,
// with a seed that every commit has anew; a failure prints the command that repeats it.
import { describe, expect, test } from '@jest/globals';
import { faultKinds } from '../../lib/simulator/faults/faults.ts';
import { Streams } from '../../lib/simulator/random.ts';
import { failureReport } from '../../lib/simulator/program/report.ts';
import { run } from '../../lib/simulator/run/run.ts';
import type { RunCounts, RunOptions } from '../../lib/simulator/run/types.ts';
import { drawWide, wideKinds } from '../../lib/simulator/applications/wide.ts';
import type { WideKind } from '../../lib/simulator/applications/wide.ts';
import { firstSeed, isLong, sliceOf } from '../slice.ts';

const scale = isLong ? 'full' : 'reduced';

test.each(wideKinds)('%s: a new seed keeps every invariant', async (world) => {
  const options: RunOptions = { seed: firstSeed, world, scale };
  const result = await run(options);
  console.log(
    `seed ${String(firstSeed)} of ${world}: ${String(result.counts.requests + result.counts.claimed)} requests, `
      + `${String(result.counts.writes)} writes`,
  );
  if (result.violation) console.log(failureReport(options, result));
  expect({ seed: firstSeed, violation: result.violation?.message ?? null }).toEqual({
    seed: firstSeed,
    violation: null,
  });
});

describe('without faults it is as wide as it says', () => {
  const widths: Readonly<Record<WideKind, (counts: RunCounts) => readonly [number, number]>> = {
    tasks: (counts) => [counts.nodeTasksMax, 100],
    arrays: (counts) => [counts.nodeTasksMax, 200],
    scripts: (counts) => [counts.requests, 60],
    backlog: (counts) => [counts.processes, 100],
    machines: (counts) => [counts.keptMax, 101],
    volumes: (counts) => [counts.keptMax, 95],
  };

  test.each(sliceOf(wideKinds, 3))('%s', async (world) => {
    const seed = world === 'machines' ? 4 : 3;
    const { counts, violation } = await run({ seed, world, scale: 'reduced', without: faultKinds });
    const [width, least] = widths[world](counts);
    expect(violation).toBeNull();
    expect(width).toBeGreaterThanOrEqual(least);
  });
});

test('one seed in eight draws a wide world', () => {
  const drawn = Array.from(
    { length: 1_000 },
    (_, seed) => drawWide(new Streams(seed), undefined, 'reduced')?.kind ?? 'plain',
  );
  const wide = drawn.filter((one) => one !== 'plain');
  expect(wide.length).toBeGreaterThan(100);
  expect(wide.length).toBeLessThan(150);
  expect(new Set(wide).size).toBe(wideKinds.length);
});

// Seeds that nobody has seen before, new ones with every commit: a failure prints the command that repeats it.
import { expect, test } from '@jest/globals';
import { runSeed } from '../../lib/simulator/program/seed-run.ts';
import { addTo, newTotals, totalsText } from '../../lib/simulator/program/totals.ts';
import { countOf, firstSeed } from '../slice.ts';

const count = countOf({ short: 30, long: 300 });

test(`${String(count)} new seeds keep every invariant`, async () => {
  const totals = newTotals();
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const { summary, result } = await runSeed({ seed, scale: 'reduced' });
    addTo(totals, summary);
    if (summary.failure !== null) console.log(summary.failure);
    expect({ seed, violation: result.violation?.message ?? null }).toEqual({ seed, violation: null });
  }
  console.log(`seeds ${String(firstSeed)} to ${String(firstSeed + count - 1)}\n${totalsText(totals)}`);
  // A simulator that does nothing would pass as well.
  expect(totals.faultedTicks).toBeGreaterThan(count * 10);
  expect(totals.processes).toBeGreaterThan(count * 5);
});

// What is worked out for one list of offerings is kept with the list: whoever asked with it before, in whatever pool
// and for whatever demand, the next plan is the one that a list of its own would have given.
import { expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { countingCredits } from '../../../lib/core/allocation/constraints/burstable-prices.ts';
import { allocate as engine } from '../../../lib/core/allocation/index.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import type { AllocationInput } from '../../../lib/core/allocation/types.ts';
import { countOf } from '../../slice.ts';
import { inputs, offerings } from './worlds.ts';

const allocate = countingCredits(engine);

/** Some of them burstable, which bursty tasks and others see at other prices. */
const shared = [...offerings, ...offeringsOf({ instanceFamily: ['t3'] }, { zones: ['za', 'zb', 'zc'] })];

test('a plan from a list that was asked before is the plan from a fresh copy of it', () => {
  const isBursty = fc.boolean();
  fc.assert(
    fc.property(inputs, isBursty, (given, bursty) => {
      const input: AllocationInput = {
        ...given,
        demand: given.demand.map((one, at) =>
          bursty && at === 0 ? { ...one, requirements: { ...one.requirements, bursty: true } } : one,
        ),
      };
      const kept = allocate({ ...input, offerings: shared });
      expect(kept).toEqual(allocate({ ...input, offerings: [...shared] }));
    }),
    { numRuns: countOf({ short: 40, long: 200, quick: 10 }), seed: 11 },
  );
});

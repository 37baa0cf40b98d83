// Whatever the input, the independent judge finds nothing wrong with the plan.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { countOf } from '../../slice.ts';
import { problemsOf } from './checker.ts';
import { inputs } from './worlds.ts';

test('no plan over-commits a node, breaks a constraint or exceeds a limit', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      expect(problemsOf(input, allocate(input))).toEqual([]);
    }),
    { numRuns: countOf({ short: 300, long: 300, quick: 60 }), seed: 5 },
  );
});

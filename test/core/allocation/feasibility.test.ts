// Whatever the input, the independent judge finds nothing wrong with the plan.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { countOf } from '../../slice.ts';
import type { Demand } from '../../../lib/core/allocation/types.ts';
import { problemsOf } from './checker.ts';
import { demandOf, inputOf, inputs } from './worlds.ts';

test('no plan over-commits a node, breaks a constraint or exceeds a limit', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      expect(problemsOf(input, allocate(input))).toEqual([]);
    }),
    { numRuns: countOf({ short: 300, long: 300, quick: 60 }), seed: 5 },
  );
});

describe('many groups that keep apart only from themselves are bought for as one', () => {
  const sold = offeringsOf({ instanceCategory: ['c', 'm', 'r'], arch: ['amd64'], capacityType: ['on-demand'] });
  const groups = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  /** A third keeps apart from its group, a third is spread two to a node, some keep apart from all of their kind. */
  const relationOf = (at: number): Partial<Demand> => {
    const label = groups[Math.floor(at / 7) % groups.length] ?? '';
    const [apart, level] = [`apart-${label}`, `level-${label}`];
    if (at % 7 < 2) return { group: apart, antiAffinity: [{ topology: 'node', group: apart }] };
    if (at % 7 < 4) return { group: level, spread: [{ topology: 'node', group: level, maxSkew: 2 }] };
    return at % 7 < 5 ? { group: 'alone', antiAffinity: [{ topology: 'node', group: 'alone' }] } : {};
  };
  const demand = Array.from({ length: 700 }, (_, at) =>
    demandOf(
      `d${String(at).padStart(3, '0')}`,
      [0.25, 0.5, 1, 1.5][(at * 11) % 4] ?? 1,
      [256, 1024, 2048, 3000, 4096][(at * 17) % 5] ?? 256,
      1,
      relationOf(at),
    ),
  );

  test('the plan breaks no rule, and its price is near the bound', () => {
    const input = inputOf(demand, { offerings: sold, iterations: 0 });
    const plan = allocate(input);
    expect(problemsOf(input, plan)).toEqual([]);
    expect(plan.unplaced).toEqual([]);
    expect(plan.gapPercent).toBeLessThan(8);
  });

  test('groups of which another keeps away are not', () => {
    const others = demand.map((one) =>
      one.group === 'level-a' ? { ...one, antiAffinity: [{ topology: 'node' as const, group: 'apart-b' }] } : one,
    );
    const input = inputOf(others, { offerings: sold, iterations: 0 });
    const plan = allocate(input);
    expect(problemsOf(input, plan)).toEqual([]);
    expect(plan.unplaced).toEqual([]);
  });
});

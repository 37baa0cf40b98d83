// Placing alone over hours: the laws of what happens, and that they notice an engine that breaks them.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { Allocate } from '../../../lib/core/allocation/types.ts';
import { runContention, runPlacing, runServices } from '../../../lib/simulator/placing/run.ts';
import { firstSeed, sliceOf } from '../../slice.ts';

const hours = 6;

test('random demand over some hours breaks no law', () => {
  for (let seed = firstSeed; seed < firstSeed + 2; seed += 1) {
    const { broken, starts } = runPlacing(seed, hours);
    expect({ seed, broken }).toEqual({ seed, broken: [] });
    expect(starts).toBeGreaterThan(0);
  }
});

test('a run is what its seed says', () => {
  expect(runPlacing(3, 4)).toEqual(runPlacing(3, 4));
});

/** The first law that falls within some seeds. */
function fallsWith(engine: Allocate, seeds: readonly number[], law: string): boolean {
  return seeds.some((seed) => runPlacing(seed, hours, engine).broken.some((one) => one.law === law));
}

const engines: readonly [string, string, Allocate][] = [
  [
    'does not see who runs where',
    'apart',
    (input) =>
      allocate({ ...input, bins: input.bins.map((bin) => ({ ...bin, groups: {}, zoneAntiAffinityGroups: [] })) }),
  ],
  [
    'lets tenants share nodes',
    'tenants',
    ({ pool: { isTenantPerNode: _apart, ...pool }, ...input }) => allocate({ ...input, pool }),
  ],
  [
    'counts nothing against the limits',
    'limits',
    (input) => allocate({ ...input, pool: { ...input.pool, limits: {} } }),
  ],
  [
    'buys and places nothing for some',
    'end',
    (input) => allocate({ ...input, demand: input.demand.filter((one) => one.resources.cpuMilli < 4_000) }),
  ],
  [
    'buys what is dearest',
    'bill',
    (input) =>
      allocate({
        ...input,
        offerings: input.offerings.map((one) => ({ ...one, priceUsdPerHour: 1 / one.priceUsdPerHour })),
      }),
  ],
  [
    'forgets what was refused',
    'in vain',
    (input) => allocate({ ...input, offerings: [...input.offerings, ...input.unavailable], unavailable: [] }),
  ],
];

test.each(sliceOf(engines, 1))('an engine that %s is noticed by the law "%s"', (_what, law, engine) => {
  expect(fallsWith(engine, [1, 2, 3, 4, 5, 6], law)).toBe(true);
});

describe('replicas of services', () => {
  test('go where the fewest are, and none waits for that', () => {
    const { broken, starts } = runServices(firstSeed, hours);
    expect({ firstSeed, broken }).toEqual({ firstSeed, broken: [] });
    expect(starts).toBe(10 * hours);
  });

  test('an engine that does not know them is noticed', () => {
    const blind: Allocate = (input) =>
      allocate({ ...input, demand: input.demand.map(({ service: _unseen, ...one }) => one) });
    const laws = [1, 2, 3].flatMap((seed) => runServices(seed, hours, blind).broken.map((one) => one.law));
    expect(laws).toContain('replicas');
  });
});

describe('tenants that all wait', () => {
  test('have what becomes free by their weights', () => {
    const { broken, windows } = runContention(firstSeed, 0.75);
    expect({ firstSeed, broken }).toEqual({ firstSeed, broken: [] });
    expect(windows).toBeGreaterThan(0);
  });

  test.each(
    sliceOf<readonly [string, Allocate]>(
      [
        ['who has what', ({ tenants: _tenants, ...input }) => allocate(input)],
        [
          'the weights',
          (input) => {
            const even = Object.entries(input.tenants ?? {}).map(
              ([name, one]) => [name, { ...one, weight: 1 }] as const,
            );
            return allocate({ ...input, tenants: Object.fromEntries(even) });
          },
        ],
      ],
      1,
    ),
  )('an engine that does not know %s is noticed', (_what, engine) => {
    const isUnfair = (seed: number): boolean =>
      runContention(seed, 0.75, engine).broken.some((one) => one.law === 'shares');
    expect([1, 2, 3].some(isUnfair)).toBe(true);
  });
});

// What interruptions are expected to cost before anything was learned.
import { expect, test } from '@jest/globals';
import { catalogInterruptionsPerHour } from '../../../lib/core/catalog/interruptions.ts';
import { typeOf } from '../builders.ts';

const perMonth = (spotInterruptionBand: number | null, capacityType: 'spot' | 'on-demand' = 'spot'): number =>
  730 * catalogInterruptionsPerHour({ capacityType, type: typeOf('c7.large', 2, 4, 0.1, { spotInterruptionBand }) });

test('a spot node is interrupted as often as the middle of its band says, by month of 730 hours', () => {
  const bands = [0, 1, 2, 3, 4].map((band) => perMonth(band));
  for (const [band, expected] of [0.025, 0.075, 0.125, 0.175, 0.25].entries())
    expect(bands[band]).toBeCloseTo(expected, 12);
});

test('on demand, and where the band is not known, nothing is expected', () => {
  expect([perMonth(4, 'on-demand'), perMonth(null), perMonth(5)]).toEqual([0, 0, 0]);
});

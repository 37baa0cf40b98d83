// Own prices of a pool: which offerings they are of, and that without any nothing is another object.
import { expect, test } from '@jest/globals';
import { offeringsFor, offeringsOf } from '../../../lib/core/catalog/index.ts';
import { atOwnPrices } from '../../../lib/core/catalog/own-prices.ts';

const requirements = { instanceType: ['c7g.large', 'c7g.xlarge', 'm7g.large'], zone: ['us-east-1a', 'us-east-1b'] };
const sold = offeringsOf(requirements);

test('without own prices it is the same list', () => {
  expect(atOwnPrices(sold)).toBe(sold);
  expect(atOwnPrices(sold, [])).toBe(sold);
});

test('the first that matches counts: a type before its family, by zone and capacity type', () => {
  const priced = atOwnPrices(sold, [
    { instanceType: 'c7g.large', zone: 'us-east-1a', capacityType: 'on-demand', usdPerHour: 0.01 },
    { instanceType: 'c7g.*', capacityType: 'on-demand', discountPercent: 25 },
  ]);
  for (const [at, one] of priced.entries()) {
    const listed = sold[at]?.priceUsdPerHour ?? 0;
    const expected =
      one.capacityType === 'spot' || one.type.family !== 'c7g'
        ? listed
        : one.id === 'c7g.large/us-east-1a/on-demand'
          ? 0.01
          : listed * 0.75;
    expect(one.priceUsdPerHour).toBeCloseTo(expected, 12);
    expect(one.isOwnPrice === true).toBe(expected !== listed);
    if (expected === listed) expect(one).toBe(sold[at]);
  }
});

test('a family is that family, not another whose name begins alike', () => {
  const all = offeringsFor({ requirements: {}, prices: [{ instanceType: 'm6i.*', usdPerHour: 1 }] });
  const named = new Set(all.filter((one) => one.isOwnPrice === true).map((one) => one.type.family));
  expect([...named]).toEqual([]);
  const named6id = offeringsFor({
    requirements: { instanceFamily: ['m6i', 'm6id'] },
    prices: [{ instanceType: 'm6i.*', usdPerHour: 1 }],
  }).filter((one) => one.isOwnPrice === true);
  expect([...new Set(named6id.map((one) => one.type.family))]).toEqual(['m6i']);
});

test('moving prices of elsewhere come first, and a discount is off them', () => {
  const [first] = offeringsFor({ requirements, prices: [{ instanceType: 'c7g.*', discountPercent: 50 }] }, (one) => ({
    ...one,
    priceUsdPerHour: 2,
  }));
  expect(first?.priceUsdPerHour).toBe(1);
});

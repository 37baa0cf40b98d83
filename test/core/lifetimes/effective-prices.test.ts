// Effective prices: the prior stands while little is known, each kind of bad news makes an offering dearer, doubt is
// taken for the better within bounds, and equal figures leave the list of offerings as it is.
import { describe, expect, test } from '@jest/globals';
import { effectivePrice } from '../../../lib/core/allocation/compile.ts';
import type { EffectivePrice } from '../../../lib/core/lifetimes/effective-prices.ts';
import { badFactor, effectivePrices, withLearnedPrices } from '../../../lib/core/lifetimes/effective-prices.ts';
import type { OfferingSums } from '../../../lib/core/lifetimes/offerings.ts';
import { nothingLearned, offeringsHalfLifeMs } from '../../../lib/core/lifetimes/offerings.ts';
import { awsDecisionSettings } from '../../../lib/core/values/settings.ts';
import { nowMs, offer, smallType } from '../builders.ts';

const all = ['za', 'zb'].flatMap((zone) => [offer(smallType, zone, 'on-demand'), offer(smallType, zone, 'spot')]);
const bad = offer(smallType, 'za', 'spot').id;
const good = offer(smallType, 'zb', 'spot').id;
/** Twenty nodes that lived for an hour each and booted in a minute. */
const fine: OfferingSums = {
  ...nothingLearned,
  ...{ booted: 20, bootSeconds: 1_200, bootLogs: 20 * Math.log(60), hours: 20, atMs: nowMs },
};

function priced(sums: Partial<OfferingSums>, atMs = nowMs): EffectivePrice {
  const stored = { [bad]: { ...fine, ...sums }, [good]: fine };
  const found = effectivePrices(all, stored, [], atMs, awsDecisionSettings).find((one) => one.id === bad);
  if (found === undefined) throw new Error('it is not known');
  return found;
}

test('where nothing was learned prices stay as they are, and the list is the same', () => {
  expect(withLearnedPrices(all, effectivePrices(all, undefined, [], nowMs, awsDecisionSettings))).toBe(all);
});

describe('an offering of which is known', () => {
  test.each<[string, Partial<OfferingSums>, number]>([
    ['that many launches were refused', { refused: 200 }, 1.02],
    ['that nodes never called', { failed: 6 }, 1.1],
    ['that it boots slowly', { bootSeconds: 12_000, bootLogs: 20 * Math.log(600) }, 1.1],
    ['that it was interrupted', { interrupted: 10 }, 1.1],
  ])('%s counts more, and all the more the more of it there is', (_, sums, least) => {
    const { factor, hopeful } = priced(sums).learned;
    expect(factor).toBeGreaterThanOrEqual(least);
    expect(hopeful).toBeLessThan(factor);
    expect(hopeful).toBeGreaterThanOrEqual(1);
    const few = Object.fromEntries(Object.entries(sums).map(([key, amount]) => [key, Number(amount) / 4]));
    if (!('bootSeconds' in sums)) expect(priced(few).learned.factor).toBeLessThan(factor);
  });

  test('no more than is expected anyway counts as it is, and there is nothing to try again', () => {
    const { factor, hopeful } = priced({}).learned;
    expect(factor).toBeLessThan(badFactor);
    expect(hopeful).toBe(factor);
  });

  test('bad news of long ago comes to count nothing', () => {
    const now = priced({ interrupted: 10 }).learned.factor;
    const later = priced({ interrupted: 10 }, nowMs + 4 * offeringsHalfLifeMs).learned.factor;
    expect(later).toBeLessThan(1 + (now - 1) / 2);
    expect(priced({ interrupted: 10 }, nowMs + 20 * offeringsHalfLifeMs).learned.factor).toBe(1);
  });

  test('interruptions as often as the catalog says are not counted twice', () => {
    // Band 1: 0.075 a month.
    const asOften = priced({ booted: 7_300, bootSeconds: 438_000, hours: 7_300, interrupted: 0.75 });
    expect(asOften.learned.factor).toBeCloseTo(1, 1);
    expect(asOften.bootP50Seconds).toBeLessThan(61);
  });
});

test('it says why, counts in the effective price and nowhere else, and stays one list while it says the same', () => {
  const stored = { [bad]: { ...fine, interrupted: 10, refused: 2 }, [good]: fine };
  const at = (ms: number) => withLearnedPrices(all, effectivePrices(all, stored, [], ms, awsDecisionSettings));
  const marked = at(nowMs);
  expect(at(nowMs + 1_000)).toBe(marked);
  const one = marked.find(({ id }) => id === bad);
  const plain = all.find(({ id }) => id === bad);
  if (!one?.learned || !plain) throw new Error('it is not marked');
  expect(one.learned.because).toMatch(
    /^counts \d+ % more than its price \(launches refused 2, interruptions 10 in 20 node-hours, boot p50 60 s\)$/,
  );
  expect(one.priceUsdPerHour).toBe(plain.priceUsdPerHour);
  expect(effectivePrice(one, 0)).toBeCloseTo(effectivePrice(plain, 0) * one.learned.factor, 12);
});

// Regret summed by day.
import { expect, test } from '@jest/globals';
import { noRegret } from '../../../../lib/core/costs/regret/regret.ts';
import {
  dayMs,
  mergeRegrets,
  noRegretByDay,
  paidUsd,
  regretDaysMax,
  regretSum,
  withRegret,
} from '../../../../lib/core/costs/regret/sums.ts';

const one = regretSum({ ...noRegret, paid: 0.25, boot: 0.05, needed: 0.2 });

test('parts are whole millionths; what is 0 is left out; paid is their sum', () => {
  expect(one).toEqual({ nodes: 1, notPriced: 0, microUsd: { boot: 50_000, needed: 200_000 } });
  expect(paidUsd(one)).toBe(0.25);
  expect(regretSum(null)).toEqual({ nodes: 1, notPriced: 1, microUsd: {} });
});

test('a day takes its nodes; the oldest of more days than are kept pass to those before', () => {
  let all = noRegretByDay;
  for (let day = 0; day < regretDaysMax + 3; day += 1)
    for (let n = 0; n <= day; n += 1) all = withRegret(all, one, (20_000 + day) * dayMs + 5);
  expect(Object.keys(all.byDay).map(Number)).toEqual(Array.from({ length: regretDaysMax }, (_, n) => 20_003 + n));
  expect(all.byDay['20003']).toEqual({ nodes: 4, notPriced: 0, microUsd: { boot: 200_000, needed: 800_000 } });
  expect(all.before).toMatchObject({ nodes: 1 + 2 + 3, microUsd: { boot: 300_000 } });
});

test('two records are one: equal days together, and nothing is lost beyond the days that are kept', () => {
  const [a, b] = [withRegret(noRegretByDay, one, 5 * dayMs), withRegret(noRegretByDay, one, 5 * dayMs + 1)];
  expect(mergeRegrets(a, b)).toEqual({
    byDay: { 5: { nodes: 2, notPriced: 0, microUsd: { boot: 100_000, needed: 400_000 } } },
    before: noRegretByDay.before,
  });
});

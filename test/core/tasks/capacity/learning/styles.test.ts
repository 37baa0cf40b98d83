// Learning styles of requests: whose demand is forecast, what is remembered of it, and what acts on a request.
import { describe, expect, test } from '@jest/globals';
import type { LearningStyle } from '../../../../../lib/core/records/pool.ts';
import { emptyMemory } from '../../../../../lib/core/plan/observation.ts';
import { forecastDemand, notedDemand } from '../../../../../lib/core/scaling/demand-now.ts';
import {
  actedOn,
  choosesByLearned,
  forecastsOwn,
  ownDemandAfter,
} from '../../../../../lib/core/tasks/capacity/learning/styles.ts';
import { nowMs, observation, pool, request } from '../../../builders.ts';

const day = 86_400_000;
const of = (learningStyle: LearningStyle | null, cpuMilli: number) =>
  request(`r-${String(cpuMilli)}`, { learningStyle, resources: { cpuMilli, memoryMib: 1, gpu: 0 } });
/** 1 vCPU that says nothing, 2 reactive, 4 predictive, 8 scheduled. */
const requests = [of(null, 1_000), of('reactive', 2_000), of('predictive', 4_000), of('scheduled', 8_000)];
const vcpus = (style: LearningStyle): readonly [number, number] => {
  const seen = observation({ requests, pool: pool({ learningStyle: style }) });
  return [notedDemand(seen).cpuMilli / 1_000, forecastDemand(seen).cpuMilli / 1_000];
};

test.each<[LearningStyle, readonly [number, number]]>([
  ['reactive', [15, 4]],
  ['scheduled', [15, 4]],
  ['predictive', [5, 5]],
  ['adaptive', [5, 5]],
])('a pool that is %s notes and forecasts these vCPU', (style, expected) => {
  expect(vcpus(style)).toEqual(expected);
});

describe('a pool that does not forecast', () => {
  test('does so for requests that want it, and for eight days after the last', () => {
    expect(forecastsOwn(observation({ requests }), nowMs)).toBe(true);
    expect(forecastsOwn(observation({ requests: requests.slice(0, 2) }), nowMs)).toBe(false);
    const memory = { ...emptyMemory, ownDemandAtMs: nowMs };
    expect(forecastsOwn(observation({ memory }), nowMs + 8 * day - 1)).toBe(true);
    expect(forecastsOwn(observation({ memory }), nowMs + 8 * day)).toBe(false);
    expect(forecastsOwn(observation({ requests, pool: pool({ learningStyle: 'predictive' }) }), nowMs)).toBe(false);
  });

  test('remembers when there was one, at most once a day, and forgets nothing by itself', () => {
    const after = (atMs: number | undefined, open = requests) =>
      ownDemandAfter(
        observation({
          requests: open,
          memory: { ...emptyMemory, ...(atMs === undefined ? {} : { ownDemandAtMs: atMs }) },
        }),
      ).ownDemandAtMs;
    expect(after(undefined)).toBe(nowMs);
    expect(after(undefined, [])).toBeUndefined();
    expect(after(nowMs - day + 1)).toBe(nowMs - day + 1);
    expect(after(nowMs - day)).toBe(nowMs);
    expect(after(nowMs - 90 * day, [])).toBe(nowMs - 90 * day);
  });
});

test('offerings are weighed in an adaptive pool, and while an adaptive request is open', () => {
  expect(choosesByLearned(observation({ requests }))).toBe(false);
  expect(choosesByLearned(observation({ pool: pool({ learningStyle: 'adaptive' }) }))).toBe(true);
  const adaptive = of('adaptive', 1_000);
  expect(choosesByLearned(observation({ requests: [adaptive] }))).toBe(true);
  expect(choosesByLearned(observation({ requests: [{ ...adaptive, endedAtMs: 1 }] }))).toBe(false);
});

test.each<[LearningStyle | null, LearningStyle, LearningStyle]>([
  [null, 'reactive', 'reactive'],
  [null, 'predictive', 'predictive'],
  ['predictive', 'reactive', 'predictive'],
  ['predictive', 'adaptive', 'adaptive'],
  ['adaptive', 'predictive', 'adaptive'],
  ['reactive', 'adaptive', 'reactive'],
  ['scheduled', 'predictive', 'scheduled'],
])('a request that says %s in a pool that is %s: %s acts', (own, style, acted) => {
  const found = actedOn({ learningStyle: own }, pool({ learningStyle: style }));
  expect([found.style, found.acted]).toEqual([own ?? style, acted]);
  expect(found.reason).toMatch(own === null ? /^the style of pool p/ : /^its own style/);
});

test('without a history nothing is forecast, and the answer says so', () => {
  expect(actedOn({ learningStyle: 'adaptive' }, pool({ historyDays: 0 }))).toEqual({
    style: 'adaptive',
    acted: 'reactive',
    reason: 'its own style, but pool p keeps no history: historyDays is 0',
  });
});

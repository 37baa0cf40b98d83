// Launches of a plan: complete records, split by how many nodes one call may buy, and those that are due again.
import { expect, test } from '@jest/globals';
import type { PlannedLaunch } from '../../../lib/core/allocation/types.ts';
import type { LaunchTerms } from '../../../lib/core/plan/launches.ts';
import { dueLaunches, newLaunch, nodeLaunches } from '../../../lib/core/plan/launches.ts';
import type { NodeLaunch } from '../../../lib/core/records/launch.ts';
import { newTokenCalls } from '../../../lib/core/records/launch.ts';
import { launch, machineLaunch, nowMs, offerings, pool, terms as ownTerms } from '../builders.ts';

const tags = { 'bellows:installation': 'test', 'bellows:pool': 'p' };

function terms(): LaunchTerms {
  let ids = 0;
  return { ...ownTerms, specVersion: 3, newId: () => String((ids += 1)) };
}

function launched(more: Partial<PlannedLaunch>, perLaunch = 50): readonly NodeLaunch[] {
  const planned = { offerings, count: 1, reason: 'cheapest', ...more } as PlannedLaunch;
  return nodeLaunches(planned, pool(), perLaunch, nowMs, terms());
}

test('a launch is complete: its request, what it reserves, and its tags', () => {
  expect(launched({ count: 2 })).toEqual([
    {
      id: 'l-1',
      pool: 'p',
      state: 'open',
      createdAtMs: nowMs,
      outcome: null,
      ...newTokenCalls(nowMs),
      reserved: { instances: 2, vcpu: 4, memoryMib: 8192, usdPerHour: 0.2 },
      tasksMax: 10,
      specVersion: 3,
      reason: 'cheapest',
      request: {
        call: 'fleet',
        capacityType: 'on-demand',
        templateVersion: '7',
        count: 2,
        overrides: ['za', 'zb'].map((zone) => ({ instanceType: 'c7.large', zone, priceUsdPerHour: 0.1 })),
        tags: { ...tags, 'bellows:launch': 'l-1' },
      },
    },
  ]);
});

test('one call buys so many nodes at most; each has a token of its own', () => {
  const [first, second, third, ...rest] = launched({ count: 5, gangs: ['r'] }, 2);
  expect([first, second, third].map((one) => [one?.id, one?.request.count, one?.reserved.instances])).toEqual([
    ['l-1', 2, 2],
    ['l-2', 2, 2],
    ['l-3', 1, 1],
  ]);
  expect(rest).toEqual([]);
  expect(third).toMatchObject({ gangs: ['r'], request: { tags: { ...tags, 'bellows:launch': 'l-3' } } });
  expect(launched({ count: 2 }, 2)).toHaveLength(1);
});

test('nothing is bought where nothing is wanted, or offered', () => {
  expect(launched({ count: 0 })).toEqual([]);
  expect(launched({ offerings: [] })).toEqual([]);
});

test('a new launch is not repeated while its first call is under way', () => {
  const { fields } = newLaunch(terms(), 'p', nowMs);
  expect(fields).toMatchObject({ calls: 0, nextTryAtMs: nowMs + 5_000, callingSinceMs: nowMs });
});

test('open launches are asked for again when their time has come, those of machines as well', () => {
  const due = [
    launch('l-1', { nextTryAtMs: nowMs }),
    launch('l-2', { nextTryAtMs: nowMs + 1 }),
    machineLaunch('l-3', 'm', { nextTryAtMs: nowMs - 1 }),
    launch('l-4', { nextTryAtMs: nowMs + 1_200_000 }),
    // By a clock that was ahead.
    launch('l-5', { nextTryAtMs: nowMs + 1_200_001 }),
  ];
  const actions = dueLaunches(
    due.map((record) => ({ record, version: 1 })),
    nowMs,
  );
  expect(actions).toEqual([
    { kind: 'settle', launchId: 'l-1' },
    { kind: 'settle', launchId: 'l-3' },
    { kind: 'settle', launchId: 'l-5' },
  ]);
});

// Whether a replica that nothing runs yet only waits for room in its pool.
import { describe, expect, test } from '@jest/globals';
import { waitsForRoom } from '../../../lib/core/services/room.ts';
import { claimCopyOf, launch, machineWish, node, observation, pool } from '../builders.ts';
import { state } from './builders.ts';

type World = NonNullable<Parameters<typeof observation>[0]>;

const waiting = state(0, { phase: 'pending' });
const waits = (world: World, of = waiting): boolean => waitsForRoom(of, claimCopyOf(observation(world)));
const full = pool({ limits: { instances: 1 } });

describe('a task', () => {
  test('waits for room where the limits allow no node that could carry it', () => {
    const nodes = [node({ state: 'ready' })];
    expect(waits({ pool: full, nodes })).toBe(true);
    expect(waits({ pool: pool({ limits: { instances: 2 } }), nodes })).toBe(false);
    expect(waits({ pool: full, nodes, offerings: [] })).toBe(false);
  });

  test('does not while a node comes, which may be the one for it', () => {
    expect(waits({ pool: full, nodes: [node({ state: 'launching' })] })).toBe(false);
    expect(waits({ pool: full, launches: [launch('l')] })).toBe(false);
  });

  test('waits for room in a pool that is paused, or whose budget is spent', () => {
    expect(waits({ paused: { by: 'a', sinceMs: 0 } })).toBe(true);
    const stop = { budget: 'usdPerDay', usd: 1, spentUsd: 2, untilMs: 3 } as const;
    expect(waits({ stops: { pool: stop } })).toBe(true);
    expect(waits({})).toBe(false);
  });

  test('that runs, or is gone, waits for nothing', () => {
    expect(waits({ paused: { by: 'a', sinceMs: 0 } }, state(0, { phase: 'starting' }))).toBe(false);
    expect(waits({ paused: { by: 'a', sinceMs: 0 } }, state(0, { phase: 'pending', request: null }))).toBe(false);
  });
});

test.each([
  ['limit_reached', true],
  ['pool_paused', true],
  ['no_capacity', false],
  ['launching', false],
  [null, false],
])('a machine whose claim says %s: %s', (reason, expected) => {
  const request = { ...machineWish('m'), reason };
  expect(waits({}, state(0, { phase: 'pending', request }))).toBe(expected);
});

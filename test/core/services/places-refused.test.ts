// Places of replicas that only their target groups do not have as healthy: replaced one for one.
import { expect, test } from '@jest/globals';
import { placesOf } from '../../../lib/core/services/places.ts';
import { service, state, update } from './builders.ts';

const refused = (n: number) => state(n, { phase: 'unhealthy', refusedBecause: 'web has it as unhealthy' });

test('one that only a group has as unhealthy is replaced first, and stopped when it is not needed', () => {
  const before = [state(0), state(1), refused(2)];
  expect(placesOf(before, service(), 10)).toEqual({ starts: 1, stops: [] });
  const after = placesOf([...before, state(3)], service(), 10);
  expect(after.starts).toBe(0);
  expect(after.stops).toMatchObject([{ state: { replica: { slot: 2 } }, reason: 'web has it as unhealthy' }]);
});

test('several are replaced one for one, though fewer than are wanted are ready meanwhile', () => {
  const two = [state(0), refused(1), refused(2)];
  expect(placesOf(two, service(), 10)).toEqual({ starts: 1, stops: [] });
  expect(placesOf([...two, state(3, { phase: 'starting' })], service(), 10)).toEqual({ starts: 0, stops: [] });
  const next = placesOf([...two, state(3)], service(), 10);
  expect(next.stops.map((one) => one.state.replica.slot)).toEqual([2]);
});

test('what is not wanted any more goes, whatever groups say of it', () => {
  const all = [refused(0), refused(1), refused(2)];
  expect(placesOf(all, service({ replicas: 0 }), 10).stops).toHaveLength(3);
  expect(placesOf(all, service({ replicas: 1 }), 10).stops).toHaveLength(1);
});

test('where groups refuse all, one more is tried and none is stopped', () => {
  const all = [refused(0), refused(1), refused(2)];
  expect(placesOf(all, service(), 10)).toEqual({ starts: 1, stops: [] });
  expect(placesOf([...all, refused(3)], service(), 10)).toEqual({ starts: 0, stops: [] });
});

test('an update stops what only its groups do not have as healthy one for one, not all at once', () => {
  const old = [0, 1, 2].map((n) => state(n, { phase: 'starting', isTarget: true }));
  const next = service({ revision: 2 });
  const stopsOf = (...fresh: readonly ReturnType<typeof state>[]) => placesOf([...old, ...fresh], next, 0).stops.length;
  expect(stopsOf()).toBe(0);
  expect(stopsOf(state(3, { revision: 2, phase: 'starting', isTarget: true }))).toBe(0);
  expect(stopsOf(state(3, { revision: 2 }))).toBe(1);
  expect(placesOf(old, { ...next, replicas: 0 }, 0).stops).toHaveLength(3);
  const unchecked = old.map((one) => ({ ...one, isTarget: false }));
  expect(placesOf(unchecked, next, 0).stops).toHaveLength(3);
});

test('where none may start before another has gone, an update of what its groups refuse begins all the same', () => {
  for (const how of [{ order: 'stop-first' }, { maxUnavailable: 1, maxSurge: 0 }] as const) {
    const next = service({ revision: 2, update: { ...update, ...how } });
    expect(placesOf([refused(0), refused(1), refused(2)], next, 0)).toMatchObject({ starts: 0, stops: [{}] });
    const two = [refused(0), refused(1)];
    expect(placesOf(two, next, 0)).toMatchObject({ starts: 1, stops: [] });
    expect(placesOf([...two, state(2, { revision: 2, phase: 'pending' })], next, 0).stops).toEqual([]);
    expect(placesOf([...two, state(2, { revision: 2 })], next, 0).stops).toHaveLength(1);
    // No update: no other does better.
    expect(placesOf([refused(0), refused(1), refused(2)], { ...next, revision: 1 }, 0).stops).toEqual([]);
  }
});

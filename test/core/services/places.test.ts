// How many replicas start and which stop, within what may be missing and what may be above.
import { expect, test } from '@jest/globals';
import type { ReplicaState } from '../../../lib/core/services/replica-state.ts';
import type { ServiceRecord, UpdatePolicy } from '../../../lib/core/services/record.ts';
import { placesOf } from '../../../lib/core/services/places.ts';
import { state, stop, update } from './builders.ts';

const nowMs = 100_000;
const old = { revision: 1 };
const fresh = { revision: 2 };

interface Wish extends Partial<UpdatePolicy> {
  readonly replicas?: number;
}

/** Three of revision 2 are wanted: how many start, and the places of those that stop. */
function placed(all: readonly ReplicaState[], { replicas = 3, ...policy }: Wish = {}): [number, readonly number[]] {
  const service: Pick<ServiceRecord, 'replicas' | 'revision' | 'update'> = {
    replicas,
    revision: 2,
    update: { ...update, ...policy },
  };
  const { starts, stops } = placesOf(all, service, nowMs);
  return [starts, stops.map((one) => one.state.replica.slot)];
}

function reasons(all: readonly ReplicaState[], replicas = 3): readonly string[] {
  return placesOf(all, { replicas, revision: 2, update }, nowMs).stops.map(({ reason }) => reason);
}

test('what is missing is started; what is there, ready or not, counts', () => {
  expect(placed([])).toEqual([3, []]);
  expect(placed([state(0, fresh), state(1, { ...fresh, phase: 'pending' })])).toEqual([1, []]);
  expect(placed([0, 1, 2].map((n) => state(n, fresh)))).toEqual([0, []]);
});

test('too many: what does not serve stops first, then what is on a node that leaves, then the highest place', () => {
  const all = [0, 1, 2, 3, 4].map((n) => state(n, { ...fresh, ...(n === 1 ? { phase: 'starting' as const } : {}) }));
  expect(placed(all)).toEqual([0, [1, 4]]);
  const leaving = [0, 1, 2, 3].map((n) => state(n, { ...fresh, isLeaving: n === 0 }));
  expect(placed(leaving)).toEqual([0, [0]]);
  expect(placed([state(0, fresh)], { replicas: 0 })).toEqual([0, [0]]);
});

test('the unhealthy stops at once, whatever serves, and another one starts', () => {
  expect(placed([state(0, fresh), state(1, fresh), state(2, { ...fresh, phase: 'unhealthy' })])).toEqual([1, [2]]);
  expect(placed([0, 1, 2].map((n) => state(n, { ...fresh, phase: 'unhealthy' })))).toEqual([3, [0, 1, 2]]);
});

test('start-first: one above, and an old one stops once a new one serves', () => {
  const olds = [0, 1, 2].map((n) => state(n, old));
  expect(placed(olds)).toEqual([1, []]);
  expect(placed([...olds, state(3, { ...fresh, phase: 'pending' })])).toEqual([0, []]);
  expect(placed([...olds, state(3, fresh)])).toEqual([0, [2]]);
  expect(placed([...olds.slice(0, 2), state(2, { ...old, stop }), state(3, fresh)])).toEqual([1, []]);
});

test('start-first with maxSurge 3: all new ones at once', () => {
  expect(
    placed(
      [0, 1, 2].map((n) => state(n, old)),
      { maxSurge: 3 },
    ),
  ).toEqual([3, []]);
});

test('with nothing allowed above or missing one above is allowed all the same, or nothing would ever move', () => {
  expect(
    placed(
      [0, 1, 2].map((n) => state(n, old)),
      { maxSurge: 0 },
    ),
  ).toEqual([1, []]);
  expect(
    placed(
      [0, 1, 2].map((n) => state(n, old)),
      { maxSurge: 0, maxUnavailable: 1 },
    ),
  ).toEqual([0, [2]]);
});

test('stop-first: one stops, and a new one starts only when it has ended', () => {
  const policy = { order: 'stop-first' } as const;
  const olds = [0, 1, 2].map((n) => state(n, old));
  expect(placed(olds, policy)).toEqual([0, [2]]);
  expect(placed([...olds.slice(0, 2), state(2, { ...old, stop })], policy)).toEqual([0, []]);
  expect(placed(olds.slice(0, 2), policy)).toEqual([1, []]);
  expect(placed(olds, { ...policy, maxUnavailable: 2 })).toEqual([0, [2, 1]]);
});

test('an old one that does not serve stops at once: nobody misses it', () => {
  expect(placed([state(0, old), state(1, old), state(2, { ...old, phase: 'pending' })])).toEqual([1, [2]]);
});

test('a new one counts only when it has been ready for long enough; an old one counts at once', () => {
  const all = [0, 1, 2].map((n) => state(n, old)).concat(state(3, { ...fresh, readySinceMs: nowMs - 9_999 }));
  expect(placed(all, { minHealthyMs: 10_000 })).toEqual([0, []]);
  const later = [...all.slice(0, 3), state(3, { ...fresh, readySinceMs: nowMs - 10_000 })];
  expect(placed(later, { minHealthyMs: 10_000 })).toEqual([0, [2]]);
  const newlyReady = [0, 1, 2].map((n) => state(n, { ...old, readySinceMs: nowMs }));
  expect(placed([...newlyReady, later[3] ?? state(3)], { minHealthyMs: 10_000 })).toEqual([0, [2]]);
});

test('a replica on a node that leaves is replaced like an old one', () => {
  const all = [state(0, { ...fresh, isLeaving: true }), state(1, fresh), state(2, fresh)];
  expect(placed(all)).toEqual([1, []]);
  expect(placed([...all, state(3, fresh)])).toEqual([0, [0]]);
  const beside = [state(0, { ...fresh, isLeaving: true }), state(1, old), state(2, fresh), state(3, fresh)];
  expect(placed(beside)).toEqual([0, [0]]);
});

test('each stop says why', () => {
  const health = { isHealthy: false, message: 'status 500', atMs: 1 };
  expect(reasons([state(0, { ...fresh, phase: 'unhealthy', health })])).toEqual(['it is unhealthy: status 500']);
  expect(reasons([state(0, { ...fresh, phase: 'unhealthy' })])).toEqual(['it is unhealthy: its checks fail']);
  expect(reasons([state(0, { ...old, phase: 'pending' })])).toEqual(['revision 2 takes the place of 1']);
  expect(reasons([state(0, { ...fresh, phase: 'pending', isLeaving: true })])).toEqual([
    'its node takes no more tasks, and goes',
  ]);
  expect(reasons([state(0, fresh), state(1, fresh)], 1)).toEqual(['1 are wanted']);
  expect(reasons([state(0, fresh)], 0)).toEqual(['none is wanted']);
});

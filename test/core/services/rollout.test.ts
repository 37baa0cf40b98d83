// A template takes the place of the one before: progress, an end, a failure, and the way back.
import { expect, test } from '@jest/globals';
import type { ReplicaState } from '../../../lib/core/services/replica-state.ts';
import type { Rollout, ServiceRecord } from '../../../lib/core/services/record.ts';
import {
  begun,
  isAvailable,
  judgeRollout,
  rolloutDueAtMs,
  rolloutFailuresMax,
  withRollout,
} from '../../../lib/core/services/rollout.ts';
import type { Judged, RolloutSeen } from '../../../lib/core/services/rollout.ts';
import { revisions, service, state, update } from './builders.ts';

const nowMs = 100_000;
const fresh = { revision: 2 };

/** Revision 2 takes the place of 1, since `nowMs`. */
function rolling(rollout: Partial<Rollout> = {}, more: Partial<ServiceRecord> = {}): ServiceRecord {
  const record = service({ revision: 2, revisions: revisions(1, 2), ...more });
  return { ...record, rollout: { ...begun(2, 1, nowMs, null), ...rollout } };
}

function judge(
  before: ServiceRecord,
  live: readonly ReplicaState[],
  failures: number,
  wanted: number,
  atMs: number,
  more: Partial<RolloutSeen> = {},
): Judged {
  return judgeRollout(before, { live, failures, wanted, lastEnd: null, lacksRoom: () => false, ...more }, atMs);
}

function ready(...slots: readonly number[]): readonly ReplicaState[] {
  return slots.map((slot) => state(slot, fresh));
}

test('it begins with the last revision that was done as the one to go back to', () => {
  expect(withRollout(service(), 2, nowMs, 'asked')).toMatchObject({
    revision: 2,
    rollout: { state: 'running', revision: 2, from: 1, available: 0, failures: 0, reason: 'asked', startedAtMs: nowMs },
  });
  expect(withRollout(rolling(), 3, nowMs, null)).toMatchObject({ revision: 3, rollout: { from: 1 } });
  expect(withRollout(rolling(), 1, nowMs, null)).toMatchObject({ revision: 1, rollout: { from: 1 } });
});

test('what was done while no replica was wanted is not gone back to before one of it has served', () => {
  const unproved = rolling({ state: 'done', from: 1, available: 0 });
  expect(withRollout(unproved, 3, nowMs, null)).toMatchObject({ revision: 3, rollout: { from: 1 } });
  expect(judge(rolling(), [], 0, 0, nowMs).record.rollout).toMatchObject({ state: 'done', available: 0, from: 1 });
  expect(judge(unproved, [state(0, { ...fresh, phase: 'starting' })], 0, 1, nowMs).record).toBe(unproved);
  const { record, event } = judge(unproved, ready(0), 0, 1, nowMs);
  expect([record.rollout.state, record.rollout.available, event]).toEqual(['done', 1, null]);
  expect(withRollout(record, 3, nowMs, null)).toMatchObject({ revision: 3, rollout: { from: 2 } });
  expect(judge(record, ready(0, 1), 0, 2, nowMs).record).toBe(record);
});

test.each(['rolling-back', 'rolled-back'] as const)('after one that is %s, what came back is gone back to', (state) => {
  const back = service({ rollout: { ...begun(1, null, 0, 'revision 2 failed'), state } });
  expect(withRollout(back, 3, nowMs, null)).toMatchObject({ revision: 3, rollout: { state: 'running', from: 1 } });
});

test.each<[string, Partial<Pick<ReplicaState, 'phase' | 'readySinceMs'>>, boolean]>([
  ['ready for long enough', { readySinceMs: nowMs - 5_000 }, true],
  ['ready for less', { readySinceMs: nowMs - 4_999 }, false],
  ['ready by a clock that was far ahead', { readySinceMs: nowMs + 3_600_000 }, true],
  ['ready, nobody knows since when', { readySinceMs: null }, false],
  ['starting', { phase: 'starting', readySinceMs: 0 }, false],
])('a replica that is %s', (_what, more, expected) => {
  expect(isAvailable(state(0, more), { ...update, minHealthyMs: 5_000 }, nowMs)).toBe(expected);
});

test.each(['done', 'rolled-back'] as const)('one that is %s is not judged', (ended) => {
  const before = rolling({ state: ended });
  expect(judge(before, [], rolloutFailuresMax, 3, nowMs + 1_000_000)).toEqual({ record: before, event: null });
});

test('it is done when all that are wanted are available, and no other is there', () => {
  const { record, event } = judge(rolling(), ready(0, 1, 2), 0, 3, nowMs + 5);
  expect(record.rollout).toMatchObject({ state: 'done', available: 3, progressAtMs: nowMs + 5 });
  expect(event).toEqual({ atMs: nowMs + 5, code: 'rollout_done', message: 'revision 2 runs' });
  expect(judge(rolling(), [...ready(0, 1, 2), state(3)], 0, 3, nowMs).record.rollout.state).toBe('running');
  expect(judge(rolling(), ready(0, 1), 0, 3, nowMs).record.rollout.state).toBe('running');
  const starting = [...ready(0, 1), state(2, { ...fresh, phase: 'starting' })];
  expect(judge(rolling(), starting, 0, 3, nowMs).record.rollout).toMatchObject({ state: 'running', available: 2 });
});

test('progress is a further available replica; less than there were is none', () => {
  const { record, event } = judge(rolling(), [...ready(0), state(1)], 0, 3, nowMs + 7);
  expect([record.rollout.available, record.rollout.progressAtMs, event]).toEqual([1, nowMs + 7, null]);
  const before = rolling({ available: 2 });
  expect(judge(before, ready(0), 0, 3, nowMs + 7).record).toBe(before);
  expect(judge(before, ready(0), 1, 3, nowMs + 7).record.rollout).toEqual({ ...before.rollout, failures: 1 });
});

test('three failures in all end it, and the revision before comes back', () => {
  const before = rolling({ failures: rolloutFailuresMax - 1 });
  const { record, event } = judge(before, ready(0), 1, 3, nowMs + 9);
  const reason = 'revision 2 failed: 3 of its replicas ended by themselves or were unhealthy';
  expect(record.revision).toBe(1);
  expect(record.rollout).toEqual({ ...begun(1, null, nowMs + 9, reason), state: 'rolling-back' });
  expect(event).toEqual({ atMs: nowMs + 9, code: 'rolled_back', message: `${reason}; revision 1 comes back` });
});

test('without progress for its time it fails, and not a moment earlier', () => {
  const at = (later: number): string =>
    judge(rolling({ available: 1 }), ready(0), 0, 3, nowMs + later).record.rollout.state;
  expect(at(update.progressMs - 1)).toBe('running');
  expect(at(update.progressMs)).toBe('rolling-back');
  expect(judge(rolling({ available: 1 }), ready(0), 0, 3, nowMs + 60_000).event?.message).toBe(
    'revision 2 failed: no further replica became available in 60 s: 1 of 3 are; revision 1 comes back',
  );
});

test.each<[string, ServiceRecord]>([
  ['the service does not want it so', rolling({}, { update: { ...update, isRolledBack: false } })],
  ['there is none', rolling({ from: null })],
  ['it is that one, by hand', rolling({ from: 2 })],
  ['it is not kept any more', rolling({ from: 1 }, { revisions: revisions(2) })],
])('it is tried further where the one before does not come back: %s', (_why, before) => {
  const { record, event } = judge(before, [], rolloutFailuresMax, 3, nowMs);
  expect(record).toMatchObject({ revision: 2, rollout: { state: 'failed' } });
  expect(event).toMatchObject({
    code: 'rollout_failed',
    message: expect.stringMatching(/^revision 2 .*tried further$/),
  });
});

test('one that failed or comes back does not fail again, but it ends', () => {
  for (const going of ['failed', 'rolling-back'] as const) {
    const before = rolling({ state: going, available: 1, failures: 5 });
    expect(judge(before, ready(0), 0, 3, nowMs + 600_000)).toEqual({ record: before, event: null });
  }
  const reason = 'revision 2 failed: of something';
  const mended = judge(rolling({ state: 'failed', reason }), ready(0, 1, 2), 0, 3, nowMs);
  expect(mended.record.rollout).toMatchObject({ state: 'done', reason: null });
  const back = judge(rolling({ state: 'rolling-back', reason }), ready(0, 1, 2), 0, 3, nowMs);
  expect(back.record.rollout).toMatchObject({ state: 'rolled-back', reason });
  expect(back.event?.message).toBe('all replicas have revision 2 again');
});

test('the next look is due when a replica has been ready for long enough, or progress is due', () => {
  const patient = { update: { ...update, minHealthyMs: 5_000 } };
  const live = [
    state(0, { ...fresh, readySinceMs: nowMs - 1_000 }),
    state(1, { ...fresh, readySinceMs: nowMs - 3_000 }),
    state(2, { ...fresh, readySinceMs: nowMs - 9_000 }),
    state(3, { readySinceMs: nowMs - 4_000 }),
    state(4, { ...fresh, phase: 'starting' }),
  ];
  expect(rolloutDueAtMs(rolling({}, patient), live, nowMs)).toBe(nowMs + 2_000);
  expect(rolloutDueAtMs(rolling({}, patient), [], nowMs)).toBe(nowMs + 60_000);
  expect(rolloutDueAtMs(rolling({}, patient), [], nowMs + 60_000)).toBeNull();
  expect(rolloutDueAtMs(rolling({ state: 'failed' }, patient), [], nowMs)).toBeNull();
  expect(rolloutDueAtMs(rolling({ state: 'failed' }, patient), live, nowMs)).toBe(nowMs + 2_000);
  expect(rolloutDueAtMs(rolling({ state: 'done' }, patient), live, nowMs)).toBeNull();
  expect(rolloutDueAtMs(rolling({ state: 'rolled-back' }, patient), live, nowMs)).toBeNull();
});

test('what only lacks nodes for more replicas is not the fault of the template', () => {
  const late = nowMs + 10 * update.progressMs;
  const stateOf = (live: readonly ReplicaState[]) =>
    judge(rolling({ available: 1 }), live, 0, 3, late).record.rollout.state;
  const waiting = (slot: number) => state(slot, { ...fresh, phase: 'pending' });
  expect(stateOf([...ready(0), waiting(1), waiting(2)])).toBe('running');
  // None serves, one is there that does not, one of the old ones is still there, or some are not even asked for.
  expect(stateOf([waiting(0), waiting(1), waiting(2)])).toBe('rolling-back');
  expect(stateOf([...ready(0), waiting(1), state(2, { ...fresh, phase: 'starting' })])).toBe('rolling-back');
  expect(stateOf([...ready(0), waiting(1), waiting(2), state(3)])).toBe('rolling-back');
  expect(stateOf([...ready(0), waiting(1)])).toBe('rolling-back');
});

test('what waits for room in its pool is no failure, and has half of its time at least when there is some', () => {
  const waiting = state(3, { ...fresh, phase: 'pending' });
  const live = [state(0), state(1), state(2), waiting];
  const lacksRoom = (one: ReplicaState): boolean => one === waiting;
  const at = (before: ServiceRecord, laterMs: number) => judge(before, live, 0, 3, nowMs + laterMs, { lacksRoom });
  const before = rolling();
  expect(at(before, update.progressMs / 2 - 1).record).toBe(before);
  const waited = at(before, update.progressMs - 1);
  expect([waited.record.rollout.state, waited.record.rollout.progressAtMs, waited.event]).toEqual([
    'running',
    nowMs + update.progressMs - 1,
    null,
  ]);
  // There is room by now, and its time begins anew.
  const starting = [state(0), state(1), state(2), state(3, { ...fresh, phase: 'starting' })];
  const stateAt = (laterMs: number) =>
    judge(waited.record, starting, 0, 3, nowMs + laterMs, { lacksRoom }).record.rollout.state;
  expect(stateAt(2 * update.progressMs - 2)).toBe('running');
  expect(stateAt(2 * update.progressMs - 1)).toBe('rolling-back');
  // Another that waits for something else is.
  const other = [...live, state(4, { ...fresh, phase: 'pending' })];
  expect(judge(before, other, 0, 3, nowMs + update.progressMs, { lacksRoom }).record.rollout.state).toBe(
    'rolling-back',
  );
});

test('a failure says how the last of its replicas ended', () => {
  const before = rolling({ failures: rolloutFailuresMax - 1 });
  const { record } = judge(before, [], 1, 3, nowMs, { lastEnd: `ended, InvalidAMIID.NotFound: ${'x'.repeat(600)}` });
  expect(record.rollout.reason).toMatch(/or were unhealthy; the last ended, InvalidAMIID\.NotFound: x+$/);
  expect(record.rollout.reason?.length).toBeLessThan(500);
});

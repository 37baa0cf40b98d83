// How the record of a group's targets goes on, edge by edge.
import { describe, expect, test } from '@jest/globals';
import {
  afterCall,
  afterFailure,
  afterLook,
  callsDueAtMs,
  inState,
  isSpent,
  ofTimesThatCame,
  settleMs,
  withWanted,
} from '../../../../lib/core/services/targets/moves.ts';
import type { GroupTargets, Target, TargetHealth } from '../../../../lib/core/services/targets/record.ts';
import { mayBeRegistered, removedKeptMs, targetOf, targetsMax } from '../../../../lib/core/services/targets/record.ts';

const key = '10.0.0.1:80';
const healthy: TargetHealth = { state: 'healthy', reason: null };
const draining: TargetHealth = { state: 'draining', reason: 'Target.DeregistrationInProgress' };

function group(targets: GroupTargets['targets'] = {}, more: Partial<GroupTargets> = {}): GroupTargets {
  return {
    ...{ pool: 'p', tenant: 't', name: 'web', service: 'aa', arn: 'arn' },
    ...{ facts: { kind: 'ip', delayMs: 0, atMs: 0 }, targets, lookedAtMs: 0, troubles: {} },
    ...more,
  };
}

const one = (state: Target['state'], atMs = 0): GroupTargets => group({ [key]: { state, atMs } });
const stateOf = ({ targets }: GroupTargets): Target['state'] | undefined => targets[key]?.state;
const wanted = new Set([key]);
const none = new Set<string>();

describe('what is wanted', () => {
  test.each<[Target['state'], ReadonlySet<string>, Target['state']]>([
    ['adding', wanted, 'adding'],
    ['added', wanted, 'added'],
    ['removing', wanted, 'adding'],
    ['removed', wanted, 'adding'],
    ['adding', none, 'removing'],
    ['added', none, 'removing'],
    ['removing', none, 'removing'],
    ['removed', none, 'removed'],
  ])('%s, wanted %j -> %s', (before, keys, after) => {
    const record = one(before);
    const next = withWanted(record, keys, 5);
    expect(stateOf(next)).toBe(after);
    expect(next === record).toBe(before === after);
  });

  test('is added where it is new, as far as there is room', () => {
    expect(withWanted(group(), wanted, 5).targets).toEqual({ [key]: { state: 'adding', atMs: 5 } });
    const many = Array.from({ length: targetsMax }, (_, n) => [`10.0.0.2:${String(n)}`, { state: 'removed', atMs: 0 }]);
    const full = group(Object.fromEntries(many) as GroupTargets['targets']);
    expect(withWanted(full, wanted, 5)).toBe(full);
  });
});

describe('a look', () => {
  const look = (record: GroupTargets, seen: TargetHealth | null, nowMs: number): GroupTargets =>
    afterLook(record, new Map(seen === null ? [] : [[key, seen]]), nowMs);

  test.each<[Target['state'], TargetHealth | null, number, Target['state'] | undefined]>([
    ['added', healthy, 1, 'added'],
    ['added', null, settleMs - 1, 'added'],
    ['added', null, settleMs, 'adding'],
    ['added', draining, settleMs, 'adding'],
    ['adding', healthy, 1, 'added'],
    ['adding', null, settleMs, 'adding'],
    ['removing', healthy, settleMs, 'removing'],
    ['removed', healthy, settleMs - 1, 'removed'],
    ['removed', healthy, settleMs, 'removing'],
    ['removed', draining, settleMs, 'removed'],
    ['removed', null, removedKeptMs - 1, 'removed'],
    ['removed', null, removedKeptMs, undefined],
  ])('%s, seen %j after %s ms -> %s', (before, seen, afterMs, after) => {
    expect(stateOf(look(one(before), seen, afterMs))).toBe(after);
  });

  test('remembers since when the health is so', () => {
    const first = look(one('added'), healthy, 10);
    expect(first.targets[key]?.health).toEqual({ ...healthy, sinceMs: 10 });
    expect(look(first, healthy, 20).targets[key]?.health?.sinceMs).toBe(10);
    expect(look(first, { state: 'unhealthy', reason: 'Target.Timeout' }, 20).targets[key]?.health?.sinceMs).toBe(20);
  });
});

describe('calls', () => {
  const dueOf = (record: GroupTargets, isUsed = true, isMoving = false) => callsDueAtMs(record, isUsed, isMoving);

  test('change what they were about, and end the trouble of their kind', () => {
    const troubled = afterFailure(one('adding'), 'register', { code: 'c', message: 'm' }, 0);
    const done = afterCall(troubled, 'register', [key], 7);
    expect(done).toEqual(group({ [key]: { state: 'added', atMs: 7 } }));
    expect(stateOf(afterCall(one('removing'), 'deregister', [key], 7))).toBe('removed');
  });

  test('that fail wait 5 s, 10 s … up to 5 minutes, and the others go on', () => {
    let record = group({ [key]: { state: 'adding', atMs: 0 }, 'b:1': { state: 'removing', atMs: 0 } });
    const waits = [0, 1, 2, 3, 4, 5, 6, 7].map(() => {
      record = afterFailure(record, 'register', { code: 'c', message: 'm' }, 100);
      return dueOf(record).register - 100;
    });
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    expect(record.troubles.register).toMatchObject({ failures: 8, sinceMs: 100 });
    expect(dueOf(record).deregister).toBe(0);
    expect(dueOf(afterFailure(record, 'register', { code: 'd', message: 'm' }, 200)).deregister).toBe(0);
  });

  test('nothing is registered before the kind of the group is known', () => {
    const due = dueOf(group({ [key]: { state: 'adding', atMs: 0 } }, { facts: null }));
    expect([due.register, due.describe]).toEqual([Infinity, 0]);
  });

  test('what is healthy is looked at every 5 minutes, during an update every 30 s, what is not each 5 or 30 s', () => {
    const lookAt = (target: Target, isMoving = false, lookedAtMs = 0): number =>
      dueOf(group({ [key]: target }, { lookedAtMs }), true, isMoving).health;
    const well: Target = { state: 'added', atMs: 0, health: { ...healthy, sinceMs: 0 } };
    const ill: Target = { ...well, health: { state: 'unhealthy', reason: null, sinceMs: 0 } };
    expect([lookAt(well), lookAt(well, true)]).toEqual([300_000, 30_000]);
    expect([lookAt(ill), lookAt(ill, false, 120_000)]).toEqual([5_000, 150_000]);
    expect(lookAt({ state: 'added', atMs: 0, health: { state: 'unused', reason: null, sinceMs: 0 } })).toBe(300_000);
    expect(lookAt({ state: 'removed', atMs: 7 })).toBe(removedKeptMs + 7);
    expect(lookAt({ state: 'removing', atMs: 0 })).toBe(Infinity);
  });

  test('a group that nobody names is described no more', () => {
    expect(dueOf(group({}, { facts: null }), false).describe).toBe(Infinity);
  });
});

test('a record is spent when nobody names the group and nothing is remembered', () => {
  expect([isSpent(group(), true), isSpent(group(), false), isSpent(one('removed'), false)]).toEqual([
    false,
    true,
    false,
  ]);
});

test('whatever a call may have registered may be there', () => {
  const states = ['adding', 'added', 'removing', 'removed'] as const;
  expect(states.map((state) => mayBeRegistered(one(state)))).toEqual([true, true, true, false]);
  expect(inState(group({ b: { state: 'added', atMs: 0 }, a: { state: 'added', atMs: 0 } }), 'added')).toEqual([
    'a',
    'b',
  ]);
});

test('an address with colons keeps them', () => {
  expect(targetOf('2001:db8::1:8080')).toEqual({ id: '2001:db8::1', port: 8_080 });
});

test('what is there again after it was removed is removed once more, and then left to whoever registered it', () => {
  const look = (record: GroupTargets, nowMs: number): GroupTargets =>
    afterLook(record, new Map([[key, healthy]]), nowMs);
  const again = look(one('removed'), settleMs);
  expect(again.targets[key]).toEqual({ state: 'removing', atMs: settleMs, isAgain: true });
  const removed = afterCall(again, 'deregister', [key], settleMs);
  expect(stateOf(look(removed, 2 * settleMs - 1))).toBe('removed');
  expect(stateOf(look(removed, 2 * settleMs))).toBeUndefined();
  expect(withWanted(removed, wanted, settleMs).targets[key]).toEqual({ state: 'adding', atMs: settleMs });
});

describe('what a clock wrote that was far ahead', () => {
  const hourMs = 3_600_000;
  const nowMs = 100_000;
  const target: Target = { state: 'added', atMs: hourMs, health: { ...healthy, sinceMs: hourMs } };

  test('keeps no look and no call waiting until then', () => {
    const facts = { kind: 'ip', delayMs: 0, atMs: hourMs } as const;
    const record = group({ [key]: target, b: { state: 'adding', atMs: 0 } }, { facts, lookedAtMs: hourMs });
    const failed = afterFailure(record, 'register', { code: 'c', message: 'm' }, hourMs);
    const came = ofTimesThatCame(failed, nowMs);
    const due = callsDueAtMs(came, true, true);
    expect(due.register).toBeLessThanOrEqual(nowMs);
    expect(due.health).toBeLessThanOrEqual(nowMs + 30_000);
    expect(came.targets[key]).toEqual({ ...target, atMs: nowMs, health: { ...healthy, sinceMs: nowMs } });
  });

  test('is all that changes', () => {
    const record = afterFailure(one('added', nowMs), 'health', { code: 'c', message: 'm' }, nowMs);
    expect(ofTimesThatCame(record, nowMs)).toBe(record);
    expect(ofTimesThatCame(one('added', nowMs + 9_000), nowMs).targets[key]?.atMs).toBe(nowMs + 9_000);
  });
});

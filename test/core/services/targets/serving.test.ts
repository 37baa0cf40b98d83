// What target groups say of a replica whose own check is good.
import { expect, test } from '@jest/globals';
import type { GroupTargets, Target, TargetHealth } from '../../../../lib/core/services/targets/record.ts';
import type { Carried } from '../../../../lib/core/services/targets/serving.ts';
import { drainMsOf, graceMsLeast, groupsVerdict, keyIn } from '../../../../lib/core/services/targets/serving.ts';
import { placesOf } from '../../../../lib/core/services/places.ts';
import { service, state, update } from '../builders.ts';

const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const other = arn.replace('/web/', '/api/');
const carried = {
  node: { id: 'i-1', address: '10.0.0.1' },
  assignment: { startedAtMs: 0, ports: [{ name: 'http', port: 80 }] },
} as unknown as Carried;

function group(target: Target | null, more: Partial<GroupTargets> = {}): GroupTargets {
  return {
    ...{ pool: 'p', tenant: 't', name: 'web', service: 'aa', arn },
    ...{ facts: { kind: 'ip', delayMs: 9_000, atMs: 0 }, lookedAtMs: 0, troubles: {} },
    targets: target === null ? {} : { '10.0.0.1:80': target },
    ...more,
  };
}

const seen = (health: TargetHealth, sinceMs = 3): Target => ({
  state: 'added',
  atMs: 0,
  health: { ...health, sinceMs },
});
const web = service({ targetGroups: [{ arn, port: 'http' }] });
const late = graceMsLeast;
const verdict = (target: Target | null, nowMs = late) => groupsVerdict(web, 1, carried, [group(target)], nowMs);

test.each<[TargetHealth['state'], string | null, string]>([
  ['healthy', null, 'ready'],
  ['unavailable', 'Target.HealthCheckDisabled', 'ready'],
  ['unused', 'Target.NotInUse', 'ready'],
  ['unused', 'Target.NotRegistered', 'starting'],
  ['initial', 'Elb.InitialHealthChecking', 'starting'],
  ['draining', 'Target.DeregistrationInProgress', 'starting'],
  ['unhealthy.draining', null, 'starting'],
  ['unhealthy', 'Target.Timeout', 'unhealthy'],
])('%s (%s) is %s', (health, reason, phase) => {
  const { phase: found, message, sinceMs } = verdict(seen({ state: health, reason }));
  expect(found).toBe(phase);
  expect(message === null).toBe(phase === 'ready');
  expect(sinceMs).toBe(phase === 'ready' ? 3 : 0);
});

test('what is not registered, or was not looked at, is not ready', () => {
  for (const target of [null, { state: 'adding', atMs: 0 }, { state: 'added', atMs: 0 }] as const)
    expect(verdict(target).phase).toBe('starting');
});

test('unhealthy counts only when the grace period is over, or the longer start period of its own check', () => {
  const bad = seen({ state: 'unhealthy', reason: 'Target.Timeout' });
  expect(verdict(bad, late - 1)).toMatchObject({
    phase: 'starting',
    message: expect.stringContaining('web has it as'),
  });
  expect(verdict(bad, late).phase).toBe('unhealthy');
});

test('every group has to agree, and the worst is named', () => {
  const both = service({
    targetGroups: [
      { arn, port: 'http' },
      { arn: other, port: 'http' },
    ],
  });
  const of = (a: TargetHealth['state'], b: TargetHealth['state']) =>
    groupsVerdict(
      both,
      1,
      carried,
      [group(seen({ state: a, reason: null }, 3)), group(seen({ state: b, reason: null }, 8), { arn: other })],
      late,
    );
  expect(of('healthy', 'healthy')).toEqual({ phase: 'ready', sinceMs: 8, message: null });
  expect(of('initial', 'healthy').phase).toBe('starting');
  expect(of('initial', 'unhealthy')).toMatchObject({ phase: 'unhealthy', message: expect.stringContaining('api') });
});

test('a target is an address or an instance, and none where the port is not known', () => {
  const use = { arn, port: 'http' };
  expect([keyIn('ip', use, carried), keyIn('instance', use, carried)]).toEqual(['10.0.0.1:80', 'i-1:80']);
  expect(keyIn('ip', { arn, port: 'admin' }, carried)).toBeNull();
});

test('a drain lasts as long as the longest deregistration delay of its groups; others do not count', () => {
  expect(drainMsOf(web, [group(null)])).toBe(9_000);
  expect(drainMsOf({ ...web, drainMs: 20_000 }, [group(null)])).toBe(20_000);
  expect(drainMsOf(web, [group(null, { arn: other })])).toBe(web.drainMs);
  expect(drainMsOf(web, [group(null, { facts: null })])).toBe(web.drainMs);
});

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

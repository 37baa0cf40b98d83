// What target groups say of a replica whose own check is good.
import { describe, expect, test } from '@jest/globals';
import { targetGroupRefused } from '../../../../lib/core/access/target-groups.ts';
import { taskSpec } from '../../builders.ts';
import type { GroupTargets, Target, TargetHealth } from '../../../../lib/core/services/targets/record.ts';
import type { Carried } from '../../../../lib/core/services/targets/serving.ts';
import {
  drainMsOf,
  graceMsLeast,
  groupsOf,
  groupsVerdict,
  keyIn,
  usesOf,
  wantedIn,
} from '../../../../lib/core/services/targets/serving.ts';
import { replica, service, stop } from '../builders.ts';

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

test('what a group says is given with its reason, and by the name of the group', () => {
  const said = (state: TargetHealth['state'], reason: string | null) => verdict(seen({ state, reason })).message;
  expect(said('initial', null)).toBe('target group web has it as initial');
  expect(said('unhealthy', 'Target.Timeout')).toBe('target group web has it as unhealthy (Target.Timeout)');
  expect(said('unused', 'Target.IpUnusable')).toBe('target group web does not use it (Target.IpUnusable)');
  expect(verdict(null).message).toBe('it is not registered with target group web yet');
  expect(verdict({ state: 'added', atMs: 0 }).message).toBe('target group web has not been asked for its health yet');
});

test('the grace period is as long as the start period of its own check, from when it started', () => {
  const bad = group(seen({ state: 'unhealthy', reason: null }));
  const health = { startPeriodMs: 2 * late } as never;
  const slow = service({
    ...{ targetGroups: web.targetGroups ?? [] },
    revisions: [{ number: 1, template: { ...taskSpec, health }, createdAtMs: 0 }],
  });
  expect([2 * late - 1, 2 * late].map((nowMs) => groupsVerdict(slow, 1, carried, [bad], nowMs).phase)).toEqual([
    ...['starting', 'unhealthy'],
  ]);
  const assignment = { ...carried.assignment, startedAtMs: null };
  expect(groupsVerdict(web, 1, { ...carried, assignment }, [bad], 1e9).phase).toBe('starting');
});

test('a group that the pool does not let it use says nothing, and one without a description nothing yet', () => {
  const trouble = { code: targetGroupRefused, message: '', sinceMs: 0, failures: 1, nextTryAtMs: 0 };
  const of = (more: Partial<GroupTargets>) => groupsVerdict(web, 1, carried, [group(null, more)], late).phase;
  expect(of({ troubles: { register: trouble } })).toBe('ready');
  expect(of({ troubles: { register: { ...trouble, code: 'Throttling' } } })).toBe('starting');
  expect(of({ facts: null })).toBe('starting');
  expect(groupsVerdict(web, 1, carried, [], late).phase).toBe('starting');
});

describe('the groups of a service', () => {
  const http = { arn, port: 'http' };
  const admin = { arn: other, port: 'admin' };
  const [first] = service().revisions;
  if (!first) throw new RangeError('one revision');
  const two = service({
    ...{ targetGroups: [http], revision: 2, running: [replica(0), replica(1, { revision: 2 })] },
    revisions: [
      { ...first, targetGroups: [admin, { ...http, port: 'old' }] },
      { ...first, number: 2 },
    ],
  });

  test('are those of the revision, where it says some, or what is declared', () => {
    expect(usesOf(two, 1)).toEqual([admin, { ...http, port: 'old' }]);
    expect([usesOf(two, 2), usesOf(two, 9)]).toEqual([[http], [http]]);
    expect(usesOf(service(), 1)).toEqual([]);
  });

  test('are each one once, those that are declared first', () => {
    expect(groupsOf(two)).toEqual([http, admin]);
    expect(groupsOf({ ...two, running: [] })).toEqual([http]);
    expect(groupsOf(service({ running: [replica(0)] }))).toEqual([]);
  });

  test('want what serves by its own check and shall stay, by the port that its revision names', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'old', port: 81 },
    ];
    const serving = { ...carried, assignment: { ...carried.assignment, ports } } as Carried;
    const of = (running: typeof two.running, servingOf: () => Carried | null = () => serving) => [
      ...wantedIn({ ...two, running }, arn, 'ip', servingOf),
    ];
    expect(of(two.running)).toEqual(['10.0.0.1:81', '10.0.0.1:80']);
    expect(of([replica(0, { stop })])).toEqual([]);
    expect(of([replica(0)], () => null)).toEqual([]);
    expect([...wantedIn(two, 'arn:none', 'ip', () => serving)]).toEqual([]);
  });
});

// What a tick makes of all target groups of a pool.
import { describe, expect, test } from '@jest/globals';
import { targetGroupRefused } from '../../../../lib/core/access/target-groups.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import type { ServiceRecord } from '../../../../lib/core/services/record.ts';
import { emptyTargets, planTargets } from '../../../../lib/core/services/targets/plan.ts';
import type { GroupTargets, Target } from '../../../../lib/core/services/targets/record.ts';
import { assignment, node, nowMs, observation, pool } from '../../builders.ts';
import { replica, service, stop } from '../builders.ts';

const arn = 'arn:web';
const facts = { kind: 'ip', delayMs: 9_000, atMs: nowMs } as const;
const web = (more: Partial<ServiceRecord> = {}) =>
  service({ targetGroups: [{ arn, port: 'http' }], running: [replica(0)], ...more });
const group = (targets: GroupTargets['targets'] = {}, more: Partial<GroupTargets> = {}): GroupTargets => ({
  ...emptyTargets(web(), arn),
  ...{ facts, targets, lookedAtMs: nowMs, ...more },
});
/** Serves by its own check, on port 80 of 10.0.0.1. */
const serving = (request = replica(0).request, more: Partial<Assignment> = {}): Assignment =>
  assignment(request, { startedAtMs: 20, ports: [{ name: 'http', port: 80 }], ...more });
const carrier = (assigned: readonly Assignment[], more: Partial<NodeRecord> = {}) =>
  node({ address: '10.0.0.1', assigned, ...more });
const key = '10.0.0.1:80';
const added: Target = { state: 'added', atMs: 0 };

interface Case {
  readonly services?: readonly ServiceRecord[];
  readonly targets?: readonly GroupTargets[];
  readonly nodes?: readonly NodeRecord[];
  readonly allowed?: readonly string[];
}

function planned({ services = [web()], targets = [group()], nodes = [carrier([serving()])], allowed = ['*'] }: Case) {
  const versioned = <T>(record: T, at: number): { record: T; version: number } => ({ record, version: at + 5 });
  const grants = allowed.map((one) => ({ arn: one }));
  const of = { services: services.map(versioned), targets: targets.map(versioned), nodes };
  return planTargets(observation({ ...of, pool: pool({ targetGroups: grants }) }));
}

const statesOf = (record: GroupTargets | null | undefined) =>
  Object.fromEntries(Object.entries(record?.targets ?? {}).map(([name, { state }]) => [name, state]));

describe('a group of a service', () => {
  test('that is not stored begins without anything, and is described first', () => {
    const [plan, ...more] = planned({ targets: [] });
    expect(more).toEqual([]);
    expect(plan).toMatchObject({ before: null, version: null, due: ['describe'], nextDueAtMs: 0, use: { arn } });
    expect(plan?.record).toEqual({
      ...{ pool: 'p', tenant: 't', name: 'web', service: web().id, arn, facts: null },
      ...{ targets: {}, lookedAtMs: null, troubles: {} },
    });
    expect(plan?.service?.id).toBe(web().id);
  });

  test('that is stored goes on, with what is wanted in it now', () => {
    const before = group();
    const [plan, ...more] = planned({ targets: [before] });
    expect(more).toEqual([]);
    expect(plan).toMatchObject({ version: 5, due: ['register'], nextDueAtMs: 0 });
    expect(plan?.before).toBe(before);
    expect(plan?.record?.targets).toEqual({ [key]: { state: 'adding', atMs: nowMs } });
  });

  test('in which nothing moves is looked at again later', () => {
    const health = { state: 'healthy', reason: null, sinceMs: 0 } as const;
    const of = (more: Partial<ServiceRecord> = {}) =>
      planned({ services: [web(more)], targets: [group({ [key]: { ...added, health } })] })[0];
    expect(of()).toMatchObject({ due: [], nextDueAtMs: nowMs + 300_000 });
    const rolling = (what: 'running' | 'rolling-back') => of({ rollout: { ...web().rollout, state: what } });
    expect([rolling('running')?.nextDueAtMs, rolling('rolling-back')?.nextDueAtMs]).toEqual([
      nowMs + 30_000,
      nowMs + 30_000,
    ]);
  });

  test('says what is due by now, and not what is due later', () => {
    const late = group({ [key]: added }, { facts: { ...facts, atMs: nowMs - 3_599_999 }, lookedAtMs: nowMs - 30_000 });
    expect(planned({ targets: [late] })[0]?.due).toEqual(['health']);
    const facts0 = { ...facts, atMs: nowMs - 3_600_000 };
    expect(planned({ targets: [{ ...late, facts: facts0 }] })[0]?.due).toEqual(['describe', 'health']);
  });
});

describe('wanted in a group is a replica', () => {
  const wanted = (more: Case) => statesOf(planned(more)[0]?.record);

  test('that serves on a node that is not lost', () => {
    expect(wanted({})).toEqual({ [key]: 'adding' });
    expect(wanted({ nodes: [carrier([serving()], { isLost: true })] })).toEqual({});
    expect(wanted({ nodes: [carrier([serving(replica(0).request, { startedAtMs: null })])] })).toEqual({});
    expect(wanted({ nodes: [] })).toEqual({});
  });

  test('that shall stay', () => {
    expect(wanted({ services: [web({ running: [replica(0, { stop })] })] })).toEqual({});
  });

  test('once the kind of the group is known; until then what is there stays', () => {
    const unknown = group({ [key]: added }, { facts: null });
    expect(wanted({ targets: [unknown], nodes: [] })).toEqual({ [key]: 'added' });
    expect(wanted({ targets: [group({ [key]: added })], nodes: [] })).toEqual({ [key]: 'removing' });
  });
});

describe('what is set aside', () => {
  const quarantine = { atMs: 1, reason: '' } as never;
  test('keeps what is registered, and begins nothing', () => {
    expect(planned({ services: [web({ quarantine })], targets: [group({ [key]: added })] })).toEqual([]);
    expect(planned({ services: [web({ quarantine })], targets: [] })).toEqual([]);
  });
});

describe('a group that nobody names', () => {
  test('of a service that is gone, or of another one of its name, is emptied and forgotten', () => {
    for (const services of [[], [web({ id: '00000000000000bb', targetGroups: [] })]]) {
      const [plan] = planned({ services, targets: [group({ [key]: added })] });
      expect([plan?.service, plan?.use]).toEqual([null, null]);
      expect(plan?.record?.targets).toEqual({ [key]: { state: 'removing', atMs: nowMs } });
      expect(plan?.due).toEqual(['deregister']);
      expect(planned({ services })[0]).toMatchObject({ record: null, before: group() });
    }
  });

  test('any more, of a service that is there, is emptied too, though nobody knows its kind', () => {
    const [plan] = planned({
      services: [web({ targetGroups: [], running: [] })],
      targets: [group({ [key]: added }, { facts: null })],
    });
    expect(plan).toMatchObject({ use: null, service: { name: 'web' } });
    expect(statesOf(plan?.record)).toEqual({ [key]: 'removing' });
  });
});

describe('a group that the pool does not let the service use', () => {
  test('is emptied, says so, and is asked nothing', () => {
    const [plan] = planned({ targets: [group({ [key]: added }, { facts: null })], allowed: ['arn:other'] });
    expect(statesOf(plan?.record)).toEqual({ [key]: 'removing' });
    expect(plan?.record?.troubles.register).toMatchObject({
      code: targetGroupRefused,
      message: expect.stringContaining('pool p does not let services of t') as unknown,
    });
    expect(plan?.due).toEqual(['deregister']);
    expect(plan?.use).toEqual({ arn, port: 'http' });
  });

  test('is used again once it does', () => {
    const [refused] = planned({ allowed: [] });
    const [plan] = planned({ targets: refused?.record ? [refused.record] : [] });
    expect(plan?.record?.troubles).toEqual({});
    expect(statesOf(plan?.record)).toEqual({ [key]: 'adding' });
  });

  test('and is not named any more is not refused', () => {
    const [plan] = planned({ services: [], targets: [group({ [key]: added })], allowed: [] });
    expect(plan?.record?.troubles).toEqual({});
  });
});

describe('a port that passes from one service to another', () => {
  const api = (more: Partial<ServiceRecord> = {}) => web({ id: '00000000000000bb', name: 'api', ...more });
  const ofApi = (targets: GroupTargets['targets'], more: Partial<GroupTargets> = {}) =>
    group(targets, { name: 'api', service: api().id, ...more });

  test.each<[Target['state'], readonly string[]]>([
    ['added', [key]],
    ['adding', [key]],
    ['removing', []],
  ])('is shared while the other has it as %s: %j', (state, shared) => {
    const services = [web(), api({ running: [] })];
    const nodes = state === 'removing' ? [] : [carrier([serving()])];
    const targets = [group({ [key]: { state, atMs: 0 } }), ofApi({ [key]: added, 'x:1': added })];
    const plans = planned({ services, targets, nodes });
    expect(plans.map((one) => [one.record?.name, [...one.shared]])).toEqual([
      ['web', []],
      ['api', shared],
    ]);
  });

  test('is not shared with another group', () => {
    const targets = [group({ [key]: added }), ofApi({ [key]: added }, { arn: 'arn:other' })];
    expect(planned({ services: [web()], targets }).map((one) => one.shared.size)).toEqual([0, 0]);
  });
});

test('groups are in order of when they were looked at, those that never were first, and then by name', () => {
  const targets = [
    group({}, { arn: 'c', lookedAtMs: 7 }),
    group({ [key]: added }, { arn: 'b', lookedAtMs: 5 }),
    group({ [key]: added }, { arn: 'a', lookedAtMs: 5 }),
    group({ [key]: added }, { arn: 'd', lookedAtMs: null }),
  ];
  const order = planned({ services: [], targets }).map(({ record, before }) => (record ?? before)?.arn);
  // Of one that is forgotten nothing is looked at any more.
  expect(order).toEqual(['c', 'd', 'a', 'b']);
});

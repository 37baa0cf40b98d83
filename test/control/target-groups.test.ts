// Services with target groups: what serves is registered, what goes is deregistered first, and the health that the
// groups see counts. Nothing is left behind, whatever fails.
import { describe, expect, test } from '@jest/globals';
import { SimulatedTargetGroups } from '../../lib/adapters/simulated/target-groups.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import type { ServiceWish } from '../../lib/control/services/use-cases.ts';
import { TargetGroupRefusedError } from '../../lib/control/errors.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { queryAll } from '../../lib/control/store/store-retry.ts';
import type { ControlPorts } from '../../lib/control/index.ts';
import type { TargetGroups } from '../../lib/ports/ec2/target-groups.ts';
import { TargetGroupError } from '../../lib/ports/ec2/target-groups.ts';
import { poolSpec, taskSpec, World } from './world.ts';

const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const other = arn.replace('/web/', '/api/');
const granted = [{ arn: arn.replace(/web.*/, '*'), tenants: ['default'] }];

function wish(fields: Partial<ServiceWish> = {}): ServiceWish {
  return {
    ...{ tenant: 'default', name: 'web', pool: null, replicas: 3, drainMs: 2_000 },
    template: { ...taskSpec, ports: [{ name: 'http' }] },
    update: {
      ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
      ...{ minHealthyMs: 0, progressMs: 600_000, isRolledBack: true },
    },
    targetGroups: [{ arn, port: 'http' }],
    ...fields,
  };
}

interface Begun {
  readonly world: World;
  readonly groups: SimulatedTargetGroups;
}

async function begun(
  fields: Partial<ServiceWish> = {},
  wrap: (groups: TargetGroups, clock: ControlPorts['clock']) => TargetGroups = (one) => one,
): Promise<Begun> {
  let groups: SimulatedTargetGroups | null = null;
  const world = new World({ targetGroups: (clock) => wrap((groups = new SimulatedTargetGroups(clock)), clock) });
  if (groups === null) throw new Error('no groups');
  const made: SimulatedTargetGroups = groups;
  made.create(arn, { delayMs: 10_000, initialMs: 8_000 });
  made.create(other, { type: 'instance' });
  world.ending = () => null;
  const known = new Map<string, number>();
  const numberOf = (id: string): number => known.get(id) ?? known.set(id, known.size + 1).size;
  world.serving = (nodeId, attemptId) => ({
    address: `10.0.0.${String(numberOf(nodeId))}`,
    ports: [{ name: 'http', port: 30_000 + numberOf(attemptId) }],
  });
  await world.control.putPool({ ...poolSpec, targetGroups: granted });
  await world.control.services.put(wish(fields));
  return { world, groups: made };
}

const records = (world: World) => queryAll(world.ports, keys.allTargets('default'));
const shown = (world: World) => world.control.services.get('default', 'web');

/** Where its replicas that shall stay are reached. */
async function addresses({ world }: Begun): Promise<readonly string[]> {
  const page = await world.control.services.replicas('default', 'web', { limit: 100 });
  return (page?.items ?? [])
    .filter((one) => one.state !== 'stopping' && one.state !== 'gone')
    .map(({ node, ports }) => `${node?.address ?? ''}:${String(ports[0]?.port)}`)
    .sort();
}

test('what serves is registered by address and port, and ready when the group says so', async () => {
  const one = await begun();
  const { world, groups } = one;
  groups.create(arn, { initialMs: 60_000 });
  await world.run(50);
  expect(groups.registered(arn)).toEqual(await addresses(one));
  expect(groups.registered(arn)).toHaveLength(3);
  expect((await shown(world))?.counts).toMatchObject({ ready: 0, pending: 3 });
  await world.run(70);
  expect((await shown(world))?.counts).toMatchObject({ ready: 3, pending: 0 });
  expect((await shown(world))?.groups).toMatchObject([{ arn, registered: 3, healthy: 3, troubles: [] }]);
});

test('a group of instances has the ids of nodes', async () => {
  const { world, groups } = await begun({ targetGroups: [{ arn: other, port: 'http' }] });
  await world.run(90);
  const nodes = new Set((await world.control.listNodes('default'))?.map((one) => one.id));
  const registered = groups.registered(other);
  expect(registered).toHaveLength(3);
  for (const key of registered) expect(nodes).toContain(key.split(':')[0]);
});

test('a calm service calls no group and writes nothing but for a look each five minutes', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  const ofServices = () => world.changes.filter(({ key }) => /^(TARGETS|SERVICES)#/.test(key.pk)).length;
  const [calls, writes] = [groups.calls.length, ofServices()];
  await world.run(200);
  expect(groups.calls.length).toBe(calls);
  expect(ofServices()).toBe(writes);
  await world.run(160);
  expect(groups.calls.slice(calls)).toEqual(['health']);
});

test('a replica that is to go is deregistered at once, and runs on for the deregistration delay', async () => {
  const one = await begun();
  const { world, groups } = one;
  await world.run(90);
  await world.control.services.scale('default', 'web', 2);
  await world.run(2);
  expect(groups.registered(arn)).toHaveLength(2);
  expect((await shown(world))?.counts).toMatchObject({ ready: 2, stopping: 1 });
  await world.run(6);
  expect((await shown(world))?.counts).toMatchObject({ stopping: 1 });
  await world.run(10);
  expect((await shown(world))?.counts).toMatchObject({ ready: 2, stopping: 0 });
  expect(groups.registered(arn)).toEqual(await addresses(one));
});

test('a deleted service leaves no target, and its record goes when no late call can come', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  await world.control.services.delete('default', 'web');
  await world.run(60);
  expect(groups.registered(arn)).toEqual([]);
  expect(await shown(world)).toBeNull();
  expect(await records(world)).toHaveLength(1);
  await world.run(1_000, 10);
  expect(await records(world)).toEqual([]);
});

test('a group that is named no more loses its targets', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  await world.control.services.put(wish({ targetGroups: [{ arn: other, port: 'http' }] }));
  await world.run(30);
  expect(groups.registered(arn)).toEqual([]);
  expect(groups.registered(other)).toHaveLength(3);
});

test('replicas of a lost node are deregistered, and those in their place registered', async () => {
  const one = await begun();
  const { world, groups } = one;
  await world.run(90);
  const before = groups.registered(arn);
  for (const { id } of (await world.control.listNodes('default')) ?? []) await world.ports.cloud.terminate([id]);
  await world.run(200);
  expect(groups.registered(arn)).toEqual(await addresses(one));
  expect(groups.registered(arn)).toHaveLength(3);
  expect(groups.registered(arn)).not.toEqual(before);
});

test('a registration whose answer was lost, of a replica that went meanwhile, is undone', async () => {
  let isLost = true;
  const one = await begun({}, (groups) => ({
    describe: (group) => groups.describe(group),
    deregister: (group, targets) => groups.deregister(group, targets),
    health: (group) => groups.health(group),
    register: async (group, targets) => {
      await groups.register(group, targets);
      if (isLost) throw new TargetGroupError('no_answer', 'no answer came');
    },
  }));
  const { world, groups } = one;
  await world.run(30);
  expect(groups.registered(arn).length).toBeGreaterThan(0);
  await world.control.services.delete('default', 'web');
  isLost = false;
  await world.run(120);
  expect(groups.registered(arn)).toEqual([]);
});

test('what somebody else deregistered is registered again', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  const [first = ''] = groups.registered(arn);
  const [id = '', port = ''] = first.split(':');
  await groups.deregister(arn, [{ id, port: Number(port) }]);
  await world.run(400);
  expect(groups.registered(arn)).toHaveLength(3);
});

test('a registration that comes long after its call is found and undone', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  const [first = ''] = groups.registered(arn);
  const [id = '', port = ''] = first.split(':');
  await world.control.services.scale('default', 'web', 0);
  await world.run(60);
  expect(groups.registered(arn)).toEqual([]);
  await groups.register(arn, [{ id, port: Number(port) }]);
  await world.run(1_200, 10);
  expect(groups.registered(arn)).toEqual([]);
});

test('what a group refuses is an event once, shown with its cure, and ends no tick', async () => {
  const { world, groups } = await begun({ targetGroups: [{ arn: arn.replace('/web/', '/gone/'), port: 'http' }] });
  await world.run(200);
  const service = await shown(world);
  expect(service?.groups?.[0]?.troubles).toMatchObject([{ call: 'describe', code: 'target_group_missing' }]);
  const codes = service?.record.events.map((one) => one.code).filter((code) => code.startsWith('target_group'));
  expect(codes).toEqual(['target_group_missing']);
  expect((await world.control.services.why('default', 'web'))?.troubles).toHaveLength(1);
  expect(groups.calls.length).toBeLessThan(12);
});

test('one target that cannot be registered does not keep the others out', async () => {
  const { world, groups } = await begun();
  groups.refuse = (_arn, { port }) => {
    if (port % 3 === 0) throw new TargetGroupError('invalid_target', `port ${String(port)} is in another network`);
  };
  await world.run(90);
  expect(groups.registered(arn)).toHaveLength(2);
});

test('a group that takes no more targets has as many as it takes, and the rest is said to be too many', async () => {
  const { world, groups } = await begun({ replicas: 9 }, (all) => ({
    describe: (group) => all.describe(group),
    deregister: (group, targets) => all.deregister(group, targets),
    health: (group) => all.health(group),
    register: async (group, targets) => {
      const present = new Set([
        ...groupsOf().registered(group),
        ...targets.map(({ id, port }) => `${id}:${String(port)}`),
      ]);
      if (present.size > 7) throw new TargetGroupError('too_many_targets', 'there is room for 7');
      await all.register(group, targets);
    },
  }));
  const groupsOf = (): SimulatedTargetGroups => groups;
  await world.run(120);
  expect(groups.registered(arn)).toHaveLength(7);
  expect((await shown(world))?.groups?.[0]?.troubles).toMatchObject([{ code: 'target_group_too_many_targets' }]);
});

test('a deleted service that nobody may deregister says so to operators, and goes after a day', async () => {
  let isDenied = true;
  const { world, groups } = await begun({}, (all) => ({
    describe: (group) => all.describe(group),
    register: (group, targets) => all.register(group, targets),
    health: (group) => all.health(group),
    deregister: async (group, targets) => {
      if (isDenied) throw new TargetGroupError('access_denied', `AccessDenied of ${group}; deploy it with that`);
      await all.deregister(group, targets);
    },
  }));
  await world.run(90);
  const before = groups.registered(arn);
  await world.control.services.delete('default', 'web');
  await world.run(3_600, 30);
  const activity = async () =>
    ((await world.control.listActivity('default', { limit: 200 }))?.items ?? [])
      .filter((one) => one.code === 'target_group_access_denied')
      .map((one) => one.message);
  expect(await activity()).toEqual([
    `targets of service web of default that are to go stay registered: AccessDenied of ${arn}; deploy it with that. `
      + 'A service that is deleted waits for that for 24 hours, and then goes without.',
  ]);
  expect((await shown(world))?.groups?.[0]?.troubles).toMatchObject([{ call: 'deregister' }]);
  await world.run(24 * 3_600, 60);
  expect(await shown(world)).toBeNull();
  expect(await records(world)).toEqual([]);
  expect(groups.registered(arn)).toEqual(before);
  const [last = '', ...others] = await activity();
  expect(others).toHaveLength(1);
  expect(last).toMatch(/^service web of default went, and 3 of its targets stay registered, .*deregister-targets/);
  isDenied = false;
});

test('what only the group has as unhealthy is replaced first, and stays while no other does better', async () => {
  const one = await begun();
  const { world, groups } = one;
  await world.run(120);
  const [bad = ''] = groups.registered(arn);
  groups.healthOf = (_arn, { id, port }) =>
    `${id}:${String(port)}` === bad
      ? { state: 'unhealthy', reason: 'Target.Timeout' }
      : { state: 'healthy', reason: null };
  await world.run(400);
  expect(groups.registered(arn)).not.toContain(bad);
  expect((await shown(world))?.counts).toMatchObject({ ready: 3, stopping: 0, pending: 0 });
  groups.healthOf = () => ({ state: 'unhealthy', reason: 'Target.FailedHealthChecks' });
  const before = groups.registered(arn);
  await world.run(900);
  for (const key of before) expect(groups.registered(arn)).toContain(key);
});

test('an update waits for the health that the groups see', async () => {
  const { world, groups } = await begun();
  await world.run(120);
  const old = groups.registered(arn);
  groups.healthOf = (_arn, { id, port }) =>
    old.includes(`${id}:${String(port)}`)
      ? { state: 'healthy', reason: null }
      : { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch' };
  const template = { ...(wish().template as TaskSpec), env: { COLOUR: 'bad' } };
  await world.control.services.put(wish({ template }));
  await world.run(400);
  expect((await shown(world))?.record.rollout.state).toBe('running');
  for (const key of old) expect(groups.registered(arn)).toContain(key);
  await world.run(600);
  expect((await shown(world))?.record.rollout.state).toBe('rolled-back');
});

describe('groups that are declared with another template', () => {
  const changed = { ...(wish().template as TaskSpec), env: { COLOUR: 'blue' } };

  test('do not stop what has served without them', async () => {
    const { world } = await begun({ targetGroups: [] });
    await world.run(90);
    await world.control.services.put(wish({ template: changed }));
    for (let n = 0; n < 20; n += 1) {
      await world.run(1);
      expect((await shown(world))?.counts.ready).toBeGreaterThanOrEqual(3);
    }
    await world.run(200);
    expect((await shown(world))?.counts).toMatchObject({ current: 3, stopping: 0, pending: 0 });
    expect((await shown(world))?.groups).toMatchObject([{ registered: 3, healthy: 3 }]);
  });

  test('take the place of others replica by replica, by the ports of each', async () => {
    const { world, groups } = await begun();
    await world.run(90);
    const old = groups.registered(arn);
    const template = { ...changed, ports: [{ name: 'web' }] };
    await world.control.services.put(wish({ template, targetGroups: [{ arn: other, port: 'web' }] }));
    await world.run(2);
    expect(groups.registered(arn)).toEqual(old);
    expect((await shown(world))?.groups?.map((one) => one.arn)).toEqual([other, arn]);
    await world.run(300);
    // The world's replicas open no port of that name: the update fails, and the one before is as it was.
    expect(groups.registered(arn)).toEqual(old);
  });
});

test('a target that the group calls invalid keeps no other registered, and no service from going', async () => {
  const { world, groups } = await begun({}, (all) => ({
    describe: (group) => all.describe(group),
    register: (group, targets) => all.register(group, targets),
    health: (group) => all.health(group),
    deregister: async (group, targets) => {
      if (targets.some(({ port }) => port % 3 === 0)) throw new TargetGroupError('invalid_target', 'not in this VPC');
      await all.deregister(group, targets);
    },
  }));
  groups.refuse = (_arn, { port }) => {
    if (port % 3 === 0) throw new TargetGroupError('invalid_target', 'not in this VPC');
  };
  await world.run(90);
  expect(groups.registered(arn)).toHaveLength(2);
  await world.control.services.delete('default', 'web');
  await world.run(60);
  expect(groups.registered(arn)).toEqual([]);
  expect(await shown(world)).toBeNull();
});

test('an address that somebody else has registered by now is left to them', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  const [first = ''] = groups.registered(arn);
  const [id = '', port = ''] = first.split(':');
  await world.control.services.scale('default', 'web', 0);
  await world.run(60);
  const theirs = [{ id, port: Number(port) }];
  await groups.register(arn, theirs);
  await world.run(1_200, 10);
  await groups.register(arn, theirs); // As they do again after a look of theirs.
  await world.run(3_600, 10);
  expect(groups.registered(arn)).toEqual([first]);
});

test('a pool says whose services may be registered with which group', async () => {
  const { world } = await begun();
  const refused = world.control.services.put(wish({ tenant: 'else' }));
  await expect(refused).rejects.toThrow(TargetGroupRefusedError);
  await expect(refused).rejects.toThrow(`{"arn": "${arn}", "tenants": ["else"]}`);
  await world.control.services.put(wish({ tenant: 'else', targetGroups: [] }));
  await world.control.putPool(poolSpec);
  await expect(world.control.services.put(wish())).rejects.toThrow('does not let services of default');
});

test('a grant that is taken back deregisters, and stops nothing; given again, all are registered', async () => {
  const { world, groups } = await begun();
  await world.run(90);
  await world.control.putPool(poolSpec);
  await world.run(30);
  expect(groups.registered(arn)).toEqual([]);
  const service = await shown(world);
  expect(service?.counts).toMatchObject({ ready: 3, stopping: 0 });
  expect(service?.groups?.[0]?.troubles).toMatchObject([{ call: 'register', code: 'target_group_refused' }]);
  expect(service?.record.events.filter((one) => one.code === 'target_group_refused')).toHaveLength(1);
  const calls = groups.calls.length;
  await world.run(600);
  expect(groups.calls.slice(calls)).toEqual([]);
  await world.control.putPool({ ...poolSpec, targetGroups: granted });
  await world.run(60);
  expect(groups.registered(arn)).toHaveLength(3);
  expect((await shown(world))?.groups?.[0]?.troubles).toEqual([]);
});

// Networks after they were granted: edits that change nobody else's rules, sources that become dedicated by themselves,
// and what EC2 refuses. What is compared is what EC2 has.
import { expect, test } from '@jest/globals';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { NetworkRule, NetworkWish } from '../../../lib/core/records/security-group.ts';
import { etagOf } from '../../../lib/core/claims/etag.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec } from './world.ts';

const nothing = { instances: 0, volumes: 0, groups: 0 };
const open = (port: number, fields: Partial<NetworkRule> = {}): NetworkRule => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  cidr: '10.0.0.0/8',
  request: null,
  ...fields,
});
const plain = { ...machineSpec, volumes: [] };

async function newWorld(options: ConstructorParameters<typeof ClaimWorld>[0] = {}): Promise<ClaimWorld> {
  const world = new ClaimWorld(options);
  await world.control.putPool(poolSpec);
  return world;
}

/** Ports (or groups) that may come in, as EC2 has them. */
function rulesOf(world: ClaimWorld, groupId: string | undefined): readonly string[] {
  const group = world.ec2.securityGroups.get(groupId ?? '');
  return (group?.rules ?? [])
    .filter((rule) => !rule.isEgress)
    .map((rule) => `${String(rule.fromPort)} ${rule.groupId ?? rule.cidrIpv4 ?? ''}`)
    .sort();
}

function attachedGroups(world: ClaimWorld, claim: ClaimRecord): readonly string[] {
  return (
    world.ec2.cloud.records().find((one) => one.id === claim.machines[0]?.instanceId)?.details?.securityGroupIds ?? []
  );
}

/** As a client does it that has read what is there. */
async function edit(world: ClaimWorld, id: string, rules: Partial<NetworkWish>): Promise<void> {
  await world.control.changeClaim('default', id, { kind: 'rules', rules }, [etagOf(await world.claim(id))]);
}

async function releaseAll(world: ClaimWorld, ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.release(id);
  await world.run(150);
  for (const id of ids) expect({ id, state: (await world.claim(id)).state }).toEqual({ id, state: 'released' });
  expect(world.left()).toEqual(nothing);
  expect(await world.documents()).toBe(0);
}

test('an edit of a shared group forks it: its machines move along, everybody else keeps rules and group', async () => {
  const world = await newWorld();
  const mine = await world.submit(networkSpec);
  const other = await world.submit(networkSpec);
  const user = await world.submit({ ...plain, network: null, networkRequests: [mine.id] });
  const bystander = await world.submit(plain);
  await world.run(40);
  const [shared] = (await world.claim(mine.id)).groupIds;
  expect(world.left().groups).toBe(1);
  await edit(world, mine.id, { ingress: [open(443)] });
  expect((await world.claim(mine.id)).spec).toMatchObject({ network: { ingress: [open(22)] } });
  await world.run(30);
  const after = await world.claim(mine.id);
  const [fork] = after.groupIds;
  expect(after).toMatchObject({
    state: 'active',
    reason: null,
    wantedNetwork: null,
    spec: { network: { ingress: [open(443)] } },
  });
  expect([rulesOf(world, fork), rulesOf(world, shared)]).toEqual([['443 10.0.0.0/8'], ['22 10.0.0.0/8']]);
  expect([
    attachedGroups(world, await world.claim(user.id)),
    attachedGroups(world, await world.claim(bystander.id)),
  ]).toEqual([[fork], [shared]]);
  expect([(await world.claim(user.id)).groupIds, (await world.claim(other.id)).groupIds]).toEqual([[fork], [shared]]);
  expect(after.timeline.map((one) => one.code)).toContain('rules_changed');
  // Back again: it joins the group that the others have, and its own goes.
  await edit(world, mine.id, { ingress: [open(22)] });
  await world.run(30);
  expect([
    (await world.claim(mine.id)).groupIds,
    attachedGroups(world, await world.claim(user.id)),
    world.left().groups,
  ]).toEqual([[shared], [shared], 1]);
  await releaseAll(world, [mine.id, other.id, user.id, bystander.id]);
});

test('a group that nobody else has is edited in place: what is new comes before the old goes', async () => {
  const world = await newWorld();
  const mine = await world.submit(networkSpec);
  const user = await world.submit({ ...plain, network: null, networkRequests: [mine.id] });
  await world.run(40);
  const [group] = (await world.claim(mine.id)).groupIds;
  const seen: string[][] = [];
  world.onStep = () => {
    const now = [...rulesOf(world, group)];
    if (JSON.stringify(seen.at(-1)) !== JSON.stringify(now)) seen.push(now);
  };
  await edit(world, mine.id, { ingress: [open(22), open(443)] });
  await world.run(20);
  await edit(world, mine.id, { ingress: [open(443), open(8080)], egress: [open(53)] });
  await world.run(30);
  expect(await world.claim(mine.id)).toMatchObject({
    reason: null,
    groupIds: [group],
    spec: { network: { ingress: [open(443), open(8080)] } },
  });
  expect(seen.map((one) => one.map((rule) => rule.split(' ')[0]).join(' '))).toEqual([
    '22',
    '22 443',
    '22 443 8080',
    '443 8080',
  ]);
  expect(
    world.ec2.securityGroups
      .get(group ?? '')
      ?.rules.filter((rule) => rule.isEgress)
      .map((rule) => rule.fromPort),
  ).toEqual([53]);
  expect([attachedGroups(world, await world.claim(user.id)), world.calls.get('ModifyInstanceAttribute') ?? 0]).toEqual([
    [group],
    0,
  ]);
  await releaseAll(world, [mine.id, user.id]);
});

test('a machine edits its own rules; who shares them keeps them', async () => {
  const world = await newWorld();
  const mine = await world.submit(plain);
  const other = await world.submit(plain);
  await world.run(40);
  await edit(world, mine.id, { ingress: [open(5432)] });
  await world.run(30);
  const [now, same] = [await world.claim(mine.id), await world.claim(other.id)];
  expect([rulesOf(world, attachedGroups(world, now)[0]), rulesOf(world, attachedGroups(world, same)[0])]).toEqual([
    ['5432 10.0.0.0/8'],
    ['22 10.0.0.0/8'],
  ]);
  expect(now).toMatchObject({ groupIds: attachedGroups(world, now), wantedNetwork: null });
  await releaseAll(world, [mine.id, other.id]);
});

test('a network that a later request names gets a group of its own; others keep theirs', async () => {
  const world = await newWorld();
  const web = await world.submit(networkSpec);
  const same = await world.submit(networkSpec);
  const server = await world.submit({ ...plain, network: null, networkRequests: [web.id] });
  await world.run(40);
  const [shared] = (await world.claim(same.id)).groupIds;
  const database = await world.submit({
    ...networkSpec,
    network: { ...networkSpec.network, ingress: [open(5432, { cidr: null, request: web.id })] },
  });
  await world.run(30);
  const [own] = (await world.claim(web.id)).groupIds;
  expect(own).not.toBe(shared);
  expect(await world.claim(database.id)).toMatchObject({ state: 'active' });
  expect(rulesOf(world, (await world.claim(database.id)).groupIds[0])).toEqual([`5432 ${own ?? ''}`]);
  expect([
    attachedGroups(world, await world.claim(server.id)),
    rulesOf(world, own),
    (await world.claim(same.id)).groupIds,
  ]).toEqual([[own], ['22 10.0.0.0/8'], [shared]]);
  // An edit may name its own group, and one that names it: both stay dedicated.
  await edit(world, web.id, {
    ingress: [open(80), open(9000, { cidr: null, request: web.id }), open(9001, { cidr: null, request: database.id })],
  });
  await world.run(30);
  expect(rulesOf(world, own)).toEqual([
    '80 10.0.0.0/8',
    `9000 ${own ?? ''}`,
    `9001 ${(await world.claim(database.id)).groupIds[0] ?? ''}`,
  ]);
  await releaseAll(world, [web.id, same.id, server.id, database.id]);
});

test('more rules than both sets fit into one group move to another one', async () => {
  const world = await newWorld();
  const many = (from: number): NetworkRule[] => Array.from({ length: 40 }, (_, n) => open(from + n));
  const mine = await world.submit({
    ...networkSpec,
    network: { ...networkSpec.network, ingress: many(1_000), sharing: 'dedicated' },
  });
  const user = await world.submit({ ...plain, network: null, networkRequests: [mine.id] });
  await world.run(40);
  const [before] = (await world.claim(mine.id)).groupIds;
  await edit(world, mine.id, { ingress: many(2_000) });
  await world.run(30);
  const now = await world.claim(mine.id);
  expect(now.groupIds).not.toEqual([before]);
  expect([
    attachedGroups(world, await world.claim(user.id)),
    rulesOf(world, now.groupIds[0]).length,
    world.left().groups,
  ]).toEqual([now.groupIds, 40, 1]);
  await expect(edit(world, mine.id, { ingress: Array.from({ length: 61 }, (_, n) => open(n)) })).rejects.toThrow(
    'at most 60 ingress rules',
  );
  await expect(edit(world, mine.id, { ingress: [open(22, { cidr: '0.0.0.0/0' })] })).rejects.toThrow('allowPublic');
  await expect(edit(world, mine.id, { ingress: [open(22, { cidr: null, request: 'r-nobody' })] })).rejects.toThrow(
    'r-nobody',
  );
  await edit(world, mine.id, { ingress: [open(22, { cidr: '0.0.0.0/0' })], allowPublic: true });
  await world.run(20);
  const activity = await world.control.listActivity('default', { limit: 50 });
  expect(activity?.items.map((one) => one.code)).toContain('open_to_world');
  await releaseAll(world, [mine.id, user.id]);
});

test.each([
  ['in place', 1],
  ['in another group', 2],
])('an edit that EC2 refuses %s leaves the rules as they were', async (_where, sharers) => {
  const world = await newWorld();
  const all = [];
  for (let n = 0; n < sharers; n += 1) all.push(await world.submit(networkSpec));
  const [mine] = all;
  if (!mine) throw new TypeError('nothing was asked for');
  await world.run(30);
  world.ec2.cloud.faults.set({
    action: 'AuthorizeSecurityGroupIngress',
    effect: {
      kind: 'fail',
      code: 'RulesPerSecurityGroupLimitExceeded',
      message: 'The maximum number of rules per security group has been reached.',
      httpStatus: 400,
    },
    times: 1,
  });
  const before = (await world.claim(mine.id)).groupIds;
  await edit(world, mine.id, { ingress: [open(443)] });
  await world.run(150);
  const after = await world.claim(mine.id);
  expect(after).toMatchObject({
    state: 'active',
    reason: null,
    wantedNetwork: null,
    groupIds: before,
    spec: { network: { ingress: [open(22)] } },
  });
  expect(after.timeline.find((one) => one.code === 'edit_refused')?.message).toContain(
    'RulesPerSecurityGroupLimitExceeded',
  );
  expect([rulesOf(world, before[0]), world.left().groups]).toEqual([['22 10.0.0.0/8'], 1]);
  await releaseAll(
    world,
    all.map((one) => one.id),
  );
});

test('a group that cannot be made for a source keeps who named it waiting, and nobody else', async () => {
  const world = await newWorld();
  const web = await world.submit(networkSpec);
  const same = await world.submit(networkSpec);
  await world.run(30);
  const { groupIds } = await world.claim(web.id);
  world.ec2.cloud.faults.set({
    action: 'CreateSecurityGroup',
    effect: {
      kind: 'fail',
      code: 'SecurityGroupLimitExceeded',
      message: 'The maximum number of security groups has been reached.',
      httpStatus: 400,
    },
  });
  const database = await world.submit({
    ...networkSpec,
    network: { ...networkSpec.network, ingress: [open(5432, { cidr: null, request: web.id })] },
  });
  await world.run(2_000, 5);
  const waiting = await world.claim(database.id);
  expect(waiting).toMatchObject({ state: 'pending', reason: 'account_limit' });
  expect(waiting.timeline.at(-1)?.message).toMatch(/SecurityGroupLimitExceeded.*VPC security groups per Region/);
  expect(await world.claim(web.id)).toMatchObject({ state: 'active', groupIds });
  expect(await world.claim(same.id)).toMatchObject({ state: 'active', reason: null });
  world.ec2.cloud.faults.clear();
  await world.run(400);
  expect(await world.claim(database.id)).toMatchObject({ state: 'active', reason: null });
  expect(await world.claim(web.id)).toMatchObject({ state: 'active', reason: null });
  await releaseAll(world, [database.id, web.id, same.id]);
});

test(
  'networks with host bits, as EC2 clears them, are the rules that were asked for, also when '
    + 'they are asked for twice',
  async () => {
    const world = await newWorld();
    const rules = [
      open(80, { cidr: '10.1.2.3/8' }),
      open(80, { cidr: '10.0.0.0/8' }),
      open(443, { cidr: '2001:DB8::/32' }),
    ];
    const { id } = await world.submit({ ...networkSpec, network: { ...networkSpec.network, ingress: rules } });
    await world.run(20);
    const claim = await world.claim(id);
    expect(claim).toMatchObject({ state: 'active' });
    expect(rulesOf(world, claim.groupIds[0])).toEqual(['443 ', '80 10.0.0.0/8']);
    const calls = world.mutatingCalls();
    await world.run(60);
    expect(world.mutatingCalls()).toBe(calls);
    await releaseAll(world, [id]);
  },
);

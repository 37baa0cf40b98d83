// Whatever the scheduler's adapters call is allowed to its role, in every network; the calls are recorded from
// the adapters themselves, so that one without a permission fails here, and not at the first launch on AWS.
import type { TemplateName } from '../../lib/adapters/aws/ec2/fleet.ts';
import { instanceType } from '../../lib/core/catalog/index.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import type { Ec2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import type { MachinePlaces } from '../../lib/adapters/aws/ec2/places.ts';
import { inProcessEc2Client } from '../../lib/adapters/simulated/ec2-client.ts';
import type { NodeNetwork } from '../../lib/infra/props.ts';
import { frozenLaunch } from '../contract/cloud.fleets.ts';
import { frozenMachines, shape } from '../contract/cloud.claims.ts';
import { arnOf, authorizationsOf } from './authorizations.ts';
import type { Account, Recorded } from './authorizations.ts';
import { flatten, isAllowed, statementsOf } from './iam.ts';
import type { Call } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

const nodeTags = { 'bellows:installation': 'prod', 'bellows:pool': 'default', 'bellows:launch': 'l-1' };
const claimed = { 'bellows:installation': 'prod', 'bellows:pool': 'default', 'bellows:request': 'r-1' };
const machineTags = { ...claimed, 'bellows:launch': 'm-1' };
const tags: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'i-node': nodeTags,
  'i-machine': machineTags,
  'vol-held': claimed,
  'vol-disk': machineTags,
  'sg-held': claimed,
  'snap-own': claimed,
  // Made twice by one intent: the only kind of snapshot that is ever deleted.
  'snap-double': { ...claimed, 'bellows:intent': 'v-1' },
};
const roleArn = 'arn:aws:iam::111122223333:role/database';
const profileArn = 'arn:aws:iam::111122223333:instance-profile/database';

type Template = Readonly<Record<string, Resource>>;

interface Installed {
  readonly resources: Template;
  readonly scheduler: string;
  readonly account: Account;
  readonly places: MachinePlaces;
  readonly templateIds: Readonly<Record<TemplateName, string>>;
}

const find = (template: Template, pattern: RegExp): string => {
  const found = Object.keys(template).filter((id) => pattern.test(id));
  if (found.length !== 1)
    throw new RangeError(`${String(pattern)} names ${String(found.length)} resources: ${found.join(', ')}`);
  return found[0] ?? '';
};

interface TemplateData {
  readonly imageId?: string;
  readonly ImageId: unknown;
  readonly NetworkInterfaces: readonly { readonly Groups: readonly unknown[] }[];
  readonly BlockDeviceMappings: readonly { readonly Ebs: { readonly Encrypted: boolean } }[];
  readonly TagSpecifications: readonly {
    readonly ResourceType: string;
    readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  }[];
}

function install(network: NodeNetwork): Installed {
  const stack = new Stack(undefined, `Roles${network}`, { env: { account: '111122223333', region: 'us-east-1' } });
  const role = iam.Role.fromRoleArn(stack, 'Role', roleArn);
  const profile = iam.InstanceProfile.fromInstanceProfileAttributes(stack, 'Profile', {
    instanceProfileArn: profileArn,
    role,
  });
  const { resources } = synthesize({ installation: 'prod', network, machineProfiles: [profile] });
  const scheduler = find(resources, /^BellowsFunctionschedulerRole(?!DefaultPolicy)[0-9A-F]+$/);
  const templateIds = {
    amd64: `<${find(resources, /^BellowsNodesTemplateamd64[0-9A-F]*$/)}>`,
    arm64: `<${find(resources, /^BellowsNodesTemplatearm64[0-9A-F]*$/)}>`,
    'amd64-burstable': `<${find(resources, /^BellowsNodesBurstableamd64[0-9A-F]*$/)}>`,
    'arm64-burstable': `<${find(resources, /^BellowsNodesBurstablearm64[0-9A-F]*$/)}>`,
    'amd64-gpu': `<${find(resources, /^BellowsNodesGpuamd64[0-9A-F]*$/)}>`,
    'arm64-gpu': `<${find(resources, /^BellowsNodesGpuarm64[0-9A-F]*$/)}>`,
  };
  const data = resources[find(resources, /^BellowsNodesTemplateamd64[0-9A-F]*$/)]?.Properties[
    'LaunchTemplateData'
  ] as TemplateData;
  // Which subnets are the nodes' is what the scheduler's own settings say.
  const program = Object.entries(resources).filter(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('BellowsFunctionscheduler'),
  );
  const settings = program.map(([, { Properties }]) => Properties['Environment']);
  const subnets = [
    ...new Set([...JSON.stringify(settings).matchAll(/"Ref":"(\w*Subnet\w*)"/g)].map((one) => `<${one[1] ?? ''}>`)),
  ];
  if (subnets.length === 0) throw new RangeError('the scheduler is told of no subnet');
  return {
    resources,
    scheduler,
    templateIds,
    account: {
      tagsOf: (id) => tags[id] ?? {},
      machineRoleArn: roleArn,
      template: {
        imageId: 'ami-1',
        groupIds: data.NetworkInterfaces.flatMap((one) => one.Groups.map(flatten)),
        roleArn: `<${find(resources, /^BellowsNodesRole(?!DefaultPolicy)[0-9A-F]+$/)}.Arn>`,
        isEncrypted: data.BlockDeviceMappings.every((one) => one.Ebs.Encrypted),
        tags: Object.fromEntries(
          data.TagSpecifications.map((one) => [
            one.ResourceType,
            Object.fromEntries(one.Tags.map(({ Key, Value }) => [Key, Value])),
          ]),
        ),
      },
    },
    places: {
      vpcId: `<${find(resources, /^BellowsNetworkVpc[0-9A-F]+$/)}>`,
      subnetByZone: Object.fromEntries(subnets.map((id, n) => [`us-east-1${'abc'[n] ?? 'd'}`, id])),
      plainGroupId: `<${find(resources, /^BellowsMachinesPlainGroup[0-9A-F]+$/)}.GroupId>`,
      addresses: network === 'private' ? 'nat' : network,
      rootDevices: { 'ami-1': '/dev/xvda' },
      instanceProfiles: [{ name: 'database', arn: profileArn }],
    },
  };
}

/** Every call that a method of the ports leads to; each method is called at least once. */
async function record({ places, templateIds, account }: Installed): Promise<readonly Recorded[]> {
  const calls: Recorded[] = [];
  const [nodeGroupId = ''] = account.template.groupIds;
  const answer =
    '<R><volumeId>vol-1</volumeId><snapshotId>snap-1</snapshotId><groupId>sg-1</groupId><imagesSet><item>'
    + '<rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet><return>true</return></R>';
  // As they go over the wire: parameters have the protocol's names.
  const client = inProcessEc2Client(async (action, parameters) => {
    calls.push({ action, parameters });
    return { status: 200, xml: answer };
  });
  const budget = { take: async () => true };
  const catalog = { instanceType: async (type: string) => instanceType(type) ?? null };
  const { subnetByZone, addresses } = places;
  const nodeInterface = { groupId: nodeGroupId, addresses };
  const fleets = { places: { templateIds, subnetByZone, nodeInterface }, catalog };
  const cloud = createEc2Cloud({ client, budget, fleets, places });
  const overrides = Object.keys(places.subnetByZone).flatMap((zone) =>
    ['m7i.large', 't4g.large'].map((type) => ({ instanceType: type, zone, priceUsdPerHour: 1 })),
  );
  const called = new Set<string>();
  const methods = new Proxy(cloud, {
    get: (target, name) => {
      called.add(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
  for (const capacityType of ['spot', 'on-demand'] as const)
    await methods.launchFleet(`l-${capacityType}`, frozenLaunch('l-1', { capacityType, overrides, tags: nodeTags }));
  const [zone = ''] = Object.keys(subnetByZone);
  for (const kind of ['capacity-reservation', 'capacity-block'] as const)
    await methods.launchFleet(
      `l-${kind}`,
      frozenLaunch('l-1', {
        capacityType: 'on-demand',
        overrides: [{ instanceType: 'm7i.large', zone, priceUsdPerHour: 1 }],
        tags: nodeTags,
        reservation: { id: 'cr-0123456789abcdef0', kind },
      }),
    );
  await drive(methods);
  expect([...called].sort()).toEqual(Object.keys(cloud).sort());
  return calls;
}

async function drive(cloud: Ec2Cloud): Promise<void> {
  const own = { ...frozenMachines('m-1', { tags: machineTags, imageId: 'ami-1' }) };
  await cloud.list({ installation: 'prod', things: 'instances' });
  await cloud.list({ installation: 'prod', pool: 'default', things: 'all' });
  await cloud.runInstances('m-1', own);
  for (const kind of ['capacity-reservation', 'capacity-block'] as const)
    await cloud.runInstances(`m-${kind}`, { ...own, reservation: { id: 'cr-0123456789abcdef0', kind } });
  await cloud.runInstances('m-2', {
    ...own,
    capacityType: 'spot',
    imageId: 'ami-2',
    keyName: 'mine',
    instanceProfile: 'database',
    groupIds: ['sg-held'],
    disks: [{ device: '/dev/sdf', shape, snapshotId: 'snap-own', deleteOnTermination: false }],
  });
  await cloud.terminate(['i-machine', 'i-node']);
  await cloud.stop(['i-machine']);
  await cloud.start(['i-machine']);
  const volume = { zone: 'us-east-1a', shape, tags: { ...claimed, 'bellows:part': 'v' } };
  await cloud.createVolume('v-1', { ...volume, snapshotId: null });
  await cloud.createVolume('v-2', { ...volume, snapshotId: 'snap-own' });
  // Tasks mount volumes on nodes.
  for (const instance of ['i-machine', 'i-node']) {
    await cloud.attach('vol-held', instance, '/dev/sdf');
    await cloud.detach('vol-held', instance);
  }
  await cloud.modify('vol-held', shape);
  await cloud.snapshot('vol-held', { ...claimed, 'bellows:part': 'v' });
  await cloud.deleteVolume('vol-held');
  await cloud.deleteSnapshot('snap-double');
  await cloud.snapshotTags(['snap-own']);
  await cloud.createGroup('g', 'd', { ...claimed, 'bellows:part': 'g' });
  const rules = [false, true].map((isEgress) => ({
    isEgress,
    protocol: 'tcp' as const,
    fromPort: 1,
    toPort: 2,
    cidr: '10.0.0.0/8',
    groupId: null,
  }));
  await cloud.authorize('sg-held', rules);
  await cloud.revoke('sg-held', rules);
  await cloud.setGroups('i-machine', ['sg-held']);
  await cloud.setGroups('i-machine', []);
  await cloud.tag(['i-machine', 'vol-disk'], { 'bellows:request': 'r-2' });
  await cloud.deleteGroup('sg-held');
}

const networks: readonly NodeNetwork[] = ['public-ipv4', 'ipv6', 'nat', 'private'];

describe.each(networks)('with nodes on the network %s', (network) => {
  let installed: Installed;
  let calls: readonly Recorded[];
  const can = (call: Call): boolean => isAllowed(statementsOf(installed.resources, installed.scheduler), call);
  beforeAll(async () => {
    installed = install(network);
    calls = await record(installed);
  });

  test('whatever is called is allowed', () => {
    const asked = calls.flatMap((call) => authorizationsOf(call, installed.account));
    expect(asked.length).toBeGreaterThan(60);
    for (const kind of [
      'subnet/',
      'security-group/',
      'image/',
      'volume/',
      'network-interface/',
      'launch-template/',
      'instance/',
      'fleet/',
      'spot-instances-request/',
    ]) {
      expect([kind, asked.some((one) => one.action === 'ec2:CreateFleet' && one.resource.includes(kind))]).toEqual([
        kind,
        true,
      ]);
    }
    for (const kind of ['key-pair/', 'snapshot/', 'capacity-reservation/'])
      expect([kind, asked.some((one) => one.action === 'ec2:RunInstances' && one.resource.includes(kind))]).toEqual([
        kind,
        true,
      ]);
    expect(
      asked.filter((one) => !can(one)).map((one) => `${one.action} on ${one.resource} ${JSON.stringify(one.context)}`),
    ).toEqual([]);
  });

  test('nothing of it is allowed on what is not ours', () => {
    const foreign: readonly (readonly [RegExp, string])[] = [
      [/subnet\/.*/, 'subnet/subnet-0'],
      [/security-group\/[^*].*/, 'security-group/sg-0'],
      [/launch-template\/.*/, 'launch-template/lt-0'],
      [/vpc\/.*/, 'vpc/vpc-0'],
      [/role\/.*|^<.*Role.*/, 'arn:aws:iam::1:role/admin'],
    ];
    let tried = 0;
    for (const call of calls.flatMap((one) => authorizationsOf(one, installed.account))) {
      const other = foreign.find(([pattern]) => pattern.test(call.resource));
      if (!other) continue;
      tried += 1;
      const untagged = Object.fromEntries(
        Object.entries(call.context ?? {}).filter(([key]) => !key.startsWith('aws:ResourceTag/')),
      );
      const moved = {
        ...call,
        resource: other[1].startsWith('arn:') ? other[1] : call.resource.replace(other[0], other[1]),
        context: untagged,
      };
      expect([moved.action, moved.resource, can(moved)]).toEqual([moved.action, moved.resource, false]);
    }
    expect(tried).toBeGreaterThan(20);
  });

  test('a snapshot that is no double of ours is not deleted', () => {
    for (const context of [{}, tags['snap-own'] ?? {}]) {
      const call = {
        action: 'ec2:DeleteSnapshot',
        resource: arnOf('snap-own'),
        context: Object.fromEntries(Object.entries(context).map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
      };
      expect(can(call)).toBe(false);
    }
  });

  test('nor on what carries the tags of another installation, or none', () => {
    const strange = (context: Call['context'], kind: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(context ?? {}).map(([key, value]) => [
          key,
          key === `aws:${kind}/bellows:installation` ? 'test' : value,
        ]),
      );
    let tried = 0;
    for (const call of calls.flatMap((one) => authorizationsOf(one, installed.account))) {
      for (const kind of ['RequestTag', 'ResourceTag']) {
        if (call.context?.[`aws:${kind}/bellows:installation`] === undefined) continue;
        // A disk of a node is of its instance, which needs the tags itself.
        if (
          call.action === 'ec2:RunInstances'
          && call.resource.includes('volume/')
          && call.context['ec2:LaunchTemplate'] !== undefined
        )
          continue;
        tried += 1;
        expect([call.action, call.resource, kind, can({ ...call, context: strange(call.context, kind) })]).toEqual([
          call.action,
          call.resource,
          kind,
          false,
        ]);
      }
    }
    expect(tried).toBeGreaterThan(20);
  });
});

test('an action that nobody looked up fails, and says what to do', () => {
  expect(() => authorizationsOf({ action: 'CopySnapshot', parameters: {} }, install('nat').account)).toThrow(
    /Service Authorization Reference/,
  );
  expect(() => arnOf('x-1')).toThrow(/not known/);
});

// What holds machines, volumes and groups on AWS, over signed HTTP against the EC2 simulator: the contract, and
// what only an installation with a network, roles and images of its own has.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSecurityGroupCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import type { MachinePlaces } from '../../lib/adapters/aws/ec2/places.ts';
import { SimulationClock } from '../../lib/adapters/simulated/ec2/http/clock.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import type { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { CloudThrottledError, CloudUnknownError } from '../../lib/ports/cloud.ts';
import type { Cloud } from '../../lib/ports/cloud.ts';
import { benchOf, installation } from '../contract/cloud.bench.ts';
import { claimsContract, frozenMachines, tagsOf } from '../contract/cloud.claims.ts';
import { hangMs } from '../hang.ts';

const region = 'us-east-1';
const clock = new SimulationClock();
const images = ['x86_64', 'arm64'].map(
  (arch) => `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`,
);
let simulator: Ec2Simulator;
let accounts = 300_000_000_000;

beforeAll(async () => {
  clock.set('stepped');
  simulator = await Ec2Simulator.start({
    clock,
    throttling: 'off',
    options: { cloud: { seed: 'contract', throttles: {} } },
  });
});
afterEach(() => {
  simulator.faults.clear();
});
afterAll(async () => {
  await simulator.close();
});

interface Account {
  readonly world: World;
  readonly places: MachinePlaces;
  readonly cloud: Cloud;
}

/** An account of its own per test, with a group for machines without a network. */
async function openAccount(more: Partial<MachinePlaces> = {}, budget = unlimitedBudget): Promise<Account> {
  accounts += 1;
  const credentials = { accessKeyId: String(accounts), secretAccessKey: 'test' };
  const client = createEc2Client({
    region,
    endpoint: simulator.endpoint,
    credentials: () => credentials,
    timeoutMs: hangMs,
  });
  try {
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
    const { GroupId: plainGroupId = '' } = await client.send(
      new CreateSecurityGroupCommand({ GroupName: 'machines', Description: 'nothing comes in' }),
    );
    const places: MachinePlaces = {
      vpcId: Subnets[0]?.VpcId ?? '',
      subnetByZone: Object.fromEntries(Subnets.map((subnet) => [subnet.AvailabilityZone ?? '', subnet.SubnetId ?? ''])),
      plainGroupId,
      addresses: 'public-ipv4',
      rootDevices: Object.fromEntries(images.map((image) => [image, '/dev/xvda'])),
      instanceProfiles: [],
      ...more,
    };
    return {
      places,
      world: simulator.worlds.world(String(accounts), region),
      cloud: createEc2Cloud({ client, budget, fleets: null, places }),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function cloudAt(endpoint: string, timeoutMs = hangMs): Cloud {
  const credentials = () => ({ accessKeyId: '1', secretAccessKey: 'x' });
  const client = createEc2Client({ region, endpoint, credentials, timeoutMs });
  return createEc2Cloud({ client, budget: unlimitedBudget, fleets: null, places: null });
}

claimsContract('EC2 over signed HTTP, on the EC2 simulator', async () => {
  const { world, cloud } = await openAccount();
  return benchOf(world, simulator.faults, cloud, (ms) => {
    clock.step(ms);
  });
});

describe('an installation on AWS', () => {
  const only = (world: World): ReturnType<World['cloud']['records']>[number] => {
    const records = world.cloud.records();
    expect(records).toHaveLength(1);
    const [record] = records;
    if (!record) throw new Error('nothing was launched');
    return record;
  };

  test(
    "launches into its zone's subnet, with the plain group where no " + 'network was asked for, and a public address',
    async () => {
      const { world, cloud, places } = await openAccount();
      await cloud.runInstances('m-1', frozenMachines('m-1', { count: 1, zone: 'us-east-1b' }));
      clock.step(60_000);
      expect(only(world).details).toMatchObject({
        subnetId: places.subnetByZone['us-east-1b'],
        securityGroupIds: [places.plainGroupId],
      });
      expect((await cloud.list({ installation, things: 'instances' })).instances[0]?.publicIp).not.toBeNull();
    },
  );

  test('with its own groups instead of the plain one, and no public address behind a NAT gateway', async () => {
    const { world, cloud } = await openAccount({ addresses: 'nat' });
    const groupId = await cloud.createGroup('own', 'of the machine', tagsOf('r-1'));
    expect(world.securityGroups.get(groupId)).toMatchObject({ vpcId: world.defaultVpc()?.id });
    await cloud.runInstances('m-1', frozenMachines('m-1', { count: 1, groupIds: [groupId] }));
    clock.step(60_000);
    expect(only(world).details).toMatchObject({ securityGroupIds: [groupId] });
    expect((await cloud.list({ installation, things: 'instances' })).instances[0]?.publicIp).toBeNull();
  });

  test('makes groups in its own VPC', async () => {
    const { cloud } = await openAccount({ vpcId: 'vpc-0ffffffffffffffff' });
    await expect(cloud.createGroup('g', 'd', tagsOf('r-1'))).rejects.toMatchObject({
      fault: { code: 'InvalidVpcID.NotFound' },
    });
  });

  test.each([
    ['of the installation', images[0] ?? ''],
    ['of its caller, whose root device EC2 names', 'ami-0abcdef1234567890'],
  ])('encrypts the root disk as well: an image %s', async (_what, imageId) => {
    const { world, cloud } = await openAccount();
    await cloud.runInstances('m-1', frozenMachines('m-1', { count: 1, imageId }));
    clock.step(60_000);
    const volumes = [...world.volumes.values()];
    expect(volumes).toHaveLength(2);
    expect(volumes.filter((one) => !one.isEncrypted)).toEqual([]);
  });

  test('passes only the roles that it was deployed with', async () => {
    const profile = { name: 'database', arn: 'arn:aws:iam::300000000000:instance-profile/database' };
    const { world, cloud } = await openAccount({ instanceProfiles: [profile] });
    await expect(cloud.runInstances('m-1', frozenMachines('m-1', { instanceProfile: 'admin' }))).rejects.toMatchObject({
      fault: { code: 'RoleNotAllowed', scope: 'request' },
      message: expect.stringContaining('database') as unknown,
    });
    for (const [n, instanceProfile] of [profile.name, profile.arn].entries())
      await cloud.runInstances(`m-2${String(n)}`, frozenMachines(`m-2${String(n)}`, { count: 1, instanceProfile }));
    clock.step(60_000);
    expect(world.cloud.records()).toHaveLength(2);
  });

  test.each([
    ['a zone without a subnet', { zone: 'us-east-1x' }, 'NoSubnetInZone', 'zone'],
    ['a subnet of somebody else', { subnetId: 'subnet-0ffffffffffffffff' }, 'SubnetNotAllowed', 'request'],
    [
      'an image that only the launch would resolve',
      { imageId: 'resolve:ssm:/my/image' },
      'ImageByParameter',
      'request',
    ],
    ['an image that is not there', { imageId: 'ami-0fffffffffffffff0' }, 'InvalidAMIID.NotFound', 'request'],
  ] as const)(
    '%s is refused before anything is launched, and says what it is about',
    async (_what, over, ec2Code, scope) => {
      const { world, cloud } = await openAccount();
      await expect(cloud.runInstances('m-1', frozenMachines('m-1', over))).rejects.toMatchObject({
        fault: { code: ec2Code, scope },
      });
      expect(world.cloud.records()).toEqual([]);
    },
  );

  test('"not authorized" is the account\'s, but the request\'s own where the request chose what is used', async () => {
    const { cloud } = await openAccount();
    const deny = (action: string): void => {
      simulator.faults.set({
        action,
        effect: {
          kind: 'fail',
          code: 'UnauthorizedOperation',
          message: 'You are not authorized to perform this operation.',
          httpStatus: 403,
        },
        times: 1,
      });
    };
    deny('RunInstances');
    await expect(cloud.runInstances('m-1', frozenMachines('m-1'))).rejects.toMatchObject({
      fault: { code: 'UnauthorizedOperation', scope: 'account' },
    });
    deny('RunInstances');
    await expect(
      cloud.runInstances('m-2', frozenMachines('m-2', { imageId: 'ami-0abcdef1234567890' })),
    ).rejects.toMatchObject({ fault: { code: 'UnauthorizedOperation', scope: 'request' } });
    deny('CreateVolume');
    const shape = { type: 'gp3', sizeGib: 10, iops: 3_000, throughputMibps: 125, usdPerMonth: 0.8 } as const;
    await expect(
      cloud.createVolume('p-1', {
        zone: 'us-east-1a',
        shape,
        snapshotId: 'snap-0123456789abcdef0',
        tags: tagsOf('r-1'),
      }),
    ).rejects.toMatchObject({ fault: { scope: 'request' } });
  });

  test('without budget nothing is sent, and the caller hears that it was throttled', async () => {
    const { world, cloud } = await openAccount({}, { take: async () => false });
    await expect(cloud.runInstances('m-1', frozenMachines('m-1'))).rejects.toBeInstanceOf(CloudThrottledError);
    await expect(cloud.list({ installation, things: 'all' })).rejects.toBeInstanceOf(CloudThrottledError);
    expect(world.cloud.records()).toEqual([]);
  });
});

describe('an answer that is none', () => {
  test.each([
    ['a page of a proxy', 502, '<html><body>Bad Gateway</body></html>'],
    ['nothing', 500, ''],
    ['the beginning of an answer', 200, '<RunInstancesResponse><instancesSet><item>'],
  ])('%s leaves the outcome unknown', async (_what, status, text) => {
    const server = createServer((_request, response) => {
      response.writeHead(status).end(text);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      const cloud = cloudAt(endpoint);
      await expect(cloud.runInstances('m-1', frozenMachines('m-1'))).rejects.toBeInstanceOf(CloudUnknownError);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('neither is silence, nor nobody there', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const cloud = cloudAt(endpoint, 500);
    await expect(cloud.runInstances('m-1', frozenMachines('m-1'))).rejects.toBeInstanceOf(CloudUnknownError);
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    await expect(cloud.runInstances('m-1', frozenMachines('m-1'))).rejects.toBeInstanceOf(CloudUnknownError);
  });
});

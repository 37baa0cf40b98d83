// The EC2 adapter keeps the compute contract through the real SDK, over HTTP, against the EC2 simulator.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateLaunchTemplateCommand, DescribeInstancesCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import type { LaunchPlaces } from '../../lib/adapters/aws/ec2/fleet.ts';
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import { SimulationClock } from '../../lib/adapters/simulated/ec2/http/clock.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import type { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { CloudRefusedError, CloudThrottledError } from '../../lib/ports/cloud.ts';
import type { Cloud } from '../../lib/ports/cloud.ts';
import { benchOf, installation } from '../contract/cloud.bench.ts';
import type { CloudBench } from '../contract/cloud.bench.ts';
import { fleetsContract, frozenLaunch } from '../contract/cloud.fleets.ts';
import { hangMs } from '../hang.ts';

const region = 'us-east-1';
const clock = new SimulationClock();
let simulator: Ec2Simulator;
let accounts = 200_000_000_000;

interface Account {
  readonly client: EC2Client;
  readonly world: World;
  readonly places: LaunchPlaces;
  readonly cloud: Cloud;
}
const opened: Account[] = [];

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
  for (const { client } of opened.splice(0)) client.destroy();
});

afterAll(async () => {
  await simulator.close();
});

/** An account of its own per test, with a launch template per architecture and its default subnets. */
async function openAccount(budget = unlimitedBudget): Promise<Account> {
  accounts += 1;
  const credentials = { accessKeyId: String(accounts), secretAccessKey: 'test' };
  const client = createEc2Client({
    region,
    endpoint: simulator.endpoint,
    credentials: () => credentials,
    timeoutMs: hangMs,
  });
  const template = async (arch: string, ImageId: string): Promise<string> => {
    const made = await client.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: `bellows-${arch}`, LaunchTemplateData: { ImageId } }),
    );
    return made.LaunchTemplate?.LaunchTemplateId ?? '';
  };
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
  const places: LaunchPlaces = {
    templateIds: {
      amd64: await template('amd64', amiOf('amd64')),
      arm64: await template('arm64', amiOf('arm64')),
      'amd64-burstable': await template('amd64-burstable', amiOf('amd64')),
      'arm64-burstable': await template('arm64-burstable', amiOf('arm64')),
      'amd64-gpu': await template('amd64-gpu', amiOf('amd64')),
      'arm64-gpu': await template('arm64-gpu', amiOf('arm64')),
    },
    subnetByZone: Object.fromEntries(Subnets.map((subnet) => [subnet.AvailabilityZone ?? '', subnet.SubnetId ?? ''])),
  };
  const fleets = { places, catalog: new SimulatedCatalog(clock) };
  const cloud = createEc2Cloud({ client, budget, fleets, places: null });
  const account: Account = { client, places, cloud, world: simulator.worlds.world(String(accounts), region) };
  opened.push(account);
  return account;
}

function amiOf(arch: 'amd64' | 'arm64'): string {
  return (
    'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-'
    + `${arch === 'arm64' ? 'arm64' : 'x86_64'}`
  );
}

async function openBench(): Promise<CloudBench> {
  const { cloud, world } = await openAccount();
  return benchOf(world, simulator.faults, cloud, (ms) => {
    clock.step(ms);
  });
}

fleetsContract('EC2 adapter on the EC2 simulator', openBench);

describe('EC2 adapter', () => {
  test(
    'tags instances at creation and launches from the template of its architecture and the one subnet of each '
      + 'zone that was frozen',
    async () => {
      const { client, cloud, places } = await openAccount();
      const launch = frozenLaunch('l-30', {
        count: 4,
        templateVersion: 'amd64:1,arm64:1',
        overrides: [{ instanceType: 'm7i.large', zone: 'us-east-1b', priceUsdPerHour: 0.1 }],
      });
      await cloud.launchFleet('l-30', launch);
      clock.step(10_000);
      const { Reservations = [] } = await client.send(new DescribeInstancesCommand({}));
      const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
      expect(instances).toHaveLength(4);
      for (const instance of instances) {
        expect(instance.SubnetId).toBe(places.subnetByZone['us-east-1b']);
        expect(instance.Architecture).toBe('x86_64');
        expect(Object.fromEntries((instance.Tags ?? []).map((tag) => [tag.Key, tag.Value]))).toMatchObject(launch.tags);
      }
    },
  );

  test('a zone without a subnet refuses the launch before anything is sent', async () => {
    const { cloud, world } = await openAccount();
    const overrides = [{ instanceType: 'c7g.large', zone: 'us-east-1x', priceUsdPerHour: 1 }];
    await expect(cloud.launchFleet('l-31', frozenLaunch('l-31', { overrides }))).rejects.toMatchObject({
      fault: { code: 'NoSubnetInZone', scope: 'zone', about: { zone: 'us-east-1x' } },
    });
    expect([...world.cloud.instances()]).toEqual([]);
  });

  test('a template version that could change under a token is refused', async () => {
    const { cloud } = await openAccount();
    await expect(cloud.launchFleet('l-32', frozenLaunch('l-32', { templateVersion: '$Latest' }))).rejects.toMatchObject(
      { code: 'invalid_template_version' },
    );
  });

  test('a permission that is missing refuses the launch with the scope account', async () => {
    const { cloud } = await openAccount();
    simulator.faults.set({
      action: 'CreateFleet',
      effect: {
        kind: 'fail',
        code: 'UnauthorizedOperation',
        message: 'You are not authorized to perform this operation.',
        httpStatus: 403,
      },
      times: 1,
    });
    const refused = cloud.launchFleet('l-33', frozenLaunch('l-33'));
    await expect(refused).rejects.toBeInstanceOf(CloudRefusedError);
    await expect(refused).rejects.toMatchObject({ fault: { code: 'UnauthorizedOperation', scope: 'account' } });
  });

  test('values of tags are meant literally, wildcards included', async () => {
    const { cloud } = await openAccount();
    await cloud.launchFleet('l-34', frozenLaunch('l-34'));
    clock.step(10_000);
    expect((await cloud.list({ installation: 'contrac?', things: 'instances' })).instances).toEqual([]);
    expect((await cloud.list({ installation: '*', things: 'instances' })).instances).toEqual([]);
    expect((await cloud.list({ installation, things: 'instances' })).instances).toHaveLength(2);
  });

  test('without budget nothing is sent, and the caller hears that it was throttled', async () => {
    const { cloud, world } = await openAccount({ take: async () => false });
    await expect(cloud.launchFleet('l-35', frozenLaunch('l-35'))).rejects.toBeInstanceOf(CloudThrottledError);
    await expect(cloud.list({ installation, things: 'instances' })).rejects.toBeInstanceOf(CloudThrottledError);
    expect([...world.cloud.instances()]).toEqual([]);
  });
});

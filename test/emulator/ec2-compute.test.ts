// The EC2 adapter keeps the compute contract through the real SDK, over HTTP, against the EC2 simulator.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateLaunchTemplateCommand, DescribeInstancesCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { createEc2Client, Ec2Compute } from '../../lib/adapters/aws/ec2/compute.ts';
import type { LaunchPlaces } from '../../lib/adapters/aws/ec2/fleet.ts';
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import { SimulationClock } from '../../lib/adapters/simulated/ec2/http/clock.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import type { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { tagLaunch } from '../../lib/core/records/launch.ts';
import { ComputeThrottledError, LaunchRefusedError } from '../../lib/ports/compute.ts';
import { computeContract, frozenLaunch, installation } from '../contract/compute.contract.ts';
import type { ComputeBench } from '../contract/compute.contract.ts';
import { hangMs } from '../hang.ts';

const region = 'us-east-1';
const clock = new SimulationClock();
let simulator: Ec2Simulator;
let accounts = 200_000_000_000;

interface Account {
  readonly client: EC2Client;
  readonly world: World;
  readonly places: LaunchPlaces;
  readonly compute: Ec2Compute;
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
    },
    subnetByZone: Object.fromEntries(Subnets.map((subnet) => [subnet.AvailabilityZone ?? '', subnet.SubnetId ?? ''])),
  };
  const compute = new Ec2Compute({ client, places, catalog: new SimulatedCatalog(clock), budget });
  const account: Account = { client, places, compute, world: simulator.worlds.world(String(accounts), region) };
  opened.push(account);
  return account;
}

function amiOf(arch: 'amd64' | 'arm64'): string {
  return (
    'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-'
    + `${arch === 'arm64' ? 'arm64' : 'x86_64'}`
  );
}

async function openBench(): Promise<ComputeBench> {
  const { compute, world } = await openAccount();
  return {
    compute,
    pass: async (ms) => {
      clock.step(ms);
    },
    setCapacity: async (pattern, full) => {
      world.cloud.setCapacity(pattern, full);
    },
    setFault: async (action, kind, times) => {
      simulator.faults.set({ action, effect: { kind }, times });
    },
    limitVcpu: async (limit) => {
      world.cloud.setVcpuLimit('on-demand', 'standard', limit);
    },
    protect: async (id) => {
      world.cloud.setTerminationProtection(id, true);
    },
    effectsOf: async (token) =>
      [...world.cloud.instances()].filter((instance) => instance.tags[tagLaunch] === token).length,
  };
}

computeContract('EC2 adapter on the EC2 simulator', openBench);

describe('EC2 adapter', () => {
  test(
    'tags instances at creation and launches from the template of its architecture and the one subnet of each '
      + 'zone that was frozen',
    async () => {
      const { client, compute, places } = await openAccount();
      const launch = frozenLaunch('l-30', {
        count: 4,
        templateVersion: 'amd64:1,arm64:1',
        overrides: [{ instanceType: 'm7i.large', zone: 'us-east-1b', priceUsdPerHour: 0.1 }],
      });
      await compute.launch('l-30', launch);
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
    const { compute, world } = await openAccount();
    const overrides = [{ instanceType: 'c7g.large', zone: 'us-east-1x', priceUsdPerHour: 1 }];
    await expect(compute.launch('l-31', frozenLaunch('l-31', { overrides }))).rejects.toMatchObject({
      fault: { code: 'NoSubnetInZone', scope: 'zone', about: { zone: 'us-east-1x' } },
    });
    expect([...world.cloud.instances()]).toEqual([]);
  });

  test('a template version that could change under a token is refused', async () => {
    const { compute } = await openAccount();
    await expect(compute.launch('l-32', frozenLaunch('l-32', { templateVersion: '$Latest' }))).rejects.toMatchObject({
      code: 'invalid_template_version',
    });
  });

  test('a permission that is missing refuses the launch with the scope account', async () => {
    const { compute } = await openAccount();
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
    const refused = compute.launch('l-33', frozenLaunch('l-33'));
    await expect(refused).rejects.toBeInstanceOf(LaunchRefusedError);
    await expect(refused).rejects.toMatchObject({ fault: { code: 'UnauthorizedOperation', scope: 'account' } });
  });

  test('values of tags are meant literally, wildcards included', async () => {
    const { compute } = await openAccount();
    await compute.launch('l-34', frozenLaunch('l-34'));
    clock.step(10_000);
    expect(await compute.describe({ installation: 'contrac?' })).toEqual([]);
    expect(await compute.describe({ installation: '*' })).toEqual([]);
    expect(await compute.describe({ installation })).toHaveLength(2);
  });

  test('without budget nothing is sent, and the caller hears that it was throttled', async () => {
    const { compute, world } = await openAccount({ take: async () => false });
    await expect(compute.launch('l-35', frozenLaunch('l-35'))).rejects.toBeInstanceOf(ComputeThrottledError);
    await expect(compute.describe({ installation })).rejects.toBeInstanceOf(ComputeThrottledError);
    expect([...world.cloud.instances()]).toEqual([]);
  });
});

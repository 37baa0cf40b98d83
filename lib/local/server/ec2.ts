// EC2 on a laptop: the same adapter as on AWS, over the SDK, speaking to the simulated EC2 in this process.
import { CreateLaunchTemplateCommand, DescribeLaunchTemplatesCommand } from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { createEc2Cloud } from '../../adapters/aws/ec2/cloud.ts';
import type { Ec2Cloud } from '../../adapters/aws/ec2/cloud.ts';
import type { TemplateName } from '../../adapters/aws/ec2/fleet.ts';
import { unlimitedBudget } from '../../adapters/aws/call-budget.ts';
import { ec2Carrier } from '../../adapters/simulated/carrier.ts';
import type { Ec2Carrier } from '../../adapters/simulated/carrier.ts';
import { Ec2Error } from '../../adapters/simulated/cloud/errors.ts';
import { inProcessEc2Client, xmlCallOf } from '../../adapters/simulated/ec2-client.ts';
import type { Journal } from '../../adapters/simulated/ec2/http/journal.ts';
import type { World } from '../../adapters/simulated/ec2/world.ts';
import { AssertionError } from '../../core/values/errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/clock.ts';

const templateNames: readonly TemplateName[] = (['amd64', 'arm64'] as const).flatMap(
  (arch) => [arch, `${arch}-burstable`, `${arch}-gpu`] as const,
);

/** `journal`: where each call is written down; null: nowhere. */
export async function localEc2(
  world: World,
  clock: Clock,
  catalog: Pick<Catalog, 'instanceType'>,
  journal: Journal | null,
): Promise<Ec2Cloud> {
  const carrier = ec2Carrier(world, clock);
  const client = inProcessEc2Client(xmlCallOf(journal === null ? carrier : journalled(carrier, world, clock, journal)));
  const templateIds = await launchTemplates(client);
  const subnetByZone = Object.fromEntries([...world.subnets.values()].map(({ id, zone }) => [zone, id]));
  const fleets = { places: { templateIds, subnetByZone }, catalog };
  return createEc2Cloud({ client, budget: unlimitedBudget, fleets, places: null });
}

function journalled(carry: Ec2Carrier, world: World, clock: Clock, journal: Journal): Ec2Carrier {
  return async (call) => {
    const { accountId, region } = world;
    const at = new Date(clock.nowMs()).toISOString();
    const beganMs = clock.monotonicMs();
    let outcome = 'OK';
    try {
      return await carry(call);
    } catch (error) {
      outcome = error instanceof Ec2Error ? error.ec2Code : 'dropped';
      throw error;
    } finally {
      const { action } = call;
      const durationMs = clock.monotonicMs() - beganMs;
      const parameters = new URLSearchParams(call.parameters).toString();
      journal.add({ at, accountId, region, action, outcome, durationMs, requestId: 'in-process', parameters });
    }
  };
}

/** The launch templates that a stack has on AWS; they outlive the server in the cloud's file. */
async function launchTemplates(client: EC2Client): Promise<Record<TemplateName, string>> {
  const { LaunchTemplates = [] } = await client.send(new DescribeLaunchTemplatesCommand({}));
  const ids = new Map(LaunchTemplates.map((one) => [one.LaunchTemplateName, one.LaunchTemplateId]));
  const idOf = async (name: TemplateName): Promise<string> => {
    const id = ids.get(`bellows-${name}`) ?? (await createTemplate(client, name));
    if (id === undefined) throw new AssertionError(`the simulated EC2 made no launch template for ${name}`);
    return id;
  };
  const made = await Promise.all(
    templateNames.map(async (name): Promise<[string, string]> => [name, await idOf(name)]),
  );
  return Object.fromEntries(made) as Record<TemplateName, string>;
}

async function createTemplate(client: EC2Client, name: TemplateName): Promise<string | undefined> {
  const arch = name.startsWith('arm64') ? 'arm64' : 'x86_64';
  const LaunchTemplateData = {
    ImageId: `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`,
    ...(name.endsWith('burstable') ? { CreditSpecification: { CpuCredits: 'unlimited' } } : {}),
  };
  const answer = await client.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: `bellows-${name}`, LaunchTemplateData }),
  );
  return answer.LaunchTemplate?.LaunchTemplateId;
}

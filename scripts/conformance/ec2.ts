// What the EC2 scenes share: tags on everything, the cheapest instance, and where it is put.
import {
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Instance, ResourceType, RunInstancesCommandInput, TagSpecification } from '@aws-sdk/client-ec2';
import { until } from './run.ts';
import type { Conditions } from './run.ts';

export const conformanceTag = 'bellows:conformance';
export const image = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64';
export const [instanceType, otherType] = ['t4g.nano', 't4g.micro'] as const;
/** On demand in us-east-1 with a root volume and a public address for an hour, rounded up. */
export const instanceUsd = 0.015;

export function tagged(
  { runId }: Conditions,
  types: readonly ResourceType[],
  more: Readonly<Record<string, string>> = {},
): TagSpecification[] {
  const Tags = Object.entries({ [conformanceTag]: runId, Name: `bellows-conformance-${runId}`, ...more }).map(
    ([Key, Value]) => ({ Key, Value }),
  );
  return types.map((ResourceType) => ({ ResourceType, Tags }));
}

export interface Place {
  readonly subnetId: string;
  readonly zone: string;
  readonly vpcId: string;
}

/** Default subnets, one per zone. */
export async function places({ ec2 }: Conditions): Promise<readonly [Place, Place]> {
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
  );
  const found = Subnets.map((one) => ({
    subnetId: one.SubnetId ?? '',
    zone: one.AvailabilityZone ?? '',
    vpcId: one.VpcId ?? '',
  })).sort((a, b) => (a.zone < b.zone ? -1 : 1));
  const [first, second] = found;
  if (first === undefined || second === undefined)
    throw new Error(`there are ${String(found.length)} default subnets, two are needed: aws ec2 create-default-vpc`);
  return [first, second];
}

export function runInput(
  conditions: Conditions,
  place: Place,
  token: string,
  more: Partial<RunInstancesCommandInput> = {},
): RunInstancesCommandInput {
  return {
    ClientToken: token,
    ImageId: image,
    InstanceType: instanceType,
    MinCount: 1,
    MaxCount: 1,
    SubnetId: place.subnetId,
    MetadataOptions: { HttpTokens: 'required' },
    TagSpecifications: tagged(conditions, ['instance', 'volume'], { launch: token }),
    ...more,
  };
}

export async function launchOne(
  conditions: Conditions,
  place: Place,
  token: string,
  more: Partial<RunInstancesCommandInput> = {},
): Promise<string> {
  conditions.goOn();
  const { Instances: [instance] = [] } = await conditions.ec2.send(
    new RunInstancesCommand(runInput(conditions, place, token, more)),
  );
  return instance?.InstanceId ?? '';
}

/** By the tag of the launch, as ticks look for what a lost answer launched; ended ones included. */
export async function launched({ ec2, runId }: Conditions, token: string): Promise<readonly Instance[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:${conformanceTag}`, Values: [runId] },
        { Name: 'tag:launch', Values: [token] },
      ],
    }),
  );
  return Reservations.flatMap((one) => one.Instances ?? []);
}

export async function stateOf({ ec2 }: Conditions, id: string): Promise<string> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0]?.State?.Name ?? 'missing';
}

export async function waitForState(conditions: Conditions, id: string, wanted: readonly string[]): Promise<string> {
  const found = await until(conditions, async () => {
    const state = await stateOf(conditions, id).catch((error: unknown) => {
      // Describe lags behind a launch.
      if (error instanceof Error && error.name === 'InvalidInstanceID.NotFound') return 'missing';
      throw error;
    });
    return wanted.includes(state) ? state : null;
  });
  if (found === null) throw new Error(`${id} did not become ${wanted.join(' or ')}`);
  return found.value;
}

export async function group(conditions: Conditions, place: Place, name: string): Promise<string> {
  const { GroupId: id = '' } = await conditions.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: `bellows-conformance-${conditions.runId}-${name}`,
      Description: 'Conformance check of Bellows, may be deleted',
      VpcId: place.vpcId,
      TagSpecifications: tagged(conditions, ['security-group']),
    }),
  );
  return id;
}

// Findings of cdk-nag that stand, each with its reason and where it holds. test/infra fails on any other finding.
import { Stack, Validations } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

export function acknowledge(scope: IConstruct, reasons: Readonly<Record<string, string>>): void {
  Validations.of(scope).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
}

/** Why a statement has a wildcard in it, by its sid. A statement that is not here must not have one. */
const wildcards: Readonly<Record<string, string>> = {
  Outputs: 'Objects are named after attempts, which are not known beforehand; the bucket holds nothing else.',
  Copies: 'Copies are named after pools, which are not known beforehand.',
  Uploads: 'Uploads are named after what is in them, which is not known beforehand.',
  EmptyOutputs: 'The drain step empties this one bucket, so that it can be removed.',
  Listings: 'Describe calls of EC2 and the price list have no permissions by resource.',
  Metrics: 'CloudWatch has no permissions by metric for GetMetricData.',
  TerminateOwn: 'Instance ids are not known beforehand; the tag condition admits only what this installation launched.',
  PowerOwn: 'Instance ids are not known beforehand; the tag condition admits only what this installation launched.',
  LaunchTagged: 'Instances do not exist before their launch; the conditions demand our template and our tags.',
  LaunchParts: 'Volumes, interfaces and images of a launch; the condition demands our template.',
  IntoReservations: 'Pools name them; what is launched into them is bound by its instances, as all other launches are.',
  FleetTagged: 'Fleets do not exist before they are made; the condition demands our tags.',
  FleetParts:
    'Interfaces and spot requests have no ids before the launch, and images are named by the template; groups '
    + 'and subnets are ours only.',
  TagAtCreation: 'What is tagged is being made by the same call; the condition admits no other.',
  LaunchMachines: 'Machines do not exist before their launch; the conditions demand our tags and no template.',
  MachineDisks: 'Volumes do not exist before their launch; the conditions demand our tags and encryption.',
  MachineParts:
    'Interfaces, images and key pairs that callers choose, of a launch whose instance and disks carry our tags.',
  NewVolumes: 'Volumes do not exist before they are made; the conditions demand our tags and encryption.',
  VolumesOfTasks: 'Instance ids are not known beforehand; the condition admits only what this installation launched.',
  FromOwnSnapshots: 'Snapshot ids are not known beforehand; the condition admits only those with our tag.',
  MakeTagged: 'Groups and snapshots do not exist before they are made; the condition demands our tags.',
  OwnDoubles:
    'Snapshot ids are not known beforehand; the condition admits only what one call of this '
    + 'installation made for a request.',
  TagNew: 'What is tagged is being made by the same call; the condition admits no other.',
  Retag:
    'Ids are not known beforehand; the conditions admit what this installation made for a request, and the '
    + 'tags that name it and its labels.',
  OwnClaims: 'Ids are not known beforehand; the condition admits only what this installation made for a request.',
  Bells: 'Queues are named after instances, which are not known beforehand; no other queue has this prefix.',
  BellListing: 'SQS lists queues by a prefix of their names and has no permissions by resource for it.',
  Secrets: 'The operator names them, those of an application by the beginning of their names.',
  Parameters: 'The operator names them, those of an application by the beginning of their names.',
  TargetGroups: 'The operator names them, those of an application by the beginning of their names.',
  TargetHealth: 'Describe calls of Elastic Load Balancing have no permissions by resource.',
  Sync: 'The output route has the attempt in its path.',
  SessionManager: 'Session Manager has no permissions by resource.',
  Invoke: 'Routes with an id or a name in their path.',
};

/** cdk-nag names each wildcard finding by its text; this writes the same text. */
export function acknowledgeWildcards(scope: IConstruct, statements: readonly iam.PolicyStatement[]): void {
  const stack = Stack.of(scope);
  for (const statement of statements) {
    const reason = wildcards[statement.sid ?? ''];
    const resources = statement.resources
      .map((resource) => flatten(stack.resolve(resource)))
      .filter((text) => text.includes('*'));
    if (resources.length === 0) continue;
    if (reason === undefined)
      throw new Error(
        `the statement ${statement.sid ?? '(without a sid)'} has a wildcard without a reason: ${resources.join(', ')}`,
      );
    acknowledge(scope, Object.fromEntries(resources.map((text) => [`AwsSolutions-IAM5[Resource::${text}]`, reason])));
  }
}

function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if ('Ref' in value) return `<${String(value.Ref)}>`;
  if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as readonly string[]).join('.')}>`;
  if ('Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as readonly [string, readonly unknown[]];
    return parts.map(flatten).join(separator);
  }
  return JSON.stringify(value);
}

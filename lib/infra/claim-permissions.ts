// What the scheduler, and the drain at the removal, may do with virtual machines, volumes and networks of claims: new
// things need our tags in the call that makes them; nothing without our tags can be touched.
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Network } from './compute/network.ts';
import { tags } from './permissions.ts';

export interface MachinesProps {
  readonly installation: string;
  readonly network: Network;
  readonly profiles: readonly iam.IInstanceProfile[];
  /** Of labels that are tags, too. */
  readonly labelKeys: readonly string[];
}

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const tagRequest = 'bellows:request';
const tagIntent = 'bellows:intent';

function arn(scope: Construct, path: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:ec2:${region}:${account}:${path}`;
}

/** Images and snapshots are named without an account. */
function publicArn(scope: Construct, path: string): string {
  const { partition, region } = Stack.of(scope);
  return `arn:${partition}:ec2:${region}::${path}`;
}

/** What a claim of this installation has already. */
function own(installation: string): Conditions {
  return {
    StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
    Null: { [`aws:ResourceTag/${tagRequest}`]: 'false' },
  };
}

/** What is being made for a request of this installation. */
function made(
  installation: string,
  equals: Readonly<Record<string, string>> = {},
  nulls: Readonly<Record<string, string>> = {},
): Conditions {
  return {
    StringEquals: { [`aws:RequestTag/${tags.installation}`]: installation, ...equals },
    Null: { [`aws:RequestTag/${tags.pool}`]: 'false', [`aws:RequestTag/${tagRequest}`]: 'false', ...nulls },
  };
}

const encrypted: Conditions = { Bool: { 'ec2:Encrypted': 'true' } };
const withoutTemplate = { 'ec2:LaunchTemplate': 'true' };

/**
 * Launches of machines. Nodes start from our templates only, and machines from none: what one may do does
 * not widen the other.
 */
export function machineStatements(
  scope: Construct,
  { installation, network, profiles, labelKeys }: MachinesProps,
  plainGroupId: string,
): readonly iam.PolicyStatement[] {
  const roles = profiles.map((profile) => {
    if (!profile.role)
      throw new RangeError(
        `the machine profile ${profile.instanceProfileName} is known without its role; make it with new `
          + 'iam.InstanceProfile, or import it with fromInstanceProfileAttributes and its role',
      );
    return profile.role.roleArn;
  });
  const launched = made(
    installation,
    { 'ec2:MetadataHttpTokens': 'required' },
    {
      [`aws:RequestTag/${tags.launch}`]: 'false',
      ...withoutTemplate,
      ...(profiles.length === 0 ? { 'ec2:InstanceProfile': 'true' } : {}),
    },
  );
  const withProfile =
    profiles.length === 0
      ? {}
      : { ArnEqualsIfExists: { 'ec2:InstanceProfile': profiles.map((profile) => profile.instanceProfileArn) } };
  const plainGroup = arn(scope, `security-group/${plainGroupId}`);
  const run = (sid: string, resources: readonly string[], conditions: Conditions): iam.PolicyStatement =>
    new iam.PolicyStatement({ sid, actions: ['ec2:RunInstances'], resources: [...resources], conditions });
  return [
    run('LaunchMachines', [arn(scope, 'instance/*')], { ...launched, ...withProfile }),
    run('MachineDisks', [arn(scope, 'volume/*')], { ...made(installation, {}, withoutTemplate), ...encrypted }),
    run(
      'MachineParts',
      [
        arn(scope, 'network-interface/*'),
        arn(scope, 'spot-instances-request/*'),
        publicArn(scope, 'image/*'),
        arn(scope, 'key-pair/*'),
        plainGroup,
        ...network.subnets.map((subnet) => arn(scope, `subnet/${subnet.subnetId}`)),
      ],
      { Null: withoutTemplate },
    ),
    // A warm machine that a request takes is told apart by its tag, which names the request. It gets that one's labels,
    // too; no other tag is changed.
    new iam.PolicyStatement({
      sid: 'Retag',
      actions: ['ec2:CreateTags'],
      resources: [arn(scope, 'instance/*'), arn(scope, 'volume/*')],
      conditions: {
        StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [tagRequest, ...labelKeys.map((key) => `bellows:label:${key}`)] },
        Null: { [`aws:ResourceTag/${tagRequest}`]: 'false', [`aws:RequestTag/${tagRequest}`]: 'false' },
      },
    }),
    new iam.PolicyStatement({
      sid: 'BackToPlainGroup',
      actions: ['ec2:ModifyInstanceAttribute'],
      resources: [plainGroup],
    }),
    ...(roles.length === 0
      ? []
      : [
          new iam.PolicyStatement({
            sid: 'PassMachineRoles',
            actions: ['iam:PassRole'],
            resources: roles,
            conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
          }),
        ]),
  ];
}

/** Volumes, snapshots and groups, and machines that are there. */
export function claimStatements(
  scope: Construct,
  { installation, network }: MachinesProps,
): readonly iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      sid: 'NewVolumes',
      actions: ['ec2:CreateVolume'],
      resources: [arn(scope, 'volume/*')],
      conditions: { ...made(installation), ...encrypted },
    }),
    // Any of the account's snapshots may be somebody's backup: only ours, and those that were given our tag, are read.
    new iam.PolicyStatement({
      sid: 'FromOwnSnapshots',
      actions: ['ec2:CreateVolume', 'ec2:RunInstances'],
      resources: [publicArn(scope, 'snapshot/*')],
      conditions: { StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation } },
    }),
    // Tasks mount volumes: those are attached to nodes too, which no request owns.
    new iam.PolicyStatement({
      sid: 'VolumesOfTasks',
      actions: ['ec2:AttachVolume', 'ec2:DetachVolume'],
      resources: [arn(scope, 'instance/*')],
      conditions: {
        StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
        Null: { [`aws:ResourceTag/${tags.pool}`]: 'false' },
      },
    }),
    // A final snapshot that was made twice: what carries an intent was made by one call of ours, and is no backup.
    new iam.PolicyStatement({
      sid: 'OwnDoubles',
      actions: ['ec2:DeleteSnapshot'],
      resources: [publicArn(scope, 'snapshot/*')],
      conditions: {
        StringEquals: { [`aws:ResourceTag/${tags.installation}`]: installation },
        Null: { [`aws:ResourceTag/${tagRequest}`]: 'false', [`aws:ResourceTag/${tagIntent}`]: 'false' },
      },
    }),
    new iam.PolicyStatement({
      sid: 'InVpc',
      actions: ['ec2:CreateSecurityGroup'],
      resources: [arn(scope, `vpc/${network.vpc.vpcId}`)],
    }),
    ...claimedStatements(scope, installation, {
      make: ['CreateSecurityGroup', 'CreateSnapshot'],
      tagWith: ['CreateVolume', 'CreateSecurityGroup', 'CreateSnapshot'],
      own: [
        ...release,
        'RunInstances',
        'StartInstances',
        'StopInstances',
        'AttachVolume',
        'DetachVolume',
        'ModifyVolume',
        'ModifyInstanceAttribute',
        'AuthorizeSecurityGroupIngress',
        'AuthorizeSecurityGroupEgress',
      ],
    }),
  ];
}

const release = [
  'DeleteVolume',
  'CreateSnapshot',
  'RevokeSecurityGroupIngress',
  'RevokeSecurityGroupEgress',
  'DeleteSecurityGroup',
];

/**
 * What a release needs besides terminating; all that the drain step at the removal may do
 * with volumes and groups.
 */
export function releaseStatements(scope: Construct, installation: string): readonly iam.PolicyStatement[] {
  return claimedStatements(scope, installation, {
    make: ['CreateSnapshot'],
    tagWith: ['CreateSnapshot'],
    own: release,
  });
}

/**
 * Statements name all kinds of resources together: each action knows its own kinds only, and a role's
 * policies have a size limit.
 */
function claimedStatements(
  scope: Construct,
  installation: string,
  may: { readonly make: readonly string[]; readonly tagWith: readonly string[]; readonly own: readonly string[] },
): readonly iam.PolicyStatement[] {
  const actions = (names: readonly string[]): string[] => names.map((name) => `ec2:${name}`);
  const volumes = arn(scope, 'volume/*');
  const groups = arn(scope, 'security-group/*');
  const snapshots = publicArn(scope, 'snapshot/*');
  return [
    new iam.PolicyStatement({
      sid: 'MakeTagged',
      actions: actions(may.make),
      resources: [groups, snapshots],
      conditions: made(installation),
    }),
    new iam.PolicyStatement({
      sid: 'TagNew',
      actions: ['ec2:CreateTags'],
      resources: [volumes, groups, snapshots],
      conditions: {
        StringEquals: { 'ec2:CreateAction': [...may.tagWith], [`aws:RequestTag/${tags.installation}`]: installation },
      },
    }),
    new iam.PolicyStatement({
      sid: 'OwnClaims',
      actions: actions(may.own),
      resources: [arn(scope, 'instance/*'), volumes, groups],
      conditions: own(installation),
    }),
  ];
}

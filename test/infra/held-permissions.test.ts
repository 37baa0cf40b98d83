// What the scheduler and the drain may do with machines, volumes, snapshots and groups, judged on the
// synthesized policies.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { flatten, isAllowed, policiesOf, statementsOf } from './iam.ts';
import type { Call } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

type Template = Readonly<Record<string, Resource>>;
let plain: Template;
let withProfile: Template;

beforeAll(() => {
  plain = synthesize({ installation: 'prod', labelKeys: ['team'] }).resources;
  const stack = new Stack(undefined, 'Roles', { env: { account: '111122223333', region: 'us-east-1' } });
  const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/database');
  const profile = iam.InstanceProfile.fromInstanceProfileAttributes(stack, 'Profile', {
    instanceProfileArn: 'arn:aws:iam::111122223333:instance-profile/database',
    role,
  });
  withProfile = synthesize({ installation: 'prod', machineProfiles: [profile], labelKeys: ['team'] }).resources;
});

const arn = (path: string): string => `arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:${path}`;
const snapshot = 'arn:<AWS::Partition>:ec2:<AWS::Region>::snapshot/snap-1';
const one = (template: Template, pattern: RegExp): string => {
  const found = Object.keys(template).filter((id) => pattern.test(id));
  if (found.length !== 1)
    throw new Error(`${String(pattern)} names ${String(found.length)} resources: ${found.join(', ')}`);
  return found[0] ?? '';
};
const can = (program: string, call: Call, template = plain): boolean =>
  isAllowed(
    statementsOf(template, one(template, new RegExp(`^BellowsFunction${program}Role(?!DefaultPolicy)[0-9A-F]+$`))),
    call,
  );

const claimed = { 'bellows:installation': 'prod', 'bellows:pool': 'default', 'bellows:request': 'r-1' };
const launched = { ...claimed, 'bellows:launch': 'm-1' };
const without = (tags: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => key !== name));
const tagged = (
  kind: 'RequestTag' | 'ResourceTag',
  tags: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${kind}/${key}`, value])),
  ...more,
});
const elsewhere = { ...claimed, 'bellows:installation': 'test' };
const v2 = { 'ec2:MetadataHttpTokens': 'required' };
const encrypted = { 'ec2:Encrypted': 'true' };
const template = { 'ec2:LaunchTemplate': arn('launch-template/lt-0') };
const profileArn = 'arn:aws:iam::111122223333:instance-profile/database';
const nodeProfile = { 'ec2:InstanceProfile': 'arn:aws:iam::111122223333:instance-profile/nodes' };

const run = (resource: string, context: Readonly<Record<string, string>> = {}): Call => ({
  action: 'ec2:RunInstances',
  resource,
  context,
});
const call = (name: string, resource: string, context: Readonly<Record<string, string>> = {}): Call => ({
  action: `ec2:${name}`,
  resource,
  context,
});
const plainGroup = (): string => arn(`security-group/<${one(plain, /^BellowsMachinesPlainGroup[0-9A-F]+$/)}.GroupId>`);
const subnet = (): string =>
  arn(`subnet/<${Object.keys(plain).find((id) => plain[id]?.Type === 'AWS::EC2::Subnet') ?? ''}>`);
const vpc = (): string => arn(`vpc/<${Object.keys(plain).find((id) => plain[id]?.Type === 'AWS::EC2::VPC') ?? ''}>`);

describe('the scheduler', () => {
  const allowed: readonly (readonly [string, () => Call])[] = [
    [
      'launch a machine with our tags and without a template',
      () => run(arn('instance/*'), tagged('RequestTag', launched, v2)),
    ],
    ['make its disks, encrypted', () => run(arn('volume/*'), tagged('RequestTag', launched, encrypted))],
    ['put it into our subnet', () => run(subnet())],
    ['dress it with the plain group', () => run(plainGroup())],
    ["dress it with a request's group", () => run(arn('security-group/sg-1'), tagged('ResourceTag', claimed))],
    ['start it from any image, with any key pair', () => run('arn:<AWS::Partition>:ec2:<AWS::Region>::image/ami-1')],
    ['fill a disk from our snapshot', () => run(snapshot, tagged('ResourceTag', claimed))],
    [
      'make a volume',
      () => call('CreateVolume', arn('volume/*'), tagged('RequestTag', { ...claimed, 'bellows:part': 'p' }, encrypted)),
    ],
    ['make a volume from our snapshot', () => call('CreateVolume', snapshot, tagged('ResourceTag', claimed))],
    [
      'tag what it makes',
      () => call('CreateTags', arn('volume/*'), tagged('RequestTag', claimed, { 'ec2:CreateAction': 'CreateVolume' })),
    ],
    [
      'tag machines at their launch',
      () =>
        call('CreateTags', arn('instance/*'), tagged('RequestTag', launched, { 'ec2:CreateAction': 'RunInstances' })),
    ],
    ...['AttachVolume', 'DetachVolume', 'ModifyVolume', 'DeleteVolume', 'CreateSnapshot'].map(
      (name): readonly [string, () => Call] => [
        `${name} of ours`,
        () => call(name, arn('volume/vol-1'), tagged('ResourceTag', claimed)),
      ],
    ),
    ...[
      'AttachVolume',
      'DetachVolume',
      'StartInstances',
      'StopInstances',
      'TerminateInstances',
      'ModifyInstanceAttribute',
    ].map((name): readonly [string, () => Call] => [
      `${name} at our machine`,
      () => call(name, arn('instance/i-1'), tagged('ResourceTag', launched)),
    ]),
    ...['instance/i-1', 'volume/vol-1'].map((path): readonly [string, () => Call] => [
      `say whose a warm machine is now, at ${path}`,
      () =>
        call('CreateTags', arn(path), {
          ...tagged('ResourceTag', launched),
          ...tagged('RequestTag', { 'bellows:request': 'r-2', 'bellows:label:team': 'search' }),
          'aws:TagKeys': 'bellows:request,bellows:label:team',
        }),
    ]),
    ...['AttachVolume', 'DetachVolume', 'StartInstances', 'StopInstances'].map(
      (name): readonly [string, () => Call] => [
        `${name} at a node, for its tasks`,
        () => call(name, arn('instance/i-1'), tagged('ResourceTag', without(launched, 'bellows:request'))),
      ],
    ),
    ['make a final snapshot', () => call('CreateSnapshot', snapshot, tagged('RequestTag', claimed))],
    [
      'tag it',
      () =>
        call(
          'CreateTags',
          snapshot,
          tagged('RequestTag', { ...claimed, 'bellows:intent': 'x' }, { 'ec2:CreateAction': 'CreateSnapshot' }),
        ),
    ],
    [
      'delete one that was made twice',
      () => call('DeleteSnapshot', snapshot, tagged('ResourceTag', { ...claimed, 'bellows:intent': 'x' })),
    ],
    ['make a group in our VPC', () => call('CreateSecurityGroup', vpc())],
    [
      'make a group with our tags',
      () => call('CreateSecurityGroup', arn('security-group/*'), tagged('RequestTag', claimed)),
    ],
    ...[
      'AuthorizeSecurityGroupIngress',
      'AuthorizeSecurityGroupEgress',
      'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress',
      'DeleteSecurityGroup',
      'ModifyInstanceAttribute',
    ].map((name): readonly [string, () => Call] => [
      `${name} with our group`,
      () => call(name, arn('security-group/sg-1'), tagged('ResourceTag', claimed)),
    ]),
    ['undress a machine', () => call('ModifyInstanceAttribute', plainGroup())],
    ...['DescribeVolumes', 'DescribeSnapshots', 'DescribeSecurityGroups', 'DescribeImages'].map(
      (name): readonly [string, () => Call] => [name, () => call(name, '*')],
    ),
  ];
  test.each(allowed)('may %s', (_what, asked) => {
    expect(can('scheduler', asked())).toBe(true);
  });

  const forbidden: readonly (readonly [string, () => Call])[] = [
    ...Object.keys(launched).map((name): readonly [string, () => Call] => [
      `launch a machine without ${name}`,
      () => run(arn('instance/*'), tagged('RequestTag', without(launched, name), v2)),
    ]),
    [
      'launch a machine for another installation',
      () => run(arn('instance/*'), tagged('RequestTag', { ...launched, 'bellows:installation': 'test' }, v2)),
    ],
    [
      'launch a machine with metadata without tokens',
      () => run(arn('instance/*'), tagged('RequestTag', launched, { 'ec2:MetadataHttpTokens': 'optional' })),
    ],
    [
      'launch a machine from a foreign template',
      () => run(arn('instance/*'), tagged('RequestTag', launched, { ...v2, ...template })),
    ],
    [
      "launch a machine with the nodes' role, or any other",
      () => run(arn('instance/*'), tagged('RequestTag', launched, { ...v2, ...nodeProfile })),
    ],
    [
      'make an unencrypted disk',
      () => run(arn('volume/*'), tagged('RequestTag', launched, { 'ec2:Encrypted': 'false' })),
    ],
    ['put a machine into a foreign subnet', () => run(arn('subnet/subnet-0'))],
    ['dress a machine with a foreign group', () => run(arn('security-group/sg-0'))],
    [
      "dress a machine with another installation's group",
      () => run(arn('security-group/sg-0'), tagged('ResourceTag', elsewhere)),
    ],
    [
      "dress a machine with the nodes' group",
      () => run(arn(`security-group/<${one(plain, /^BellowsNetworkNodeGroup[0-9A-F]+$/)}.GroupId>`)),
    ],
    ["read somebody's backup", () => call('CreateVolume', snapshot)],
    ["read another installation's snapshot", () => run(snapshot, tagged('ResourceTag', elsewhere))],
    [
      'make an unencrypted volume',
      () => call('CreateVolume', arn('volume/*'), tagged('RequestTag', claimed, { 'ec2:Encrypted': 'false' })),
    ],
    ...Object.keys(claimed).map((name): readonly [string, () => Call] => [
      `make a volume without ${name}`,
      () => call('CreateVolume', arn('volume/*'), tagged('RequestTag', without(claimed, name), encrypted)),
    ]),
    ['tag a volume that is there', () => call('CreateTags', arn('volume/vol-1'), tagged('RequestTag', claimed))],
    [
      "make a machine that is there another pool's",
      () =>
        call('CreateTags', arn('instance/i-1'), {
          ...tagged('ResourceTag', launched),
          ...tagged('RequestTag', { 'bellows:request': 'r-2', 'bellows:pool': 'q' }),
          'aws:TagKeys': 'bellows:request,bellows:pool',
        }),
    ],
    [
      'give a machine a label whose key is not declared',
      () =>
        call('CreateTags', arn('instance/i-1'), {
          ...tagged('ResourceTag', launched),
          ...tagged('RequestTag', { 'bellows:request': 'r-2', 'bellows:label:note': 'x' }),
          'aws:TagKeys': 'bellows:request,bellows:label:note',
        }),
    ],
    [
      'make a node a machine',
      () =>
        call('CreateTags', arn('instance/i-1'), {
          ...tagged('ResourceTag', without(launched, 'bellows:request')),
          ...tagged('RequestTag', { 'bellows:request': 'r-2' }),
          'aws:TagKeys': 'bellows:request',
        }),
    ],
    ['tag a group that is there', () => call('CreateTags', arn('security-group/sg-1'), tagged('RequestTag', claimed))],
    ['tag a snapshot that is there', () => call('CreateTags', snapshot, tagged('RequestTag', claimed))],
    ...['AttachVolume', 'DetachVolume', 'ModifyVolume', 'DeleteVolume', 'CreateSnapshot'].flatMap(
      (name): (readonly [string, () => Call])[] => [
        [`${name} of an untagged volume`, () => call(name, arn('volume/vol-1'))],
        [`${name} of another installation's`, () => call(name, arn('volume/vol-1'), tagged('ResourceTag', elsewhere))],
        [
          `${name} of a node's disk`,
          () => call(name, arn('volume/vol-1'), tagged('ResourceTag', without(launched, 'bellows:request'))),
        ],
      ],
    ),
    ...['StartInstances', 'StopInstances', 'AttachVolume', 'ModifyInstanceAttribute'].flatMap(
      (name): (readonly [string, () => Call])[] => [
        [`${name} at an untagged instance`, () => call(name, arn('instance/i-1'))],
        ...(name !== 'ModifyInstanceAttribute'
          ? []
          : [
              [
                `${name} at a node`,
                () => call(name, arn('instance/i-1'), tagged('ResourceTag', without(launched, 'bellows:request'))),
              ] as const,
            ]),
        [`${name} at another installation's`, () => call(name, arn('instance/i-1'), tagged('ResourceTag', elsewhere))],
        [
          `${name} at what is of no pool and no request`,
          () =>
            call(
              name,
              arn('instance/i-1'),
              tagged('ResourceTag', without(without(launched, 'bellows:request'), 'bellows:pool')),
            ),
        ],
      ],
    ),
    [
      'delete a snapshot without an intent of ours, as a backup with copied tags is',
      () => call('DeleteSnapshot', snapshot, tagged('ResourceTag', claimed)),
    ],
    [
      "delete another installation's snapshot",
      () => call('DeleteSnapshot', snapshot, tagged('ResourceTag', { ...elsewhere, 'bellows:intent': 'x' })),
    ],
    ['delete an untagged snapshot', () => call('DeleteSnapshot', snapshot)],
    ['make a group without our tags', () => call('CreateSecurityGroup', arn('security-group/*'))],
    ['make a group in a foreign VPC', () => call('CreateSecurityGroup', arn('vpc/vpc-0'))],
    ...['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupEgress', 'DeleteSecurityGroup'].flatMap(
      (name): (readonly [string, () => Call])[] => [
        [`${name} with an untagged group`, () => call(name, arn('security-group/sg-1'))],
        [
          `${name} with another installation's`,
          () => call(name, arn('security-group/sg-1'), tagged('ResourceTag', elsewhere)),
        ],
        [`${name} with the plain group`, () => call(name, plainGroup())],
      ],
    ),
    [
      'change what an instance is beyond its groups, where it is not ours',
      () => call('ModifyInstanceAttribute', arn('instance/i-1')),
    ],
    [
      'pass a role that it was not deployed with',
      () => ({
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::111122223333:role/database',
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
      }),
    ],
  ];
  test.each(forbidden)('must not %s', (_what, asked) => {
    expect(can('scheduler', asked())).toBe(false);
  });

  test('gives machines the roles that it was deployed with, to EC2 and no one else, and no other', () => {
    const role = 'arn:aws:iam::111122223333:role/database';
    const pass = (to: string, resource = role): boolean =>
      can('scheduler', { action: 'iam:PassRole', resource, context: { 'iam:PassedToService': to } }, withProfile);
    expect(pass('ec2.amazonaws.com')).toBe(true);
    expect(pass('lambda.amazonaws.com')).toBe(false);
    expect(pass('ec2.amazonaws.com', 'arn:aws:iam::111122223333:role/admin')).toBe(false);
    const launch = (more: Readonly<Record<string, string>>): boolean =>
      can('scheduler', run(arn('instance/*'), tagged('RequestTag', launched, { ...v2, ...more })), withProfile);
    expect(launch({})).toBe(true);
    expect(launch({ 'ec2:InstanceProfile': profileArn })).toBe(true);
    expect(launch(nodeProfile)).toBe(false);
  });

  test('a profile whose role is not known cannot be given away', () => {
    const stack = new Stack(undefined, 'Roles2');
    const profile = iam.InstanceProfile.fromInstanceProfileName(stack, 'Profile', 'somebody');
    expect(() => synthesize({ machineProfiles: [profile] })).toThrow(/known without its role/);
  });

  test.each(['scheduler', 'installation'])("the policies of %s stay within IAM's sizes", (program) => {
    const policies = policiesOf(
      withProfile,
      one(withProfile, new RegExp(`^BellowsFunction${program}Role(?!DefaultPolicy)[0-9A-F]+$`)),
    );
    const names = { '<AWS::Partition>': 'aws', '<AWS::Region>': 'ap-southeast-1', '<AWS::AccountId>': '111122223333' };
    const sizeOf = (policy: Resource): number => {
      const text = JSON.stringify(policy.Properties['PolicyDocument'], (_key, value: unknown) =>
        typeof value === 'object'
        && value !== null
        && !Array.isArray(value)
        && Object.keys(value).every((key) => /^(Ref|Fn::)/.test(key))
        && Object.keys(value).length === 1
          ? flatten(value)
          : value,
      );
      return Object.entries(names).reduce((all, [token, name]) => all.replaceAll(token, name), text).length;
    };
    const inline = policies
      .filter(([, policy]) => policy.Type === 'AWS::IAM::Policy')
      .reduce((sum, [, policy]) => sum + sizeOf(policy), 0);
    expect(inline).toBeGreaterThan(1_000);
    expect(inline).toBeLessThanOrEqual(10_240);
    for (const [, policy] of policies)
      if (policy.Type === 'AWS::IAM::ManagedPolicy') expect(sizeOf(policy)).toBeLessThanOrEqual(6_144);
  });
});

describe('the drain step', () => {
  const allowed: readonly (readonly [string, Call])[] = [
    ['list', call('DescribeVolumes', '*')],
    ['terminate ours', call('TerminateInstances', arn('instance/i-1'), tagged('ResourceTag', launched))],
    ['delete our volume', call('DeleteVolume', arn('volume/vol-1'), tagged('ResourceTag', claimed))],
    ['copy it before', call('CreateSnapshot', arn('volume/vol-1'), tagged('ResourceTag', claimed))],
    ['into a tagged snapshot', call('CreateSnapshot', snapshot, tagged('RequestTag', claimed))],
    [
      'revoke the rules of our group',
      call('RevokeSecurityGroupIngress', arn('security-group/sg-1'), tagged('ResourceTag', claimed)),
    ],
    ['delete our group', call('DeleteSecurityGroup', arn('security-group/sg-1'), tagged('ResourceTag', claimed))],
  ];
  test.each(allowed)('may %s', (_what, asked) => {
    expect(can('installation', asked)).toBe(true);
  });

  const forbidden: readonly (readonly [string, Call])[] = [
    ['launch', run(arn('instance/*'), tagged('RequestTag', launched, v2))],
    ['make volumes', call('CreateVolume', arn('volume/*'), tagged('RequestTag', claimed, encrypted))],
    ['make groups', call('CreateSecurityGroup', arn('security-group/*'), tagged('RequestTag', claimed))],
    ['open groups', call('AuthorizeSecurityGroupIngress', arn('security-group/sg-1'), tagged('ResourceTag', claimed))],
    ['start machines', call('StartInstances', arn('instance/i-1'), tagged('ResourceTag', launched))],
    ['delete an untagged volume', call('DeleteVolume', arn('volume/vol-1'))],
    [
      "delete another installation's volume",
      call('DeleteVolume', arn('volume/vol-1'), tagged('ResourceTag', elsewhere)),
    ],
    ['delete an untagged group', call('DeleteSecurityGroup', arn('security-group/sg-1'))],
    ['delete snapshots', call('DeleteSnapshot', snapshot, tagged('ResourceTag', claimed))],
  ];
  test.each(forbidden)('must not %s', (_what, asked) => {
    expect(can('installation', asked)).toBe(false);
  });
});

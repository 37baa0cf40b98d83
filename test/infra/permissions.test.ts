// What each role may and may not do, judged on the synthesized policies.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bellPolicy } from '../../lib/adapters/aws/messaging/sqs-bells.ts';
import { documentOf, isAllowed, statementsOf } from './iam.ts';
import type { Call } from './iam.ts';
import { synthesize } from './synth.ts';
import type { Resource } from './synth.ts';

let resources: Readonly<Record<string, Resource>>;
beforeAll(() => {
  resources = synthesize({ installation: 'prod' }).resources;
});

const ec2 = (path: string): string => `arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:${path}`;
const one = (pattern: RegExp): string => {
  const found = Object.keys(resources).filter((id) => pattern.test(id));
  if (found.length !== 1)
    throw new Error(`${String(pattern)} names ${String(found.length)} resources: ${found.join(', ')}`);
  return found[0] ?? '';
};
const role = (name: string): string => one(new RegExp(`^BellowsFunction${name}Role(?!DefaultPolicy)[0-9A-F]+$`));
const idOf = {
  template: () => one(/^BellowsNodesTemplatearm64[0-9A-F]*$/),
  table: () => one(/^BellowsStorageTable[0-9A-F]+$/),
  bus: () => one(/^BellowsBus[0-9A-F]{8}$|^BellowsBusBus[0-9A-F]+$/),
  bucket: () => one(/^BellowsStorageOutputs[0-9A-F]{8}$/),
  nodeRole: () => one(/^BellowsNodesRole(?!DefaultPolicy)[0-9A-F]+$/),
  group: () => one(/^BellowsNetworkNodeGroup[0-9A-F]+$/),
};
const mine = { 'bellows:installation': 'prod', 'bellows:pool': 'default', 'bellows:launch': 'l-1' };
const withTags = (kind: 'RequestTag' | 'ResourceTag', tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${kind}/${key}`, value]));
const fromOurs = (): Record<string, string> => ({ 'ec2:LaunchTemplate': ec2(`launch-template/<${idOf.template()}>`) });
const can = (roleId: string, call: Call): boolean => isAllowed(statementsOf(resources, roleId), call);

describe('the scheduler', () => {
  const allowed: readonly (readonly [string, () => Call])[] = [
    [
      'launches instances with our tags from our template',
      () => ({
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: { ...fromOurs(), ...withTags('RequestTag', mine) },
      }),
    ],
    ['launches their volumes', () => ({ action: 'ec2:RunInstances', resource: ec2('volume/*'), context: fromOurs() })],
    [
      'launches into our group',
      () => ({
        action: 'ec2:RunInstances',
        resource: ec2(`security-group/<${idOf.group()}.GroupId>`),
        context: fromOurs(),
      }),
    ],
    [
      'makes fleets with our tags',
      () => ({ action: 'ec2:CreateFleet', resource: ec2('fleet/*'), context: withTags('RequestTag', mine) }),
    ],
    [
      'uses our launch template in fleets',
      () => ({ action: 'ec2:CreateFleet', resource: ec2(`launch-template/<${idOf.template()}>`) }),
    ],
    [
      'tags while a fleet makes',
      () => ({
        action: 'ec2:CreateTags',
        resource: ec2('instance/i-1'),
        context: { 'ec2:CreateAction': 'CreateFleet', ...withTags('RequestTag', mine) },
      }),
    ],
    [
      'terminates what carries our tags',
      () => ({
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: withTags('ResourceTag', mine),
      }),
    ],
    [
      'stops nodes that carry our tags',
      () => ({ action: 'ec2:StopInstances', resource: ec2('instance/i-1'), context: withTags('ResourceTag', mine) }),
    ],
    [
      'starts nodes that carry our tags',
      () => ({ action: 'ec2:StartInstances', resource: ec2('instance/i-1'), context: withTags('ResourceTag', mine) }),
    ],
    ['reads metrics', () => ({ action: 'cloudwatch:GetMetricData', resource: '*' })],
    ['lists', () => ({ action: 'ec2:DescribeInstances', resource: '*' })],
    [
      'passes the node role to EC2',
      () => ({
        action: 'iam:PassRole',
        resource: `<${idOf.nodeRole()}.Arn>`,
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
      }),
    ],
    ['writes records', () => ({ action: 'dynamodb:PutItem', resource: `<${idOf.table()}.Arn>` })],
    [
      'reads the index of open requests',
      () => ({ action: 'dynamodb:Query', resource: `<${idOf.table()}.Arn>/index/open` }),
    ],
    ['leaves copies of pools', () => ({ action: 's3:PutObject', resource: `<${idOf.bucket()}.Arn>/copies/p/0/1` })],
    ['reads them', () => ({ action: 's3:GetObject', resource: `<${idOf.bucket()}.Arn>/copies/p/0/manifest` })],
    [
      'tells its own bus',
      () => ({ action: 'events:PutEvents', resource: `<${idOf.bus()}.Arn>`, context: { 'events:source': 'bellows' } }),
    ],
  ];
  test.each(allowed)('%s', (_what, call) => {
    expect(can(role('scheduler'), call())).toBe(true);
  });

  const forbidden: readonly (readonly [string, () => Call])[] = [
    [
      'launch instances without tags',
      () => ({ action: 'ec2:RunInstances', resource: ec2('instance/*'), context: fromOurs() }),
    ],
    [
      'launch instances for another installation',
      () => ({
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: { ...fromOurs(), ...withTags('RequestTag', { ...mine, 'bellows:installation': 'test' }) },
      }),
    ],
    [
      'launch instances without the launch tag',
      () => ({
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: {
          ...fromOurs(),
          ...withTags('RequestTag', { 'bellows:installation': 'prod', 'bellows:pool': 'default' }),
        },
      }),
    ],
    [
      'launch instances without a template',
      () => ({ action: 'ec2:RunInstances', resource: ec2('instance/*'), context: withTags('RequestTag', mine) }),
    ],
    [
      'launch from a foreign template',
      () => ({
        action: 'ec2:RunInstances',
        resource: ec2('instance/*'),
        context: { 'ec2:LaunchTemplate': ec2('launch-template/lt-0'), ...withTags('RequestTag', mine) },
      }),
    ],
    [
      'launch into a foreign group',
      () => ({ action: 'ec2:RunInstances', resource: ec2('security-group/sg-0'), context: fromOurs() }),
    ],
    [
      'launch into a foreign subnet',
      () => ({ action: 'ec2:RunInstances', resource: ec2('subnet/subnet-0'), context: fromOurs() }),
    ],
    ['use a foreign template in a fleet', () => ({ action: 'ec2:CreateFleet', resource: ec2('launch-template/lt-0') })],
    ['make fleets without tags', () => ({ action: 'ec2:CreateFleet', resource: ec2('fleet/*') })],
    [
      'tag what is there already',
      () => ({ action: 'ec2:CreateTags', resource: ec2('instance/i-1'), context: withTags('RequestTag', mine) }),
    ],
    ['terminate what has no tag', () => ({ action: 'ec2:TerminateInstances', resource: ec2('instance/i-1') })],
    [
      'terminate what another installation launched',
      () => ({
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: withTags('ResourceTag', { ...mine, 'bellows:installation': 'test' }),
      }),
    ],
    ['start what has no tag', () => ({ action: 'ec2:StartInstances', resource: ec2('instance/i-1') })],
    [
      'stop what another installation launched',
      () => ({
        action: 'ec2:StopInstances',
        resource: ec2('instance/i-1'),
        context: withTags('ResourceTag', { ...mine, 'bellows:installation': 'test' }),
      }),
    ],
    [
      'terminate what carries no pool',
      () => ({
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: withTags('ResourceTag', { 'bellows:installation': 'prod' }),
      }),
    ],
    [
      'change launch templates',
      () => ({ action: 'ec2:CreateLaunchTemplateVersion', resource: ec2(`launch-template/<${idOf.template()}>`) }),
    ],
    [
      'pass the node role to Lambda',
      () => ({
        action: 'iam:PassRole',
        resource: `<${idOf.nodeRole()}.Arn>`,
        context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
      }),
    ],
    [
      'pass another role',
      () => ({
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::1:role/admin',
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
      }),
    ],
    ['scan', () => ({ action: 'dynamodb:Scan', resource: `<${idOf.table()}.Arn>` })],
    ['delete the table', () => ({ action: 'dynamodb:DeleteTable', resource: `<${idOf.table()}.Arn>` })],
    [
      'write to another table',
      () => ({ action: 'dynamodb:PutItem', resource: 'arn:aws:dynamodb:us-east-1:1:table/other' }),
    ],
    [
      'pretend to be EC2 on the bus',
      () => ({ action: 'events:PutEvents', resource: `<${idOf.bus()}.Arn>`, context: { 'events:source': 'aws.ec2' } }),
    ],
    ['read outputs', () => ({ action: 's3:GetObject', resource: `<${idOf.bucket()}.Arn>/x` })],
    ['list outputs', () => ({ action: 's3:ListBucket', resource: `<${idOf.bucket()}.Arn>` })],
  ];
  test.each(forbidden)('must not %s', (_what, call) => {
    expect(can(role('scheduler'), call())).toBe(false);
  });
});

describe('only who needs EC2 has it', () => {
  test.each(['api', 'agent', 'events'])('%s has nothing of EC2 or IAM', (name) => {
    const actions = statementsOf(resources, role(name)).flatMap((statement) => statement.Action);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => /^(ec2|iam|pricing|cloudwatch):/.test(action))).toEqual([]);
  });

  test("events alone reads the table's stream, and may not list streams", () => {
    const stream = `<${idOf.table()}.StreamArn>`;
    for (const action of ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream']) {
      for (const name of ['api', 'agent', 'scheduler', 'events', 'installation'])
        expect([name, can(role(name), { action, resource: stream })]).toEqual([name, name === 'events']);
    }
    expect(can(role('events'), { action: 'dynamodb:ListStreams', resource: '*' })).toBe(false);
  });

  test('the drain step terminates what is tagged and launches nothing', () => {
    const drain = role('installation');
    expect(
      can(drain, {
        action: 'ec2:TerminateInstances',
        resource: ec2('instance/i-1'),
        context: withTags('ResourceTag', mine),
      }),
    ).toBe(true);
    expect(can(drain, { action: 'ec2:TerminateInstances', resource: ec2('instance/i-1') })).toBe(false);
    expect(
      can(drain, { action: 'ec2:CreateFleet', resource: ec2('fleet/*'), context: withTags('RequestTag', mine) }),
    ).toBe(false);
  });
});

describe('bells', () => {
  const queue = (name: string): string => `arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${name}`;
  const own = queue('bellows-prod-i-0123456789abcdef0');

  test.each([
    ['agent', 'sqs:CreateQueue'],
    ['scheduler', 'sqs:SendMessage'],
    ['scheduler', 'sqs:DeleteQueue'],
    ['installation', 'sqs:DeleteQueue'],
  ])("%s may %s those of this installation's nodes, and no other queue", (name, action) => {
    expect(can(role(name), { action, resource: own })).toBe(true);
    for (const other of ['bellows-other-i-0123456789abcdef0', 'bellows-prod-letters', 'orders'])
      expect(can(role(name), { action, resource: queue(other) })).toBe(false);
  });

  test('no function receives from them, and the role of nodes has nothing of SQS at all', () => {
    for (const name of ['api', 'agent', 'scheduler', 'events', 'installation'])
      expect(can(role(name), { action: 'sqs:ReceiveMessage', resource: own })).toBe(false);
    for (const action of ['sqs:ReceiveMessage', 'sqs:SendMessage', 'sqs:CreateQueue', 'sqs:DeleteQueue'])
      expect(can(idOf.nodeRole(), { action, resource: own })).toBe(false);
  });

  test('the policy of a bell lets in the session of its own instance, over TLS, to receive and nothing else', () => {
    const nodes = { roleArn: 'arn:aws:iam::000000000001:role/nodes', roleId: 'AROAEXAMPLEEXAMPLE12' };
    const { Statement } = bellPolicy(nodes, 'i-0123456789abcdef0');
    expect(Statement.map((one) => one.Principal)).toEqual([{ AWS: nodes.roleArn }]);
    const may = (action: string, userId: string, isSecure = 'true'): boolean =>
      isAllowed(Statement, {
        action,
        resource: own,
        context: { 'aws:userid': userId, 'aws:SecureTransport': isSecure },
      });
    expect(may('sqs:ReceiveMessage', 'AROAEXAMPLEEXAMPLE12:i-0123456789abcdef0')).toBe(true);
    expect(may('sqs:ReceiveMessage', 'AROAEXAMPLEEXAMPLE12:i-0123456789abcdef0', 'false')).toBe(false);
    // Another node, and another role whose session has the same name.
    expect(may('sqs:ReceiveMessage', 'AROAEXAMPLEEXAMPLE12:i-0123456789abcdef1')).toBe(false);
    expect(may('sqs:ReceiveMessage', 'AROAOTHEROTHEROTHER1:i-0123456789abcdef0')).toBe(false);
    for (const action of ['sqs:SendMessage', 'sqs:DeleteMessage', 'sqs:SetQueueAttributes', 'sqs:DeleteQueue'])
      expect(may(action, 'AROAEXAMPLEEXAMPLE12:i-0123456789abcdef0')).toBe(false);
  });
});

describe('nodes', () => {
  const agents = (): string => one(/^BellowsApisAgents[0-9A-F]{8}$/);
  const route = (path: string): string =>
    `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${agents()}>/$default/${path}`;
  test('may sync and send outputs, and call no other route', () => {
    const node = idOf.nodeRole();
    expect(can(node, { action: 'execute-api:Invoke', resource: route('POST/agent/v1/sync') })).toBe(true);
    expect(can(node, { action: 'execute-api:Invoke', resource: route('PUT/agent/v1/output/a-1') })).toBe(true);
    expect(can(node, { action: 'execute-api:Invoke', resource: route('GET/agent/v1/sync') })).toBe(false);
    expect(
      can(node, {
        action: 'execute-api:Invoke',
        resource: 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:other/$default/POST/v1/requests',
      }),
    ).toBe(false);
  });

  test.each([
    'dynamodb:GetItem',
    'events:PutEvents',
    'ec2:TerminateInstances',
    'ssm:GetParameter',
    's3:PutObject',
    's3:ListBucket',
    'sts:AssumeRole',
  ])('have no %s', (action) => {
    expect(can(idOf.nodeRole(), { action, resource: '*' })).toBe(false);
    expect(statementsOf(resources, idOf.nodeRole()).flatMap((statement) => statement.Action)).not.toContain(action);
  });

  test('are trusted for EC2 alone', () => {
    expect(resources[idOf.nodeRole()]?.Properties['AssumeRolePolicyDocument']).toEqual({
      Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } }],
      Version: '2012-10-17',
    });
  });
});

describe('callers of the API', () => {
  const api = (): string => one(/^BellowsApisApplications[0-9A-F]{8}$/);
  const route = (path: string): string =>
    `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api()}>/$default/${path}`;
  test.each([
    ['Read', 'GET/v1/requests/r-1', true],
    ['Read', 'POST/v1/plan', true],
    ['Read', 'POST/v1/requests', false],
    ['Read', 'PUT/v1/pools/a', false],
    ['Read', 'DELETE/v1/requests/r-1', false],
    ['Request', 'POST/v1/requests', true],
    ['Request', 'POST/v1/requests/batch', true],
    ['Request', 'DELETE/v1/requests/r-1', true],
    ['Request', 'GET/v1/requests', false],
    ['Request', 'DELETE/v1/pools/a', false],
    ['PoolAdmin', 'PUT/v1/pools/a', true],
    ['PoolAdmin', 'DELETE/v1/pools/a', true],
    ['PoolAdmin', 'POST/v1/requests', false],
    ['PoolAdmin', 'GET/v1/pools', false],
  ] as const)('%s: %s is %s', (policy, path, expected) => {
    const resource = resources[one(new RegExp(`^BellowsApis${policy}[0-9A-F]{8}$`))];
    if (resource === undefined) throw new Error('no such policy');
    expect(isAllowed(documentOf(resource), { action: 'execute-api:Invoke', resource: route(path) })).toBe(expected);
  });
});

describe('the evaluator', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'a:B*',
    Resource: 'x/*',
    Condition: { StringEquals: { k: ['1', '2'] } },
  } as const;
  test('matches wildcards, needs every condition, and lets a deny win', () => {
    expect(isAllowed([statement], { action: 'A:bc', resource: 'x/y', context: { k: '2' } })).toBe(true);
    expect(isAllowed([statement], { action: 'a:bc', resource: 'x/y', context: { k: '3' } })).toBe(false);
    expect(isAllowed([statement], { action: 'a:bc', resource: 'x/y' })).toBe(false);
    expect(isAllowed([statement], { action: 'a:bc', resource: 'y' })).toBe(false);
    expect(
      isAllowed([statement, { Effect: 'Deny', Action: '*', Resource: '*' }], {
        action: 'a:bc',
        resource: 'x/y',
        context: { k: '1' },
      }),
    ).toBe(false);
  });
  test('refuses to judge by an operator that it does not know', () => {
    expect(() =>
      isAllowed([{ ...statement, Condition: { StringLike: { k: '*' } } }], {
        action: 'a:bc',
        resource: 'x/y',
        context: { k: '1' },
      }),
    ).toThrow(/StringLike/);
  });
});

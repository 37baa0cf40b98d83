// What no emulator enforces, asserted on the synthesized template.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { defaultRootVolumeGib, gpuRootVolumeGib } from '../../lib/core/catalog/root-volume.ts';
import { attributes, tableDefinition, ttlAttribute } from '../../lib/adapters/aws/dynamodb/table.ts';
import { agentRoutes } from '../../lib/api/agent-routes.ts';
import { routes } from '../../lib/api/routes.ts';
import { metricNames } from '../../lib/ports/metrics/published.ts';
import { poolsOfFile } from '../../lib/api/pool-file.ts';
import { readOptions } from '../../lib/infra/options.ts';
import { eventFields } from '../../lib/infra/signals/event-schemas.ts';
import type { BellowsEvent } from '../../lib/ports/events.ts';
import { findings, synthesize } from './synth.ts';
import type { Synthesized } from './synth.ts';

let plain: Synthesized;
beforeAll(() => {
  plain = synthesize({ installation: 'prod', pools: [{ name: 'default', limits: { instances: 20 } }] });
});

const properties = (type: string, from = plain): readonly Readonly<Record<string, unknown>>[] =>
  from.ofType(type).map(([, resource]) => resource.Properties);

describe('cdk-nag', () => {
  test.each(['public-ipv4', 'ipv6', 'nat'] as const)(
    'has nothing to say that nobody gave a reason for (%s)',
    (network) => {
      expect(findings({ network })).toEqual([]);
    },
  );
});

test('reserves executions of Lambda where it is told to, and none otherwise', () => {
  const reserved = (from: Synthesized): readonly unknown[] =>
    properties('AWS::Lambda::Function', from).flatMap((one) => one['ReservedConcurrentExecutions'] ?? []);
  expect(reserved(plain)).toEqual([]);
  const options = (given: string) =>
    readOptions((name) => (name === 'reservedConcurrency' ? given : undefined), poolsOfFile);
  const { reservedConcurrency } = options('scheduler=5,agent=20');
  expect(reserved(synthesize({ reservedConcurrency: reservedConcurrency ?? {} })).toSorted()).toEqual([20, 5]);
  expect(() => options('ticks=5')).toThrow(/ticks/);
});

test('declares the pools of a file, which is checked as the API would before anything is made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-pools-'));
  const pools = join(folder, 'pools.json');
  const read = (text: string) => {
    writeFileSync(pools, text);
    return readOptions((name) => (name === 'pools' ? pools : undefined), poolsOfFile).pools;
  };
  const declared = [{ name: 'default', limits: { instances: 20 } }];
  expect(read(JSON.stringify(declared))).toEqual(declared);
  expect(() => read('[{"name": "a", "limits": {"instancez": 20}}]')).toThrow(
    `${pools}, pool a: invalid_request (400): the body: limits.instancez`,
  );
  rmSync(folder, { recursive: true });
});

describe('the API', () => {
  test('has a route for each of the route table, and no other', () => {
    const wanted = [...Object.values(routes), ...Object.values(agentRoutes)].map(
      ({ method, path }) => `${method} ${path}`,
    );
    expect(
      properties('AWS::ApiGatewayV2::Route')
        .map((route) => route['RouteKey'])
        .sort(),
    ).toEqual(wanted.sort());
  });

  test('is signed, but for what is open to everybody', () => {
    const open = Object.values(routes)
      .filter((route) => route.permission === 'none')
      .map(({ method, path }) => `${method} ${path}`);
    expect(open).toEqual(['GET /healthz', 'GET /openapi.json', 'GET /docs']);
    for (const route of properties('AWS::ApiGatewayV2::Route')) {
      expect([route['RouteKey'], route['AuthorizationType']]).toEqual([
        route['RouteKey'],
        open.includes(route['RouteKey'] as string) ? 'NONE' : 'AWS_IAM',
      ]);
    }
  });

  test('grants each permission the routes that the route table gives it', () => {
    for (const [id, permission] of [
      ['Read', 'read'],
      ['Request', 'request'],
      ['PoolAdmin', 'pool-admin'],
    ] as const) {
      const wanted = Object.values(routes)
        .filter((route) => route.permission === permission)
        .map(({ method, path }) => `${method}${path.replaceAll(/\{[^}]+\}/g, '*')}`);
      const [, policy] =
        plain.ofType('AWS::IAM::ManagedPolicy').find(([name]) => new RegExp(`^BellowsApis${id}[0-9A-F]{8}$`).test(name))
        ?? [];
      const [statement] = (policy?.Properties['PolicyDocument'] as { Statement: { Resource: unknown }[] }).Statement;
      const granted = [statement?.Resource]
        .flat()
        .map((arn) => /\$default\/(.*?)"?\]?\]?\}?$/.exec(JSON.stringify(arn))?.[1]);
      expect(granted.sort()).toEqual(wanted.sort());
    }
  });

  test('throttles, and logs access for applications only', () => {
    const stages = properties('AWS::ApiGatewayV2::Stage');
    expect(stages.map((stage) => stage['DefaultRouteSettings'])).toEqual(
      expect.arrayContaining([
        { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 },
        { ThrottlingRateLimit: 5000, ThrottlingBurstLimit: 10000 },
      ]),
    );
    expect(stages.filter((stage) => 'AccessLogSettings' in stage)).toHaveLength(1);
    expect(properties('AWS::ApiGatewayV2::Api').map((api) => api['IpAddressType'])).toEqual(['dualstack', 'dualstack']);
  });
});

describe('functions', () => {
  test('run on Node 24 and arm64, with a log group that forgets', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    for (const one of functions) {
      expect(one).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(one['LoggingConfig']).toHaveProperty('LogGroup');
    }
    expect(properties('AWS::Logs::LogGroup').map((group) => group['RetentionInDays'])).toEqual([
      30, 30, 30, 30, 30, 30,
    ]);
  });

  test('wakes are neither retried nor kept; events of EC2 are, and end in the queue', () => {
    const configs = properties('AWS::Lambda::EventInvokeConfig');
    expect(configs).toHaveLength(2);
    const wakes = configs.find((config) => config['MaximumRetryAttempts'] === 0);
    expect(wakes).toMatchObject({ MaximumEventAgeInSeconds: 60 });
    expect(wakes).not.toHaveProperty('DestinationConfig');
    expect(configs.find((config) => config['MaximumRetryAttempts'] === 2)).toMatchObject({
      DestinationConfig: { OnFailure: {} },
    });
  });

  test('the agent function knows the node role by its unique id', () => {
    plain.template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: { BELLOWS_NODE_ROLE_ID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^BellowsNodesRole'), 'RoleId'] } },
      },
    });
  });
});

describe('rules', () => {
  const rules = (): readonly Readonly<Record<string, unknown>>[] => properties('AWS::Events::Rule');
  test('there is a minute, a wake, a hint for webhooks, and one for each word of AWS', () => {
    expect(rules().filter((rule) => rule['ScheduleExpression'] === 'rate(1 minute)')).toHaveLength(1);
    expect(
      rules()
        .flatMap((rule) => (rule['EventPattern'] as Record<string, string[]> | undefined)?.['detail-type'] ?? [])
        .sort(),
    ).toEqual([
      'AWS Health Event',
      'CloudWatch Alarm State Change',
      'Deliver',
      'EC2 Instance Rebalance Recommendation',
      'EC2 Instance State-change Notification',
      'EC2 Spot Instance Interruption Warning',
      'Wake',
    ]);
    plain.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.health'],
        'detail-type': ['AWS Health Event'],
        detail: { service: ['EC2'], eventTypeCategory: ['scheduledChange'] },
      },
    });
    plain.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
    });
  });

  test('only the rules of AWS have a dead-letter queue', () => {
    for (const rule of rules()) {
      const isOfAws = /"aws\.(ec2|health|cloudwatch)"/.test(JSON.stringify(rule['EventPattern'] ?? {}));
      const [target] = rule['Targets'] as readonly {
        readonly DeadLetterConfig?: object;
        readonly RetryPolicy: { readonly MaximumRetryAttempts: number };
      }[];
      expect(target?.DeadLetterConfig !== undefined).toBe(isOfAws);
      expect(target?.RetryPolicy.MaximumRetryAttempts).toBe(isOfAws ? 3 : 0);
    }
  });

  test("accepted requests come from the table's stream, and nothing else does", () => {
    const [table] = properties('AWS::DynamoDB::Table');
    expect(table?.['StreamSpecification']).toEqual({ StreamViewType: 'NEW_IMAGE' });
    const [mapping, ...others] = properties('AWS::Lambda::EventSourceMapping');
    expect(others).toEqual([]);
    expect(mapping).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: {} },
    });
    const [{ Pattern: pattern } = { Pattern: '' }] = (mapping?.['FilterCriteria'] as { Filters: { Pattern: string }[] })
      .Filters;
    expect(JSON.parse(pattern)).toEqual({
      dynamodb: {
        Keys: { pk: { S: [{ prefix: 'REQUEST#' }] }, sk: { S: ['ROW'] } },
        NewImage: { version: { N: ['1'] } },
      },
    });
  });

  test('are removed before the drain, and the functions after it', () => {
    const [[drainId, drain] = ['', undefined]] = plain.ofType('Custom::BellowsDrain');
    for (const [, rule] of plain.ofType('AWS::Events::Rule')) expect(rule.DependsOn).toContain(drainId);
    // Pools wake the scheduler, so the rule that carries wakes is there first.
    const [[, pools] = ['', undefined]] = plain.ofType('Custom::BellowsPools');
    for (const [id] of plain.ofType('AWS::Events::Rule')) expect(pools?.DependsOn).toContain(id);
    const before = drain?.DependsOn ?? [];
    for (const pattern of [
      /^BellowsStorageTable/,
      /^BellowsStorageOutputs/,
      /^BellowsFunctionschedulerFunction/,
      /^BellowsFunctioninstallationRoleDefaultPolicy/,
    ]) {
      expect(before.filter((id) => pattern.test(id))).not.toEqual([]);
    }
  });

  test('events are published with the fields that they have', () => {
    const named = { name: true, labels: true } as const;
    // A field that is missing here does not type-check: each event's fields, by name.
    const fields: {
      readonly [Type in BellowsEvent['type']]: Readonly<
        Record<Exclude<keyof Extract<BellowsEvent, { type: Type }>, 'type'>, true>
      >;
    } = {
      RequestAccepted: {
        requestId: true,
        requestType: true,
        pool: true,
        tenant: true,
        ...named,
        count: true,
        atMs: true,
      },
      TaskEnded: { requestId: true, pool: true, tenant: true, ...named, state: true, reason: true, atMs: true },
      RequestEnded: {
        requestId: true,
        requestType: true,
        pool: true,
        tenant: true,
        ...named,
        state: true,
        reason: true,
        atMs: true,
      },
      LeaseEnding: { requestId: true, pool: true, tenant: true, ...named, leaseEndsAtMs: true, atMs: true },
      NodeLaunched: {
        nodeId: true,
        pool: true,
        instanceType: true,
        zone: true,
        capacityType: true,
        priceUsdPerHour: true,
        atMs: true,
      },
      NodeTerminated: { nodeId: true, pool: true, reason: true, atMs: true },
    };
    expect(
      Object.fromEntries(Object.entries(eventFields).map(([type, known]) => [type, Object.keys(known).sort()])),
    ).toEqual(Object.fromEntries(Object.entries(fields).map(([type, known]) => [type, Object.keys(known).sort()])));
    expect(properties('AWS::EventSchemas::Schema')).toHaveLength(Object.keys(fields).length);
  });
});

describe('storage', () => {
  test('is the table that the store adapter names', () => {
    const defined = tableDefinition('x') as {
      AttributeDefinitions: { AttributeName: string }[];
      KeySchema: object;
      GlobalSecondaryIndexes: { IndexName: string }[];
    };
    const [table] = properties('AWS::DynamoDB::Table');
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: defined.KeySchema,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true },
    });
    const byName = (list: unknown): unknown =>
      [...(list as { IndexName: string }[])].sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1));
    expect(byName(table?.['GlobalSecondaryIndexes'])).toEqual(byName(defined.GlobalSecondaryIndexes));
    expect(Object.keys(attributes)).toEqual(['open', 'by-time']);
  });

  test('keeps outputs private and for a while', () => {
    plain.template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ ExpirationInDays: 14, Status: 'Enabled' }),
          Match.objectLike({ ExpirationInDays: 1, Prefix: 'copies/', Status: 'Enabled' }),
        ],
      },
    });
  });

  test('outlives the stack only when that is wanted', () => {
    const policy = (from: Synthesized, type: string): unknown =>
      from.ofType(type).map(([, resource]) => resource.DeletionPolicy);
    expect(policy(plain, 'AWS::DynamoDB::Table')).toEqual(['Delete']);
    const kept = synthesize({ keepData: true });
    expect(policy(kept, 'AWS::DynamoDB::Table')).toEqual(['Retain']);
    expect(
      [plain, kept].map((of) =>
        of.ofType('Custom::BellowsDrain').map(([, resource]) => resource.Properties['KeepData']),
      ),
    ).toEqual([['false'], ['true']]);
  });
});

describe('nodes', () => {
  test('have metadata by token, one hop away, encrypted volumes, and are never spot by template', () => {
    const templates = properties('AWS::EC2::LaunchTemplate').map(
      (template) => template['LaunchTemplateData'] as Record<string, unknown>,
    );
    expect(templates).toHaveLength(6);
    // The image is EC2's to find at the launch: a region that has none is deployed to all the same.
    const isGpu = (data: Record<string, unknown>): boolean => String(data['ImageId']).startsWith('resolve:ssm:');
    const parameter = 'base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id';
    expect(templates.filter(isGpu).map((data) => data['ImageId'])).toEqual([
      `resolve:ssm:/aws/service/deeplearning/ami/x86_64/${parameter}`,
      `resolve:ssm:/aws/service/deeplearning/ami/arm64/${parameter}`,
    ]);
    // EC2 refuses a credit specification for what is not burstable.
    expect(
      templates.filter((data) => data['CreditSpecification'] !== undefined).map((data) => data['CreditSpecification']),
    ).toEqual([{ CpuCredits: 'unlimited' }, { CpuCredits: 'unlimited' }]);
    for (const data of templates) {
      expect(data['MetadataOptions']).toEqual({
        HttpEndpoint: 'enabled',
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 1,
        InstanceMetadataTags: 'enabled',
      });
      expect(data['BlockDeviceMappings']).toEqual([
        {
          DeviceName: '/dev/xvda',
          Ebs: {
            DeleteOnTermination: true,
            Encrypted: true,
            VolumeSize: isGpu(data) ? gpuRootVolumeGib : defaultRootVolumeGib,
            VolumeType: 'gp3',
          },
        },
      ]);
      expect(data).not.toHaveProperty('InstanceMarketOptions');
      expect(JSON.stringify(data['TagSpecifications'])).not.toContain('spot-instances-request');
    }
  });

  test('let nothing in', () => {
    for (const group of properties('AWS::EC2::SecurityGroup')) expect(group).not.toHaveProperty('SecurityGroupIngress');
    expect(plain.ofType('AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  test.each([
    ['public-ipv4', true, 0, 0],
    ['ipv6', false, 0, 1],
    ['nat', false, 1, 0],
  ] as const)(
    '%s: an IPv4 address %s, %i NAT gateways, %i egress-only gateways',
    (network, hasAddress, nats, egressOnly) => {
      const of = synthesize({ network });
      const [data] = properties('AWS::EC2::LaunchTemplate', of).map(
        (template) =>
          template['LaunchTemplateData'] as {
            NetworkInterfaces: [{ AssociatePublicIpAddress: boolean; Ipv6AddressCount?: number }];
          },
      );
      expect(data?.NetworkInterfaces[0].AssociatePublicIpAddress).toBe(hasAddress);
      expect(data?.NetworkInterfaces[0].Ipv6AddressCount).toBe(network === 'ipv6' ? 1 : undefined);
      expect(of.ofType('AWS::EC2::NatGateway')).toHaveLength(nats);
      expect(of.ofType('AWS::EC2::EgressOnlyInternetGateway')).toHaveLength(egressOnly);
    },
  );
});

describe('installations', () => {
  test('two of them share no name and no tag', () => {
    const names = (of: Synthesized): readonly unknown[] => [
      ...properties('AWS::Events::EventBus', of).map((one) => one['Name']),
      ...properties('AWS::ApiGatewayV2::Api', of).map((one) => one['Name']),
      ...properties('AWS::CloudWatch::Alarm', of).map((one) => one['AlarmName']),
      ...properties('AWS::EventSchemas::Registry', of).map((one) => one['RegistryName']),
    ];
    const [a, b] = [names(plain), names(synthesize({ installation: 'test' }))];
    expect(a).toHaveLength(10);
    expect(a.filter((name) => b.includes(name))).toEqual([]);
  });

  test.each(['', 'A', 'a_b', '-a', 'a'.repeat(33)])('%j is no name for one', (installation) => {
    expect(() => synthesize({ installation })).toThrow(/must be 1 to 32/);
  });

  test('labels that are indexed have keys of labels, and are few', () => {
    expect(() => synthesize({ labelKeys: ['team', ' env'] })).toThrow(/labelKeys has " env"/);
    expect(() => synthesize({ labelKeys: ['a', 'b', 'c', 'd', 'e', 'f'] })).toThrow(/labelKeys has 6 keys; 5 at most/);
  });

  test('a pool is declared once', () => {
    expect(() => synthesize({ pools: [{ name: 'a' }, { name: 'a' }] })).toThrow(/declared twice/);
  });

  test("grant gives a role of one's own the routes of a permission", () => {
    const granted = synthesize({}, (stack, bellows) => {
      bellows.grant(new iam.Role(stack, 'Mine', { assumedBy: new iam.AccountRootPrincipal() }), 'request');
    });
    const [, policy] = granted.ofType('AWS::IAM::Policy').find(([id]) => id.startsWith('Mine')) ?? [];
    expect(JSON.stringify(policy?.Properties['PolicyDocument'])).toContain('POST/v1/requests/batch');
    expect(JSON.stringify(policy?.Properties['PolicyDocument'])).not.toContain('GET/v1');
  });

  test('alarms ring on what matters', () => {
    expect(
      properties('AWS::CloudWatch::Alarm')
        .map((alarm) => alarm['AlarmName'])
        .sort(),
    ).toEqual(
      ['dead-letters', 'failing-ticks', 'limits-reached', 'mass-silence', 'oldest-pending', 'orphans-reaped'].map(
        (name) => `bellows-prod-${name}`,
      ),
    );
    const own = properties('AWS::CloudWatch::Alarm').filter((alarm) => alarm['Namespace'] === 'Bellows');
    expect(own.map((alarm) => alarm['MetricName']).sort()).toEqual([...metricNames].sort());
    for (const alarm of own) expect(alarm['Dimensions']).toEqual([{ Name: 'installation', Value: 'prod' }]);
    expect(
      properties('AWS::CloudWatch::Alarm')
        .filter((alarm) => alarm['Namespace'] !== 'Bellows')
        .map((alarm) => `${String(alarm['Namespace'])} ${String(alarm['MetricName'])}`)
        .sort(),
    ).toEqual(['AWS/Lambda Errors', 'AWS/SQS ApproximateNumberOfMessagesVisible']);
  });
});

// Preflight against the simulated EC2 and small stand-ins for the other services. The stack's output and the
// scheduler's policies are those of the synthesized template, so what is asked of IAM is what the role really has.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { openAws } from '../../../cli/aws/reader.ts';
import { checkDiskKey } from '../../../cli/checks/preflight/launching.ts';
import { needsOf } from '../../../cli/checks/preflight/quotas.ts';
import type { Finding } from '../../../cli/checks/findings.ts';
import type { AwsReader } from '../../../cli/checks/preflight/reading.ts';
import { runCli } from '../../../cli/program.ts';
import { Ec2Simulator } from '../../../lib/adapters/simulated/ec2/http/server.ts';
import { presentPool } from '../../../lib/api/schemas/pools.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { statementsOf, isAllowed } from '../../infra/iam.ts';
import { synthesize } from '../../infra/synth.ts';
import type { Resource, Synthesized } from '../../infra/synth.ts';

const [region, account] = ['us-east-1', '100000000007'];
const keys = { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'local' };
const folder = mkdtempSync(join(tmpdir(), 'bellows-preflight-'));
const before = { ...process.env };

let simulator: Ec2Simulator;
let others: Server;
let url: string;
let synthesized: Synthesized;
let resolved: Readonly<Record<string, Resource>>;
let output: string;
/** By architecture. */
let images: Readonly<Record<string, string>> = {};

/** What the stand-ins answer; each test begins with a world in which all is well. */
interface World {
  quotas: Record<string, number>;
  hasSpotRole: boolean;
  hasBundle: boolean;
  hasStack: boolean;
  status: string;
  isBootstrapped: boolean;
  pools: PoolSpec[];
  /** Actions of AWS that the caller may not call. */
  denied: string[];
  deniedByOrganization: string[];
}
let world: World;
const pool: PoolSpec = {
  name: 'default',
  requirements: {},
  limits: { instances: 20, vcpu: 64 },
  tasksPerNode: 32,
  ordering: 'priority',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 60_000,
  priority: 0,
  accepts: ['task'],
};

beforeAll(async () => {
  Object.assign(process.env, keys, { AWS_EC2_METADATA_DISABLED: 'true' });
  simulator = await Ec2Simulator.start({ options: { subnetPrefix: 26 } });
  others = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => {
    others.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${String((others.address() as AddressInfo).port)}`;
  await deploy();
});

afterAll(async () => {
  for (const name of [...Object.keys(keys), 'AWS_EC2_METADATA_DISABLED'])
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  await simulator.close();
  await new Promise((resolve) => {
    others.close(resolve);
    others.closeAllConnections();
  });
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  world = {
    quotas: {},
    hasSpotRole: true,
    hasBundle: true,
    hasStack: true,
    status: 'UPDATE_COMPLETE',
    isBootstrapped: true,
    pools: [pool],
    denied: [],
    deniedByOrganization: [],
  };
});

/** What CloudFormation would make of the template, with the simulator's own templates, subnets and group. */
async function deploy(): Promise<void> {
  synthesized = synthesize({ installation: 'prod' });
  const client = new EC2Client({
    region,
    endpoint: simulator.endpoint,
    credentials: { accessKeyId: account, secretAccessKey: 'local' },
  });
  const { Images = [] } = await client.send(
    new DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['al2023-ami-2023*'] }] }),
  );
  images = Object.fromEntries(Images.map((one) => [one.Architecture ?? '', one.ImageId ?? '']));
  const templates = new Map<string, string>();
  const template = async (logicalId: string): Promise<void> => {
    const data = { ImageId: images[logicalId.includes('arm64') ? 'arm64' : 'x86_64'] };
    const { LaunchTemplate: made } = await client.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: logicalId, LaunchTemplateData: data }),
    );
    templates.set(logicalId, made?.LaunchTemplateId ?? '');
  };
  for (const [id] of synthesized.ofType('AWS::EC2::LaunchTemplate')) await template(id);
  const subnets = (await client.send(new DescribeSubnetsCommand({}))).Subnets ?? [];
  const group = (await client.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.[0]?.GroupId ?? '';
  client.destroy();
  const subnetIds = synthesized.ofType('AWS::EC2::Subnet').map(([id]) => id);
  const ref = (id: string): string => {
    const pseudo = (
      {
        'AWS::Region': region,
        'AWS::AccountId': account,
        'AWS::Partition': 'aws',
        'AWS::URLSuffix': 'amazonaws.com',
      } as Record<string, string>
    )[id];
    if (pseudo !== undefined) return pseudo;
    const type = synthesized.resources[id]?.Type;
    if (type === 'AWS::EC2::LaunchTemplate') return templates.get(id) ?? 'lt-0';
    if (type === 'AWS::EC2::Subnet') return subnets[subnetIds.indexOf(id)]?.SubnetId ?? 'subnet-0';
    return id;
  };
  const attribute = (id: string, name: string): string => {
    const type = synthesized.resources[id]?.Type;
    if (name === 'LatestVersionNumber') return '1';
    if (name === 'ApiEndpoint') return url;
    if (type === 'AWS::EC2::SecurityGroup') return group;
    return type === 'AWS::IAM::Role' && name === 'Arn' ? `arn:aws:iam::${account}:role/${id}` : `${id}.${name}`;
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const one = value as Readonly<Record<string, unknown>>;
    if (typeof one['Ref'] === 'string') return ref(one['Ref']);
    if (Array.isArray(one['Fn::GetAtt'])) return attribute(...(one['Fn::GetAtt'] as [string, string]));
    if (Array.isArray(one['Fn::Join']))
      return (resolve(one['Fn::Join'][1]) as string[]).join(String(one['Fn::Join'][0]));
    if (typeof one['Fn::Sub'] === 'string')
      return one['Fn::Sub'].replaceAll(/\$\{([^}]+)\}/g, (_whole, id: string) => ref(id));
    if (Array.isArray(one['Fn::Select'])) return `${region}${'abc'[Number(one['Fn::Select'][0])] ?? ''}`;
    return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, resolve(part)]));
  };
  // References to a role's id stay what policies name their roles by.
  resolved = Object.fromEntries(
    Object.entries(synthesized.resources).map(([id, resource]) => [
      id,
      {
        ...resource,
        Properties: {
          ...(resolve(resource.Properties) as object),
          ...(resource.Properties['Roles'] === undefined ? {} : { Roles: resource.Properties['Roles'] }),
        },
      },
    ]),
  );
  const { Outputs: outputs } = synthesized.template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
  output = resolve(Object.entries(outputs).find(([key]) => key.startsWith('BellowsPreflight'))?.[1].Value) as string;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (request.method === 'HEAD') {
    response.writeHead(world.hasBundle ? 200 : 404).end();
    return;
  }
  if (request.url?.split('?')[0] === '/v1/pools') {
    response.end(
      JSON.stringify({
        nextCursor: null,
        items: world.pools.map((spec) => presentPool({ spec, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null })),
      }),
    );
    return;
  }
  const target = String(request.headers['x-amz-target'] ?? '');
  const [status, text] =
    target === ''
      ? answerQuery(new URLSearchParams(body))
      : answerJson(target, JSON.parse(body) as Record<string, string>);
  response.writeHead(status).end(text);
}

type Answer = readonly [status: number, text: string];

function answerJson(target: string, input: Readonly<Record<string, string>>): Answer {
  const action = target.split('.')[1] ?? '';
  if (world.denied.includes(action))
    return [400, JSON.stringify({ __type: 'AccessDeniedException', message: `no ${action}` })];
  if (action === 'GetServiceQuota') {
    const value = world.quotas[input['QuotaCode'] ?? ''];
    return value === undefined
      ? [400, JSON.stringify({ __type: 'NoSuchResourceException', message: 'never applied' })]
      : [200, JSON.stringify({ Quota: { Value: value } })];
  }
  if (action === 'GetAWSDefaultServiceQuota')
    return [200, JSON.stringify({ Quota: { Value: input['QuotaCode'] === 'L-F678F1CE' ? 5 : 640 } })];
  const name = input['Name'] ?? '';
  if (name.startsWith('/cdk-bootstrap/') ? world.isBootstrapped : name.startsWith('/aws/service/')) {
    return [
      200,
      JSON.stringify({
        Parameter: { Value: name.startsWith('/cdk') ? '21' : images[name.endsWith('arm64') ? 'arm64' : 'x86_64'] },
      }),
    ];
  }
  return [400, JSON.stringify({ __type: 'ParameterNotFound', message: `no ${name}` })];
}

function refused(code: string, message: string, status = 400): Answer {
  return [
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message>`
      + '</Error></ErrorResponse>',
  ];
}

function answerQuery(parameters: URLSearchParams): Answer {
  const action = parameters.get('Action') ?? '';
  if (world.denied.includes(action))
    return refused('AccessDenied', `User is not authorized to perform: ${action}`, 403);
  const answered = (inner: string): Answer => [
    200,
    `<${action}Response `
      + `xmlns="https://any.amazonaws.com/"><${action}Result>${inner}</${action}Result></${action}Response>`,
  ];
  switch (action) {
    case 'GetCallerIdentity':
      return answered(`<Arn>arn:aws:iam::${account}:user/ada</Arn><UserId>U</UserId><Account>${account}</Account>`);
    case 'GetRole':
      return world.hasSpotRole
        ? answered('<Role><RoleName>AWSServiceRoleForEC2Spot</RoleName></Role>')
        : refused('NoSuchEntity', 'The role cannot be found.', 404);
    case 'DescribeStacks': {
      if (!world.hasStack)
        return refused('ValidationError', `Stack with id ${parameters.get('StackName') ?? ''} does not exist`);
      return answered(
        `<Stacks><member><StackStatus>${world.status}</StackStatus><Outputs><member>`
          + '<OutputKey>BellowsPreflight0123ABCD</OutputKey>'
          + `<OutputValue>${output.replaceAll('"', '&quot;')}</OutputValue></member></Outputs></member></Stacks>`,
      );
    }
    case 'SimulatePrincipalPolicy': {
      const context: Record<string, string> = {};
      for (let n = 1; parameters.has(`ContextEntries.member.${String(n)}.ContextKeyName`); n++)
        context[parameters.get(`ContextEntries.member.${String(n)}.ContextKeyName`) ?? ''] =
          parameters.get(`ContextEntries.member.${String(n)}.ContextKeyValues.member.1`) ?? '';
      const asked = parameters.get('ActionNames.member.1') ?? '';
      const may = isAllowed(statementsOf(resolved, parameters.get('PolicySourceArn')?.split('/').at(-1) ?? ''), {
        action: asked,
        resource: parameters.get('ResourceArns.member.1') ?? '',
        context,
      });
      const organization = !world.deniedByOrganization.includes(asked);
      return answered(
        `<EvaluationResults><member><EvalActionName>${asked}</EvalActionName>`
          + `<EvalDecision>${may && organization ? 'allowed' : 'implicitDeny'}</EvalDecision>`
          + `<OrganizationsDecisionDetail><AllowedByOrganizations>${String(organization)}</AllowedByOrganizations>`
          + '</OrganizationsDecisionDetail></member></EvaluationResults><IsTruncated>false</IsTruncated>',
      );
    }
    default:
      return refused('InvalidAction', action);
  }
}

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly of: (name: string) => readonly Finding[];
}

async function preflight(args: readonly string[] = [], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  let [out, err] = ['', ''];
  const env = { AWS_REGION: region, AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_EC2: simulator.endpoint, ...more };
  const exit = await runCli(['preflight', ...args], {
    server: 'http://127.0.0.1:1',
    signs: false,
    stdout: (text) => {
      out += text;
    },
    bytes: () => undefined,
    stderr: (text) => {
      err += text;
    },
    nowMs: Date.now,
    monotonicMs: () => 0,
    sleep: async () => undefined,
    newKey: () => 'k',
    home: '.',
    runBeside: async () => 0,
    variables: {},
    runAudit: async () => 1,
    serveDashboard: async () => ({ url: '', done: Promise.resolve() }),
    runBacktest: async () => 1,
    openSigner: async () => {
      throw new Error('no execute-api here');
    },
    openAws: (given) => openAws({ env, nowMs: Date.now }, given),
  });
  const { findings } =
    args.includes('--json') && err === '' ? (JSON.parse(out) as { findings: Finding[] }) : { findings: [] };
  return { exit, out, err, of: (name) => findings.filter((one) => one.name.startsWith(name)) };
}

describe('a deployed stack', () => {
  test('where all is well, each thing is ok and the exit is 0', async () => {
    const ran = await preflight();
    expect([ran.err, ran.exit]).toEqual(['', 0]);
    const [head, ...lines] = ran.out.trimEnd().split('\n');
    expect(head).toMatch(/CHECK +FOUND/);
    expect(lines.at(-1)).toBe('nothing that was seen would fail');
    for (const [name, found] of [
      ['credentials', `arn:aws:iam::${account}:user/ada`],
      ['stack', 'UPDATE_COMPLETE, installation prod'],
      ['pools', 'with default'],
      ['quota on-demand standard', '640 vCPU of Standard'],
      ['quota spot standard', 'L-34B43A08'],
      ['quotas of other types', 'may be bought: .*G and VT spot 640 vCPU'],
      ['spot role', 'is there'],
      ['subnet subnet-', 'free addresses'],
      ['template arm64', 'version 1'],
      ['template x86_64 burstable', 'version 1'],
      ['template arm64 GPU', 'version 1'],
      ['image x86_64', "available.*Amazon's own"],
      ['disk key', "AWS's own"],
      ['runtime arm64', 's3://cdk-hnb659fds-assets-100000000007-us-east-1/'],
      ['permissions', 'may launch, tag, list, terminate'],
      ['dry run arm64', 'would have taken'],
      ['dry run arm64 burstable', 'would have taken'],
    ] as const)
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ok +${name}.*${found}`)));
    expect(simulator.worlds.world(account, region).cloud.instances()).toEqual([]);
  });

  test.each<[what: string, spoil: () => void, name: string, found: string, cure: string]>([
    [
      'a small quota',
      () => {
        world.quotas['L-1216C47A'] = 32;
      },
      'quota on-demand standard',
      'but default may grow to 64',
      'aws service-quotas request-service-quota-increase --region us-east-1 --service-code ec2 --quota-code '
        + 'L-1216C47A --desired-value 64',
    ],
    [
      'no quota for spot',
      () => {
        world.quotas['L-34B43A08'] = 0;
      },
      'quota spot standard',
      '0 vCPU',
      'L-34B43A08',
    ],
    [
      'no spot role',
      () => {
        world.hasSpotRole = false;
      },
      'spot role',
      'no spot instance can be launched',
      'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
    ],
    [
      'no agent bundle',
      () => {
        world.hasBundle = false;
      },
      'agent bundle',
      'nodes would start without an agent',
      'npx cdk deploy',
    ],
    [
      'a denied launch',
      () => {
        world.deniedByOrganization = ['ec2:RunInstances'];
      },
      'permissions',
      'the scheduler may not ec2:RunInstances on arn:aws:ec2:us-east-1:100000000007:instance/',
      'Service control policies',
    ],
    [
      'nodes that may not fetch their agent',
      () => {
        world.deniedByOrganization = ['s3:GetObject'];
      },
      'permissions',
      'the nodes may not s3:GetObject on arn:aws:s3:::cdk-hnb659fds-assets',
      'Service control policies',
    ],
    [
      'no pools',
      () => {
        world.pools = [];
      },
      'pools',
      'no pool is declared',
      './bellows pool apply',
    ],
    [
      'a stack that failed',
      () => {
        world.status = 'UPDATE_ROLLBACK_FAILED';
      },
      'stack',
      'UPDATE_ROLLBACK_FAILED',
      'Events',
    ],
    [
      'pools larger than the subnets',
      () => {
        world.pools = [{ ...pool, limits: { instances: 500 } }];
      },
      'subnets',
      'pools may have 500 instances',
      'limits.instances',
    ],
  ])('%s is found, with its cure, and the exit is 1', async (_what, spoil, name, found, cure) => {
    spoil();
    const ran = await preflight(['--json']);
    expect([ran.err, ran.exit]).toEqual(['', 1]);
    expect(ran.of(name)).toContainEqual({
      name,
      state: 'missing',
      what: expect.stringContaining(found),
      cure: expect.stringContaining(cure),
    });
  });

  test('a template, burstable or not, or a subnet that was deleted is found, by the simulated EC2', async () => {
    const whole = output;
    const { templates } = JSON.parse(whole) as {
      templates: Record<'x86_64' | 'burstable', { id: string } & Record<'arm64', { id: string }>>;
    };
    output = output
      .replace(templates.x86_64.id, 'lt-00000000000000bad')
      .replace(templates.burstable.arm64.id, 'lt-00000000000000bad')
      .replace(/subnet-[0-9a-f]+/, 'subnet-00000000000000bad');
    const ran = await preflight(['--json']);
    output = whole;
    expect(ran.exit).toBe(1);
    const [found, lost] = [ran.of('template'), ran.of('template').filter((one) => one.state === 'missing')];
    expect([found.length, ...lost.map((one) => one.name)]).toEqual([6, 'template x86_64', 'template arm64 burstable']);
    expect(ran.of('subnets')).toMatchObject([
      { state: 'missing', what: expect.stringContaining('subnet-00000000000000bad') },
    ]);
  });

  test.each([
    ['PendingVerification', 'missing'],
    ['UnauthorizedOperation', 'unknown'],
  ] as const)('a dry run that EC2 refuses with %s is %s', async (code, state) => {
    simulator.faults.set({
      action: 'CreateFleet',
      times: 1,
      effect: { kind: 'fail', code, message: 'no', httpStatus: 403 },
    });
    const ran = await preflight(['--json']);
    expect(ran.exit).toBe(state === 'missing' ? 1 : 0);
    expect(ran.of('dry run').map((one) => one.state)).toEqual([state, 'ok', 'ok', 'ok']);
  });

  test('types without a quota fail only who asks for them; one cause of many denials is said once', async () => {
    world.quotas['L-DB2E81BA'] = 0;
    const fine = await preflight(['--json']);
    expect([fine.exit, fine.of('quotas')]).toMatchObject([
      0,
      [
        {
          state: 'ok',
          what: expect.stringMatching(/may not, though pools allow them: G and VT on-demand \(L-DB2E81BA\)$/),
          cure: expect.stringContaining('request-service-quota-increase'),
        },
      ],
    ]);
    world.deniedByOrganization = ['ec2:RunInstances', 'ec2:CreateFleet'];
    const denied = (await preflight(['--json'])).of('permissions');
    expect(denied).toHaveLength(1);
    expect(denied[0]?.what).toMatch(/ec2:CreateFleet on .+, ec2:RunInstances on .+: a service control policy/);
  });

  test('what the caller may not ask is unknown, which is no failure', async () => {
    world.denied = ['GetRole', 'SimulatePrincipalPolicy', 'GetServiceQuota'];
    const ran = await preflight(['--json']);
    expect(ran.exit).toBe(0);
    for (const name of ['spot role', 'permissions', 'quota spot standard', 'quotas of other types'])
      expect(ran.of(name)).toMatchObject([{ state: 'unknown' }]);
    expect((await preflight()).out).toMatch(/nothing that was seen would fail; \d+ things could not be seen\n$/);
  });
});

describe('before a deployment', () => {
  beforeEach(() => {
    world.hasStack = false;
  });

  test('what a deployment will need is checked, with the pools of its file', async () => {
    const file = join(folder, 'pools.json');
    writeFileSync(
      file,
      JSON.stringify([{ name: 'gpu', requirements: { instanceFamily: ['g5'] }, limits: { vcpu: 96 } }]),
    );
    world.quotas['L-DB2E81BA'] = 0;
    const ran = await preflight(['--json', '--pools', file]);
    expect([ran.err, ran.exit]).toEqual(['', 1]);
    expect(ran.of('stack')).toMatchObject([{ state: 'ok', what: expect.stringContaining('not deployed') }]);
    expect(ran.of('quota').map((one) => [one.name, one.state])).toEqual([
      ['quota spot g', 'ok'],
      ['quota on-demand g', 'missing'],
    ]);
    for (const name of ['CDK bootstrap', 'VPCs', 'spot role', 'image arm64', 'image x86_64'])
      expect(ran.of(name)).toMatchObject([{ state: 'ok' }]);
    expect(ran.of('permissions')).toMatchObject([{ state: 'unknown' }]);
  });

  test('an account that was never prepared, and a VPC without subnets', async () => {
    world.isBootstrapped = false;
    const ran = await preflight(['--json', '--vpc', 'vpc-00000000000000bad']);
    expect(ran.exit).toBe(1);
    expect(ran.of('CDK bootstrap')).toMatchObject([
      { state: 'missing', cure: expect.stringContaining('npx cdk bootstrap') },
    ]);
    expect(ran.of('subnets')).toMatchObject([
      { state: 'missing', what: expect.stringContaining('vpc-00000000000000bad') },
    ]);
  });
});

test('a disk key of the account’s own is named, with the grants that launches would need', async () => {
  const answered = { KmsKeyId: 'arn:aws:kms:us-east-1:1:key/k', $metadata: {} };
  const aws: AwsReader = { region, call: async () => answered };
  const [found] = await checkDiskKey(aws, 'arn:aws:iam::100000000007:role/scheduler');
  expect(found).toMatchObject({ state: 'unknown', what: expect.stringContaining('key/k') });
  for (const principal of [
    'arn:aws:iam::100000000007:role/scheduler',
    'arn:aws:iam::100000000007:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot',
  ])
    expect(found?.cure).toContain(`--grantee-principal ${principal} `);
});

test('credentials that AWS does not take end it at once', async () => {
  world.denied = ['GetCallerIdentity'];
  const ran = await preflight();
  expect([ran.exit, ran.err]).toEqual([4, expect.stringContaining('AWS does not take these credentials')]);
});

test('without a way to AWS the exit says so', async () => {
  const ran = await preflight([], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining('got no answer from AWS')]);
});

test('what pools need: standard where it will do, else all that they may buy; limits add up', () => {
  const of = (...pools: PoolSpec[]): readonly (readonly [string, boolean, number | null])[] =>
    needsOf(pools).map((need) => [`${need.capacityType} ${need.quotaClass}`, need.isNeeded, need.vcpu]);
  expect(of({ ...pool, requirements: { instanceFamily: ['c7g', 'g5'], capacityType: ['spot'] } })).toEqual([
    ['spot standard', true, 64],
    ['spot g', false, 64],
  ]);
  expect(of({ ...pool, requirements: { instanceFamily: ['p4d'] }, limits: {} })).toEqual([
    ['on-demand p', true, null],
    ['spot p', true, null],
  ]);
  expect(
    of({ ...pool, requirements: { instanceFamily: ['c7g'] } }, { ...pool, requirements: { instanceFamily: ['m7g'] } }),
  ).toEqual([
    ['on-demand standard', true, 128],
    ['spot standard', true, 128],
  ]);
});

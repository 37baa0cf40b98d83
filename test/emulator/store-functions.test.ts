// The functions as they are composed, without the gateway and the rules around them: a task from the API to its end and
// back to no instance, over MiniStack's DynamoDB, EventBridge and S3 and the EC2 simulator.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { setTimeout as delay } from 'node:timers/promises';
import { tableDefinition } from '../../lib/adapters/aws/dynamodb/table.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import { accountOf, startMinistack } from './ministack.ts';
import { hangMs } from '../hang.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('the functions on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  const account = accountOf(100_000_000_003);
  const region = 'us-east-1';
  const roleId = 'AROANODESNODESNODES1';
  let simulator: Ec2Simulator;
  let api: Function_;
  let agent: Function_;
  let scheduler: (event: unknown, context: never) => Promise<unknown>;
  let events: (event: unknown, context: never) => Promise<unknown>;

  type Function_ = (event: never, context: never) => Promise<APIGatewayProxyStructuredResultV2>;
  const context = {
    awsRequestId: 'r',
    functionName: 'f',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:1:function:f',
    memoryLimitInMB: '512',
  } as never;
  const iam = (userId: string, userArn: string): object => ({ authorizer: { iam: { userId, userArn } } });
  const shop = iam('AROASHOP:s', 'arn:aws:sts::111122223333:assumed-role/Shop/s');

  async function http(
    target: Function_,
    method: string,
    path: string,
    who: object,
    body?: unknown,
  ): Promise<{ status: number; json: Record<string, never> }> {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const answer = await target(
      {
        version: '2.0',
        routeKey: '$default',
        rawPath,
        rawQueryString,
        headers: { 'content-type': 'application/json' },
        isBase64Encoded: false,
        ...(rawQueryString === ''
          ? {}
          : { queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)) }),
        requestContext: { http: { method, path: rawPath }, ...who },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      } as never,
      context,
    );
    return {
      status: answer.statusCode ?? 0,
      json: (answer.body === undefined ? {} : JSON.parse(answer.body)) as Record<string, never>,
    };
  }

  beforeAll(async () => {
    simulator = await Ec2Simulator.start({
      throttling: 'off',
      options: { cloud: { seed: 'functions', throttles: {}, describeLagMs: 0 } },
    });
    const aws = { region, endpoint: ministack.endpoint, credentials: () => account };
    const tables = new DynamoDBClient(keepingConnections(aws));
    await tables.send(new CreateTableCommand(tableDefinition('records')));
    tables.destroy();
    const buses = new EventBridgeClient(keepingConnections(aws));
    await buses.send(new CreateEventBusCommand({ Name: 'bellows-test' }));
    buses.destroy();
    const buckets = new S3Client({ ...keepingConnections(aws), forcePathStyle: true });
    await buckets.send(new CreateBucketCommand({ Bucket: 'outputs' }));
    buckets.destroy();
    const client = createEc2Client({ region, endpoint: simulator.endpoint, credentials: () => account });
    const template = async (arch: 'x86_64' | 'arm64', credits = ''): Promise<object> => {
      const ImageId = `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`;
      const made = await client.send(
        new CreateLaunchTemplateCommand({ LaunchTemplateName: `${arch}${credits}`, LaunchTemplateData: { ImageId } }),
      );
      return { id: made.LaunchTemplate?.LaunchTemplateId, version: made.LaunchTemplate?.LatestVersionNumber };
    };
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
    Object.assign(process.env, {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
      AWS_ENDPOINT_URL: ministack.endpoint,
      AWS_ENDPOINT_URL_EC2: simulator.endpoint,
      POWERTOOLS_LOG_LEVEL: 'ERROR',
      BELLOWS_INSTALLATION: 'test',
      BELLOWS_TABLE: 'records',
      BELLOWS_EVENT_BUS: 'bellows-test',
      BELLOWS_OUTPUTS_BUCKET: 'outputs',
      BELLOWS_NODE_ROLE_ID: roleId,
      BELLOWS_NODE_ROLE_ARN: `arn:aws:iam::${account.accessKeyId}:role/nodes`,
      BELLOWS_TENANTS: '{}',
      BELLOWS_LAUNCH_TEMPLATES: JSON.stringify({
        x86_64: await template('x86_64'),
        arm64: await template('arm64'),
        burstable: { x86_64: await template('x86_64', '-unlimited'), arm64: await template('arm64', '-unlimited') },
        gpu: { x86_64: await template('x86_64', '-gpu'), arm64: await template('arm64', '-gpu') },
      }),
      BELLOWS_MACHINES: JSON.stringify({
        vpcId: Subnets[0]?.VpcId,
        plainGroupId: 'sg-unused',
        nodeGroupId: 'sg-unused',
        addresses: 'public-ipv4',
        images: { amd64: 'ami-unused', arm64: 'ami-unused' },
        instanceProfiles: [],
      }),
      BELLOWS_ROOT_VOLUME_GIB: '20',
      BELLOWS_SUBNETS: JSON.stringify(
        Subnets.map((subnet) => ({ zone: subnet.AvailabilityZone, subnetId: subnet.SubnetId })),
      ),
    });
    client.destroy();
    // After the environment is there: a function reads it when it starts.
    api = (await import('../../lambdas/api/index.ts')).handler;
    agent = (await import('../../lambdas/agent/index.ts')).handler;
    scheduler = (await import('../../lambdas/scheduler/index.ts')).handler;
    events = (await import('../../lambdas/events/index.ts')).handler;
  });

  afterAll(async () => {
    await simulator.close();
    await ministack.stop();
  });

  const instances = () => [...simulator.worlds.world(account.accessKeyId, region).cloud.instances()];
  const isOver = (one: { readonly state: string } | undefined): boolean =>
    one?.state === 'shutting-down' || one?.state === 'terminated';
  const tick = async (): Promise<unknown> => scheduler({ 'detail-type': 'Wake', detail: { pool: 'default' } }, context);
  const stateOf = async (id: string): Promise<unknown> =>
    (await http(api, 'GET', `/v1/requests/${id}`, shop)).json['state'];

  describe('the functions on MiniStack and the EC2 simulator', () => {
    test('a task goes from the API to a launched node, runs, ends, is read back, and its node goes away', async () => {
      const pool = { requirements: { arch: ['arm64'] }, limits: { instances: 2 }, idleAfterSeconds: 1 };
      expect((await http(api, 'PUT', '/v1/pools/default', shop, pool)).status).toBe(200);
      const task = { type: 'task', pool: 'default', command: ['true'], resources: { vcpu: 1, memoryMib: 512 } };
      const accepted = await http(api, 'POST', '/v1/requests', shop, task);
      expect(accepted).toMatchObject({ status: 202, json: { state: 'pending', tenant: 'Shop' } });
      const id = String(accepted.json['id']);
      expect(
        (await http(api, 'GET', `/v1/requests/${id}`, iam('AIDA', 'arn:aws:iam::111122223333:user/Eve'))).status,
      ).toBe(404);

      expect(await tick()).toMatchObject({ kind: 'wake', report: { ran: true } });
      expect(instances()).toHaveLength(1);
      const [node] = instances();
      const nodeId = node?.id ?? '';
      expect(node?.tags).toMatchObject({ 'bellows:installation': 'test', 'bellows:pool': 'default' });

      const sync = async (seq: number, more: object = {}) =>
        http(
          agent,
          'POST',
          '/agent/v1/sync',
          iam(`${roleId}:${nodeId}`, `arn:aws:sts::111122223333:assumed-role/Nodes/${nodeId}`),
          { nodeId, pool: 'default', bootId: 'b1', seq, onNode: [], ends: [], ...more },
        );
      expect(
        (
          await http(
            agent,
            'POST',
            '/agent/v1/sync',
            iam('AROAOTHER:x', 'arn:aws:sts::111122223333:assumed-role/Shop/x'),
            {},
          )
        ).status,
      ).toBe(401);
      expect((await sync(1)).status).toBe(200);
      await tick();
      const { json } = await sync(2);
      const [start] = json['start'] as unknown as { attemptId: string; outputUrl: string }[];
      if (!start) throw new Error('nothing was placed');
      const upload = await fetch(start.outputUrl, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ stdout: 'done\n', stderr: '', truncated: false }),
      });
      expect(upload.status).toBe(200);
      const nowMs = Date.now();
      const end = {
        attemptId: start.attemptId,
        outcome: 'exited',
        exitCode: 0,
        message: null,
        startedAtMs: nowMs - 10,
        endedAtMs: nowMs,
      };
      expect((await sync(3, { ends: [end] })).json).toMatchObject({ acknowledged: [start.attemptId] });
      await tick();
      expect(await stateOf(id)).toBe('succeeded');
      expect((await http(api, 'GET', `/v1/requests/${id}/output`, shop)).json).toMatchObject({
        stdout: 'done\n',
        stderr: '',
        truncated: false,
        leftOutBytes: { stdout: 0, stderr: 0 },
      });

      const warning = {
        source: 'aws.ec2',
        time: new Date().toISOString(),
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        detail: { 'instance-id': nodeId },
      };
      expect(await events({ ...warning, detail: { 'instance-id': 'i-0123456789abcdef0' } }, context)).toMatchObject({
        handled: [],
        ignored: ['i-0123456789abcdef0'],
      });
      expect(await events(warning, context)).toMatchObject({
        handled: [{ kind: 'interruption-warning', instanceId: nodeId, pool: 'default' }],
        ignored: [],
      });
      for (
        const untilMs = performance.now() + hangMs;
        !isOver(instances()[0]) && performance.now() < untilMs;
        await delay(250)
      )
        await tick();
      expect(instances().map(isOver)).toEqual([true]);
      expect(await scheduler({ 'detail-type': 'Scheduled Event' }, context)).toMatchObject({ kind: 'schedule' });
      const activity = (await http(api, 'GET', '/v1/pools/default/activity', shop)).json['items'] as unknown as {
        code: string;
      }[];
      expect(activity.map((one) => one.code)).toContain('launch');
    });
  });
}

// LocalStack's last free release (PyPI; Apache-2.0; runs on Python 3.13, without docker): the suites that MiniStack
// has, secrets, and what it knows of the stack's template, alarms among it.
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { MetricAlarm, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, ListRulesCommand, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import type { LocalAws } from '../../../lib/local/localcloud/aws.ts';
import { tag } from '../../../lib/local/localcloud/aws.ts';
import { LocalCloud } from '../../../lib/local/localcloud/localcloud.ts';
import { describeBells } from '../../emulator/suites/bells.ts';
import { describeBus } from '../../emulator/suites/bus.ts';
import { describeOutputs } from '../../emulator/suites/outputs.ts';
import { byHand, clientOptions } from '../../emulator/suites/place.ts';
import { describeAwsSecrets } from '../../emulator/suites/secrets.ts';
import { hangMs, untilAsync } from '../../hang.ts';
import { freePort, pythonBin, pythonOf, startServer } from '../tools.ts';
import type { Peer } from '../tools.ts';
import { knownParts } from './template.ts';
import type { KnownParts } from './template.ts';

/** The last one without an account's token, and of what it needs the last that it works with. */
const packages = [
  'localstack-core[runtime]==4.14.0',
  'cbor2==5.7.1',
  'cryptography==44.0.3',
  'pyopenssl==24.3.0',
  'service_identity==24.2.0',
  'joserfc==1.2.2',
];
const region = 'us-east-1';
let peer: Peer;

beforeAll(async () => {
  const bin = pythonBin('localstack', packages, () => pythonOf('3.13'));
  const port = await freePort();
  peer = await startServer({
    program: `${bin}/python`,
    args: ['-m', 'localstack.runtime.main'],
    port,
    env: (folder) => ({
      HOME: folder,
      FILESYSTEM_ROOT: folder,
      GATEWAY_LISTEN: `127.0.0.1:${String(port)}`,
      DNS_ADDRESS: '0',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      // Its own name is one that DNS has to lead here.
      LOCALSTACK_HOST: `127.0.0.1:${String(port)}`,
      SQS_ENDPOINT_STRATEGY: 'path',
    }),
  });
}, 660_000);
afterAll(async () => {
  await peer.stop();
});

function found<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('the template has no such part');
  return one;
}

const placeOf = (accountId: string) => () => ({ endpoint: peer.endpoint, accountId });

describeOutputs(placeOf('100000000041'));
describeBus(placeOf('100000000042'));
describeBells(placeOf('100000000043'));
describeAwsSecrets(placeOf('100000000044'));

test('npm run localcloud says at once what it lacks, and leaves nothing', async () => {
  const place = placeOf('100000000046')();
  const props = { installation: 'peer', pools: [] };
  const starting = LocalCloud.start({ ...place, props, port: 0, log: { write: () => undefined } });
  await expect(starting).rejects.toThrow(/has no HTTP APIs/);
  expect(await byHand(place).query('cloudformation', '2010-05-15', 'ListStacks', {})).not.toContain('<StackName>');
});

describe("the stack's template, as far as it is known there", () => {
  const accountId = '100000000045';
  const stack = { StackName: 'Bellows' };
  let aws: LocalAws;
  let parts: KnownParts;
  let cloudwatch: CloudWatchClient;
  let events: EventBridgeClient;
  let sqs: SQSClient;
  let ids: ReadonlyMap<string, string>;

  const cloudformation = (action: string, parameters: Readonly<Record<string, string>>): Promise<string> =>
    aws.query('cloudformation', '2010-05-15', action, parameters);
  const membersOf = (xml: string): readonly string[] =>
    [...xml.matchAll(/<member>(.*?)<\/member>/gs)].map(([, member = '']) => member);
  const alarms = async (): Promise<readonly MetricAlarm[]> =>
    (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'bellows-peer-' }))).MetricAlarms ?? [];
  const ofType = (type: string) => Object.entries(parts.resources).filter(([, { Type }]) => Type === type);

  beforeAll(async () => {
    const place = placeOf(accountId)();
    aws = byHand(place);
    const options = keepingConnections(clientOptions(place));
    cloudwatch = new CloudWatchClient(options);
    events = new EventBridgeClient(options);
    sqs = new SQSClient(options);
    parts = knownParts(accountId, region);
    await aws.createBucket('templates');
    await aws.putObject('templates', 'template.json', Buffer.from(parts.body));
    await cloudformation('CreateStack', {
      ...stack,
      TemplateURL: aws.objectUrl('templates', 'template.json'),
      'Capabilities.member.1': 'CAPABILITY_IAM',
      'Capabilities.member.2': 'CAPABILITY_NAMED_IAM',
    });
    const status = await untilAsync(async () => {
      const now = tag(await cloudformation('DescribeStacks', stack), 'StackStatus');
      return now.endsWith('_IN_PROGRESS') ? null : now;
    }, 'the end of the deployment');
    if (status !== 'CREATE_COMPLETE')
      throw new Error(
        `${status}: `
          + membersOf(await cloudformation('DescribeStackEvents', stack))
            .filter((one) => one.includes('FAILED'))
            .join('\n'),
      );
    ids = new Map(
      membersOf(await cloudformation('DescribeStackResources', stack)).map((member) => [
        tag(member, 'LogicalResourceId'),
        tag(member, 'PhysicalResourceId'),
      ]),
    );
  });
  afterAll(() => {
    for (const client of [cloudwatch, events, sqs]) client.destroy();
  });

  test('all of it is made', () => {
    expect([...ids.keys()].sort()).toEqual(Object.keys(parts.resources).sort());
    expect(new Set(Object.values(parts.resources).map(({ Type }) => Type)).size).toBeGreaterThan(15);
  });

  test('its alarms are as the template says', async () => {
    const shown = (await alarms()).map((one) => [one.AlarmName, one.Threshold, one.EvaluationPeriods, one.Period]);
    const wanted = ofType('AWS::CloudWatch::Alarm').map(([, { Properties: one }]) => [
      one['AlarmName'],
      one['Threshold'],
      one['EvaluationPeriods'],
      one['Period'],
    ]);
    expect(shown.sort()).toEqual(wanted.sort());
    expect(wanted).toHaveLength(6);
  });

  test('its rules take what AWS says, and nothing else', async () => {
    const rules = [
      ...((await events.send(new ListRulesCommand({}))).Rules ?? []),
      ...((await events.send(new ListRulesCommand({ EventBusName: 'bellows-peer' }))).Rules ?? []),
    ];
    expect(rules).toHaveLength(ofType('AWS::Events::Rule').length);
    const takers = async (source: string, type: string, detail: object = {}): Promise<number> => {
      const common = { id: '1', account: accountId, region, time: '2026-11-28T10:00:00Z', resources: [] };
      const event = JSON.stringify({ ...common, source, 'detail-type': type, detail });
      const answers = rules.map(async ({ EventPattern }) =>
        EventPattern === undefined
          ? false
          : (await events.send(new TestEventPatternCommand({ EventPattern, Event: event }))).Result === true,
      );
      return (await Promise.all(answers)).filter(Boolean).length;
    };
    expect(await takers('aws.ec2', 'EC2 Instance State-change Notification')).toBe(1);
    expect(await takers('aws.ec2', 'EC2 Spot Instance Interruption Warning')).toBe(1);
    expect(await takers('aws.ec2', 'EBS Volume Notification')).toBe(0);
    expect(await takers('aws.cloudwatch', 'CloudWatch Alarm State Change')).toBe(1);
    const change = { service: 'EC2', eventTypeCategory: 'scheduledChange' };
    expect(await takers('aws.health', 'AWS Health Event', change)).toBe(1);
    expect(await takers('aws.health', 'AWS Health Event', { ...change, service: 'RDS' })).toBe(0);
    expect(await takers('bellows', 'Wake')).toBe(1);
    expect(await takers('bellows', 'TaskEnded')).toBe(0);
  });

  test('what ends in its dead letters is kept for two weeks, over TLS alone', async () => {
    const [[id = ''] = []] = ofType('AWS::SQS::Queue');
    const { Attributes: attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: ids.get(id), AttributeNames: ['All'] }),
    );
    expect(attributes['MessageRetentionPeriod']).toBe(String(14 * 86_400));
    expect(JSON.parse(attributes['Policy'] ?? '{}')).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]) as unknown,
    });
  });

  test(
    'an alarm goes off by a metric as the functions send it, and is quiet without one',
    async () => {
      const [, { Properties: about }] = found(
        ofType('AWS::CloudWatch::Alarm').find(([, one]) => one.Properties['MetricName'] === 'OldestPendingSeconds'),
      );
      // LocalStack looks once a period, and changes no alarm that a stack has: this is a second one, and quick.
      const AlarmName = 'quick';
      await cloudwatch.send(
        new PutMetricAlarmCommand({ ...(about as unknown as PutMetricAlarmCommandInput), AlarmName, Period: 10 }),
      );
      const inState = (state: string): Promise<MetricAlarm> =>
        untilAsync(async () => {
          const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
          return MetricAlarms.find((one) => one.StateValue === state);
        }, `the alarm to be ${state}`);
      await inState('OK');
      await cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: 'Bellows',
          MetricData: [
            {
              MetricName: 'OldestPendingSeconds',
              Dimensions: [{ Name: 'installation', Value: 'peer' }],
              Unit: 'Seconds',
              Value: 1_801,
            },
          ],
        }),
      );
      expect((await inState('ALARM')).StateReasonData).toContain('1801');
      await inState('OK');
      await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
    },
    hangMs,
  );

  test('its removal leaves nothing', async () => {
    await cloudformation('DeleteStack', stack);
    await untilAsync(async () => {
      const left = await cloudformation('ListStacks', { 'StackStatusFilter.member.1': 'DELETE_COMPLETE' });
      return left.includes('<StackName>Bellows</StackName>');
    }, 'the end of the removal');
    expect(await alarms()).toEqual([]);
    expect((await events.send(new ListRulesCommand({}))).Rules ?? []).toEqual([]);
    expect(await aws.query('iam', '2010-05-08', 'ListRoles', {})).not.toContain('Bellows-');
  });
});

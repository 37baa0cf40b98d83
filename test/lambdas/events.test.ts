import { describe, expect, test } from '@jest/globals';
import { createDeliveriesHandler, isDeliveryHint } from '../../lambdas/events/deliveries.ts';
import { createEventsHandler } from '../../lambdas/events/handler.ts';
import type { DeliveryReport } from '../../lib/control/events/webhooks/deliver.ts';
import type { InstanceEvent } from '../../lib/control/use-cases.ts';
import type { AlarmEvent } from '../../lib/core/scaling/alarms.ts';
import { RecordingLog } from './calls.ts';

const atMs = Date.UTC(2026, 10, 22, 16, 0, 0);
const ec2 = (detailType: string, detail: Record<string, unknown>): Record<string, unknown> => ({
  version: '0',
  id: 'e',
  source: 'aws.ec2',
  account: '1',
  region: 'us-east-1',
  time: '2026-11-22T16:00:00Z',
  resources: [],
  'detail-type': detailType,
  detail,
});

const health = (detail: Record<string, unknown>): Record<string, unknown> => ({
  version: '0',
  source: 'aws.health',
  time: '2026-11-22T16:00:00Z',
  resources: ['i-ours'],
  'detail-type': 'AWS Health Event',
  detail: {
    eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED/x',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
    eventTypeCategory: 'scheduledChange',
    startTime: 'Sat, 05 Dec 2026 15:10:09 GMT',
    statusCode: 'upcoming',
    affectedEntities: [{ entityValue: 'i-ours' }, { entityValue: 'i-theirs' }],
    ...detail,
  },
});

const alarm = (
  state: string,
  timestamp: string,
  previousState: object | null = { value: 'OK', reason: 'fine', timestamp: '2026-11-22T15:00:00.000+0000' },
): Record<string, unknown> => ({
  version: '0',
  source: 'aws.cloudwatch',
  time: '2026-11-22T16:00:01Z',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:orders-waiting'],
  detail: {
    alarmName: 'orders-waiting',
    configuration: { metrics: [] },
    ...(previousState === null ? {} : { previousState }),
    state: { value: state, reason: 'Threshold Crossed', reasonData: '{}', timestamp },
  },
});

function setUp(handle: (event: InstanceEvent) => Promise<void> = async () => undefined): {
  send: (event: unknown) => Promise<unknown>;
  handled: InstanceEvent[];
  alarms: AlarmEvent[];
  log: RecordingLog;
} {
  const handled: InstanceEvent[] = [];
  const alarms: AlarmEvent[] = [];
  const log = new RecordingLog();
  const handler = createEventsHandler({
    useCases: {
      handleInstanceEvent: async (event) => {
        await handle(event);
        handled.push(event);
      },
      handleAlarmEvent: async (event) => {
        alarms.push(event);
        return event.alarmName === 'orders-waiting' ? ['default'] : [];
      },
    },
    poolOf: async (instanceId) => (instanceId === 'i-ours' ? 'default' : null),
    log,
  });
  return { send: (event) => handler(event, {} as never), handled, alarms, log };
}

test.each([
  ['EC2 Instance State-change Notification', { state: 'terminated' }, 'state-change', atMs],
  [
    'EC2 Spot Instance Interruption Warning',
    { 'instance-action': 'terminate' },
    'interruption-warning',
    atMs + 120_000,
  ],
  ['EC2 Instance Rebalance Recommendation', {}, 'rebalance-recommendation', atMs],
])('%s becomes an instance event', async (detailType, detail, kind, expectedAtMs) => {
  const { send, handled } = setUp();
  await send(ec2(detailType, { 'instance-id': 'i-ours', ...detail }));
  expect(handled).toEqual([{ kind, instanceId: 'i-ours', pool: 'default', atMs: expectedAtMs }]);
});

test('an instance of somebody else is ignored', async () => {
  const { send, handled } = setUp();
  expect(
    await send(ec2('EC2 Instance State-change Notification', { 'instance-id': 'i-theirs', state: 'running' })),
  ).toMatchObject({ ignored: ['i-theirs'] });
  expect(handled).toEqual([]);
});

test('a failure stays a failure, so that the event comes again', async () => {
  const { send, log } = setUp(async () => {
    throw new Error('store is away');
  });
  await expect(
    send(ec2('EC2 Instance State-change Notification', { 'instance-id': 'i-ours', state: 'running' })),
  ).rejects.toThrow('store is away');
  expect(log.lines).toHaveLength(1);
});

test.each([
  {},
  null,
  ec2('EC2 Instance State-change Notification', {}),
  { ...ec2('EC2 Instance Rebalance Recommendation', { 'instance-id': 'i-ours' }), source: 'evil' },
])('refuses what is no event of EC2', async (event) => {
  const { send, handled } = setUp();
  await expect(send(event)).rejects.toThrow();
  expect(handled).toEqual([]);
});

test('a change that AWS Health announces is told of each instance of ours, with its date', async () => {
  const { send, handled } = setUp();
  expect(await send(health({}))).toMatchObject({ ignored: ['i-theirs'] });
  expect(handled).toEqual([
    {
      kind: 'scheduled-change',
      instanceId: 'i-ours',
      pool: 'default',
      atMs: Date.UTC(2026, 11, 5, 15, 10, 9),
      reason: 'AWS Health announces AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED for 2026-12-05T15:10:09.000Z',
    },
  ]);
});

test('a change that is over or called off drains nothing; one without a readable date does', async () => {
  const { send, handled } = setUp();
  await send(health({ statusCode: 'closed' }));
  expect(handled).toEqual([]);
  await send(health({ startTime: 'soon' }));
  expect(handled).toMatchObject([
    { atMs, reason: 'AWS Health announces AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED' },
  ]);
});

test('an alarm is told with the time of its state, as CloudWatch writes it', async () => {
  const { send, alarms } = setUp();
  expect(await send(alarm('ALARM', '2026-11-22T16:00:00.985+0000'))).toEqual({
    handled: [],
    alarmed: ['default'],
    ignored: [],
  });
  await send(alarm('OK', '2026-11-22T18:00:00.000+0100', null));
  expect(alarms).toEqual([
    { alarmName: 'orders-waiting', state: 'ALARM', previousState: 'OK', reason: 'Threshold Crossed', atMs: atMs + 985 },
    {
      alarmName: 'orders-waiting',
      state: 'OK',
      previousState: null,
      reason: 'Threshold Crossed',
      atMs: Date.UTC(2026, 10, 22, 17),
    },
  ]);
});

test.each([
  ['{"version":"1.0","threshold":50.0,"recentDatapoints":[51.5,99.5]}', { beyond: 49.5 }],
  ['{"threshold":50.0,"recentDatapoints":[20.0]}', { beyond: 30 }],
  ['{"threshold":50.0,"recentDatapoints":[]}', {}],
  ['{"triggeringAlarms":[]}', {}],
  ['no JSON', {}],
])('how far the metric is beyond the threshold: %s', async (reasonData, known) => {
  const { send, alarms } = setUp();
  const event = alarm('ALARM', '2026-11-22T16:00:00.985+0000');
  const detail = event['detail'] as { readonly state: object };
  await send({ ...event, detail: { ...detail, state: { ...detail.state, reasonData } } });
  const { beyond } = alarms[0] ?? {};
  expect(beyond === undefined ? {} : { beyond }).toEqual(known);
});

test.each([
  ['Threshold Crossed: 1 out of the last 2 datapoints [95.0 (..)] was greater than the threshold (80.0).', 15],
  ['Threshold Crossed: 1 out of the last 2 datapoints [10.0 (..)] was less than or equal to the threshold (80.0).', 70],
  ['without a word of that', undefined],
])('datapoints on the good side of the threshold do not count: %s', async (reason, beyond) => {
  const { send, alarms } = setUp();
  const event = alarm('ALARM', '2026-11-22T16:00:00.985+0000');
  const detail = event['detail'] as { readonly state: object };
  const reasonData = '{"threshold":80.0,"recentDatapoints":[10.0,95.0]}';
  await send({ ...event, detail: { ...detail, state: { ...detail.state, reason, reasonData } } });
  expect(alarms[0]?.beyond).toBe(beyond);
});

test.each([
  alarm('LOUD', '2026-11-22T16:00:00.985+0000'),
  alarm('ALARM', 'just now'),
  health({ service: 'RDS' }),
  health({ eventTypeCategory: 'issue' }),
])('refuses what the rules would not have passed', async (event) => {
  const { send, alarms, handled } = setUp();
  await expect(send(event)).rejects.toThrow();
  expect([alarms, handled]).toEqual([[], []]);
});

describe('a hint that there is something for webhooks', () => {
  const bench = (reports: readonly DeliveryReport[]) => {
    let [nowMs, turn, again] = [0, 0, 0];
    const log = new RecordingLog();
    const run = createDeliveriesHandler({
      clock: {
        nowMs: () => nowMs,
        monotonicMs: () => nowMs,
        sleep: async (ms) => {
          nowMs += ms;
        },
      },
      log,
      deliver: async () => {
        const report = reports[Math.min(turn++, reports.length - 1)];
        if (!report) throw new Error('the store is down');
        return report;
      },
      again: async () => {
        again += 1;
      },
    });
    return { run, log, turns: () => turn, hints: () => again };
  };

  test('is told from other events', () => {
    expect(isDeliveryHint({ source: 'bellows', 'detail-type': 'Deliver', detail: {} })).toBe(true);
    expect(isDeliveryHint({ source: 'bellows', 'detail-type': 'Wake', detail: { pool: 'p' } })).toBe(false);
    expect(isDeliveryHint({ source: 'aws.ec2', 'detail-type': 'Deliver' })).toBe(false);
  });

  test('delivers until nothing is left', async () => {
    const { run, turns, hints } = bench([
      { delivered: 2, isDone: false },
      { delivered: 1, isDone: true },
    ]);
    expect(await run()).toEqual({ delivered: 3 });
    expect([turns(), hints()]).toEqual([2, 0]);
  });

  test('hands on what does not fit into the time of the function', async () => {
    const { run, hints } = bench([{ delivered: 1, isDone: false }]);
    await run();
    expect(hints()).toBe(1);
  });

  test('that cannot be served is logged: the next minute comes anyway', async () => {
    const { run, log } = bench([]);
    expect(await run()).toEqual({ delivered: 0 });
    expect(log.lines.map((line) => line.message)).toEqual([
      'webhooks could not be served; the next minute tries again',
    ]);
  });
});

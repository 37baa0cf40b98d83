// What doctor finds in an installation, what redrive does with dead letters, and one small check of preflight.
import { describe, expect, test } from '@jest/globals';
import { Context } from '../../../cli/context.ts';
import { checkAlarms, checkDeadLetters, checkInstances } from '../../../cli/checks/doctor/aws.ts';
import { checkNodes } from '../../../cli/checks/doctor/nodes.ts';
import { checkPool } from '../../../cli/checks/doctor/pools.ts';
import { redrive } from '../../../cli/checks/doctor/redrive.ts';
import { checkStats } from '../../../cli/checks/doctor/stats.ts';
import { checkConcurrency } from '../../../cli/checks/preflight/quotas.ts';
import type { AwsCalls, AwsReader } from '../../../cli/checks/preflight/reading.ts';
import { AwsRefusal } from '../../../cli/checks/preflight/reading.ts';
import type { Deployed } from '../../../cli/checks/preflight/stack.ts';
import type { ActivityView } from '../../../lib/api/schemas/figures/activity.ts';
import type { NodeView, PoolView } from '../../../lib/api/schemas/pools.ts';
import type { StatsView } from '../../../lib/api/schemas/figures/stats.ts';
import { nowMs } from '../../lambdas/fake-use-cases.ts';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();
const ago = (ms: number): string => new Date(nowMs - ms).toISOString();
const [minute, hour] = [60_000, 3_600_000];

describe('a pool', () => {
  const pool = { name: 'default', dueSince: null, deletingSince: null } as PoolView;
  const activity = (code: string, ms: number) =>
    [{ at: ago(ms), code, message: 'it failed' }] as unknown as ActivityView['items'];

  test.each<[string, Partial<PoolView>, ActivityView['items'], string, RegExp]>([
    ['that is due for minutes', { dueSince: ago(5 * minute) }, [], 'wrong', /due since 5m00s, and no tick came/],
    ['that is due now', { dueSince: ago(minute) }, [], 'ok', /ticks/],
    ['that is paused', { paused: { by: 'ann', since: ago(2 * hour) } }, [], 'note', /paused 2h00m ago by ann/],
    ['that cannot be read', { quarantine: 'no spec' }, [], 'wrong', /cannot be read: no spec/],
    ['that does not go', { deletingSince: ago(2 * hour) }, [], 'wrong', /is being deleted since 2h00m ago/],
    ['that could not write', {}, activity('write_failed', minute), 'wrong', /1 in the last hour, 1m00s ago: it failed/],
    ['that could not write yesterday', {}, activity('write_failed', 24 * hour), 'ok', /ticks/],
    ['that launched', {}, activity('launch', minute), 'ok', /ticks/],
  ])('%s', (_what, more, items, state, what) => {
    const found = checkPool({ ...pool, ...more }, items, nowMs);
    expect(found).toMatchObject([{ state, what: expect.stringMatching(what) }]);
    if (state !== 'ok') expect(found[0]?.cure).not.toBe('');
  });
});

test('nodes that do not call, come or go are named, the first five', () => {
  const node = (id: string, more: Partial<NodeView>) =>
    ({
      id,
      pool: 'p',
      state: 'ready',
      createdAt: ago(hour),
      readyAt: ago(hour),
      lastSeenAt: ago(0),
      ...more,
    }) as NodeView;
  const well = [node('a', {}), node('b', { state: 'launching', createdAt: ago(minute) })];
  expect(checkNodes(well, nowMs)).toMatchObject([{ state: 'ok' }]);
  const silent = Array.from({ length: 7 }, (_, at) => node(`s${String(at)}`, { lastSeenAt: ago(4 * minute) }));
  const others = [
    node('late', { state: 'launching', readyAt: null, lastSeenAt: null }),
    node('d', { state: 'draining', readyAt: ago(48 * hour), stopsTasksAt: null, drainReason: 'cordon', tasks: 2 }),
  ];
  const found = checkNodes([...silent, ...others], nowMs);
  expect(found.map((one) => [one.state, one.name])).toEqual([
    ['wrong', 'silent nodes'],
    ['wrong', 'nodes that do not come'],
    ['wrong', 'nodes that do not go'],
  ]);
  expect(found[0]?.what).toMatch(/^7: s0 \(p\) not heard of for 4m00s; .*; 2 more$/);
  expect(found[2]?.what).toBe('1: d (p) drains (cordon), runs 2 tasks');
});

test('prices that AWS was not asked for, and requests set aside', () => {
  const figures = (source: string, ageSeconds: number) => ({ source, region: 'r', asOf: '', ageSeconds });
  const stats = (source: string, ageSeconds: number, quarantined = 0, onDemand = 'price-list', onDemandSeconds = 60) =>
    checkStats({
      quarantined,
      catalog: { offerings: figures(source, ageSeconds), onDemandPrices: figures(onDemand, onDemandSeconds) },
    } as StatsView).map((one) => one.state);
  expect(stats('ec2', 60)).toEqual(['ok', 'ok']);
  expect(stats('ec2', 3 * 86_400)).toEqual(['wrong', 'ok']);
  expect(stats('packaged', 60)).toEqual(['note', 'ok']);
  expect(stats('ec2', 60, 0, 'packaged')).toEqual(['ok', 'note']);
  expect(stats('simulated', 3 * 86_400, 2, 'packaged')).toEqual(['ok', 'ok', 'wrong']);
  // The packaged list of a local server is as old as its release.
  expect(stats('simulated', 60, 0, 'packaged', 100 * 86_400)).toEqual(['ok', 'ok']);
  expect(stats('ec2', 60, 0, 'price-list', 100 * 86_400)).toEqual(['ok', 'wrong']);
});

test('of a server: what waits for long is told with its reason; exit 1 where something is wrong', async () => {
  await bench.run(['pool', 'apply', '-f', bench.file('p.yaml', 'name: default')]);
  await bench.run(['run', '--', 'true']);
  const well = await bench.run(['doctor']);
  expect(well).toMatchObject({ exit: 0, err: '' });
  expect(well.out).toMatch(/^ok +pool default +ticks when it is due$/m);
  expect(well.out).toMatch(/^nothing that was seen is wrong$/m);
  bench.fake.change('r1', {
    createdAtMs: nowMs - hour,
    timeline: [{ atMs: nowMs - hour, stage: 'planned', code: 'no_capacity', message: 'EC2 has none' }],
  });
  const ill = await bench.run(['doctor']);
  expect(ill.exit).toBe(1);
  expect(ill.out).toMatch(/^wrong +waiting in default +1 for up to 1h00m \(no_capacity\): EC2 has none$/m);
  expect(ill.out).toMatch(/cure: \.\/bellows why r1$/m);
  expect(JSON.parse((await bench.run(['doctor', '--json'])).out)).toHaveProperty('findings');
});

const stack = { installation: 'prod', deadLettersUrl: 'https://q', eventsFunction: 'events' } as Deployed;

type Answers = { readonly [A in keyof AwsCalls]?: (input: AwsCalls[A]['input']) => unknown };
function awsWith(answers: Answers): AwsReader {
  const call = async (action: keyof AwsCalls, input: never): Promise<unknown> => {
    const answer = answers[action] as ((given: never) => unknown) | undefined;
    if (answer === undefined) throw new AwsRefusal(action, 'AccessDenied', 403, 'no');
    return answer(input);
  };
  return { region: 'us-east-1', call: call as AwsReader['call'] };
}

describe('on AWS', () => {
  test('an alarm in ALARM comes with what to do first', async () => {
    const alarm = (name: string, StateValue: string, ActionsEnabled = true) => ({
      AlarmName: `bellows-prod-${name}`,
      AlarmDescription: 'words',
      StateValue,
      ActionsEnabled,
      StateTransitionedTimestamp: new Date(nowMs),
    });
    const found = async (...MetricAlarms: unknown[]) =>
      checkAlarms(awsWith({ DescribeAlarms: () => ({ MetricAlarms }) }), stack);
    expect(await found(alarm('failing-ticks', 'OK'))).toMatchObject([{ state: 'ok', what: 'none of 1 is in ALARM' }]);
    const [ringing, off] = await found(alarm('dead-letters', 'ALARM'), alarm('mass-silence', 'OK', false));
    expect(ringing).toMatchObject({ state: 'wrong', name: 'alarm dead-letters' });
    expect(ringing?.cure).toMatch(/redrive.*; docs\/troubleshooting\.md, "Alarms"$/);
    expect(off).toMatchObject({ state: 'note', cure: expect.stringContaining('bellows-prod-mass-silence') });
    expect(await checkAlarms(awsWith({}), stack)).toMatchObject([{ state: 'unknown' }]);
  });

  test('dead letters are counted', async () => {
    const found = async (count: string) =>
      checkDeadLetters(
        awsWith({ GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: count } }) }),
        stack,
      );
    expect(await found('0')).toMatchObject([{ state: 'ok' }]);
    expect(await found('12')).toMatchObject([{ state: 'wrong', what: expect.stringMatching(/^12: /) }]);
  });

  test('nodes and instances that are not both there are named, once they should be', async () => {
    const node = (id: string, more: Partial<NodeView> = {}) =>
      ({ id, state: 'ready', createdAt: ago(hour), ...more }) as NodeView;
    const instance = (InstanceId: string, ms: number, ...Tags: { Key: string; Value: string }[]) => ({
      InstanceId,
      LaunchTime: new Date(nowMs - ms),
      Tags: [{ Key: 'bellows:pool', Value: 'p' }, ...Tags],
    });
    const pages = [
      { Reservations: [{ Instances: [instance('i-1', hour), instance('i-stray', hour)] }], NextToken: 'more' },
      {
        Reservations: [
          { Instances: [instance('i-new', minute), instance('i-vm', hour, { Key: 'bellows:request', Value: 'r' })] },
        ],
      },
    ];
    const aws = awsWith({ DescribeInstances: ({ NextToken }) => pages[NextToken === undefined ? 0 : 1] });
    const nodes = [
      node('i-1'),
      node('i-gone'),
      node('i-young', { createdAt: ago(minute) }),
      node('i-going', { state: 'terminating' }),
    ];
    const client = {
      call: async (route: string) => ({ items: route === 'listPools' ? [{ name: 'p' }] : nodes, nextCursor: null }),
    } as unknown as Parameters<typeof checkInstances>[3];
    const found = await checkInstances(aws, stack, nodes, client, nowMs);
    expect(found.map((one) => [one.name, one.what])).toEqual([
      ['nodes without an instance', '1: i-gone'],
      ['instances that no record knows', '1: i-stray (p)'],
    ]);
  });
});

test.each<[number, number, string]>([
  [1_000, 0, 'ok'],
  [1_000, 900, 'ok'],
  [1_000, 901, 'missing'],
  [10, 0, 'note'],
  [10, 1, 'missing'],
])('an account with %i executions of Lambda, of which %i are reserved: %s', async (most, reserved, state) => {
  const aws = awsWith({ GetServiceQuota: () => ({ Quota: { Value: most } }) });
  expect(await checkConcurrency(aws, reserved)).toMatchObject([{ state }]);
});

describe('redrive', () => {
  const event = { 'detail-type': 'EC2 Spot Instance Interruption Warning', time: '2026-11-27T00:00:00Z', detail: {} };
  const bodies: Readonly<Record<string, unknown>> = {
    call: { requestPayload: event, responsePayload: { errorMessage: 'boom' } },
    rule: { ...event, 'detail-type': 'CloudWatch Alarm State Change' },
    stream: { DDBStreamBatchInfo: { batchSize: 3 } },
    alien: 'x',
  };

  async function redriven(options: { yes?: boolean; drop?: boolean }, fails: readonly string[] = []) {
    const queue = new Map(Object.entries(bodies).map(([id, body]) => [id, JSON.stringify(body)]));
    const sent: unknown[] = [];
    const hidden = new Set<string>();
    const aws = awsWith({
      DescribeStacks: () => ({
        Stacks: [
          {
            StackStatus: 'UPDATE_COMPLETE',
            Outputs: [{ OutputKey: 'Preflight00000000', OutputValue: JSON.stringify(output) }],
          },
        ],
      }),
      ReceiveMessage: () => {
        const Messages = [...queue].filter(([id]) => !hidden.has(id)).slice(0, 2);
        for (const [id] of Messages) hidden.add(id);
        return { Messages: Messages.map(([id, Body]) => ({ MessageId: id, ReceiptHandle: id, Body })) };
      },
      Invoke: ({ Payload }) => {
        const given = JSON.parse(new TextDecoder().decode(Payload as Uint8Array)) as { 'detail-type': string };
        sent.push(given['detail-type']);
        return fails.includes(given['detail-type'])
          ? { FunctionError: 'Unhandled', Payload: new TextEncoder().encode('{"errorMessage":"again"}') }
          : {};
      },
      DeleteMessage: ({ ReceiptHandle = '' }) => void queue.delete(ReceiptHandle),
    });
    let out = '';
    const context = new Context(
      { openAws: async () => aws, stdout: (text: string) => (out += text), server: 'http://x' } as never,
      { json: true },
    );
    await redrive(context, { stack: 'S', ...options });
    await context.flush();
    const { messages } = JSON.parse(out) as { messages: { id: string; outcome: string; what: string; why: string }[] };
    return { messages, left: [...queue.keys()], sent, exit: context.exit };
  }
  const template = { id: 'lt-1', version: '1' };
  const byArch = { x86_64: template, arm64: template };
  const output: Deployed = {
    installation: 'prod',
    url: 'https://api',
    schedulerRoleArn: 'r',
    nodeRoleArn: 'n',
    securityGroupId: 'g',
    vpcId: 'v',
    templates: { ...byArch, burstable: byArch, gpu: byArch },
    subnets: [],
    nodeImage: 'plain',
    agent: { bucket: 'b', key: 'k' },
    runtimes: { x86_64: { bucket: 'b', key: 'x' }, arm64: { bucket: 'b', key: 'a' } },
    deadLettersUrl: 'https://q',
    eventsFunction: 'events',
    reservedConcurrency: {},
  };

  test('lists, and changes nothing', async () => {
    const { messages, left, sent, exit } = await redriven({});
    expect({ left: left.length, sent, exit }).toEqual({ left: 4, sent: [], exit: 0 });
    expect(messages).toMatchObject([
      { outcome: 'waits', what: `${event['detail-type']}, ${event.time}`, why: 'boom' },
      { outcome: 'waits', what: `CloudWatch Alarm State Change, ${event.time}`, why: 'it could not be delivered' },
      { outcome: 'waits', what: 'news of 3 accepted requests' },
      { outcome: 'waits', what: 'a message of a form that is not known' },
    ]);
  });

  test('sends again, and removes what was taken alone', async () => {
    const { messages, left, sent, exit } = await redriven({ yes: true }, ['CloudWatch Alarm State Change']);
    expect(sent).toEqual([event['detail-type'], 'CloudWatch Alarm State Change']);
    expect(messages.map((one) => one.outcome)).toEqual([
      'taken',
      'failed again',
      'cannot be sent again',
      'cannot be sent again',
    ]);
    expect(messages[1]?.why).toContain('again');
    expect({ left, exit }).toEqual({ left: ['rule', 'stream', 'alien'], exit: 1 });
  });

  test('drops what cannot be sent again only when told to', async () => {
    const { left, exit } = await redriven({ yes: true, drop: true });
    expect({ left, exit }).toEqual({ left: [], exit: 0 });
  });
});

import { expect, test } from '@jest/globals';
import { createEventsHandler } from '../../lambdas/events/handler.ts';
import type { InstanceEvent } from '../../lib/control/use-cases.ts';
import { RecordingLog } from './calls.ts';

const atMs = Date.UTC(2026, 10, 22, 16, 0, 0);
const ec2 = (detailType: string, detail: Record<string, unknown>): Record<string, unknown> =>
  ({ version: '0', id: 'e', source: 'aws.ec2', account: '1', region: 'us-east-1', time: '2026-11-22T16:00:00Z', resources: [], 'detail-type': detailType, detail });

function setUp(handle: (event: InstanceEvent) => Promise<void> = async () => undefined): { send: (event: unknown) => Promise<unknown>; handled: InstanceEvent[]; log: RecordingLog } {
  const handled: InstanceEvent[] = [];
  const log = new RecordingLog();
  const handler = createEventsHandler({
    useCases: { handleInstanceEvent: async (event) => { await handle(event); handled.push(event); } },
    poolOf: async (instanceId) => (instanceId === 'i-ours' ? 'default' : null),
    log,
  });
  return { send: (event) => handler(event, {} as never), handled, log };
}

test.each([
  ['EC2 Instance State-change Notification', { state: 'terminated' }, 'state-change', atMs],
  ['EC2 Spot Instance Interruption Warning', { 'instance-action': 'terminate' }, 'interruption-warning', atMs + 120_000],
  ['EC2 Instance Rebalance Recommendation', {}, 'rebalance-recommendation', atMs],
])('%s becomes an instance event', async (detailType, detail, kind, expectedAtMs) => {
  const { send, handled } = setUp();
  await send(ec2(detailType, { 'instance-id': 'i-ours', ...detail }));
  expect(handled).toEqual([{ kind, instanceId: 'i-ours', pool: 'default', atMs: expectedAtMs }]);
});

test('an instance of somebody else is ignored', async () => {
  const { send, handled } = setUp();
  expect(await send(ec2('EC2 Instance State-change Notification', { 'instance-id': 'i-theirs', state: 'running' }))).toEqual({ ignored: 'i-theirs' });
  expect(handled).toEqual([]);
});

test('a failure stays a failure, so that the event comes again', async () => {
  const { send, log } = setUp(async () => { throw new Error('store is away'); });
  await expect(send(ec2('EC2 Instance State-change Notification', { 'instance-id': 'i-ours', state: 'running' }))).rejects.toThrow('store is away');
  expect(log.lines).toHaveLength(1);
});

test.each([{}, null, ec2('EC2 Instance State-change Notification', {}), { ...ec2('EC2 Instance Rebalance Recommendation', { 'instance-id': 'i-ours' }), source: 'evil' }])('refuses what is no event of EC2', async (event) => {
  const { send, handled } = setUp();
  await expect(send(event)).rejects.toThrow();
  expect(handled).toEqual([]);
});

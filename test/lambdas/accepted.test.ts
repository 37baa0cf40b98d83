import { expect, test } from '@jest/globals';
import { createAcceptedHandler, isStreamEvent } from '../../lambdas/events/accepted.ts';
import { fromAttributes, toAttributes } from '../../lib/adapters/aws/dynamodb/items.ts';
import { requestItem } from '../../lib/control/requests/submit.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';
import type { BellowsEvent } from '../../lib/ports/events.ts';
import { taskSpec } from '../control/world.ts';
import { RecordingLog } from './calls.ts';

const atMs = Date.UTC(2026, 10, 22, 16);

/** As a stream hands it to a function: JSON, in which bytes are base64. */
function asStreamed(attributes: object): object {
  const text = JSON.stringify(attributes, (_key, value: unknown) =>
    value instanceof Uint8Array
    || (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer')
      ? Buffer.from(value as Uint8Array).toString('base64')
      : value,
  );
  return JSON.parse(text) as object;
}

function image(id: string, version: number, argument = ''): object {
  const record = newRequest(
    {
      id,
      tenant: 'shop',
      pool: 'default',
      bodyHash: 'h',
      spec: { ...taskSpec, count: 3, run: { kind: 'command', argv: ['echo', argument] } },
    },
    atMs,
  );
  const { expiresAtMs = null, index = {}, ...item } = requestItem(record, null);
  return asStreamed(toAttributes({ ...item, index, expiresAtMs, version, writeId: 'w' }));
}

function setUp(fail = false) {
  const published: BellowsEvent[] = [];
  const log = new RecordingLog();
  const handler = createAcceptedHandler({
    log,
    itemOf: fromAttributes,
    events: {
      publish: async (events) => {
        if (fail) throw new Error('EventBridge is away');
        published.push(...events);
      },
    },
  });
  return { handler, published, log };
}

const streamed = (...images: readonly (object | undefined)[]): object => ({
  Records: images.map((NewImage) => ({
    eventID: '1',
    eventSource: 'aws:dynamodb',
    eventName: 'INSERT',
    dynamodb: { Keys: {}, ...(NewImage === undefined ? {} : { NewImage }), StreamViewType: 'NEW_IMAGE' },
  })),
});

test(
  'the first version of a row is published, packed or not; later ' + 'versions, other records and deletions are not',
  async () => {
    const { handler, published } = setUp();
    const other = { ...image('r-4', 1), sk: { S: 'CHUNK#000000' } };
    const event = streamed(image('r-1', 1), image('r-2', 1, 'x'.repeat(5_000)), image('r-3', 2), other, undefined);
    expect(isStreamEvent(event)).toBe(true);
    expect(await handler(event)).toEqual({ published: ['r-1', 'r-2'] });
    expect(published).toEqual(
      ['r-1', 'r-2'].map((requestId) => ({
        type: 'RequestAccepted',
        requestId,
        requestType: 'task',
        pool: 'default',
        tenant: 'shop',
        count: 3,
        atMs,
      })),
    );
  },
);

test('what could not be published fails, so that the stream hands it over again', async () => {
  const { handler, log } = setUp(true);
  await expect(handler(streamed(image('r-1', 1)))).rejects.toThrow('EventBridge is away');
  expect(log.lines).toHaveLength(1);
});

test('anything else is no stream event, or is refused', async () => {
  expect(isStreamEvent({ source: 'aws.ec2' })).toBe(false);
  await expect(setUp().handler({ Records: [{ eventSource: 'aws:sqs', body: '' }] })).rejects.toThrow();
});

test('a record that cannot be read keeps back no other', async () => {
  const { handler, published, log } = setUp();
  const broken = { ...image('r-1', 1), data: { S: '{' }, packed: undefined };
  expect(
    await handler(streamed(broken, { ...image('r-2', 1), data: { S: 'null' }, packed: undefined }, image('r-3', 1))),
  ).toEqual({ published: ['r-3'] });
  expect(published.length).toBe(1);
  expect(log.lines.filter((line) => line.level === 'error').length).toBe(2);
});

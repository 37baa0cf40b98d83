// What the store makes of DynamoDB's answers that no emulator gives on request: throttles, conflicts, broken
// connections, unread keys. A small server answers as AWS's documentation says.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDbStore } from '../../../lib/adapters/aws/dynamodb/store.ts';
import { AwsServiceError } from '../../../lib/adapters/aws/sdk.ts';
import { transact } from '../../../lib/control/store/store-retry.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../../lib/ports/store.ts';
import type { Write } from '../../../lib/ports/store.ts';
import { TestClock } from '../../contract/store.harness.ts';
import { hangMs } from '../../hang.ts';

interface Call {
  readonly target: string;
  readonly body: Record<string, unknown>;
}
type Reply = { readonly status: number; readonly json: unknown } | 'break' | 'silence';

let server: Server;
let store: DynamoDbStore;
let calls: Call[];
let replies: Reply[];
const silent: ServerResponse[] = [];

beforeEach(async () => {
  calls = [];
  replies = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({
        target: String(request.headers['x-amz-target']),
        body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      });
      const reply = replies.shift() ?? { status: 200, json: {} };
      if (reply === 'break') request.socket.destroy();
      else if (reply === 'silence') silent.push(response);
      else
        response
          .writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(reply.json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = storeThatWaits(hangMs);
});

function storeThatWaits(timeoutMs: number): DynamoDbStore {
  return new DynamoDbStore({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    tableName: 't',
    credentials: () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
    clock: new TestClock(),
    timeoutMs,
  });
}

afterEach(async () => {
  store.close();
  for (const response of silent.splice(0)) response.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const refused = (code: string, more: object = {}, status = 400): Reply => ({
  status,
  json: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'no', ...more },
});
const put = async (into = store): Promise<unknown> =>
  into.put({ item: { pk: 'p', sk: 's', data: 1 }, condition: 'absent', writeId: 'w' });
const check: Write = { op: 'check', key: { pk: 'p', sk: 'c' }, condition: 3 };
const write: Write = { op: 'put', item: { pk: 'p', sk: 's', data: 1 }, condition: 'absent' };

test.each([
  ['ProvisionedThroughputExceededException', ThrottledError],
  ['ThrottlingException', ThrottledError],
  ['RequestLimitExceeded', ThrottledError],
  ['TransactionConflictException', ConflictError],
  ['ValidationException', AwsServiceError],
  ['AccessDeniedException', AwsServiceError],
  ['ResourceNotFoundException', AwsServiceError],
])('%s is answered as %p, and not repeated here', async (code, kind) => {
  replies = [refused(code)];
  await expect(put()).rejects.toBeInstanceOf(kind);
  expect(calls).toHaveLength(1);
});

test.each<[string, Reply]>([
  ['an internal error', refused('InternalServerError', {}, 500)],
  ['a gateway that says 503 without JSON', { status: 503, json: 'busy' }],
  ['a broken connection', 'break'],
  ['silence', 'silence'],
])('%s leaves the outcome unknown', async (_name, reply) => {
  replies = [reply];
  const impatient = storeThatWaits(500);
  await expect(put(reply === 'silence' ? impatient : store)).rejects.toBeInstanceOf(UnknownOutcomeError);
  impatient.close();
  await expect(store.get({ pk: 'p', sk: 's' })).resolves.toBeNull();
});

test('a failed condition carries what is there; what is there but expired counts as absent', async () => {
  const stored = { pk: { S: 'p' }, sk: { S: 's' }, version: { N: '4' }, writeId: { S: 'w4' }, data: { S: '{"a":1}' } };
  replies = [refused('ConditionalCheckFailedException', { Item: stored })];
  await expect(put()).rejects.toMatchObject({
    key: { pk: 'p', sk: 's' },
    current: { version: 4, writeId: 'w4', data: { a: 1 }, index: {}, expiresAtMs: null },
  });
  replies = [refused('ConditionalCheckFailedException', { Item: { ...stored, expiresAtMs: { N: '1000' } } })];
  await expect(put()).rejects.toMatchObject({ current: null });
});

test(
  'of the reasons of a cancelled transaction a failed condition counts before conflicts, and '
    + 'conflicts before throttles',
  async () => {
    const reasons = (...codes: string[]): Reply =>
      refused('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
    const run = async (): Promise<void> => store.transact([write, check], 'w');
    replies = [reasons('TransactionConflict', 'ConditionalCheckFailed')];
    const failure: unknown = await run().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConditionFailedError);
    expect(failure).toMatchObject({ key: { pk: 'p', sk: 'c' }, current: null });
    replies = [reasons('ThrottlingError', 'TransactionConflict')];
    await expect(run()).rejects.toBeInstanceOf(ConflictError);
    replies = [reasons('None', 'ProvisionedThroughputExceeded')];
    await expect(run()).rejects.toBeInstanceOf(ThrottledError);
    replies = [reasons('ValidationError', 'None')];
    await expect(run()).rejects.toBeInstanceOf(AwsServiceError);
  },
);

test(
  'a transaction without an answer is sent again, byte for byte and with the same token, a '
    + 'bounded number of times',
  async () => {
    replies = ['break', refused('TransactionInProgressException'), { status: 200, json: {} }];
    await store.transact([write, check], 'w');
    expect(calls.map((call) => call.target)).toEqual(Array(3).fill('DynamoDB_20120810.TransactWriteItems'));
    expect(calls[1]?.body).toEqual(calls[0]?.body);
    expect(calls[2]?.body).toEqual(calls[0]?.body);
    expect(calls[0]?.body['ClientRequestToken']).toMatch(/^[\w-]{36}$/);
    await store.transact([write, check], 'w');
    expect(calls[3]?.body['ClientRequestToken']).not.toBe(calls[0]?.body['ClientRequestToken']);
    // Four: the first sending met a connection that had been used before, and was repeated on a new one.
    replies = ['break', 'break', 'break', 'break', { status: 200, json: {} }];
    await expect(store.transact([write, check], 'w')).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(calls).toHaveLength(8);
  },
);

const reason = (...codes: string[]): Reply =>
  refused('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });

test.each([
  ['is throttled', refused('ThrottlingException')],
  ['meets another one', reason('TransactionConflict', 'None')],
  ['finds a record changed', reason('ConditionalCheckFailed', 'None')],
])('after a sending without an answer the outcome is unknown, where the next one %s', async (_, reply) => {
  replies = ['break', reply];
  await expect(store.transact([write, check], 'w')).rejects.toBeInstanceOf(UnknownOutcomeError);
  expect(calls).toHaveLength(2);
});

test('a transaction whose answer was lost and whose next sending was throttled is known to have won', async () => {
  const gone: Write = { op: 'delete', key: { pk: 'p', sk: 'gone' }, condition: 1 };
  const own = { pk: { S: 'p' }, sk: { S: 's' }, version: { N: '1' }, writeId: { S: 'own' }, data: { S: '1' } };
  replies = [
    'break',
    refused('ThrottlingException'),
    reason('ConditionalCheckFailed', 'ConditionalCheckFailed'),
    { status: 200, json: { Item: own } },
  ];
  await transact({ store, clock: new TestClock(), random: { id: () => 'own', next: () => 0 } }, [gone, write]);
  expect(calls.at(-1)?.target).toBe('DynamoDB_20120810.GetItem');
});

test('a permission that is missing is told of, whatever went before', async () => {
  replies = ['break', refused('AccessDeniedException')];
  await expect(store.transact([write, check], 'w')).rejects.toBeInstanceOf(AwsServiceError);
});

test('a connection that was closed while the function slept costs nobody an error', async () => {
  await put();
  await delay(20);
  // Every open connection goes, as when AWS closes what was idle for too long.
  replies = ['break'];
  await put();
  expect(calls).toHaveLength(3);
});

test('keys that a batch left unread are asked for again', async () => {
  const stored = (sk: string): object => ({
    pk: { S: 'p' },
    sk: { S: sk },
    version: { N: '1' },
    writeId: { S: 'w' },
    data: { S: '1' },
  });
  const unread = { Keys: [{ pk: { S: 'p' }, sk: { S: 'b' } }] };
  replies = [
    { status: 200, json: { Responses: { t: [stored('a')] }, UnprocessedKeys: { t: unread } } },
    { status: 200, json: { Responses: { t: [stored('b')] }, UnprocessedKeys: {} } },
  ];
  const found = await store.getMany([
    { pk: 'p', sk: 'b' },
    { pk: 'p', sk: 'a' },
    { pk: 'p', sk: 'b' },
  ]);
  expect(found.map((item) => item?.sk)).toEqual(['b', 'a', 'b']);
  expect(calls[1]?.body).toMatchObject({ RequestItems: { t: { Keys: unread.Keys, ConsistentRead: true } } });
  replies = Array.from({ length: 8 }, () => ({ status: 200, json: { Responses: {}, UnprocessedKeys: { t: unread } } }));
  await expect(store.getMany([{ pk: 'p', sk: 'b' }])).rejects.toBeInstanceOf(ThrottledError);
});

test(
  'an index serves keys: what has moved in the index or expired since is passed over, and the '
    + 'page keeps its cursor',
  async () => {
    const entry = (sk: string, at: string): object => ({
      pk: { S: 'p' },
      sk: { S: sk },
      openPk: { S: 'o' },
      openSk: { S: at },
    });
    const stored = (sk: string, more: object): object => ({
      pk: { S: 'p' },
      sk: { S: sk },
      version: { N: '1' },
      writeId: { S: 'w' },
      data: { S: '1' },
      ...more,
    });
    const at = (sk: string): object => ({ openPk: { S: 'o' }, openSk: { S: sk } });
    replies = [
      {
        status: 200,
        json: {
          Items: [entry('here', '1'), entry('moved', '2'), entry('left', '3'), entry('old', '4'), entry('gone', '5')],
          LastEvaluatedKey: entry('gone', '5'),
        },
      },
      {
        status: 200,
        json: {
          Responses: {
            t: [
              stored('here', at('1')),
              stored('moved', at('9')),
              stored('left', {}),
              stored('old', { ...at('4'), expiresAtMs: { N: '5' } }),
            ],
          },
        },
      },
    ];
    const page = await store.queryIndex('open', { pk: 'o', limit: 5 });
    expect(page.items.map((item) => item.sk)).toEqual(['here']);
    await store.queryIndex('open', { pk: 'o', limit: 5, cursor: page.cursor });
    expect(calls[0]?.body).toMatchObject({ IndexName: 'open', Limit: 5 });
    expect(calls[2]?.body).toMatchObject({ ExclusiveStartKey: entry('gone', '5') });
    expect(calls.every((call) => !call.target.includes('Scan'))).toBe(true);
  },
);

// GetMetricData, from a small server that answers as its documentation says: what is asked, what an answer means, and
// what refusals say.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchMetrics } from '../../../../lib/adapters/aws/metrics/cloudwatch.ts';
import type { CloudWatchMetric } from '../../../../lib/core/records/pool.ts';
import { MetricsUnreadError } from '../../../../lib/ports/metrics/cloudwatch.ts';

interface Asked {
  readonly MetricDataQueries: readonly { readonly Id: string; readonly MetricStat: object }[];
  readonly StartTime: number;
  readonly EndTime: number;
  readonly ScanBy: string;
  readonly NextToken?: string;
}

let server: Server;
let asked: { readonly body: Asked; readonly target: string }[];
let answer: (body: Asked) => { readonly status: number; readonly json: object } | null;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const body = JSON.parse(text) as Asked;
      asked.push({ body, target: String(request.headers['x-amz-target']) });
      const given = answer(body);
      if (given === null) return;
      response
        .writeHead(given.status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(given.json));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

const metric = (name: string): CloudWatchMetric => ({
  namespace: 'AWS/SQS',
  metricName: name,
  dimensions: { QueueName: 'orders' },
  statistic: 'p99',
  periodMs: 300_000,
});
const [fromMs, toMs] = [Date.UTC(2026, 10, 27, 11, 45), Date.UTC(2026, 10, 27, 12)];
const read = (metrics = [metric('Sent')], timeoutMs?: number) =>
  new CloudWatchMetrics({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    credentials: () => ({ accessKeyId: 'AKID', secretAccessKey: 's' }),
    timeoutMs,
  }).read(metrics, fromMs, toMs);
const ok = (results: readonly object[], more: object = {}) => ({
  status: 200,
  json: { MetricDataResults: results, Messages: [], ...more },
});
const values = (Id: string, Values: readonly number[]) => ({
  ...{ Id, Label: Id, StatusCode: 'Complete', Values },
  Timestamps: Values.map((_, n) => toMs / 1000 - 300 * (n + 1)),
});

test('many metrics with one call, each by its statistic and period; the newest value counts', async () => {
  answer = () => ok([values('m1', []), values('m0', [7.5, 3])]);
  expect(await read([metric('Sent'), metric('Received')])).toEqual([
    { kind: 'value', value: 7.5, atMs: toMs - 300_000 },
    { kind: 'none' },
  ]);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    target: expect.stringMatching(/\.GetMetricData$/),
    body: {
      StartTime: fromMs / 1000,
      EndTime: toMs / 1000,
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        {
          Id: 'm0',
          MetricStat: {
            Metric: {
              ...{ Namespace: 'AWS/SQS', MetricName: 'Sent' },
              Dimensions: [{ Name: 'QueueName', Value: 'orders' }],
            },
            ...{ Period: 300, Stat: 'p99' },
          },
        },
        { Id: 'm1' },
      ],
    },
  });
});

test('further pages, few of them', async () => {
  answer = ({ NextToken }) =>
    NextToken === undefined ? ok([values('m0', [7])], { NextToken: 'a' }) : ok([values('m0', [1])], { NextToken: 'b' });
  expect(await read()).toEqual([{ kind: 'value', value: 7, atMs: toMs - 300_000 }]);
  expect(asked).toHaveLength(3);
});

test('a metric that CloudWatch may not show', async () => {
  answer = () => ok([{ Id: 'm0', StatusCode: 'Forbidden', Messages: [{ Code: 'x', Value: 'not yours' }] }]);
  expect(await read()).toEqual([{ kind: 'failed', message: 'CloudWatch answers Forbidden: not yours' }]);
  answer = () => ok([]);
  expect(await read()).toEqual([{ kind: 'none' }]);
});

describe('a call that failed is sent once and says what to do', () => {
  test.each([
    [403, 'AccessDeniedException', "the scheduler's role needs cloudwatch:GetMetricData"],
    [400, 'ThrottlingException', 'raise "GetMetricData" in Service Quotas'],
    [400, 'InvalidParameterValue', 'compare names, dimensions and statistics'],
    [500, 'InternalServiceFault', 'it is read again in a minute'],
  ])('%i %s', async (status, code, cure) => {
    answer = () => ({ status, json: { __type: `com.amazonaws.cloudwatch#${code}`, message: 'of just now' } });
    const error = await read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MetricsUnreadError);
    expect((error as Error).message).toContain(cure);
    expect((error as Error).message).not.toContain('of just now');
    expect((error as MetricsUnreadError).isInvalid).toBe(code === 'InvalidParameterValue');
    expect(asked).toHaveLength(1);
  });

  test('no answer', async () => {
    answer = () => null;
    await expect(read(undefined, 50)).rejects.toThrow('CloudWatch gave no answer to GetMetricData in time');
  });
});

// Outputs in a bucket and entries on a bus, on MiniStack: presigned uploads as agents make them, and
// both ways of PutEvents.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { putEventsOf } from '../../lib/adapters/aws/put-events.ts';
import { EventBridgeBus } from '../../lib/adapters/aws/eventbridge-bus.ts';
import { AwsJsonClient } from '../../lib/adapters/aws/json-client.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3-outputs.ts';
import { presignUrl } from '../../lib/adapters/aws/signing.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { accountOf, startMinistack } from './ministack.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('outputs and bus on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  const clock = new SystemClock();
  const aws = {
    region: 'us-east-1',
    endpoint: ministack.endpoint,
    credentials: () => accountOf(100_000_000_002),
    clock,
  };

  afterAll(async () => {
    await ministack.stop();
  });

  describe('outputs in S3', () => {
    const outputs = new S3Outputs({ ...aws, bucket: 'bellows-outputs' });
    beforeAll(async () => {
      const url = presignUrl(
        { method: 'PUT', url: new URL(`${ministack.endpoint}/bellows-outputs`) },
        { service: 's3', region: aws.region },
        aws.credentials(),
        clock.nowMs(),
        60,
      );
      const made = await fetch(url, { method: 'PUT' });
      expect(made.status).toBe(200);
    });

    test('what was never stored is null', async () => {
      expect(await outputs.read('r-1.0.1', 100)).toBeNull();
    });

    test(
      'an agent uploads with nothing but the URL, and again while the task runs; the tail ' + 'of each stream is read',
      async () => {
        const url = await outputs.uploadUrl('r-1.0.2');
        for (const stdout of ['begin', `begin… ${'é'.repeat(50)}`]) {
          const stored = await fetch(url, {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ stdout, stderr: 'warn', truncated: false }),
          });
          expect(stored.status).toBe(200);
        }
        expect(await outputs.read('r-1.0.2', 1_000)).toEqual({
          stdout: `begin… ${'é'.repeat(50)}`,
          stderr: 'warn',
          isTruncated: false,
          leftOutBytes: { stdout: 0, stderr: 0 },
        });
        // Nine bytes hold four of the two-byte characters.
        expect(await outputs.read('r-1.0.2', 9)).toEqual({
          stdout: 'éééé',
          stderr: 'warn',
          isTruncated: true,
          leftOutBytes: { stdout: 101, stderr: 0 },
        });
      },
    );

    test('what is written is read, and replaces what was there', async () => {
      await outputs.write('r-2.3.1', {
        stdout: 'a',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
      await outputs.write('r-2.3.1', {
        stdout: 'b',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
      expect(await outputs.read('r-2.3.1', 10)).toEqual({
        stdout: 'b',
        stderr: '',
        isTruncated: true,
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
    });

    test.each(['../../x.0.1', 'r/..%2f.0.1', 'no-attempt'])('%s names no output', async (id) => {
      await expect(outputs.uploadUrl(id)).rejects.toThrow(/no attempt id/);
    });
  });

  describe('events', () => {
    const putEvents = putEventsOf(aws);
    const queues = new AwsJsonClient({ name: 'sqs', targetPrefix: 'AmazonSQS', jsonVersion: '1.0' }, aws);
    const events = new AwsJsonClient({ name: 'events', targetPrefix: 'AWSEvents', jsonVersion: '1.1' }, aws);
    const busName = 'bellows-events';
    let queueUrl = '';

    beforeAll(async () => {
      await events.call('CreateEventBus', { Name: busName });
      queueUrl = String((await queues.call('CreateQueue', { QueueName: busName }))['QueueUrl']);
      await events.call('PutRule', {
        Name: 'all',
        EventBusName: busName,
        EventPattern: JSON.stringify({ source: ['bellows'] }),
      });
      await events.call('PutTargets', {
        Rule: 'all',
        EventBusName: busName,
        Targets: [{ Id: 'q', Arn: `arn:aws:sqs:us-east-1:100000000002:${busName}` }],
      });
    });

    afterAll(() => {
      queues.close();
      events.close();
    });

    test('wakes and published events arrive with their type and detail', async () => {
      const bus = new EventBridgeBus(busName, putEvents, clock);
      await bus.wake('default');
      await bus.publish(
        Array.from({ length: 11 }, (_, at) => ({
          type: 'NodeTerminated',
          nodeId: `i-${String(at)}`,
          pool: 'p',
          reason: 'idle',
          atMs: at,
        })),
      );
      const seen: { type: string; detail: unknown }[] = [];
      for (let tries = 0; tries < 20 && seen.length < 12; tries += 1) {
        const answer = await queues.call('ReceiveMessage', {
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
        });
        for (const { Body, ReceiptHandle } of (answer['Messages'] ?? []) as { Body: string; ReceiptHandle: string }[]) {
          const event = JSON.parse(Body) as { 'detail-type': string; detail: unknown };
          seen.push({ type: event['detail-type'], detail: event.detail });
          await queues.call('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle });
        }
      }
      expect(seen).toContainEqual({ type: 'Wake', detail: { pool: 'default' } });
      expect(seen).toContainEqual({
        type: 'NodeTerminated',
        detail: { nodeId: 'i-10', pool: 'p', reason: 'idle', atMs: 10 },
      });
      expect(seen).toHaveLength(12);
    });
  });
}

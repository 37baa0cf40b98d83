// Outputs in a bucket and entries on a bus, on MiniStack: presigned uploads as agents make them, and
// both ways of PutEvents.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { S3Files } from '../../lib/adapters/aws/s3/files.ts';
import { uploadKey } from '../../lib/control/store/file-keys.ts';
import { putEventsOf } from '../../lib/adapters/aws/messaging/put-events.ts';
import { EventBridgeBus } from '../../lib/adapters/aws/messaging/eventbridge-bus.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3/outputs.ts';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import { bytesOfText, textOfBytes } from '../../lib/core/values/output.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { hangMs } from '../hang.ts';
import { accountOf, startMinistack } from './ministack.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('outputs and bus on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  const clock = new SystemClock();
  const account = accountOf(100_000_000_002);
  const aws = { region: 'us-east-1', endpoint: ministack.endpoint, credentials: () => account, timeoutMs: hangMs };

  afterAll(async () => {
    await ministack.stop();
  });

  describe('outputs in S3', () => {
    const outputs = new S3Outputs({ ...aws, bucket: 'bellows-outputs' });
    beforeAll(async () => {
      const client = new S3Client({ ...keepingConnections(aws), forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: 'bellows-outputs' }));
      client.destroy();
    });

    test('a file is uploaded by its address, only as it was announced, and fetched by another', async () => {
      const files = new S3Files({ ...aws, bucket: 'bellows-outputs' });
      const body = 'packed files';
      const content = { sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length };
      const key = uploadKey('tenant', content.sha256);
      expect(await files.look(key)).toBe(null);
      const { url, headers } = await files.uploadTo(key, content);
      const { 'content-length': _length, ...others } = headers;
      expect((await fetch(url, { method: 'PUT', headers: others, body })).status).toBe(200);
      expect(await files.look(key)).toMatchObject({ bytes: body.length });
      expect(await (await fetch(await files.downloadFrom(key))).text()).toBe(body);
      expect((await fetch(await files.downloadFrom('uploads/none'))).status).toBe(404);
    });

    test('what was never stored is null', async () => {
      expect(await outputs.read('r-1.0.1', 100)).toBeNull();
    });

    test(
      'an agent uploads with nothing but the URL, and again while the task ' + 'runs; the tail of each stream is read',
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

    test('bytes that are no text come back as they were, by either way', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const streams = { stdout: textOfBytes(all), stderr: '\udcff' };
      const body = JSON.stringify({ ...streams, truncated: false });
      const headers = { 'content-type': 'application/json' };
      await fetch(await outputs.uploadUrl('r-4.0.1'), { method: 'PUT', headers, body });
      await outputs.write('r-4.0.2', { ...streams, isTruncated: false, leftOutBytes: { stdout: 0, stderr: 0 } });
      for (const id of ['r-4.0.1', 'r-4.0.2']) {
        const read = await outputs.read(id, 1_000);
        expect(bytesOfText(read?.stdout ?? '')).toEqual(all);
        expect(bytesOfText(read?.stderr ?? '')).toEqual(Uint8Array.of(0xff));
      }
    });

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
    const busName = 'bellows-events';
    let queueUrl = '';

    /** SQS is asked by hand: no part of Bellows uses it, and MiniStack reads only the account of a signature. */
    async function sqs(action: string, input: object): Promise<Readonly<Record<string, unknown>>> {
      const scope = `${account.accessKeyId}/20260101/us-east-1/sqs/aws4_request`;
      const response = await fetch(ministack.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${action}`,
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`,
        },
        body: JSON.stringify(input),
      });
      expect(response.status).toBe(200);
      const text = await response.text();
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    }

    beforeAll(async () => {
      const client = new EventBridgeClient(keepingConnections(aws));
      await client.send(new CreateEventBusCommand({ Name: busName }));
      queueUrl = String((await sqs('CreateQueue', { QueueName: busName }))['QueueUrl']);
      const pattern = JSON.stringify({ source: ['bellows'] });
      await client.send(new PutRuleCommand({ Name: 'all', EventBusName: busName, EventPattern: pattern }));
      const target = { Id: 'q', Arn: `arn:aws:sqs:us-east-1:100000000002:${busName}` };
      await client.send(new PutTargetsCommand({ Rule: 'all', EventBusName: busName, Targets: [target] }));
      client.destroy();
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
        const answer = await sqs('ReceiveMessage', { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
        for (const { Body, ReceiptHandle } of (answer['Messages'] ?? []) as { Body: string; ReceiptHandle: string }[]) {
          const event = JSON.parse(Body) as { 'detail-type': string; detail: unknown };
          seen.push({ type: event['detail-type'], detail: event.detail });
          await sqs('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle });
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

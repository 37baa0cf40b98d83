// The bus as control uses it, on whichever local AWS: both ways of PutEvents, and what a rule hands on.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { EventBridgeBus } from '../../../lib/adapters/aws/messaging/eventbridge-bus.ts';
import { putEventsOf } from '../../../lib/adapters/aws/messaging/put-events.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { byHand, clientOptions } from './place.ts';
import type { LocalPlace } from './place.ts';

/** `open` is called once it runs. */
export function describeBus(open: () => LocalPlace): void {
  describe('events', () => {
    const busName = 'bellows-events';
    let queueUrl = '';
    let place: LocalPlace;

    const sqs = (action: string, input: object): Promise<Readonly<Record<string, unknown>>> =>
      byHand(place).json('sqs', `AmazonSQS.${action}`, input, '1.0');

    beforeAll(async () => {
      place = open();
      const client = new EventBridgeClient(keepingConnections(clientOptions(place)));
      await client.send(new CreateEventBusCommand({ Name: busName }));
      queueUrl = String((await sqs('CreateQueue', { QueueName: busName }))['QueueUrl']);
      const pattern = JSON.stringify({ source: ['bellows'] });
      await client.send(new PutRuleCommand({ Name: 'all', EventBusName: busName, EventPattern: pattern }));
      const target = { Id: 'q', Arn: `arn:aws:sqs:us-east-1:${place.accountId}:${busName}` };
      await client.send(new PutTargetsCommand({ Rule: 'all', EventBusName: busName, Targets: [target] }));
      client.destroy();
    });

    test('wakes and published events arrive with their type and detail', async () => {
      const bus = new EventBridgeBus(busName, putEventsOf(clientOptions(place)), new SystemClock());
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

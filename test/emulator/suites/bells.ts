// Bells as queues, on whichever local AWS: made, rung, waited at by the agent's own client, listed and removed.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { HttpTransport } from '../../../agent/transport.ts';
import { SqsBells } from '../../../lib/adapters/aws/messaging/sqs-bells.ts';
import { keepingConnections } from '../../../lib/adapters/aws/sdk.ts';
import { credentialHeader } from '../../../lib/local/localcloud/aws.ts';
import { clientOptions } from './place.ts';
import type { LocalPlace } from './place.ts';

/** `open` is called once it runs. */
export function describeBells(open: () => LocalPlace): void {
  describe('a bell in SQS', () => {
    const nodeId = 'i-0123456789abcdef0';
    let address: string;
    let bells: SqsBells;
    let bellsOf: (installation: string) => SqsBells;
    let waits: (address: string, waitMs: number) => Promise<boolean>;
    let client: SQSClient;
    beforeAll(async () => {
      const place = open();
      const aws = clientOptions(place);
      const nodes = { roleArn: `arn:aws:iam::${place.accountId}:role/nodes`, roleId: 'AROAEXAMPLEEXAMPLE12' };
      bellsOf = (installation) => new SqsBells({ ...aws, installation, nodes });
      const authorization = credentialHeader(place.accountId, aws.region, 'sqs');
      const agent = new HttpTransport(() => 'http://127.0.0.1:9', {}, null, {
        sign: async ({ headers }) => ({ ...headers, authorization }),
      });
      waits = (queue, waitMs) => agent.listen(queue, waitMs, new AbortController().signal);
      client = new SQSClient(keepingConnections(aws));
      bells = bellsOf('prod');
      address = await bells.open(nodeId);
    });
    afterAll(() => {
      client.destroy();
    });

    test('is made once, however often it is asked for, and is forgetful enough that nobody has to delete', async () => {
      expect(await bells.open(nodeId)).toBe(address);
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: address, AttributeNames: ['All'] }),
      );
      const { MessageRetentionPeriod, VisibilityTimeout, Policy = '' } = Attributes ?? {};
      expect(Number(VisibilityTimeout)).toBeGreaterThan(Number(MessageRetentionPeriod));
      expect(JSON.parse(Policy)).toMatchObject({
        Statement: [{ Condition: { StringEquals: { 'aws:userid': `AROAEXAMPLEEXAMPLE12:${nodeId}` } } }],
      });
    });

    test('is heard by an agent that waits, within a moment', async () => {
      const waiting = waits(address, 20_000);
      const ringing = delay(300).then(() => bells.ring(nodeId));
      expect(await waiting).toBe(true);
      await ringing;
    });

    test('is heard by an agent that comes a moment later, and not again', async () => {
      await bells.ring(nodeId);
      await bells.ring(nodeId);
      expect(await waits(address, 0)).toBe(true);
      while (await waits(address, 0));
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: address }));
      expect(Messages).toEqual([]);
      expect(await waits(address, 1_000)).toBe(false);
    });

    test('is found by the sweep with those of its installation alone, and removed', async () => {
      const other = bellsOf('prod-i-0123456789');
      await other.open('i-0000000000000001');
      await bells.open('i-0000000000000002');
      expect([...(await bells.list())].sort()).toEqual(['i-0000000000000002', nodeId]);
      await bells.close(nodeId);
      await bells.close('i-0000000000000003');
      expect(await bells.list()).toEqual(['i-0000000000000002']);
      await expect(bells.ring(nodeId)).rejects.toThrow('SendMessage was refused');
      await expect(waits(address, 0)).rejects.toThrow('answered 400');
    });
  });
}

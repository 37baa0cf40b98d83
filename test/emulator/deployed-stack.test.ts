// The deployed stack, end to end: API Gateway, Lambda, DynamoDB, EventBridge and SQS of MiniStack, EC2 of the simulator
// with its faults, real agents with the credentials of their node's role.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceTruth } from '../../lib/adapters/simulated/cloud/cloud.ts';
import { tagRequest } from '../../lib/core/records/claim.ts';
import { tagLaunch, tagPool } from '../../lib/core/records/launch.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { LocalCloud } from '../../lib/local/localcloud/localcloud.ts';
import { tag } from '../../lib/local/localcloud/aws.ts';
import { prepareMinistack } from '../../lib/local/localcloud/ministack.ts';
import { hangMs } from '../hang.ts';

const missing = await prepareMinistack();
const accountId = '100000000005';

if (missing !== null) {
  describe('the deployed stack', () => {
    test.skip(`skipped: ${missing}`, () => {});
  });
} else {
  describe('the deployed stack', () => {
    let cloud: LocalCloud;
    let client: ApiClient;
    let minuteAtMs = 0;
    const folder = mkdtempSync(join(tmpdir(), 'bellows-deployed-'));

    beforeAll(async () => {
      cloud = await LocalCloud.start({
        props: {
          installation: 'test',
          drainQuietSeconds: 2,
          pools: [{ name: 'declared', limits: { instances: 2 }, maxNodeVcpu: 4, idleAfterSeconds: 1 }],
        },
        port: 0,
        accountId,
        log: { write: () => undefined },
      });
      client = new ApiClient(cloud.url, hangMs);
    });

    afterAll(async () => {
      await cloud?.stop();
      rmSync(folder, { recursive: true });
    });

    /** A pool of its own per test, so that what it bought can be counted. */
    const openPool = async (name: string, more: object = {}): Promise<void> => {
      await client.call('putPool', {
        params: { name },
        body: { limits: { instances: 2 }, maxNodeVcpu: 4, idleAfterSeconds: 1, ...more },
      });
    };
    const submit = async (pool: string, shell: string): Promise<string> =>
      (
        await client.call('submitRequest', {
          body: { type: 'task', pool, resources: { vcpu: 1, memoryMib: 256 }, shell },
        })
      ).id;
    const until = async <T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> => {
      for (const untilMs = performance.now() + hangMs; ;) {
        const found = await look();
        if (found !== null) return found;
        if (performance.now() > untilMs) throw new Error(`${what} did not come about\n${cloud.log()}`);
        // What the minute schedule would do, without waiting for minutes.
        if (performance.now() - minuteAtMs > 3_000) {
          minuteAtMs = performance.now();
          await cloud.minute();
        }
        await delay(250);
      }
    };
    const show = (id: string): Promise<RequestView> => client.call('getRequest', { params: { id } });
    const ended = (id: string): Promise<RequestView> =>
      until(`the end of ${id}`, async () => {
        const view = await show(id);
        return view.endedAt === null ? null : view;
      });
    const running = (id: string): Promise<RequestView> =>
      until(`the start of ${id}`, async () => {
        const view = await show(id);
        return view.counts.running > 0 ? view : null;
      });
    const bought = (pool: string): readonly InstanceTruth[] =>
      cloud.world.cloud.instances().filter((one) => one.tags[tagPool] === pool);
    const claiming = { accepts: ['task', 'virtual_machine', 'storage', 'network'] };
    const ask = async (pool: string, body: object): Promise<string> =>
      (await client.call('submitRequest', { body: { pool, ...body } })).id;
    const active = (id: string): Promise<RequestView> =>
      until(`${id} to be active`, async () => {
        const view = await show(id);
        if (view.endedAt !== null) throw new Error(`${id} ended as ${view.state}: ${view.reason ?? ''}`);
        return view.state === 'active' ? view : null;
      });
    /** What EC2 has that a request asked for, by the cloud's own books. */
    const claimedThings = (
      pool: string,
    ): { readonly instances: number; readonly volumes: number; readonly groups: number } => {
      const isOf = ({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean =>
        tags[tagPool] === pool && tags[tagRequest] !== undefined;
      return {
        instances: bought(pool).filter((one) => one.state !== 'terminated').length,
        volumes: [...cloud.world.volumes.values()].filter(isOf).length,
        groups: [...cloud.world.securityGroups.values()].filter(isOf).length,
      };
    };
    const deadLetters = async (): Promise<readonly string[]> => {
      const queue = cloud.physicalId(/^BellowsBusDeadLetters[0-9A-F]{8}$/);
      const { Messages: messages = [] } = (await cloud.aws.json(
        'sqs',
        'AmazonSQS.ReceiveMessage',
        { QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 0 },
        '1.0',
      )) as { Messages?: { Body: string }[] };
      return messages.map((message) => message.Body);
    };

    test('the declared pool is there', async () => {
      const pools = await client.call('listPools');
      expect(pools.items.map((pool) => [pool.name, pool.limits])).toEqual([['declared', { instances: 2 }]]);
    });

    test('a request becomes a node, a result with its output, and then nothing', async () => {
      const id = await submit('declared', 'echo "hello from $BELLOWS_REQUEST_ID"');
      expect(await ended(id)).toMatchObject({
        state: 'succeeded',
        exitCode: 0,
        attempts: 1,
        tenant: 'root',
        pool: 'declared',
      });
      expect(await client.call('getOutput', { params: { id } })).toMatchObject({ stdout: `hello from ${id}\n` });
      expect(bought('declared')).toHaveLength(1);
      await until('the scale-in', () => (bought('declared').every((one) => one.state === 'terminated') ? true : null));
      await until('the end of the node document', async () =>
        (await client.call('listNodes', { params: { name: 'declared' } })).items.length === 0 ? true : null,
      );
    });

    test('what was accepted is published on the bus, by the stream of the table', async () => {
      const eventBus = { EventBusName: 'bellows-test' };
      const { QueueUrl: url } = (await cloud.aws.json(
        'sqs',
        'AmazonSQS.CreateQueue',
        { QueueName: 'accepted' },
        '1.0',
      )) as { QueueUrl: string };
      await cloud.aws.json('events', 'AWSEvents.PutRule', {
        ...eventBus,
        Name: 'accepted',
        EventPattern: JSON.stringify({ source: ['bellows'], 'detail-type': ['RequestAccepted'] }),
      });
      await cloud.aws.json('events', 'AWSEvents.PutTargets', {
        ...eventBus,
        Rule: 'accepted',
        Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:us-east-1:${accountId}:accepted` }],
      });
      const id = await submit('declared', 'true');
      const seen: { readonly detail: { readonly requestId: string } }[] = [];
      await until('the event', async () => {
        const { Messages: messages = [] } = (await cloud.aws.json(
          'sqs',
          'AmazonSQS.ReceiveMessage',
          { QueueUrl: url, MaxNumberOfMessages: 10 },
          '1.0',
        )) as { Messages?: { Body: string }[] };
        seen.push(...messages.map((message) => JSON.parse(message.Body) as (typeof seen)[number]));
        return seen.some((event) => event.detail.requestId === id) ? true : null;
      });
      expect(seen).toEqual([
        expect.objectContaining({
          source: 'bellows',
          'detail-type': 'RequestAccepted',
          detail: {
            requestId: id,
            requestType: 'task',
            pool: 'declared',
            tenant: 'root',
            count: 1,
            atMs: expect.any(Number),
          },
        }),
      ]);
      await ended(id);
      await cloud.aws.json('events', 'AWSEvents.RemoveTargets', { ...eventBus, Rule: 'accepted', Ids: ['queue'] });
      await cloud.aws.json('events', 'AWSEvents.DeleteRule', { ...eventBus, Name: 'accepted' });
    });

    test('a node cannot speak for another one', async () => {
      const { accessKeyId } = await cloud.aws.assumeRole(
        `arn:aws:iam::${accountId}:role/${cloud.physicalId(/^BellowsNodesRole(?!DefaultPolicy)[0-9A-F]+$/)}`,
        'i-0123456789abcdef0',
      );
      const sync = async (nodeId: string): Promise<number> =>
        (
          await fetch(`${cloud.url}/agent/v1/sync`, {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              authorization:
                `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/execute-api/aws4_request, `
                + 'SignedHeaders=host, Signature=0',
            },
            body: JSON.stringify({ nodeId, pool: 'declared', bootId: '1', seq: 1, onNode: [], ends: [] }),
          })
        ).status;
      expect(await sync('i-0fedcba9876543210')).toBe(403);
      expect(await sync('i-0123456789abcdef0')).toBe(200);
    });

    test('a throttled and then a failing EC2 delay the launch and double nothing', async () => {
      await openPool('throttled');
      cloud.simulator.faults.set({ action: 'CreateFleet', effect: { kind: 'throttle' }, times: 1 });
      cloud.simulator.faults.set({
        action: 'CreateFleet',
        effect: { kind: 'fail', code: 'InternalError', message: 'An internal error has occurred', httpStatus: 500 },
        times: 1,
      });
      const id = await submit('throttled', 'true');
      expect(await ended(id)).toMatchObject({ state: 'succeeded' });
      expect(cloud.simulator.faults.list()).toEqual([]);
      expect(bought('throttled')).toHaveLength(1);
    });

    test('a lost answer to the launch leaves exactly one instance', async () => {
      await openPool('lost');
      cloud.simulator.faults.set({ action: 'CreateFleet', effect: { kind: 'drop-response' }, times: 1 });
      const id = await submit('lost', 'true');
      expect(await ended(id)).toMatchObject({ state: 'succeeded' });
      expect(cloud.simulator.faults.list()).toEqual([]);
      expect(bought('lost')).toHaveLength(1);
      expect(new Set(bought('lost').map((one) => one.tags[tagLaunch])).size).toBe(1);
    });

    test("an interruption's event drains the node; its task runs again elsewhere", async () => {
      await openPool('spot', { requirements: { capacityType: ['spot'] } });
      const id = await submit('spot', '[ "$BELLOWS_ATTEMPT" = 1 ] && sleep 100; echo "attempt $BELLOWS_ATTEMPT"');
      await running(id);
      const [first] = bought('spot');
      if (first === undefined) throw new Error('nothing runs');
      cloud.world.cloud.interrupt(first.id, 8_000);
      // A node that drains may be gone before anybody looks at it; the activity stays.
      const drained = await until('the drain', async () => {
        const { items } = await client.call('listActivity', { params: { name: 'spot' }, query: {} });
        return items.find((one) => one.code === 'node_draining' && one.message.startsWith(first.id)) ?? null;
      });
      expect(drained.message).toBe(`${first.id}: spot interruption`);
      expect(await ended(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
      expect(bought('spot')).toHaveLength(2);
    });

    test('an alarm raises the headroom floor, twice told no higher, and another one lowers it', async () => {
      const name = 'alarmed';
      await openPool(name, {
        alarms: [
          { alarmName: 'high', addNodes: 1 },
          { alarmName: 'low', removeNodes: 1 },
        ],
      });
      const tell = async (alarmName: string, atMs: number): Promise<void> => {
        const answer = await fetch(`${cloud.url}/_events`, {
          method: 'POST',
          body: JSON.stringify({
            source: 'aws.cloudwatch',
            'detail-type': 'CloudWatch Alarm State Change',
            time: new Date(atMs).toISOString(),
            detail: {
              alarmName,
              previousState: { value: 'OK' },
              state: {
                value: 'ALARM',
                reason: 'Threshold Crossed: 9 messages',
                timestamp: new Date(atMs).toISOString().replace('Z', '+0000'),
              },
            },
          }),
        });
        expect(answer.status).toBe(200);
      };
      const startedMs = Date.now();
      await tell('high', startedMs);
      await until('the node that the floor wants', () =>
        bought(name).some((one) => one.state === 'running') ? true : null,
      );
      await tell('high', startedMs);
      await tell('high', startedMs - 60_000);
      // What comes after them on the same way has been handled when this one has.
      await tell('low', startedMs + 1);
      await until('the lower floor', async () =>
        (await client.call('getPool', { params: { name } })).headroom?.floorNodes === 0 ? true : null,
      );
      await until('the scale-in', () => (bought(name).every((one) => one.state === 'terminated') ? true : null));
      expect(bought(name)).toHaveLength(1);
      const { items } = await client.call('listActivity', { params: { name }, query: {} });
      expect(
        items
          .filter((one) => one.code === 'headroom_changed')
          .map((one) => one.message)
          .reverse(),
      ).toEqual([
        'alarm high (+1): the headroom floor goes from 0 to 1 nodes. Threshold Crossed: 9 messages',
        'alarm low (-1): the headroom floor goes from 1 to 0 nodes. Threshold Crossed: 9 messages',
      ]);
    });

    test('a change that AWS Health announces drains its node; what runs there ends first', async () => {
      const name = 'announced';
      await openPool(name);
      const goes = join(folder, 'announced-goes');
      const id = await submit(name, `while [ ! -e ${goes} ]; do sleep 0.1; done`);
      await running(id);
      const [first] = bought(name);
      if (first === undefined) throw new Error('nothing runs');
      await fetch(`${cloud.url}/_events`, {
        method: 'POST',
        body: JSON.stringify({
          source: 'aws.health',
          'detail-type': 'AWS Health Event',
          time: '2026-11-22T16:00:00Z',
          detail: {
            service: 'EC2',
            eventTypeCategory: 'scheduledChange',
            eventTypeCode: 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
            startTime: 'Sun, 22 Nov 2026 15:10:09 GMT',
            statusCode: 'upcoming',
            affectedEntities: [{ entityValue: first.id }],
          },
        }),
      });
      const drained = await until(
        'the drain',
        async () =>
          (await client.call('listNodes', { params: { name } })).items.find(
            (node) => node.id === first.id && node.state === 'draining',
          ) ?? null,
      );
      expect(drained.drainReason).toBe(
        'AWS Health announces AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED for 2026-11-22T15:10:09.000Z',
      );
      writeFileSync(goes, '');
      expect(await ended(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
    });

    test('a machine with a volume and a network is granted, is what was asked for, and is released', async () => {
      await openPool('held', claiming);
      const id = await ask('held', {
        type: 'virtual_machine',
        needs: { vcpu: 2, memoryMib: 4_096 },
        volumes: [{ sizeGib: 20, iops: 4_000 }],
        network: { ingress: [{ port: 5_432, cidr: '10.0.0.0/8' }] },
      });
      const view = await active(id);
      expect(view.allocation).toMatchObject({ resourceType: 'ec2-instance' });
      expect(claimedThings('held')).toEqual({ instances: 1, volumes: 2, groups: 1 });
      const [volumes, group] = [
        [...cloud.world.volumes.values()].filter((one) => one.tags[tagRequest] === id),
        [...cloud.world.securityGroups.values()].find((one) => one.tags[tagRequest] === id),
      ];
      expect(volumes.map((one) => one.isEncrypted)).toEqual([true, true]);
      expect(group?.rules.filter((rule) => !rule.isEgress)).toMatchObject([
        { protocol: 'tcp', fromPort: 5_432, toPort: 5_432, cidrIpv4: '10.0.0.0/8' },
      ]);
      expect(cloud.world.cloud.records().find((one) => one.tags[tagRequest] === id)?.details?.securityGroupIds).toEqual(
        [group?.id],
      );
      await client.call('cancelRequest', { params: { id } });
      expect(await ended(id)).toMatchObject({ state: 'released' });
      expect(claimedThings('held')).toEqual({ instances: 0, volumes: 0, groups: 0 });
    });

    test('a volume on its own, put onto a machine, and a lost answer to each call that makes something', async () => {
      await openPool('lossy', claiming);
      for (const action of ['RunInstances', 'CreateVolume', 'CreateSecurityGroup', 'AttachVolume'])
        cloud.simulator.faults.set({ action, effect: { kind: 'drop-response' }, times: 1 });
      const machine = await ask('lossy', {
        type: 'virtual_machine',
        needs: { vcpu: 2, memoryMib: 4_096 },
        network: { ingress: [{ port: 22, cidr: '10.0.0.0/8' }] },
      });
      await active(machine);
      const volume = await ask('lossy', { type: 'storage', sizeGib: 10, iops: 3_000, attachTo: machine });
      expect((await active(volume)).allocation).toMatchObject({ resourceType: 'ebs-volume', attachedTo: machine });
      expect(cloud.simulator.faults.list()).toEqual([]);
      expect(claimedThings('lossy')).toEqual({ instances: 1, volumes: 2, groups: 1 });
      for (const id of [volume, machine]) await client.call('cancelRequest', { params: { id } });
      for (const id of [volume, machine]) expect(await ended(id)).toMatchObject({ state: 'released' });
      expect(claimedThings('lossy')).toEqual({ instances: 0, volumes: 0, groups: 0 });
    });

    test('an event that fails for good ends in the dead-letter queue', async () => {
      expect(await deadLetters()).toEqual([]);
      // Invoked as EventBridge does, asynchronously: MiniStack's rules themselves do not try a failed function again.
      await cloud.aws.invokeLater(cloud.physicalId(/^BellowsFunctioneventsFunction[0-9A-F]+$/), {
        source: 'aws.ec2',
        time: '2026-01-01T00:00:00Z',
        'detail-type': 'EC2 Instance State-change Notification',
        detail: { 'instance-id': 7 },
      });
      const [letter = ''] = await until('the dead letter', async () => {
        const found = await deadLetters();
        return found.length > 0 ? found : null;
      });
      expect(letter).toContain('EC2 Instance State-change Notification');
    });

    test(
      'the removal releases what runs and is claimed, and leaves ' + 'nothing but the copy that was wished for',
      async () => {
        await openPool('last', { ...claiming, limits: { instances: 4 } });
        const id = await submit('last', 'sleep 300');
        await running(id);
        const machine = await ask('last', {
          type: 'virtual_machine',
          needs: { vcpu: 2, memoryMib: 4_096 },
          volumes: [{ sizeGib: 11, iops: 3_000 }],
          network: { ingress: [{ port: 22, cidr: '10.0.0.0/8' }] },
        });
        await active(machine);
        const storage = await ask('last', {
          type: 'storage',
          sizeGib: 12,
          iops: 3_000,
          onRelease: 'snapshot',
          attachTo: machine,
        });
        await active(storage);
        expect(bought('last').filter((one) => one.state === 'running')).toHaveLength(2);
        expect(claimedThings('last')).toEqual({ instances: 2, volumes: 3, groups: 1 });
        await cloud.remove();
        expect(claimedThings('last')).toEqual({ instances: 0, volumes: 0, groups: 0 });
        expect(
          [...cloud.world.snapshots.values()].map((one) => [
            one.sizeGib,
            one.tags[tagRequest],
            one.tags['bellows:tenant'],
          ]),
        ).toEqual([[12, storage, 'root']]);
        expect(cloud.world.cloud.instances().filter((one) => one.state !== 'terminated')).toEqual([]);
        const { TableNames: tables } = await cloud.aws.json('dynamodb', 'DynamoDB_20120810.ListTables', {}, '1.0');
        expect(tables).toEqual([]);
        for (const bus of ['default', 'bellows-test']) {
          const { Rules: rules = [] } = (await cloud.aws
            .json('events', 'AWSEvents.ListRules', bus === 'default' ? {} : { EventBusName: bus })
            .catch(() => ({ Rules: [] }))) as { Rules?: object[] };
          expect(rules).toEqual([]);
        }
        const stacks = await cloud.aws.query('cloudformation', '2010-05-15', 'ListStacks', {});
        expect(tag(stacks, 'StackStatus')).toBe('DELETE_COMPLETE');
      },
    );
  });
}

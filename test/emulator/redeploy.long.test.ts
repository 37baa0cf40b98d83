// A deployment and its roll-back while requests come and tasks run: on the deployed stack, with new code and new
// settings of every function. Nothing is lost, nothing runs twice, and no call fails for good. Harsher than AWS: there
// functions end what they do; here they are killed, and a tick among them leaves its lock until the lease is over.
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import { LocalCloud } from '../../lib/local/localcloud/localcloud.ts';
import { prepareMinistack } from '../../lib/local/localcloud/ministack.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { hangMs } from '../hang.ts';
import { clientOptions } from './suites/place.ts';

const accountId = '100000000063';
const missing = await prepareMinistack();

if (missing !== null) {
  describe('a deployment under load', () => {
    test.skip(`skipped: ${missing}`, () => {});
  });
} else {
  describe('a deployment under load', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellows-redeploy-'));
    const ledger = join(folder, 'ledger');
    const pools = [{ name: 'default', limits: { instances: 4 }, maxNodeVcpu: 4, idleAfterSeconds: 5 }];
    const props = { installation: 'test', drainQuietSeconds: 2, pools };
    let cloud: LocalCloud;
    let client: ApiClient;
    beforeAll(async () => {
      cloud = await LocalCloud.start({ props, port: 0, accountId, log: { write: () => undefined } });
      client = new ApiClient(cloud.url, hangMs);
    });
    /** Of each function, with what it is set to. */
    const codes = async (): Promise<readonly string[]> => {
      const lambda = new LambdaClient(keepingConnections(clientOptions({ endpoint: cloud.endpoint, accountId })));
      try {
        const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand({}));
        return functions
          .filter((one) => /Function(api|agent|scheduler|events)/.test(one.FunctionName ?? ''))
          .map((one) => `${one.FunctionName ?? ''} ${one.CodeSha256 ?? ''}`)
          .sort();
      } finally {
        lambda.destroy();
      }
    };
    afterAll(async () => {
      await cloud?.stop();
      rmSync(folder, { recursive: true });
    });

    test('new code and settings, and back: what was accepted is done, once', async () => {
      const accepted = new Set<string>();
      let isOver = false;
      // Each with its key, repeated where no answer comes, as applications do.
      const load = async (name: string): Promise<void> => {
        for (let n = 0; !isOver; n += 1) {
          const { id } = await client.call('submitRequest', {
            idempotencyKey: `${name}-${String(n)}`,
            body: {
              type: 'task',
              resources: { vcpu: 0.25, memoryMib: 128 },
              shell: `echo "$BELLOWS_REQUEST_ID" >> ${ledger}; sleep 1`,
            },
          });
          accepted.add(id);
          await delay(1_500);
        }
      };
      const loading = Promise.all([load('a'), load('b')]);
      const running = async (): Promise<number> => (await client.call('getStats')).tasks.running;
      const untilBusy = async (): Promise<void> => {
        for (const untilMs = performance.now() + hangMs; (await running()) === 0; await delay(100))
          if (performance.now() > untilMs) throw new Error(`nothing runs\n${cloud.log()}`);
      };
      const first = await codes();
      await untilBusy();
      await cloud.update({ ...props, labelKeys: ['team'] }, 'second');
      const second = await codes();
      expect(first.filter((one) => second.includes(one))).toEqual([]);
      await untilBusy();
      const atRollBack = accepted.size;
      await cloud.update(props, null);
      expect(await codes()).toEqual(first);
      await untilBusy();
      isOver = true;
      await loading;
      expect(accepted.size).toBeGreaterThan(atRollBack);

      const open = new Set(accepted);
      for (const untilMs = performance.now() + hangMs; open.size > 0; await delay(300)) {
        if (performance.now() > untilMs) throw new Error(`${[...open].join(', ')} did not end\n${cloud.log()}`);
        await cloud.minute();
        for (const id of open) {
          const { endedAt, state } = await client.call('getRequest', { params: { id } });
          if (endedAt === null) continue;
          expect([id, state]).toEqual([id, 'succeeded']);
          open.delete(id);
        }
      }
      const ran = readFileSync(ledger, 'utf8').trim().split('\n');
      expect([...ran].sort()).toEqual([...accepted].sort());
      const { items } = await client.call('listPools');
      expect(items.map((pool) => pool.limits)).toEqual([{ instances: 4 }]);
      await cloud.remove();
      expect(cloud.world.cloud.instances().filter((one) => one.state !== 'terminated')).toEqual([]);
    });
  });
}

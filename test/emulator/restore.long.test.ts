// `npm run restore` on the deployed stack: its table is put back to an earlier time while the simulated EC2 goes on.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tableDefinition } from '../../lib/adapters/aws/dynamodb/table.ts';
import { keepingConnections } from '../../lib/adapters/aws/sdk.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { LocalCloud } from '../../lib/local/localcloud/localcloud.ts';
import { prepareMinistack } from '../../lib/local/localcloud/ministack.ts';
import { copyTable } from '../../lib/local/restore/copy-table.ts';
import { restore } from '../../lib/local/restore/restore.ts';
import type { RestoreOptions } from '../../lib/local/restore/restore.ts';
import { restoredText } from '../../lib/local/restore/text.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { hangMs } from '../hang.ts';
import { clientOptions } from './suites/place.ts';

const missing = await prepareMinistack();
const accountId = '100000000061';
const backup = 'backup';

if (missing !== null) {
  describe('a restore of the deployed stack', () => {
    test.skip(`skipped: ${missing}`, () => {});
  });
} else {
  describe('a restore of the deployed stack', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellows-restore-'));
    let cloud: LocalCloud;
    let client: ApiClient;
    let dynamodb: DynamoDBClient;
    let lambda: LambdaClient;
    beforeAll(async () => {
      const props = { installation: 'test', drainQuietSeconds: 2, pools: [{ name: 'default', idleAfterSeconds: 1 }] };
      cloud = await LocalCloud.start({ props, port: 0, accountId, log: { write: () => undefined } });
      client = new ApiClient(cloud.url, hangMs);
      const options = keepingConnections(clientOptions({ endpoint: cloud.endpoint, accountId }));
      dynamodb = new DynamoDBClient(options);
      lambda = new LambdaClient(options);
    });
    afterAll(async () => {
      for (const one of [dynamodb, lambda]) one?.destroy();
      await cloud?.stop();
      rmSync(folder, { recursive: true });
    });

    const run = async (shell: string): Promise<string> =>
      (await client.call('submitRequest', { body: { type: 'task', resources: { vcpu: 1, memoryMib: 256 }, shell } }))
        .id;
    const until = async (id: string, isSo: (view: RequestView) => boolean): Promise<RequestView> => {
      for (const untilMs = performance.now() + hangMs; performance.now() < untilMs; await delay(500)) {
        const view = await client.call('getRequest', { params: { id } });
        if (isSo(view)) return view;
        await cloud.minute();
      }
      throw new Error(`${id} did not come so far\n${cloud.log()}`);
    };
    const live = (): readonly string[] =>
      cloud.world.cloud.instances().flatMap((one) => (one.state === 'running' ? [one.id] : []));

    test('what ran then runs again, and nothing of the lost time stays', async () => {
      const options: RestoreOptions = {
        stack: 'Bellows',
        from: backup,
        isYes: false,
        endsClaims: false,
        optionsOf: (service) => ({
          ...clientOptions({ endpoint: cloud.endpoint, accountId }),
          ...(service === 'EC2' ? { endpoint: cloud.simulator.endpoint } : {}),
        }),
        log: { write: () => undefined },
      };
      const ran = join(folder, 'ran');
      const open = await run(`if [ -f ${ran} ]; then echo again; else touch ${ran}; sleep 600; fi`);
      await until(open, (view) => view.counts.running > 0);
      await dynamodb.send(new CreateTableCommand(tableDefinition(backup)));
      const table = cloud.physicalId(/^BellowsStorageTable[0-9A-F]{8}$/);
      expect((await copyTable(dynamodb, table, backup)).deleted).toBe(0);

      const lost = await run('true');
      await until(lost, (view) => view.endedAt !== null);
      const then = live();
      expect(then.length).toBeGreaterThan(0);

      await expect(restore({ ...options, isYes: true })).rejects.toThrow(/put-function-concurrency/);
      const functions = [...cloud.resources].flatMap(([logical, physical]) =>
        /^BellowsFunction(api|agent|scheduler|events)Function[0-9A-F]+$/.test(logical) ? [physical] : [],
      );
      expect(functions).toHaveLength(4);
      for (const FunctionName of functions)
        await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
      const looked = await restore(options);
      expect(looked.look.open).toEqual([{ pool: 'default', count: 1, ids: [open] }]);
      expect(restoredText(looked)).toContain('nothing was changed');
      expect([...live()].sort()).toEqual([...then].sort());

      const restored = await restore({ ...options, isYes: true });
      expect(restored.copied?.deleted).toBeGreaterThan(0);
      expect(restored.done).toMatchObject({ refused: [], released: null, after: { nodes: [], lost: [] } });
      expect(live()).toEqual([]);

      for (const FunctionName of functions) await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      expect(await until(open, (view) => view.endedAt !== null)).toMatchObject({ state: 'succeeded' });
      expect(await client.call('getOutput', { params: { id: open } })).toMatchObject({ stdout: 'again\n' });
      await expect(client.call('getRequest', { params: { id: lost } })).rejects.toThrow();
      await cloud.remove();
      expect(live()).toEqual([]);
    });
  });
}

// A checkpoint end to end on one machine: a node drifts, its task is asked to save, stopped as soon as it has, and goes
// on on another node with its volume.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { until, untilAsync } from '../hang.ts';

let home: string;
let server: ChildProcess;
let client: ApiClient;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'bellows-checkpoint-'));
  server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  client = new ApiClient(await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen'), 120_000);
});

afterEach(async () => {
  if (server.exitCode === null) {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await exited;
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const putPool = (tasksPerNode: number): Promise<unknown> =>
  client.call('putPool', {
    params: { name: 'default' },
    body: {
      accepts: ['task', 'storage'],
      limits: { instances: 3 },
      maxNodeVcpu: 2,
      tasksPerNode,
      disruption: { drift: true },
    },
  });

const stateOf = async (id: string): Promise<string> => (await client.call('getRequest', { params: { id } })).state;

/** It says that it hears the signal, and would not end by itself. */
const script = `
  cd "$BELLOWS_MOUNT_0"
  if [ -e work ]; then echo "attempt $BELLOWS_ATTEMPT goes on at $(cat work)"; exit 0; fi
  trap 'echo half > work; echo saved > "$BELLOWS_CHECKPOINT_FILE"; echo "saved by USR1"' USR1
  echo ready
  while true; do sleep 0.05 & wait; done
`;

test('a task is asked to save, stopped once it has, and goes on elsewhere with its volume', async () => {
  await putPool(4);
  const storage = await client.call('submitRequest', { body: { type: 'storage', sizeGib: 1, pool: 'default' } });
  await untilAsync(async () => (await stateOf(storage.id)) === 'active', 'the volume');
  const { id } = await client.call('submitRequest', {
    body: {
      type: 'task',
      resources: { vcpu: 0.5, memoryMib: 64 },
      pool: 'default',
      shell: script,
      mounts: [{ request: storage.id, path: 'data' }],
      // Without its word it would be stopped in ten minutes only.
      disruption: { mode: 'checkpoint', signal: 'USR1', graceSeconds: 600 },
    },
  });
  const outputOf = async (): Promise<string> =>
    (await client.call('getOutput', { params: { id }, query: { index: '0', tailBytes: '10000' } })).stdout;
  const isReady = async (): Promise<boolean> =>
    (await stateOf(id)) === 'running' && (await outputOf()).includes('ready');
  await untilAsync(isReady, 'the task to set its trap');
  await putPool(3);
  await untilAsync(async () => (await client.call('getRequest', { params: { id } })).endedAt, 'its end');
  expect(await client.call('getRequest', { params: { id } })).toMatchObject({ state: 'succeeded' });
  expect(await outputOf()).toBe('attempt 2 goes on at half\n');
  const { items } = await client.call('getTimeline', { params: { id } });
  expect(items.map(({ message }) => message).join('\n')).toContain('it had saved its work');
});

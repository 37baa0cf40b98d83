// A role end to end on one machine: AWS's SDK in a task finds its credentials, whose stand-in says whose they are.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { until, untilAsync } from '../hang.ts';

let home: string;
let server: ChildProcess;
let client: ApiClient;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'bellows-identity-'));
  server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  client = new ApiClient(await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen'), 120_000);
  await client.call('putPool', {
    params: { name: 'default' },
    body: { limits: { instances: 2 }, maxNodeVcpu: 2, roles: [{ role, tenants: ['local'] }] },
  });
});

afterEach(async () => {
  if (server.exitCode === null) {
    const exited = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await exited;
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const role = 'arn:aws:iam::123456789012:role/builds';
const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, pool: 'default' };

test('a task has credentials of its role, of one that its pool allows; nothing that is kept has them', async () => {
  const sdk = resolve('node_modules/@aws-sdk/client-sts/dist-cjs/index.js');
  const script =
    `const { STSClient } = require(${JSON.stringify(sdk)});`
    + "new STSClient({ region: 'eu-central-1' }).config.credentials().then((one) =>"
    + " console.log(Buffer.from(one.sessionToken, 'base64').toString()), (error) => { console.error(error);"
    + ' process.exit(1); });';
  const { id } = await client.call('submitRequest', { body: { ...task, role, command: ['node', '-e', script] } });
  await untilAsync(async () => (await client.call('getRequest', { params: { id } })).endedAt, `the end of ${id}`);
  const { stdout, stderr } = await client.call('getOutput', {
    params: { id },
    query: { index: '0', tailBytes: '10000' },
  });
  expect([stderr, JSON.parse(stdout)]).toEqual([
    '',
    expect.objectContaining({ role, tenant: 'local', requestId: id, attemptId: `${id}.0.1` }),
  ]);
  const activity = await client.call('listActivity', { params: { name: 'default' }, query: { limit: '50' } });
  const [grant] = activity.items.filter((one) => one.code === 'role_granted');
  expect(grant?.message).toContain(`attempt ${id}.0.1 of local was given credentials of ${role} until `);
  await expect(
    client.call('submitRequest', { body: { ...task, role: `${role}-of-others`, command: ['true'] } }),
  ).rejects.toThrow(`pool default does not let tasks of local have the role ${role}-of-others`);
  // Of the output it is the task that printed it.
  const token = Buffer.from(stdout.trim()).toString('base64');
  for (const file of readdirSync(home, { recursive: true, withFileTypes: true }))
    if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain(token);
});

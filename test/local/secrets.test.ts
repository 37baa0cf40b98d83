// Secrets end to end on one machine: a task is given them, and afterwards nothing that is kept has a value.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { homePaths, memoryFolder } from '../../lib/local/server/home.ts';
import { until, untilAsync } from '../hang.ts';

const planted = { env: 'planted-env-5d1c', file: 'planted-file-82ab' } as const;
let home: string;
let server: ChildProcess;
let client: ApiClient;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'bellows-secrets-'));
  mkdirSync(homePaths(home).secrets);
  writeFileSync(join(homePaths(home).secrets, 'cert'), planted.file);
  server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0', SHOP_TOKEN: planted.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  client = new ApiClient(await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen'), 120_000);
  await client.call('putPool', {
    params: { name: 'default' },
    body: { limits: { instances: 2 }, maxNodeVcpu: 2, secrets: [{ from: 'env:SHOP_*' }, { from: 'file:*' }] },
  });
});

afterEach(async () => {
  if (server.exitCode === null) {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await exited;
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

async function end(body: object): Promise<string> {
  const { id } = await client.call('submitRequest', {
    body: { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, pool: 'default', ...body },
  });
  await untilAsync(async () => {
    const { endedAt } = await client.call('getRequest', { params: { id } });
    return endedAt;
  }, `the end of ${id}`);
  return id;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a task has its secrets; no file, record, log, timeline or answer has a value afterwards', async () => {
  const id = await end({
    shell: 'printf %s "$TOKEN" | sha256sum; sha256sum < "$BELLOWS_SECRETS/CERT"; tr "\\0" " " < /proc/$PPID/cmdline',
    secrets: [
      { name: 'TOKEN', from: 'env:SHOP_TOKEN' },
      { name: 'CERT', from: 'file:cert', as: 'file' },
    ],
  });
  const { stdout } = await client.call('getOutput', { params: { id }, query: { index: '0', tailBytes: '10000' } });
  expect(stdout).toContain(hash(planted.env));
  expect(stdout).toContain(hash(planted.file));
  const failed = await end({ shell: 'true', secrets: [{ name: 'X', from: 'file:cert#password' }] });
  const answers = [];
  for (const one of [id, failed])
    answers.push(
      await client.call('getRequest', { params: { id: one } }),
      await client.call('getTimeline', { params: { id: one } }),
    );
  answers.push(await client.call('listActivity', { params: { name: 'default' }, query: { limit: '50' } }), stdout);
  expect(answers[0]).toMatchObject({ state: 'succeeded', asked: { secrets: [{ name: 'TOKEN' }, { name: 'CERT' }] } });
  expect(answers[2]).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('the secret file:cert#password cannot be read: it is no JSON'),
  });
  const memory = memoryFolder(home) ?? '';
  expect(existsSync(memory) ? filesBelow(memory) : []).toEqual([]);
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await exited;
  const kept = filesBelow(home).filter((one) => !one.startsWith(homePaths(home).secrets));
  expect(kept.length).toBeGreaterThan(3);
  const all = [...kept.map((one) => readFileSync(one).toString('latin1')), JSON.stringify(answers)];
  for (const value of Object.values(planted)) expect(all.filter((one) => one.includes(value))).toEqual([]);
});

test('a secret that the pool does not allow is refused, and says how it is allowed', async () => {
  await expect(end({ shell: 'true', secrets: [{ name: 'X', from: 'env:HOME' }] })).rejects.toThrow(
    'pool default does not let local use X (env:HOME)',
  );
});

// Credentials of roles on loopback: only for the token of an attempt that runs, renewed in time, and as AWS's own SDK
// asks for them.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noRole, RoleServer } from '../../../agent/tasks/given/roles.ts';
import type { ContainerAccess } from '../../../agent/tasks/given/roles.ts';
import { lastingPort } from '../../../lib/adapters/local/ports.ts';
import type { RoleCredentials } from '../../../lib/core/access/roles.ts';
import { attempt } from '../controller.ts';

const hourMs = 3_600_000;
let dir: string;
let nowMs: number;
let asked: string[];
let running: string[];
let answer: () => Promise<RoleCredentials>;
const servers: RoleServer[] = [];
const logged: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-roles-'));
  [nowMs, asked, running] = [Date.now(), [], ['r.0.1', 's.0.1']];
  answer = async () => ({
    accessKeyId: `AKIA${String(asked.length)}`,
    secretAccessKey: 'planted-secret-key',
    sessionToken: 'planted-token',
    expiresAtMs: nowMs + hourMs,
  });
});
afterEach(() => {
  for (const one of servers.splice(0)) one.close();
  rmSync(dir, { recursive: true });
});

function start(port = 0, containers: ContainerAccess | null = null): RoleServer {
  const server = new RoleServer({
    stateDir: dir,
    port,
    containers,
    ask: (attemptId) => {
      asked.push(attemptId);
      return answer();
    },
    isRunning: (attemptId) => running.includes(attemptId),
    nowMs: () => nowMs,
    log: (message) => logged.push(message),
  });
  servers.push(server);
  return server;
}

interface Access {
  readonly url: string;
  readonly token: string;
}

async function accessOf(server: RoleServer, requestId: string): Promise<Access> {
  const { secret } = await server.accessOf(attempt(requestId, 'true', { hasRole: true }), '/secrets');
  return {
    url: secret['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '',
    token: secret['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '',
  };
}

async function get({ url, token }: Access): Promise<readonly [number, unknown]> {
  const response = await fetch(url, { headers: { authorization: token } });
  return [response.status, await response.json()];
}

test('they are answered in the form that SDKs read (test/local/identity.test.ts has one ask)', async () => {
  expect(await get(await accessOf(start(), 'r'))).toEqual([
    200,
    {
      AccessKeyId: 'AKIA1',
      SecretAccessKey: 'planted-secret-key',
      Token: 'planted-token',
      Expiration: new Date(nowMs + hourMs).toISOString().replace(/\.\d+Z/, 'Z'),
    },
  ]);
});

test("a task without a role has nothing; another's token, none, and that of an ended attempt are refused", async () => {
  const server = start();
  expect(await server.accessOf(attempt('r', 'true'), '/secrets')).toEqual(noRole);
  const [own, other] = [await accessOf(server, 'r'), await accessOf(server, 's')];
  expect(own.token).not.toBe(other.token);
  for (const wrong of [
    { ...own, token: other.token },
    { ...own, token: '' },
    { ...own, token: 'x'.repeat(64) },
  ])
    expect((await get(wrong))[0]).toBe(403);
  running = ['s.0.1'];
  expect((await get(own))[0]).toBe(403);
  expect((await get({ ...other, url: other.url.replace(/\/v1.*/, '/latest/meta-data') }))[0]).toBe(404);
  expect(asked).toEqual([]);
});

test('they are asked for once, again before they end, and not without a pause where they are refused', async () => {
  const access = await accessOf(start(), 'r');
  await Promise.all([get(access), get(access)]);
  nowMs += hourMs - 16 * 60_000;
  await get(access);
  expect(asked).toHaveLength(1);
  nowMs += 2 * 60_000;
  expect((await get(access))[1]).toMatchObject({ AccessKeyId: 'AKIA2' });
  answer = () => Promise.reject(new Error('the role arn:x is refused'));
  nowMs += hourMs;
  expect(await get(access)).toEqual([502, { message: 'the role arn:x is refused' }]);
  await get(access);
  expect(asked).toHaveLength(3);
  nowMs += 3_000;
  answer = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'b', sessionToken: 'c', expiresAtMs: nowMs + hourMs });
  expect((await get(access))[0]).toBe(200);
  expect(logged.join()).not.toContain('planted');
});

test('an agent that is restarted answers at the same address, to the same token', async () => {
  const first = start();
  const access = await accessOf(first, 'r');
  first.close();
  const second = start();
  expect(await accessOf(second, 'r')).toEqual(access);
  expect((await get(access))[0]).toBe(200);
});

test('where its folder is gone a task does not start; the next one, which makes it again, does', async () => {
  const server = start(await lastingPort());
  rmSync(dir, { recursive: true });
  await expect(accessOf(server, 'r')).rejects.toThrow(/^it could not be given its role: .*ENOENT/);
  mkdirSync(dir);
  expect((await get(await accessOf(server, 'r')))[0]).toBe(200);
});

test('where its address is taken, a task with a role does not start', async () => {
  const first = start();
  const { url } = await accessOf(first, 'r');
  first.close();
  const squatter = createServer();
  await new Promise<void>((done) => squatter.listen(Number(new URL(url).port), '127.0.0.1', done));
  try {
    await expect(accessOf(start(), 'r')).rejects.toThrow('it could not be given its role');
  } finally {
    squatter.close();
  }
});

describe('a container', () => {
  const inContainer = attempt('r', '', {
    hasRole: true,
    run: { kind: 'container', image: 'alpine:3', argv: ['true'] },
  });

  test('is answered at an address of its own, by the token in a file, also when the agent was restarted', async () => {
    const opened: string[] = [];
    const containers: ContainerAccess = {
      address: '127.0.0.2',
      port: await lastingPort(),
      open: async () => {
        opened.push('once more');
      },
    };
    const { secret, env, files } = await start(0, containers).accessOf(inContainer, '/bellows-secrets');
    const url = `http://127.0.0.2:${String(containers.port)}/v1/credentials/r.0.1`;
    expect([secret, env]).toEqual([
      {},
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/bellows-secrets/aws-token' },
    ]);
    const token = files['aws-token'] ?? '';
    servers.pop()?.close();
    const restarted = start(0, containers);
    await restarted.accessOf(inContainer, '/bellows-secrets');
    expect(await get({ url, token })).toMatchObject([200, { AccessKeyId: 'AKIA1' }]);
    expect((await get({ url, token: 'x'.repeat(64) }))[0]).toBe(403);
    expect(opened).toHaveLength(2);
  });

  test('does not start where the folder is gone; the next one, which makes it again, does', async () => {
    // `fetch` keeps connections, and the port may be that of the test before: another address.
    const containers = { address: '127.0.0.3', port: await lastingPort(), open: () => Promise.resolve() };
    const server = start(0, containers);
    rmSync(dir, { recursive: true });
    await expect(server.accessOf(inContainer, '/x')).rejects.toThrow(/^it could not be given its role: .*ENOENT/);
    mkdirSync(dir);
    const { env, files } = await server.accessOf(inContainer, '/x');
    const [url = '', token = ''] = [env['AWS_CONTAINER_CREDENTIALS_FULL_URI'], files['aws-token']];
    expect((await get({ url, token }))[0]).toBe(200);
  });

  test('has none where it cannot reach the agent, and is told why', async () => {
    await expect(start().accessOf(inContainer, '/x')).rejects.toThrow('on nodes of AWS only; run it without an image');
    const closed: ContainerAccess = {
      address: '127.0.0.2',
      port: 0,
      open: () => Promise.reject(new Error('ip: Operation not permitted')),
    };
    await expect(start(0, closed).accessOf(inContainer, '/x')).rejects.toThrow(
      'it could not be given its role: ip: Operation not permitted',
    );
  });
});

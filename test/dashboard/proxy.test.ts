// The dashboard on loopback for a deployed installation: whom it serves, and what it passes on.
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startProxy } from '../../dashboard/serve/proxy.ts';
import type { PassedCall, Proxy } from '../../dashboard/serve/proxy.ts';

const settings = { refreshMs: 5_000, idleRefreshMs: 60_000, restRefreshMs: 600_000, where: 'api.example.org' };
let proxy: Proxy | null = null;
const passed: PassedCall[] = [];

afterEach(async () => {
  await proxy?.close();
  proxy = null;
  passed.length = 0;
});

async function start(): Promise<{ readonly origin: string; readonly token: string; readonly cookie: string }> {
  proxy = await startProxy({
    port: 0,
    settings,
    pass: async (call) => {
      passed.push(call);
      if (call.path === '/v1/stats') throw new Error('no server answers');
      return { status: 202, headers: { 'content-type': 'application/json' }, body: '{"id":"r-1"}' };
    },
  });
  const url = new URL(proxy.url);
  const token = url.searchParams.get('token') ?? '';
  return { origin: url.origin, token, cookie: `bellows-${url.port}=${token}` };
}

/** fetch does not let a caller choose its Host. */
function get(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}

describe('who is served', () => {
  test('whoever opens the address with its token, which becomes a cookie', async () => {
    const { origin, token, cookie } = await start();
    const opened = await fetch(`${origin}/?token=${token}`, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    expect(opened.headers.get('set-cookie')).toBe(`${cookie}; HttpOnly; SameSite=Strict; Path=/`);
    const page = await fetch(origin, { headers: { cookie } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('api.example.org')]);
  });

  test.each([
    ['nobody without a token', '/', {}, 401],
    ['nobody with another token', '/?token=x', {}, 401],
    ['no call without a token', '/v1/pools', {}, 401],
    ['no foreign page', '/v1/pools', { origin: 'http://evil.example' }, 403],
    ['no foreign name', '/v1/pools', { host: 'evil.example' }, 403],
  ])('%s', async (_who, path, headers, status) => {
    const { origin, cookie } = await start();
    const owner = status === 403 ? { cookie } : {};
    expect(await get(`${origin}${path}`, { ...owner, ...headers })).toBe(status);
    expect(passed).toEqual([]);
  });
});

describe('what is passed on', () => {
  test('calls of the API, with their body and what the API reads of their headers', async () => {
    const { origin, cookie } = await start();
    const headers = { cookie, 'content-type': 'application/json', 'idempotency-key': 'k', 'x-other': 'no' };
    const answer = await fetch(`${origin}/v1/requests?x=1%202`, { method: 'POST', headers, body: '{"a":1}' });
    expect([answer.status, await answer.json()]).toEqual([202, { id: 'r-1' }]);
    expect(passed).toEqual([
      {
        method: 'POST',
        path: '/v1/requests?x=1%202',
        headers: { accept: '*/*', 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{"a":1}',
      },
    ]);
  });

  test('nothing else; and where no answer comes, a problem says why', async () => {
    const { origin, cookie } = await start();
    const status = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${origin}${path}`, { headers: { cookie } });
      const { code, detail } = (await answer.json()) as { code: string; detail: string };
      return [answer.status, code, detail];
    };
    expect(await status('/agent/v1/sync')).toEqual([404, 'not_found', 'there is no path /agent/v1/sync']);
    expect(passed).toEqual([]);
    expect(await status('/v1/stats')).toEqual([502, 'no_answer', 'no server answers']);
  });
});

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import type { HttpServer } from '../../../lib/adapters/local/http-server.ts';
import { startHttpServer } from '../../../lib/adapters/local/http-server.ts';
import { PortBusyError } from '../../../lib/adapters/local/ports.ts';
import { agentLimits, limits } from '../../../lib/api/limits.ts';
import { problemView } from '../../../lib/api/problems.ts';
import { RecordingLog, noFiles } from '../../lambdas/calls.ts';
import { FakeUseCases, localIdentity } from '../../lambdas/fake-use-cases.ts';
import { hangMs } from '../../hang.ts';

const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, command: ['echo', 'ä'] };
const servers: HttpServer[] = [];

async function start(
  agent?: Parameters<typeof startHttpServer>[0]['agent'],
): Promise<{ server: HttpServer; fake: FakeUseCases }> {
  const fake = new FakeUseCases();
  const log = new RecordingLog();
  const api = createApiHandler({ ...noFiles, useCases: fake, identity: localIdentity, log });
  const server = await startHttpServer({
    port: 0,
    api,
    agent: agent ?? (async () => ({ statusCode: 204 })),
    log,
    nowMs: () => 0,
  });
  servers.push(server);
  return { server, fake };
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** node:http, because fetch sets Host by itself. */
function send(
  server: HttpServer,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            headers: response.headers,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const json = { 'content-type': 'application/json' };

describe('the server', () => {
  test('hands requests to the API handler, in UTF-8 both ways', async () => {
    const { server, fake } = await start();
    const response = await fetch(`${server.url}/v1/requests`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(task),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([202, 'application/json']);
    expect(fake.submissions[0]?.spec).toMatchObject({ run: { kind: 'command', argv: ['echo', 'ä'] } });
    fake.end('r1', 0, { stdout: 'grün\n', stderr: '' });
    expect(await (await fetch(`${server.url}/v1/requests/r1/output`)).json()).toEqual({
      stdout: 'grün\n',
      stderr: '',
      truncated: false,
      leftOutBytes: { stdout: 0, stderr: 0 },
      ended: true,
      // Where the next look goes on: attempt, and bytes of both streams.
      next: '1,6,0',
    });
    expect((await fetch(`${server.url}/v1/requests?limit=1&limit=2`)).status).toBe(400);
  });

  test(
    'takes a whole address as its target, one key, and tells the ' + 'methods of the path that is asked for',
    async () => {
      const { server } = await start();
      const raw = async (head: string): Promise<string> =>
        new Promise((resolve, reject) => {
          let got = '';
          const socket = connect(server.port, '127.0.0.1', () => {
            socket.write(`${head}\r\nHost: 127.0.0.1:${String(server.port)}\r\nConnection: close\r\n\r\n`);
          });
          socket
            .setEncoding('utf8')
            .on('data', (text: string) => {
              got += text;
            })
            .on('end', () => {
              resolve(got);
            })
            .on('error', reject);
        });
      expect(await raw(`GET ${server.url}/v1/pools?x HTTP/1.1`)).toMatch(/^HTTP\/1.1 400 /);
      expect(await raw(`GET ${server.url}/v1/pools HTTP/1.1`)).toMatch(/^HTTP\/1.1 200 /);
      expect(await raw(`GET ${server.url} HTTP/1.1`)).toMatch(/^HTTP\/1.1 404 /);
      expect(await raw('GET http://elsewhere/v1/pools HTTP/1.1\r\nIdempotency-Key: a\r\nIdempotency-Key: b')).toMatch(
        /^HTTP\/1.1 400 [^]*more than once/,
      );
      expect((await fetch(`${server.url}/v1/requests/batch`, { method: 'OPTIONS' })).headers.get('allow')).toBe(
        'POST, OPTIONS',
      );
      expect((await fetch(`${server.url}/v1/requests/r1`, { method: 'OPTIONS' })).headers.get('allow')).toBe(
        'GET, DELETE, HEAD, OPTIONS',
      );
    },
  );

  test('hands agent paths to the agent handler, with a larger limit', async () => {
    const seen: string[] = [];
    const { server } = await start(async (event) => {
      seen.push(`${event.requestContext.http.method} ${event.rawPath} ${String(event.body?.length ?? 0)}`);
      return { statusCode: 204 };
    });
    const body = JSON.stringify('x'.repeat(limits.bodyBytes + 1));
    expect((await send(server, 'PUT', '/agent/v1/output/r1.0.1', json, body)).status).toBe(204);
    expect(
      (await send(server, 'PUT', '/agent/v1/output/r1.0.1', json, 'x'.repeat(agentLimits.bodyBytes + 1))).status,
    ).toBe(413);
    expect(seen).toEqual([`PUT /agent/v1/output/r1.0.1 ${String(Buffer.from(body).toString('base64').length)}`]);
  });

  test('listens on loopback only', async () => {
    const { server } = await start();
    expect(server.url).toBe(`http://127.0.0.1:${String(server.port)}`);
  });

  test('a busy port is an error that names it and the variable', async () => {
    const { server } = await start();
    const again = startHttpServer({
      port: server.port,
      api: async () => ({}),
      agent: async () => ({}),
      log: new RecordingLog(),
      nowMs: () => 0,
    });
    await expect(again).rejects.toThrow(PortBusyError);
    await expect(again).rejects.toThrow(new RegExp(`${String(server.port)}.*BELLOWS_PORT`));
  });

  test('a handler that throws cuts the call and leaves the server up', async () => {
    const { server } = await start(async () => {
      throw new Error('broken handler');
    });
    await expect(send(server, 'POST', '/agent/v1/sync', json, '{}')).rejects.toThrow();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('what a web page of another origin could send', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1'])('the Host %j is refused', async (host) => {
    const { server } = await start();
    expect((await send(server, 'GET', '/healthz', { host })).status).toBe(403);
  });

  test('own hosts are served', async () => {
    const { server } = await start();
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      expect((await send(server, 'GET', '/healthz', { host: `${host}:${String(server.port)}` })).status).toBe(200);
    }
  });

  test.each(['http://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1'])(
    'the Origin %s is refused before anything is recorded',
    async (origin) => {
      const { server, fake } = await start();
      const sent = await send(server, 'POST', '/v1/requests', { ...json, origin }, JSON.stringify(task));
      expect([sent.status, fake.submissions.length]).toEqual([403, 0]);
      expect(JSON.parse(sent.text)).toMatchObject({ code: 'forbidden', status: 403 });
    },
  );

  test('its own origin is served', async () => {
    const { server } = await start();
    expect(
      (await send(server, 'POST', '/v1/requests', { ...json, origin: server.url }, JSON.stringify(task))).status,
    ).toBe(202);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'a body of type %j is refused',
    async (type) => {
      const { server, fake } = await start();
      const sent = await send(
        server,
        'POST',
        '/v1/requests',
        type === '' ? {} : { 'content-type': type },
        JSON.stringify(task),
      );
      expect([sent.status, fake.submissions.length]).toEqual([415, 0]);
    },
  );
});

describe('limits', () => {
  test('a body that says it is too large is refused before it is sent', async () => {
    const { server } = await start();
    const answered = new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(
          `POST /v1/requests HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\nContent-Type: `
            + `application/json\r\nContent-Length: 5000000\r\n\r\n{`,
        );
      });
      socket.once('data', (chunk) => {
        resolve(chunk.toString().split('\r\n')[0] ?? '');
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(await answered).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('a chunked body is cut off while it streams', async () => {
    const { server } = await start();
    const sent = await new Promise<Sent>((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: server.port,
          method: 'POST',
          path: '/v1/requests',
          headers: { ...json, 'transfer-encoding': 'chunked' },
          agent: false,
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, text: '', headers: response.headers });
          });
        },
      );
      request.on('error', reject);
      for (let index = 0; index < 12; index++) request.write('x'.repeat(100_000));
      request.end();
    });
    expect([sent.status, sent.headers['connection']]).toEqual([413, 'close']);
  });

  test('a body of exactly the limit is read', async () => {
    const { server } = await start();
    const sent = await send(server, 'POST', '/v1/requests', json, JSON.stringify('x'.repeat(limits.bodyBytes - 2)));
    expect([sent.status, (JSON.parse(sent.text) as { code: string }).code]).toEqual([400, 'invalid_request']);
  });

  test('headers that are too large are refused', async () => {
    const { server } = await start();
    const sent = await send(server, 'GET', '/healthz', { 'x-large': 'x'.repeat(40_000) });
    expect([sent.status, problemView.parse(JSON.parse(sent.text)).status]).toEqual([431, 431]);
  });
});

/** Sends bytes as they are and reads what comes back until the server closes. */
function raw(server: HttpServer, text: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(text);
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]),
        body: answer.slice(answer.indexOf('\r\n\r\n') + 4),
      });
    });
  });
}

describe('what no client library sends', () => {
  test.each([
    [400, 'what is this\r\n\r\n'],
    [400, 'GET / HTTP/9.9\r\n\r\n'],
    [400, 'POST /v1/requests HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [403, 'GET /healthz HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n'],
    [404, 'GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
    [404, 'OPTIONS * HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
    [400, 'GET ?x HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
    [404, 'GET //v1//requests HTTP/1.1\r\nHost: HOST\r\n__proto__: x\r\nConnection: close\r\n\r\n'],
    [404, 'GET /v1/requests/../pools HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
    [405, 'PROPFIND /v1/requests HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
    [400, 'GET /v1/requests?__proto__=1&%ff=%zz HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
  ])('is answered with a problem %d', async (status, text) => {
    const { server } = await start();
    const answer = await raw(server, text.replace('HOST', `127.0.0.1:${String(server.port)}`));
    expect(answer.status).toBe(status);
    expect(problemView.parse(JSON.parse(answer.body)).status).toBe(status);
  });
});

test('close lets a running call finish and takes no new ones', async () => {
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { server } = await start(async () => {
    arrived.resolve();
    await released.promise;
    return { statusCode: 200, body: '{"done":true}' };
  });
  const running = send(server, 'POST', '/agent/v1/sync', json, '{}');
  await arrived.promise;
  const closing = server.close(hangMs);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  released.resolve();
  expect((await running).text).toBe('{"done":true}');
  await closing;
});

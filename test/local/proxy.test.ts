// The proxy of the laptop: by name, in turn, and with another replica where one does not answer.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, request } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceProxy } from '../../lib/local/proxy/proxy.ts';
import type { Endpoint } from '../../lib/local/proxy/proxy.ts';

let servers: Server[];
let known: Map<string, readonly Endpoint[]>;
let proxy: ServiceProxy;

beforeEach(async () => {
  servers = [];
  known = new Map();
  proxy = await ServiceProxy.start({ port: 0, endpoints: async () => known, log: () => {} });
});

afterEach(async () => {
  await proxy.close();
  for (const server of servers) server.close();
});

async function replica(listener: RequestListener): Promise<Endpoint> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen({ port: 0, host: '127.0.0.1' }, done));
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function call(host: string, options: { method?: string; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body } = options;
    const out = request({ port: proxy.port, method, path: '/a?b=c', headers: { host } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => {
        resolve({ status: answer.statusCode ?? 0, text });
      });
    });
    out.once('error', reject);
    out.end(body);
  });
}

const named =
  (name: string): RequestListener =>
  (_request, response) =>
    response.end(name);

/** Nobody listens there. */
async function nowhere(): Promise<Endpoint> {
  const endpoint = await replica(named('nobody'));
  await new Promise((done) => servers.pop()?.close(done));
  return endpoint;
}

test('by the first label of the host, each replica in its turn', async () => {
  known.set('web', [await replica(named('one')), await replica(named('two'))]);
  known.set('api', [await replica(named('three'))]);
  const answers = [];
  for (let n = 0; n < 4; n += 1) answers.push((await call('web.localhost:4880')).text);
  expect([...answers].sort()).toEqual(['one', 'one', 'two', 'two']);
  expect(await call('api')).toEqual({ status: 200, text: 'three' });
});

test('method, path, body and status go through', async () => {
  known.set('web', [
    await replica((asked, response) => {
      response.statusCode = 201;
      response.write(`${asked.method ?? ''} ${asked.url ?? ''} `);
      asked.pipe(response);
    }),
  ]);
  expect(await call('web', { method: 'POST', body: 'hello' })).toEqual({ status: 201, text: 'POST /a?b=c hello' });
});

test('one that is gone costs nobody a request, with a body or without', async () => {
  known.set('web', [await nowhere(), await replica(named('there'))]);
  for (let n = 0; n < 4; n += 1) {
    expect(await call('web')).toEqual({ status: 200, text: 'there' });
    expect(await call('web', { method: 'POST', body: 'x' })).toEqual({ status: 200, text: 'there' });
  }
});

test('what a replica has begun to do is not done again by another one', async () => {
  let begun = 0;
  const dying = await replica((asked) => {
    begun += 1;
    asked.once('data', () => asked.socket.destroy());
  });
  known.set('web', [dying, dying]);
  expect((await call('web', { method: 'POST', body: 'x' })).status).toBe(502);
  expect(begun).toBe(1);
});

test('no such service, none ready, and none that answers', async () => {
  known.set('web', []);
  known.set('gone', [await nowhere()]);
  expect(await call('shop')).toMatchObject({ status: 404, text: expect.stringContaining('gone, web') });
  expect((await call('web')).status).toBe(503);
  expect(await call('gone')).toMatchObject({ status: 502, text: expect.stringContaining('took the request') });
});

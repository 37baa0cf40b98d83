// Sending to addresses that users name: what arrives, and what is never called.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createWebhookSender } from '../../../lib/adapters/system/webhook-sender.ts';
import { mayConnect } from '../../../lib/control/events/webhooks/addresses.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (call: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const sender = createWebhookSender({ mayConnect: (address) => mayConnect('loopback', address), timeoutMs: 5_000 });
const message = { headers: { 'webhook-id': 'evt_1' }, body: '{"ü":1}' };

test('one POST of the body arrives as it is, and what it answers is told', async () => {
  const seen: unknown[] = [];
  const url = await serve((call, response) => {
    let body = '';
    call.setEncoding('utf8');
    call.on('data', (part: string) => (body += part));
    call.on('end', () => {
      const { 'webhook-id': id, 'content-type': type, 'content-length': length } = call.headers;
      seen.push([call.method, call.url, id, type, length, body]);
      response.writeHead(202).end('taken');
    });
  });
  expect(await sender.send({ ...message, url: `${url}/hook?a=b` })).toEqual({ status: 202 });
  expect(seen).toEqual([['POST', '/hook?a=b', 'evt_1', 'application/json', '8', message.body]]);
});

test('a redirect is an answer, and is not followed', async () => {
  let calls = 0;
  const url = await serve((_call, response) => {
    calls += 1;
    response.writeHead(307, { location: '/other' }).end();
  });
  expect(await sender.send({ ...message, url })).toEqual({ status: 307 });
  expect(calls).toBe(1);
});

test('an answer without an end does not keep it', async () => {
  const url = await serve((_call, response) => {
    response.writeHead(200);
    response.write('x'.repeat(1_000));
  });
  expect(await sender.send({ ...message, url })).toEqual({ status: 200 });
});

test.each(['http://127.0.0.1:1/', 'https://[::1]:1/', 'http://localhost:1/', 'http://169.254.169.254/'])(
  '%s is not called where none but public addresses are',
  async (url) => {
    const publicly = createWebhookSender({ mayConnect: (address) => mayConnect('public', address) });
    expect(await publicly.send({ ...message, url })).toEqual({
      error: expect.stringContaining('has no address that may be called'),
    });
  },
);

test('who does not answer, refuses, or is not there is told from one another', async () => {
  const silent = await serve(() => {});
  const hasty = createWebhookSender({ mayConnect: () => true, timeoutMs: 50 });
  expect(await hasty.send({ ...message, url: silent })).toEqual({ error: 'no answer within 0.05 s' });
  expect(await sender.send({ ...message, url: 'http://127.0.0.1:1/' })).toEqual({
    error: expect.stringContaining('ECONNREFUSED'),
  });
  expect(await sender.send({ ...message, url: 'http://nowhere.invalid/' })).toEqual({
    error: expect.stringContaining('nowhere.invalid'),
  });
});

// The shop's storefront against the real API over services in memory: declared, told its visitors, and closed.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { gatewayEvent } from '../../lib/adapters/local/http-event.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { dayMs, hourMs } from '../../lib/local/shop/shop-day.ts';
import { Storefront, storefrontLine } from '../../lib/local/shop/storefront.ts';
import { RecordingLog, noFiles } from '../lambdas/calls.ts';
import { FakeUseCases, localIdentity } from '../lambdas/fake-use-cases.ts';

const fake = new FakeUseCases();
let server: Server;
let storefront: Storefront;

beforeEach(async () => {
  const api = createApiHandler({ ...noFiles, useCases: fake, identity: localIdentity, log: new RecordingLog() });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void api(gatewayEvent(request, Buffer.concat(chunks), { requestId: 'r', nowMs: 0 }), {} as never).then(
        ({ statusCode, headers, body }) => {
          response.writeHead(statusCode ?? 200, headers as Record<string, string>).end(body);
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  storefront = new Storefront(new ApiClient(url), 0);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('it is open while the day lasts, and says what became of it', async () => {
  const hours = [0, 8, 14, 20].map((hour) => hour * hourMs);
  // Each time of day is asked for twice: whether the day is over, and how many visitors come.
  const times = hours.flatMap((atMs) => [atMs, atMs]);
  const story = await storefront.run(
    () => times.shift() ?? dayMs,
    () => false,
  );
  expect(fake.services.wishes).toMatchObject([{ name: 'storefront', scaling: { min: 1, max: 3 } }]);
  expect(fake.services.shown.get('storefront')?.record.deletingSinceMs).not.toBeNull();
  expect(story).toEqual({ visitors: 3.2, fewest: 1, most: 1, mostReady: 1, decisions: 0 });
  expect(story && storefrontLine(story)).toBe(
    'service   storefront: 1 to 1 replicas wanted for up to 3.2 visitors a second, at most 1 served at once; its '
      + 'policy moved the count 0 times',
  );
});

test('a day that is interrupted leaves it open for the next start', async () => {
  let isStopped = false;
  const story = await storefront.run(
    () => {
      isStopped = true;
      return hourMs;
    },
    () => isStopped,
  );
  expect(story).toBeNull();
  expect(fake.services.shown.get('storefront')?.record.deletingSinceMs).toBeNull();
});

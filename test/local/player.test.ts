// The scenarios' driver on a machine that is too busy to answer: it repeats calls within a bound, then
// ends with what it knows.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { gatewayEvent } from '../../lib/adapters/local/http-event.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { Player } from '../../lib/local/shop/player.ts';
import { objectionsTo, verdictOf } from '../../lib/local/shop/summary.ts';
import { until } from '../agent/controller.ts';
import { RecordingLog, noFiles } from '../lambdas/calls.ts';
import { FakeUseCases, localIdentity } from '../lambdas/fake-use-cases.ts';

let dir: string;
let fake: FakeUseCases;
let server: Server;
/** Of the next calls so many are dropped. */
let dropped = 0;
/** How many requests the last look saw. */
let seen = 0;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-player-'));
  fake = new FakeUseCases();
  [dropped, seen] = [0, 0];
  const api = createApiHandler({ ...noFiles, useCases: fake, identity: localIdentity, log: new RecordingLog() });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if ((dropped -= 1) >= 0) {
        request.socket.destroy();
        return;
      }
      void api(gatewayEvent(request, Buffer.concat(chunks), { requestId: 'r', nowMs: 0 }), {} as never).then(
        ({ statusCode, headers, body }) => {
          response.writeHead(statusCode ?? 200, headers as Record<string, string>).end(body);
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true });
});

function player(patienceMs: number): Player {
  const body = { type: 'task', command: ['true'], resources: { vcpu: 1, memoryMib: 128 } };
  return new Player({
    client: new ApiClient(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, patienceMs),
    arrivals: [1, 2, 3].map((n) => ({ atMs: n, key: `k${String(n)}`, kind: 'page' as const, body })),
    fromMs: 0,
    acceptedFile: join(dir, 'accepted'),
    pool: 'default',
    onLook: ({ submitted }) => {
      seen = submitted;
    },
  });
}

test('calls without an answer are repeated, and nothing is asked for twice', async () => {
  dropped = 7;
  const ending = setInterval(() => {
    for (const id of fake.requests.keys()) fake.end(id, 0);
  }, 50);
  const played = await player(30_000).play(3_000);
  clearInterval(ending);
  expect([
    played.unanswered,
    played.requests.length,
    readFileSync(join(dir, 'accepted'), 'utf8').trim().split('\n').length,
  ]).toEqual([null, 3, 3]);
  expect(fake.requests.size).toBe(3);
});

test(
  'a server that does not answer any more: what is known is summed up, ' + 'and the verdict is neither good nor wrong',
  async () => {
    const playing = player(2_000).play(600_000);
    // All three are accepted and seen; then nothing is answered any more.
    await until(() => seen === 3, 'a look that sees the requests');
    dropped = 1_000_000;
    const played = await playing;
    expect(played.unanswered).toMatch(/^(GET|POST) .* got no answer within \d+ s$/);
    expect(played.requests.map((one) => one.view.id)).toEqual(['r1', 'r2', 'r3']);
    expect(verdictOf(played, [], objectionsTo(played)).verdict).toBe('busy');
  },
);

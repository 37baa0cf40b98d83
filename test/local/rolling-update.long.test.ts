// Another template for twenty small replicas under 200 requests a second through the proxy: none of them fails, also
// while a bad revision comes and goes by itself.
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalServer } from '../../lib/local/server/server.ts';
import { until } from '../hang.ts';

const replicas = 20;
const perSecond = 200;

const server = (isGood: boolean): string => `exec ${process.execPath} --max-old-space-size=16 -e '
  const { createServer } = require("node:http");
  const revision = process.env.BELLOWS_REVISION;
  createServer((asked, response) => {
    if (asked.url === "/health") response.statusCode = ${isGood ? '200' : '500'};
    setTimeout(() => response.end(revision), 5);
  }).listen(Number(process.env.BELLOWS_PORT_HTTP), "127.0.0.1");
'`;

interface Service {
  readonly ready: number;
  readonly revision: number;
  readonly rollout: { readonly state: string; readonly reason: string | null };
}

/** Asks at a steady pace, whatever becomes of what was asked before. */
class Load {
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  readonly tookMs: number[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  #open = 0;

  constructor(port: number) {
    const startedAtMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - startedAtMs) / 1_000) * perSecond; sent < due; sent += 1) this.#ask(port);
    }, 10);
  }

  #ask(port: number): void {
    this.#open += 1;
    const sentAtMs = performance.now();
    const failed = (why: string): void => {
      this.failures.push(why);
      this.#open -= 1;
    };
    const asked = request({ port, agent: this.#agent, headers: { host: 'web.localhost' } });
    asked.once('error', (error) => {
      failed(error.message);
    });
    asked.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => {
        if (answer.statusCode !== 200) return failed(`${String(answer.statusCode)} ${text}`);
        this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
        this.tookMs.push(performance.now() - sentAtMs);
        this.#open -= 1;
      });
    });
    asked.end();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await until(() => this.#open === 0, 'the last answers');
    this.#agent.destroy();
  }
}

test('twenty replicas, two hundred requests a second, a good and a bad revision: none fails', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bellows-rolling-'));
  const local = await startLocalServer({ home, port: 0, processesMax: 40 });
  const call = async (method: string, path: string, body?: object): Promise<Service> => {
    const answer = await fetch(`${local.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Service;
  };
  const put = (isGood: boolean, colour: string): Promise<Service> =>
    call('PUT', '/v1/services/web', {
      replicas,
      template: {
        ...{ shell: server(isGood), env: { COLOUR: colour }, resources: { vcpu: 0.1, memoryMib: 64 } },
        ports: [{ name: 'http' }],
        health: { http: { port: 'http', path: '/health' }, intervalSeconds: 2, startPeriodSeconds: isGood ? 30 : 0 },
      },
      update: { maxSurge: 4 },
      drainSeconds: 2,
    });
  const service = (): Promise<Service> => call('GET', '/v1/services/web');
  try {
    await put(true, 'blue');
    await until(async () => (await service()).ready === replicas, 'all replicas to be ready');
    const load = new Load(local.proxyPort);
    const startedAtMs = performance.now();
    await put(true, 'green');
    await until(async () => (await service()).rollout.state === 'done', 'the update');
    const tookMs = performance.now() - startedAtMs;
    await put(false, 'red');
    await until(async () => (await service()).rollout.state === 'rolled-back', 'the bad revision to be rolled back');
    await load.end();
    const sorted = load.tookMs.sort((a, b) => a - b);
    process.stderr.write(
      `${String(load.tookMs.length)} requests, ${String(load.failures.length)} failed; the update took `
        + `${(tookMs / 1_000).toFixed(1)} s; p50 ${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(0)} ms, p99 `
        + `${(sorted[Math.floor(sorted.length * 0.99)] ?? 0).toFixed(0)} ms; by revision `
        + `${JSON.stringify(Object.fromEntries(load.answers))}\n`,
    );
    expect(load.failures).toEqual([]);
    expect([...load.answers.keys()].sort()).toEqual(['1', '2']);
    expect(await service()).toMatchObject({ revision: 2, ready: replicas });
  } finally {
    await local.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
});

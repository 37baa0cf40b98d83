// How long an accepted task waits for its process on a node that is free and idle: on a server of its own, or with
// `--localcloud` through API Gateway, functions, table, bus and queue of a local AWS. `npm run bench:hot-start`
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalCloud } from '../../lib/local/localcloud/localcloud.ts';

const rounds = 40;
/** Not one pace for all: a task meets its agent at any moment between two syncs. */
const pausesMs = [700, 1_300, 2_100, 2_900];

interface RequestView {
  readonly id: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

async function call<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as T;
}

async function ended(url: string, id: string): Promise<RequestView> {
  for (;;) {
    const view = await call<RequestView>(url, 'GET', `/v1/requests/${id}`);
    if (view.endedAt !== null) return view;
    await delay(200);
  }
}

/** From the moment of the acceptance, as the record has it, to the start of the process, as its agent saw it. */
async function measure(url: string, title: string, wantedMs: number): Promise<void> {
  await call(url, 'PUT', '/v1/pools/hot', { limits: { instances: 1 }, maxNodeVcpu: 4, idleAfterSeconds: 3_600 });
  const submit = async (): Promise<RequestView> => {
    const body = { type: 'task', pool: 'hot', resources: { vcpu: 0.25, memoryMib: 64, gpu: 0 }, command: ['true'] };
    return ended(url, (await call<RequestView>(url, 'POST', '/v1/requests', body)).id);
  };
  // The first makes the node, and the next ones start what starts at first use.
  for (let at = 0; at < 3; at += 1) await submit();
  await delay(5_000);
  const waitsMs: number[] = [];
  for (let at = 0; at < rounds; at += 1) {
    await delay(pausesMs[at % pausesMs.length]);
    const { createdAt, startedAt } = await submit();
    waitsMs.push(Date.parse(startedAt ?? '') - Date.parse(createdAt));
  }
  waitsMs.sort((a, b) => a - b);
  const quantile = (q: number): string => String(waitsMs[Math.min(rounds - 1, Math.floor(q * rounds))] ?? Number.NaN);
  console.log(
    `${title}: accepted to the start of the process, on a free node: p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} `
      + `ms, worst ${quantile(1)} ms of ${String(rounds)}; wanted: p95 < ${String(wantedMs)} ms`,
  );
}

async function onServer(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bellows-hot-'));
  const port = 20_000 + (process.pid % 20_000);
  const url = `http://127.0.0.1:${String(port)}`;
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
    env: { ...process.env, BELLOWS_HOME: home, BELLOWS_PORT: String(port), BELLOWS_LOCAL_PROCESSES: '8' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    for (let tries = 0; ; tries += 1) {
      const isUp = await fetch(`${url}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) break;
      if (tries > 300 || server.exitCode !== null) throw new Error('the server did not come up');
      await delay(200);
    }
    await measure(url, 'embedded', 300);
  } finally {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await gone;
    rmSync(home, { recursive: true, force: true });
  }
}

async function onLocalCloud(): Promise<void> {
  const cloud = await LocalCloud.start({
    props: { installation: 'hot', drainQuietSeconds: 2 },
    port: 0,
    accountId: '100000000019',
    log: { write: () => undefined },
  });
  try {
    await measure(cloud.url, 'local cloud', 2_000);
  } finally {
    await cloud.stop();
  }
}

await (process.argv.includes('--localcloud') ? onLocalCloud() : onServer());

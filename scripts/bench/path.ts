// Measures the path on a server of its own: waits of a task from submit to running, accepts a second, and what an
// idle controller costs. One command: `npm run bench`. Figures are of this machine; compare ratios.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const home = mkdtempSync(join(tmpdir(), 'bellows-bench-'));
const port = 20_000 + (process.pid % 20_000);
const url = `http://127.0.0.1:${String(port)}`;

interface RequestView {
  id: string;
  state: string;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as T;
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function report(name: string, value: string, wanted: string): void {
  console.log(`${name.padEnd(52)} ${value.padEnd(34)} wanted: ${wanted}`);
}

const task = (command: readonly string[]) => ({
  type: 'task',
  resources: { vcpu: 0.25, memoryMib: 64, gpu: 0 },
  command,
});

async function ended(id: string): Promise<RequestView> {
  for (;;) {
    const view = await call<RequestView>('GET', `/v1/requests/${id}`);
    if (view.endedAt !== null) return view;
    await sleep(50);
  }
}

async function waits(): Promise<void> {
  await ended((await call<RequestView>('POST', '/v1/requests', task(['true']))).id); // a node is there now
  const toRunning: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const view = await ended((await call<RequestView>('POST', '/v1/requests', task(['true']))).id);
    toRunning.push(Date.parse(view.startedAt ?? '') - Date.parse(view.createdAt));
    await sleep(100);
  }
  report(
    'submit to running, on a node that is there',
    `p50 ${String(quantile(toRunning, 0.5))} ms, p95 ${String(quantile(toRunning, 0.95))} ms`,
    'p50 < 1 s, p95 < 2 s',
  );
}

/** Each time from nothing: a pool of its own, whose first task makes it launch. */
async function launches(): Promise<void> {
  const toCall: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const pool = `bench-${String(i)}`;
    await call('PUT', `/v1/pools/${pool}`, { limits: { instances: 1, vcpu: 8 }, idleAfterSeconds: 1 });
    const view = await call<RequestView>('POST', '/v1/requests', { ...task(['true']), pool });
    await ended(view.id);
    const { items } = await call<{ items: { code: string; at: string }[] }>('GET', `/v1/pools/${pool}/activity`);
    toCall.push(Date.parse(items.find((item) => item.code === 'launch')?.at ?? '') - Date.parse(view.createdAt));
  }
  report(
    'submit to the launch call answered',
    `p50 ${String(quantile(toCall, 0.5))} ms, p95 ${String(quantile(toCall, 0.95))} ms`,
    'p95 < 1 s',
  );
}

/** Accepted requests wait in a pool that may buy nothing, so that only accepting is measured. */
async function accepts(): Promise<void> {
  await call('PUT', '/v1/pools/closed', { limits: { instances: 0 } });
  const waiting = { ...task(['true']), pool: 'closed' };
  let startedMs = performance.now();
  for (let i = 0; i < 5; i += 1) {
    const { results } = await call<{ results: { status: number }[] }>('POST', '/v1/requests/batch', {
      requests: Array.from({ length: 1_000 }, () => waiting),
    });
    if (!results.every((one) => one.status === 202)) throw new Error('a batch item was not accepted');
  }
  report(
    'durable accepts in batches of 1,000',
    `${(5_000 / ((performance.now() - startedMs) / 1_000)).toFixed(0)} a second`,
    '>= 1,000',
  );
  startedMs = performance.now();
  const clients = Array.from({ length: 16 }, async () => {
    for (let i = 0; i < 75; i += 1) await call('POST', '/v1/requests', waiting);
  });
  await Promise.all(clients);
  report(
    'durable accepts singly, 16 clients',
    `${(1_200 / ((performance.now() - startedMs) / 1_000)).toFixed(0)} a second`,
    '>= 300',
  );
}

function cpuSeconds(pid: number): number {
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function idle(pid: number): Promise<void> {
  for (;;) {
    const { items } = await call<{ items: { name: string }[] }>('GET', '/v1/pools');
    const nodes = await Promise.all(
      items.map((pool) => call<{ items: unknown[] }>('GET', `/v1/pools/${pool.name}/nodes`)),
    );
    if (nodes.every((page) => page.items.length === 0)) break;
    await sleep(500);
  }
  await sleep(5_000);
  const store = new DatabaseSync(join(home, 'store.db'), { readOnly: true });
  const version = (): unknown => Object.values(store.prepare('PRAGMA data_version').get() ?? {})[0];
  const [beforeVersion, beforeCpu, startedMs] = [version(), cpuSeconds(pid), performance.now()];
  await sleep(20_000);
  const share = (cpuSeconds(pid) - beforeCpu) / ((performance.now() - startedMs) / 1_000);
  report(
    'idle controller',
    `${(100 * share).toFixed(2)} % of a core, ${version() === beforeVersion ? 'no writes' : 'WRITES'}`,
    '< 1 %, no writes',
  );
  store.close();
}

const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', '--empty'], {
  env: { ...process.env, BELLOWS_HOME: home, BELLOWS_PORT: String(port), BELLOWS_LOCAL_PROCESSES: '8' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  console.log(`bench: a server of its own on ${url}`);
  for (let tries = 0; ; tries += 1) {
    const isUp = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) break;
    if (tries > 100 || server.exitCode !== null) throw new Error('the server did not come up');
    await sleep(100);
  }
  await waits();
  await launches();
  await idle(server.pid ?? 0);
  await accepts();
  console.log(`store: ${(statSync(join(home, 'store.db')).size / 1e6).toFixed(1)} MB`);
} finally {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await gone;
  rmSync(home, { recursive: true, force: true });
}

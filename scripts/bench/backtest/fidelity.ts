// Whether a back-test says what happens: one short trace on the embedded server, with real processes and in real time,
// and on the back-test; costs and waits side by side. Some three minutes. On a machine that is busy with other things
// processes start late, and waits differ by that.
//   node scripts/enter.mjs scripts/bench/backtest/fidelity.ts [TASKS=30] [SEED=1]
// Exit 1 where costs differ by more than 5 %, or median waits by more than a second and a tenth.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { auditCloud } from '../../../lib/adapters/simulated/cloud/persistence.ts';
import { SeededRandom } from '../../../lib/adapters/simulated/cloud/random.ts';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import type { StatsView } from '../../../lib/api/schemas/figures/stats.ts';
import { figuresOf } from '../../../lib/backtest/measure/waits.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { localBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';

interface Figures {
  readonly usd: number;
  readonly medianWaitS: number;
  readonly nodes: number;
}
interface Task {
  readonly submitS: number;
  readonly durationS: number;
  readonly vcpu: number;
}

const [count = 30, seed = 1] = process.argv.slice(2).map(Number);
const submitWithinS = 75;
const server = 'http://127.0.0.1';
const pool = {
  requirements: { arch: ['amd64'], capacityType: ['on-demand'], instanceCategory: ['c', 'm'] },
  maxNodeVcpu: 8,
  idleAfterSeconds: 10,
};

const draws = new SeededRandom(`fidelity ${String(seed)}`);
const tasks = Array.from({ length: count }, (): Task => {
  const [at, length, size] = [draws.next(), draws.next(), draws.next()];
  return {
    submitS: Math.round(at * submitWithinS * 10) / 10,
    durationS: Math.round(30 + 10 * length ** 2 * 6) / 2,
    vcpu: size < 0.5 ? 0.5 : 1,
  };
}).sort((a, b) => a.submitS - b.submitS);

async function backtest(): Promise<Figures> {
  const rows = tasks.map((one) => `${String(one.submitS)},${String(one.durationS)},${String(one.vcpu)},512,0`);
  const trace = readCsv(['submit_s,duration_s,vcpu,memory_mib,gpu', ...rows].join('\n'));
  const world = new BacktestWorld({
    trace,
    pools: [poolSpecOf('default', poolBody.parse(pool))],
    behaviour: localBehaviour,
    seed,
  });
  await world.run();
  const { launched } = world.measures.counts;
  return { usd: world.billedUsd, medianWaitS: world.measures.waits.all().p50S, nodes: launched };
}

async function call<T>(url: string, path: string, method = 'GET', body?: object): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** From the first submission until the last node is gone. */
async function submitAll(url: string): Promise<readonly RequestView[]> {
  await call(url, '/v1/pools/default', 'PUT', pool);
  const startMs = performance.now();
  const ids: string[] = [];
  for (const { submitS, durationS, vcpu } of tasks) {
    await sleep(Math.max(0, startMs + submitS * 1000 - performance.now()));
    const { id } = await call<RequestView>(url, '/v1/requests', 'POST', {
      type: 'task',
      resources: { vcpu, memoryMib: 512 },
      command: ['sleep', String(durationS)],
    });
    ids.push(id);
  }
  const isOver = async (): Promise<boolean> => {
    const { requests, nodes, launchedNodes, goneNodes } = await call<StatsView>(url, '/v1/stats');
    const ended = (requests['succeeded'] ?? 0) + (requests['failed'] ?? 0);
    return ended === count && Object.keys(nodes).length === 0 && launchedNodes === goneNodes;
  };
  while (!(await isOver())) await sleep(1_000);
  return Promise.all(ids.map((id) => call<RequestView>(url, `/v1/requests/${id}`)));
}

async function real(): Promise<Figures> {
  const home = mkdtempSync(join(tmpdir(), 'bellows-fidelity-'));
  const port = 20_000 + (process.pid % 20_000);
  const main = fileURLToPath(new URL('../../../lib/local/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--empty'], {
    // EC2 has no limit of this machine's cores.
    env: { ...process.env, BELLOWS_HOME: home, BELLOWS_PORT: String(port), BELLOWS_LOCAL_PROCESSES: '1000' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const url = `${server}:${String(port)}`;
    while (!(await isUp(url))) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}`);
      await sleep(200);
    }
    const requests = await submitAll(url);
    const failed = requests.filter((one) => one.state !== 'succeeded').length;
    if (failed > 0) throw new Error(`${String(failed)} tasks failed`);
    const waitsMs = requests.map((one) => Date.parse(one.startedAt ?? '') - Date.parse(one.createdAt));
    child.kill('SIGTERM');
    await ended;
    const instances = auditCloud(home);
    const usd = instances.reduce((sum, one) => sum + one.billedUsd, 0);
    return { usd, medianWaitS: figuresOf(waitsMs).p50S, nodes: instances.length };
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch (error) {
    // Nobody listens there yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const line = (name: string, { usd, medianWaitS, nodes }: Figures): string =>
  `${name.padEnd(12)}${usd.toFixed(5)} USD, median wait ${medianWaitS.toFixed(2)} s, ${String(nodes)} nodes`;

const simulated = await backtest();
console.log(line('back-test', simulated));
const happened = await real();
console.log(line('real', happened));
const costRatio = simulated.usd / happened.usd;
const waitDifferenceS = simulated.medianWaitS - happened.medianWaitS;
const isCostNear = Math.abs(costRatio - 1) <= 0.05;
const isWaitNear = Math.abs(waitDifferenceS) <= Math.max(1, 0.1 * happened.medianWaitS);
console.log(
  `cost ${costRatio.toFixed(3)} of the real one (${isCostNear ? 'within' : 'not within'} 5 %), median wait `
    + `${(simulated.medianWaitS / happened.medianWaitS).toFixed(3)} (${waitDifferenceS.toFixed(2)} s, `
    + `${isWaitNear ? 'within' : 'not within'} 1 s or 10 %); load of the machine ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
process.exitCode = isCostNear && isWaitNear ? 0 : 1;

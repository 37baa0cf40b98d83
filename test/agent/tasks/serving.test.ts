// Attempts that serve, on a real agent: the ports that they are given, and what the agent says of their health.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AttemptOnNode } from '../../../lib/core/records/sync.ts';
import type { HealthProbe } from '../../../lib/core/services/serving.ts';
import { Controller, attempt, until } from '../controller.ts';

let dir: string;
let controller: Controller;
let agent: ChildProcess | null;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-serving-'));
  controller = new Controller();
  agent = null;
  const config = {
    serverUrl: await controller.listen(),
    nodeId: 'i-1',
    pool: 'default',
    allocatable: { cpuMilli: 2_000, memoryMib: 1_000, gpu: 0 },
    tasksMax: 4,
    stateDir: join(dir, 'state'),
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
});

afterEach(async () => {
  controller.assigned = [];
  await end('SIGTERM');
  await controller.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

function startAgent(): void {
  agent = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('agent/main.ts'), join(dir, 'config.json')],
    { stdio: 'ignore' },
  );
}

async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (agent === null || agent.exitCode !== null || agent.signalCode !== null) return;
  agent.kill(signal);
  await new Promise((done) => agent?.once('exit', done));
}

/** A server that answers 200 while the file `well` is there. */
const server = `exec ${process.execPath} -e '
  const { createServer } = require("node:http");
  const { existsSync } = require("node:fs");
  createServer((_, response) => { response.statusCode = existsSync("well") ? 200 : 503; response.end(); })
    .listen(Number(process.env.BELLOWS_PORT_HTTP), "127.0.0.1");
'`;

const healthOf = (probe: HealthProbe) => ({
  probe,
  startPeriodMs: 0,
  intervalMs: 100,
  timeoutMs: 30_000, // on a busy machine an answer takes long
  healthyAfter: 1,
  unhealthyAfter: 2,
});

function reported(): AttemptOnNode | undefined {
  return controller.syncs.at(-1)?.onNode[0];
}

test('a free port is chosen and reported; healthy, unhealthy with the reason, and again after a restart', async () => {
  controller.assigned = [
    attempt('web', `touch well; ${server}`, {
      ports: [{ name: 'http' }],
      health: healthOf({ kind: 'http', port: 'http', path: '/' }),
    }),
  ];
  startAgent();
  await until(() => reported()?.health?.isHealthy === true, 'it to be healthy');
  const [{ name, port } = { name: '', port: 0 }] = reported()?.ports ?? [];
  expect(name).toBe('http');
  expect((await fetch(`http://127.0.0.1:${String(port)}/`)).status).toBe(200);
  expect(controller.syncs.at(-1)?.address).toBe('127.0.0.1');
  rmSync(join(dir, 'state', 'attempts', 'web.0.1', 'work', 'well'));
  await until(() => reported()?.health?.isHealthy === false, 'it to be unhealthy');
  expect(reported()?.health?.message).toBe('GET / answers 503');
  await end('SIGKILL');
  const bootBefore = controller.syncs.at(-1)?.bootId;
  startAgent();
  await until(
    () => controller.syncs.at(-1)?.bootId !== bootBefore && reported()?.health?.isHealthy === false,
    'a verdict of the new agent',
  );
  expect(reported()?.ports).toEqual([{ name, port }]);
});

test.each<[string, HealthProbe, boolean, string | undefined]>([
  ['a connection is taken', { kind: 'tcp', port: 'http' }, true, undefined],
  ['a command ends with 0', { kind: 'command', argv: ['sh', '-c', 'test -n "$BELLOWS_PORT_HTTP"'] }, true, undefined],
  ['a command fails', { kind: 'command', argv: ['sh', '-c', 'echo no >&2; exit 3'] }, false, 'sh ended with 3: no'],
])('checks: %s', async (_what, probe, isHealthy, message) => {
  // The server needs a while until it listens; what a command says is known at once.
  const health = { ...healthOf(probe), startPeriodMs: probe.kind === 'command' ? 0 : 300_000 };
  controller.assigned = [attempt('web', server, { ports: [{ name: 'http' }], health })];
  startAgent();
  await until(() => reported()?.health !== undefined, 'a verdict');
  expect(reported()?.health).toEqual({ isHealthy, ...(message === undefined ? {} : { message }) });
});

test('what a replica uses is told once it is known, and of others nothing', async () => {
  controller.assigned = [attempt('web', 'exec sleep 300', { isMeasured: true }), attempt('job', 'exec sleep 300')];
  startAgent();
  const of = (id: string) => controller.syncs.at(-1)?.onNode.find((one) => one.attemptId.startsWith(id));
  await until(() => of('web')?.usage !== undefined, 'its usage');
  expect(of('web')?.usage?.memoryMib).toBeGreaterThan(0);
  expect(of('web')?.usage?.cpuMilli).toBeLessThan(1_000);
  expect(of('job')).toMatchObject({ state: 'running' });
  expect(of('job')?.usage).toBeUndefined();
});

test('what leaves runs its preStop command before it gets TERM, and its end tells what became of it', async () => {
  const order = join(dir, 'order');
  const note = (word: string): string => `echo ${word} >> ${order}`;
  controller.assigned = [
    attempt('web', `trap '${note('term')}; exit 0' TERM; ${note('up')}; while :; do sleep 0.05; done`, {
      ports: [{ name: 'http' }],
      graceMs: 300_000,
      preStop: { argv: ['sh', '-c', `${note('leave')}; echo "port $BELLOWS_PORT_HTTP" >&2; exit 3`] },
    }),
  ];
  startAgent();
  const text = (): string => (existsSync(order) ? readFileSync(order, 'utf8') : '');
  await until(() => text() === 'up\n' && reported()?.ports !== undefined, 'it to run');
  const port = reported()?.ports?.[0]?.port ?? 0;
  controller.assigned = [];
  const end = () => controller.syncs.flatMap((one) => one.ends).at(-1);
  await until(() => end() !== undefined, 'its end');
  expect(text()).toBe('up\nleave\nterm\n');
  expect(end()).toMatchObject({ outcome: 'withdrawn', preStop: `ended with 3: port ${String(port)}` });
});

// The embedded server as a real process, used over HTTP: the whole path, and what kills, limits and restarts
// do to it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { livingAgents, signalProcess, strayProcesses } from '../../lib/adapters/local/agents-processes.ts';
import { lastingPort } from '../../lib/adapters/local/ports.ts';
import { signatureHeaders } from '../../lib/control/events/webhooks/signature.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { audit } from '../../lib/local/server/audit.ts';
import { runChaos } from '../../lib/local/server/chaos.ts';
import { homePaths } from '../../lib/local/server/home.ts';
import { LiveView } from '../../lib/local/server/view.ts';
import { hangMs, until, untilAsync } from '../hang.ts';

let home: string;
let servers: ChildProcess[];
const program = ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts'];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bellows-server-'));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await end(server, 'SIGTERM');
  for (const { pid } of strayProcesses(homePaths(home).agents, () => false)) signalProcess(pid, 'SIGKILL');
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await exited;
}

interface Started {
  readonly server: ChildProcess;
  readonly client: ApiClient;
  readonly url: string;
  /** What it has printed. */
  readonly printed: () => string;
}

async function start(env: Record<string, string> = {}): Promise<Started> {
  const server = spawn(process.execPath, [...program, '--empty'], {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0', BELLOWS_LOCAL_PROCESSES: '8', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  let text = '';
  server.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const url = await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen');
  return { server, url, client: new ApiClient(url, 120_000), printed: () => text };
}

async function submit({ client }: Started, body: object): Promise<string> {
  return (
    await client.call('submitRequest', { body: { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, ...body } })
  ).id;
}

async function waitFor(
  { client }: Started,
  id: string,
  isReached: (view: RequestView) => boolean,
): Promise<RequestView> {
  let last = '';
  return untilAsync(async () => {
    const view = await client.call('getRequest', { params: { id } });
    last = JSON.stringify(view);
    return isReached(view) ? view : null;
  }, `request ${id}`).catch((error: unknown) => {
    throw new Error(`${String(error)}: it is ${last}`);
  });
}

/** What was killed may take a moment to die. */
async function untilNothingRuns(): Promise<void> {
  await until(
    () => strayProcesses(homePaths(home).agents, () => false).length === 0,
    'all agents and tasks to be gone',
  );
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint of webhooks on this machine. */
async function receiver(): Promise<{ url: string; received: readonly Received[]; close: () => void }> {
  const received: Received[] = [];
  const server = createHttpServer((call, answer) => {
    let body = '';
    call.setEncoding('utf8');
    call.on('data', (part: string) => (body += part));
    call.on('end', () => {
      received.push({ headers: call.headers, body });
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const hasEnded = (view: RequestView): boolean => view.endedAt !== null;
const runs = (view: RequestView): boolean => view.startedAt !== null;

test(
  'an alarm that is posted as EventBridge would deliver it raises ' + 'the floor once; the activity names it',
  async () => {
    const here = await start();
    const name = 'alarmed';
    await here.client.call('putPool', {
      params: { name },
      body: {
        limits: { instances: 3 },
        maxNodeVcpu: 2,
        idleAfterSeconds: 1,
        alarms: [
          { alarmName: 'high', addNodes: 1 },
          { alarmName: 'low', removeNodes: 1 },
        ],
      },
    });
    const send = async (body: unknown): Promise<Response> =>
      fetch(`${here.url}/_events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    const alarm = (alarmName: string, timestamp: string): object => ({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      time: '2026-11-22T16:00:01Z',
      detail: {
        alarmName,
        previousState: { value: 'OK' },
        state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp },
      },
    });
    for (let i = 0; i < 2; i += 1)
      expect(await (await send(alarm('high', '2026-11-22T16:00:00.000+0000'))).json()).toEqual({
        handled: [],
        alarmed: [name],
        ignored: [],
      });
    const nodes = async (): Promise<number> =>
      (await here.client.call('listNodes', { params: { name } })).items.filter((node) => node.state === 'ready').length;
    const untilNodes = async (count: number): Promise<void> => {
      await untilAsync(async () => (await nodes()) === count, `${String(count)} ready nodes`);
    };
    await untilNodes(1);
    await new Promise((wake) => setTimeout(wake, 2_000));
    expect(await nodes()).toBe(1);
    expect(await here.client.call('getPool', { params: { name } })).toMatchObject({
      headroom: { floorNodes: 1, alarmName: 'high', lacking: null },
      alarms: [{ state: 'ALARM' }, {}],
    });
    expect((await here.client.call('getStats')).headroomNodes).toBe(1);
    expect(
      (await here.client.call('listActivity', { params: { name }, query: {} })).items.filter(
        (one) => one.code === 'headroom_changed',
      ),
    ).toHaveLength(1);
    await send(alarm('low', '2026-11-22T16:05:00.000+0000'));
    await untilNodes(0);
    expect([
      (await send({ source: 'aws.s3' })).status,
      (await send('{')).status,
      (await fetch(`${here.url}/_events`)).status,
    ]).toEqual([400, 400, 405]);
  },
);

test('what a task leaves on a volume, the next task finds; released, it is gone', async () => {
  const here = await start();
  const { id: volume } = await here.client.call('submitRequest', { body: { type: 'storage', sizeGib: 1 } });
  await waitFor(here, volume, (view) => view.state === 'active');
  const mounts = [{ request: volume, path: 'data' }];
  const first = await submit(here, {
    shell: 'echo $BELLOWS_ATTEMPT of $BELLOWS_REQUEST_ID > $BELLOWS_MOUNT_0/notes',
    mounts,
  });
  const second = await submit(here, { shell: 'cat data/notes', mounts });
  expect(await waitFor(here, first, hasEnded)).toMatchObject({ state: 'succeeded' });
  expect(await waitFor(here, second, hasEnded)).toMatchObject({ state: 'succeeded' });
  expect((await here.client.call('getOutput', { params: { id: second } })).stdout).toBe(`1 of ${first}\n`);
  expect(readdirSync(homePaths(home).volumes)).toHaveLength(1);
  await here.client.call('cancelRequest', { params: { id: volume } });
  await waitFor(here, volume, hasEnded);
  await submit(here, { shell: 'true' });
  await until(() => readdirSync(homePaths(home).volumes).length === 0 || undefined, 'the folder to go with its volume');
});

test('a task comes in over HTTP, a node is launched for it, runs it and goes away', async () => {
  const here = await start();
  const hook = await receiver();
  const { secret = '' } = await here.client.call('putWebhook', { params: { name: 'ci' }, body: { url: hook.url } });
  const id = await submit(here, { shell: 'echo hello from $BELLOWS_REQUEST_ID' });
  expect(await waitFor(here, id, hasEnded)).toMatchObject({
    state: 'succeeded',
    exitCode: 0,
    attempts: 1,
    allocation: { resourceType: 'ec2-instance' },
  });
  expect(
    readFileSync(homePaths(home).log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"RequestAccepted"') && line.includes(id)),
  ).toHaveLength(1);
  expect(await here.client.call('getOutput', { params: { id } })).toEqual({
    stdout: `hello from ${id}\n`,
    stderr: '',
    truncated: false,
    leftOutBytes: { stdout: 0, stderr: 0 },
    next: '1,40,0',
    ended: true,
  });
  await untilAsync(async () => (await here.client.call('getStats')).goneNodes === 1, 'the node to be gone');
  expect(await here.client.call('getStats')).toMatchObject({ launchedNodes: 1, goneNodes: 1, nodes: {} });
  await until(() => hook.received.length >= 4, 'the events to be delivered');
  hook.close();
  const sent = hook.received.map(({ body }) => JSON.parse(body) as { type: string; data: { requestId?: string } });
  expect(sent.map((one) => [one.type, one.data.requestId])).toEqual([
    ['RequestAccepted', id],
    ['NodeLaunched', undefined],
    ['TaskEnded', id],
    ['NodeTerminated', undefined],
  ]);
  for (const { headers, body } of hook.received) {
    const [messageId = '', seconds = ''] = [headers['webhook-id'], headers['webhook-timestamp']].map(String);
    expect(headers).toMatchObject(signatureHeaders([secret], { id: messageId, atMs: Number(seconds) * 1_000, body }));
  }
  await untilNothingRuns();
  expect(audit(home, Date.now())).toMatchObject({ accepted: 1, ended: 1, launched: 1, gone: 1, problems: [] });
});

test('what its EC2 is told through the control door, its requests meet', async () => {
  const here = await start({ BELLOWS_EC2_CONTROL: '0' });
  const door = await until(() => /EC2 is controlled on (http:\S+)\/_sim/.exec(here.printed())?.[1], 'the door');
  const set = async (available: number | null): Promise<number> =>
    (await fetch(`${door}/_sim/capacity`, { method: 'PUT', body: JSON.stringify({ pattern: 'c7i.*', available }) }))
      .status;
  expect(await set(0)).toBe(200);
  const matchExpressions = [{ key: 'instanceFamily', operator: 'In', values: ['c7i'] }];
  const id = await submit(here, { shell: 'true', requirements: { matchExpressions } });
  expect(await waitFor(here, id, (view) => view.reason === 'no_capacity')).toMatchObject({ state: 'pending' });
});

test('failure, retry, timeout and cancel end as they should', async () => {
  const here = await start();
  const [failed, retried, late, cancelled] = await Promise.all([
    submit(here, { shell: 'exit 3' }),
    submit(here, { shell: '[ "$BELLOWS_ATTEMPT" = 2 ] || exit 1', retries: 1 }),
    submit(here, { shell: 'trap "" TERM; sleep 60', timeoutSeconds: 1 }),
    submit(here, { shell: 'sleep 60' }),
  ]);
  await waitFor(here, cancelled, runs);
  await here.client.call('cancelRequest', { params: { id: cancelled } });
  expect(await waitFor(here, failed, hasEnded)).toMatchObject({ state: 'failed', exitCode: 3, reason: 'exit code 3' });
  expect(await waitFor(here, retried, hasEnded)).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(await waitFor(here, late, hasEnded)).toMatchObject({ state: 'failed', reason: 'timeout' });
  expect(await waitFor(here, cancelled, hasEnded)).toMatchObject({ state: 'cancelled' });
});

test('no more processes than BELLOWS_LOCAL_PROCESSES run at once, and what waits says why', async () => {
  const here = await start({ BELLOWS_LOCAL_PROCESSES: '2' });
  const ledger = join(home, 'ledger');
  const id = await submit(here, {
    shell: `echo 1 >> ${ledger}; sleep 1.5; echo -1 >> ${ledger}`,
    count: 8,
    resources: { vcpu: 0.1, memoryMib: 16 },
  });
  const waiting = await submit(here, { shell: 'true' });
  await untilAsync(async () => {
    const { items } = await here.client.call('getTimeline', { params: { id: waiting } });
    return items.some((item) => item.message.includes('at most 2 tasks at once (BELLOWS_LOCAL_PROCESSES)'));
  }, 'the reason why it waits');
  expect(await waitFor(here, id, hasEnded)).toMatchObject({ state: 'succeeded', counts: { succeeded: 8 } });
  let running = 0;
  for (const line of readFileSync(ledger, 'utf8').trim().split('\n')) {
    running += Number(line);
    expect(running).toBeLessThanOrEqual(2);
  }
});

describe('stops and kills', () => {
  test('Ctrl-C stops agents and queues their tasks again; the next start runs them', async () => {
    const first = await start();
    const marker = join(home, 'may-end');
    const id = await submit(first, { shell: `while [ ! -e ${marker} ]; do sleep 0.1; done` });
    await waitFor(first, id, runs);
    await end(first.server, 'SIGINT');
    expect(first.server.exitCode).toBe(0);
    await untilNothingRuns();
    expect(audit(home, Date.now())).toMatchObject({ accepted: 1, ended: 0, leaked: 0, problems: [] });
    const second = await start();
    expect((await waitFor(second, id, () => true)).state).toMatch(/pending|running/);
    await waitFor(second, id, runs);
    spawnSync('touch', [marker]);
    expect(await waitFor(second, id, hasEnded)).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  test('kill -9 of the server: agents run on, and the next server finds them and what they finished', async () => {
    const first = await start();
    const marker = join(home, 'may-end');
    const id = await submit(first, { shell: `while [ ! -e ${marker} ]; do sleep 0.1; done; echo finished` });
    await waitFor(first, id, runs);
    const [[instance, pid] = ['', 0]] = [...livingAgents(homePaths(home).agents)];
    await end(first.server, 'SIGKILL');
    expect(livingAgents(homePaths(home).agents).get(instance)).toBe(pid);
    spawnSync('touch', [marker]);
    const second = await start(); // on another port: the agent is told
    expect(await waitFor(second, id, hasEnded)).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect((await second.client.call('getOutput', { params: { id } })).stdout).toBe('finished\n');
  });

  test('kill -9 of an agent: its instance is gone, and the task runs again elsewhere', async () => {
    const here = await start();
    const marker = join(home, 'may-end');
    const id = await submit(here, { shell: `while [ ! -e ${marker} ]; do sleep 0.1; done` });
    await waitFor(here, id, runs);
    const [pid = 0] = [...livingAgents(homePaths(home).agents).values()];
    signalProcess(pid, 'SIGKILL');
    await waitFor(here, id, (view) => view.attempts === 2);
    spawnSync('touch', [marker]);
    expect(await waitFor(here, id, hasEnded)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(await here.client.call('getStats')).toMatchObject({ launchedNodes: 2 });
  });

  test('a short chaos loses, doubles and leaks nothing', async () => {
    const port = await lastingPort();
    let text = '';
    const view = new LiveView({ isTerminal: false, columns: () => 80, write: (more) => (text += more) });
    const timing = { durationMs: 12_000, serverEveryMs: 4_000, agentEveryMs: 3_000, settleMs: hangMs };
    const ports = { port, proxyPort: 0, ec2ControlPort: null };
    const config = { home, ...ports, processesMax: 8, mode: 'chaos' as const, isOnce: false, seed: 'test' };
    const isSound = await runChaos(config, timing, view);
    expect({ isSound, text }).toMatchObject({
      isSound: 'good',
      text: expect.stringMatching(/killed {4}the server [1-3] times?/),
    });
    expect(text).toMatch(/lost 0, .*leaked 0/);
  });
});

describe('what is in the way', () => {
  test('a second server on the same home ends with one sentence and exit 3', async () => {
    await start();
    const second = spawnSync(process.execPath, [...program, '--empty'], {
      env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0' },
      encoding: 'utf8',
    });
    expect(second.status).toBe(3);
    expect(second.stderr).toMatch(
      /^bellows: another server \(process \d+\) works in .*; stop it, or set BELLOWS_HOME to another folder\n$/,
    );
  });

  test('a busy port ends with exit 3 and names port and variable', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    const child = spawn(process.execPath, [...program, '--empty'], {
      env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => busy.close(resolve));
    expect(code).toBe(3);
    expect(text).toContain(`port ${String(port)}`);
    expect(text).toContain('BELLOWS_PORT');
  });
});

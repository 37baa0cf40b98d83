// Agents and controllers of two versions that follow each other, with real tasks: nodes keep their agent when a
// deployment changes the controller, and a deployment that is taken back leaves newer agents to the older controller.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signalProcess, strayProcesses } from '../../lib/adapters/local/agents-processes.ts';
import { syncRequest } from '../../lib/api/schemas/agent-protocol.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import type { AttemptEnd, SyncReply } from '../../lib/core/records/sync.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { homePaths } from '../../lib/local/server/home.ts';
import { startLocalServer } from '../../lib/local/server/server.ts';
import type { LocalServer } from '../../lib/local/server/server.ts';
import { until, untilAsync } from '../hang.ts';
import { previousVersion } from './previous.ts';
import type { PreviousController } from './previous.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-upgrade-'));
let previous: Awaited<ReturnType<typeof previousVersion>>;

beforeAll(async () => {
  mkdirSync(join(folder, 'previous'));
  previous = await previousVersion(join(folder, 'previous'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

describe("the version before's agent, with the server of this one", () => {
  const home = join(folder, 'home');
  let server: LocalServer;
  let client: ApiClient;

  beforeAll(async () => {
    server = await startLocalServer({ home, port: 0, processesMax: 4, agentProgram: previous.agent });
    client = new ApiClient(server.url, 120_000);
  });
  afterAll(async () => {
    await server.close();
    for (const { pid } of strayProcesses(homePaths(home).agents, () => false)) signalProcess(pid, 'SIGKILL');
  });

  const submit = async (body: object): Promise<string> =>
    (await client.call('submitRequest', { body: { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, ...body } }))
      .id;
  const waitFor = (id: string, isReached: (view: RequestView) => boolean, what: string): Promise<RequestView> =>
    untilAsync(async () => {
      const view = await client.call('getRequest', { params: { id } });
      return isReached(view) && view;
    }, what);
  const endOf = (id: string): Promise<RequestView> => waitFor(id, (view) => view.endedAt !== null, `the end of ${id}`);

  test('starts tasks, and brings their output and their ends', async () => {
    const [good, bad] = await Promise.all([submit({ shell: 'echo from before' }), submit({ shell: 'exit 3' })]);
    expect(await endOf(good)).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect((await client.call('getOutput', { params: { id: good } })).stdout).toBe('from before\n');
    expect(await endOf(bad)).toMatchObject({ state: 'failed', exitCode: 3 });
  });

  test('stops what is cancelled', async () => {
    const id = await submit({ shell: 'trap "echo stopped; exit 1" TERM; echo runs; while :; do sleep 0.1; done' });
    const output = async () => (await client.call('getOutput', { params: { id } })).stdout;
    await untilAsync(
      async () => (await waitFor(id, (view) => view.startedAt !== null, 'its start')) && (await output()),
      'its output',
    );
    await client.call('cancelRequest', { params: { id } });
    expect(await endOf(id)).toMatchObject({ state: 'cancelled' });
    await untilAsync(async () => (await output()) === 'runs\nstopped\n', 'the last of its output');
  });
});

describe("this version's agent, with the controller of the one before", () => {
  const ends = new Map<string, AttemptEnd>();
  const outputs = new Map<string, string>();
  let refused = 0;
  let old: PreviousController;
  let http: Server;
  let agent: ReturnType<typeof spawn>;
  let world: InstanceType<PreviousController['BareWorld']>;
  const [node, ran, cancelled] = ['i-1', 'r-1', 'r-2'];

  /** As it answered: by its own schemas, which take no member that they do not know. */
  async function answer(path: string, body: unknown): Promise<[status: number, reply?: SyncReply]> {
    if (path.startsWith('/agent/v1/output/')) {
      outputs.set(path.split('/').at(-1) ?? '', old.outputUpload.parse(body).stdout);
      return [204];
    }
    if (path !== '/agent/v1/sync') return [404];
    const parsed = old.syncRequest.safeParse(body);
    if (!parsed.success) {
      refused += 1;
      return [400];
    }
    for (const end of parsed.data.ends) ends.set(end.attemptId, end);
    return [200, await old.syncAgent(world.ports, { ...old.settings, syncBusyMs: 50, syncIdleMs: 50 }, parsed.data)];
  }

  const stored = async () => {
    const found = await world.ports.store.get<NodeRecord>(old.keys.node('p', node));
    if (found === null || found === undefined) throw new Error('its document is gone');
    return found;
  };

  beforeAll(async () => {
    old = previous.controller;
    world = new old.BareWorld();
    const specs = [
      old.request(ran, { run: { kind: 'shell', script: 'echo today; exit 4' } }, { tasks: [old.placedTask()] }),
      old.request(cancelled, { run: { kind: 'shell', script: 'exec sleep 600' } }, { tasks: [old.placedTask()] }),
    ];
    for (const row of specs) await old.put(world.ports, { ...old.keys.request(row.id), data: row }, 'absent');
    const data = old.node({ bootId: '', seq: 0, assigned: [old.assignment(ran), old.assignment(cancelled)] });
    await old.put(world.ports, { ...old.keys.node('p', node), data }, 'absent');
    http = createServer((call, response) => {
      const chunks: Buffer[] = [];
      call.on('data', (chunk: Buffer) => chunks.push(chunk));
      call.on('end', () => {
        answer(call.url ?? '', JSON.parse(Buffer.concat(chunks).toString() || 'null')).then(
          ([status, reply]) => response.writeHead(status).end(reply === undefined ? undefined : JSON.stringify(reply)),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
      });
    });
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
    const config = join(folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({
        serverUrl: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
        nodeId: node,
        pool: 'p',
        allocatable: { cpuMilli: 64_000, memoryMib: 64_000, gpu: 0 },
        tasksMax: 4,
        stateDir: join(folder, 'state'),
        timing: { backoffBaseMs: 20, backoffMaxMs: 50 },
      }),
    );
    agent = spawn(process.execPath, [resolve('agent/main.ts'), config], { stdio: 'ignore' });
  });
  afterAll(async () => {
    const exited = new Promise((done) => agent.once('exit', done));
    agent.kill('SIGTERM');
    await exited;
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  });

  test('is refused once, and from then on sends what that one takes: the end and the output of a task', async () => {
    const end = await until(() => ends.get(`${ran}.0.1`), 'the end of a task');
    expect(end).toMatchObject({ outcome: 'exited', exitCode: 4 });
    expect(end.output?.stdout ?? outputs.get(`${ran}.0.1`)).toBe('today\n');
    expect(refused).toBe(1);
  });

  test('stops what its document withdraws', async () => {
    const isRunning = async () =>
      (await stored()).data.assigned.some((one) => one.requestId === cancelled && one.startedAtMs !== null);
    await untilAsync(isRunning, 'its start');
    await untilAsync(async () => {
      const { data, version, pk, sk } = await stored();
      const withdrawn = { reason: 'cancelled', atSeq: data.seq, atBootId: data.bootId };
      const assigned = data.assigned.map((one) => ({ ...one, withdrawn }));
      return old.put(world.ports, { pk, sk, data: { ...data, assigned } }, version).then(
        () => true,
        () => false,
      );
    }, 'a write between two syncs');
    expect(await until(() => ends.get(`${cancelled}.0.1`), 'its end')).toMatchObject({ outcome: 'withdrawn' });
    expect(refused).toBe(1);
  });
});

test('what an agent of a later version adds to its syncs is skipped, not refused', () => {
  const sync = { nodeId: 'i-1', pool: 'p', bootId: '1', seq: 1, onNode: [], ends: [] };
  const end = { attemptId: 'r-1.0.1', outcome: 'exited', exitCode: 0, message: null, startedAtMs: 1, endedAtMs: 2 };
  expect(syncRequest.parse({ ...sync, later: 1, ends: [{ ...end, later: {} }] })).toEqual({ ...sync, ends: [end] });
});

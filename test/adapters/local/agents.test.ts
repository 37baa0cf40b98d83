// The supervisor of local agents: real agent processes, found again, and nothing left of a dead instance.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalAgents } from '../../../lib/adapters/local/agents.ts';
import type { AgentInstance } from '../../../lib/adapters/local/agents.ts';
import { livingAgents, processesOf, strayProcesses } from '../../../lib/adapters/local/agents-processes.ts';
import { isAlive } from '../../agent/controller.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import { until } from '../../hang.ts';

let dir: string;
let died: string[];
const started: number[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-agents-'));
  died = [];
});
afterEach(async () => {
  await supervisor().stopAll();
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** As a new server would make it: it knows nothing but the folders. */
function supervisor(serverUrl = 'http://127.0.0.1:9'): LocalAgents {
  return new LocalAgents({
    dir,
    serverUrl,
    program: resolve('agent/main.ts'),
    tasksMax: 4,
    taskPath: '/usr/bin:/bin',
    headersOf: () => ({}),
    killGraceMs: 1_000,
    nowMs: () => performance.now(),
    log: { write: () => undefined },
    removeTree,
    onDeath: (id) => died.push(id),
  });
}

function instance(id: string, state: AgentInstance['state'] = 'runs'): AgentInstance {
  return { id, pool: 'default', allocatable: { cpuMilli: 1_000, memoryMib: 1_000, gpu: 0 }, state };
}

/** A task as an agent that is killed leaves it behind: in a session of its own, with the promised environment. */
function leaveTask(id: string, env: Record<string, string> = {}): number {
  const work = join(dir, id, 'state', 'attempts', 'r.0.1', 'work');
  mkdirSync(work, { recursive: true });
  const child = spawn('sleep', ['60'], {
    cwd: work,
    env: { PATH: '/usr/bin:/bin', HOME: work, BELLOWS_ATTEMPT: '1', ...env },
    detached: true,
    stdio: 'ignore',
  });
  if (child.pid === undefined) throw new Error('sleep did not start');
  started.push(child.pid);
  return child.pid;
}

const agentOf = (id: string): number | undefined => livingAgents(dir).get(id);

/** It has all that it needs to go on, and hears signals; before that no task can be in its way. */
async function runningAgent(id: string): Promise<number> {
  const pid = await until(() => agentOf(id), 'the agent');
  const log = join(dir, id, 'agent.log');
  await until(() => readFileSync(log, 'utf8').includes(`runs (pid ${String(pid)})`), 'the agent to run');
  return pid;
}

test('an instance that runs gets one agent, which the next server finds again', async () => {
  const first = supervisor();
  await first.reconcile([instance('i-1')]);
  await first.reconcile([instance('i-1')]);
  const pid = await until(() => agentOf('i-1'), 'the agent');
  await supervisor().reconcile([instance('i-1')]);
  expect(agentOf('i-1')).toBe(pid);
  expect(processesOf(join(dir, 'i-1'))).toEqual([pid]);
  expect(died).toEqual([]);
});

test('a server that was killed before it noted the pid does not start a second agent', async () => {
  await supervisor().reconcile([instance('i-1')]);
  const pid = await until(() => agentOf('i-1'), 'the agent');
  unlinkSync(join(dir, 'i-1', 'agent.pid'));
  await supervisor().reconcile([instance('i-1')]);
  expect(processesOf(join(dir, 'i-1'))).toEqual([pid]);
  expect(agentOf('i-1')).toBe(pid);
});

test('agents are told when the server listens elsewhere', async () => {
  await supervisor().reconcile([instance('i-1')]);
  await until(() => agentOf('i-1'), 'the agent');
  await supervisor('http://127.0.0.1:10').reconcile([instance('i-1')]);
  expect(JSON.parse(readFileSync(join(dir, 'i-1', 'config.json'), 'utf8'))).toMatchObject({
    serverUrl: 'http://127.0.0.1:10',
  });
});

test(
  'kill -9 of an agent is the death of its instance, and its tasks ' + 'die with it before anybody hears of it',
  async () => {
    const agents = supervisor();
    await agents.reconcile([instance('i-1')]);
    const pid = await until(() => agentOf('i-1'), 'the agent');
    const tasks = [leaveTask('i-1'), leaveTask('i-1', { HOME: '/tmp', TMPDIR: join(dir, 'i-1', 'state') })];
    const strangers = leaveTask('i-2');
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid) || agentOf('i-1') === undefined, 'the agent to be dead');
    await agents.reconcile([instance('i-1'), instance('i-2', 'stops')]);
    expect(died).toEqual(['i-1']);
    for (const task of tasks) await until(() => !isAlive(task), 'the task to be dead');
    await until(() => !isAlive(strangers), 'tasks of an instance that stops to be dead as well');
  },
);

test('a task with an environment of its own is found by the group of its wrapper', async () => {
  const task = leaveTask('i-1', { HOME: '/tmp' });
  writeFileSync(join(dir, 'i-1', 'state', 'attempts', 'r.0.1', 'pid'), `${String(task)}\n`);
  expect(processesOf(join(dir, 'i-1'))).toEqual([task]);
});

test('somebody who only looks into the folder is left alone', async () => {
  mkdirSync(join(dir, 'i-1'));
  writeFileSync(join(dir, 'i-1', 'agent.log'), '');
  const reader = spawn('tail', ['-f', join(dir, 'i-1', 'agent.log')], {
    cwd: join(dir, 'i-1'),
    env: { PATH: '/usr/bin:/bin', PWD: join(dir, 'i-1') },
    stdio: 'ignore',
  });
  started.push(reader.pid ?? 0);
  expect(processesOf(join(dir, 'i-1'))).toEqual([]);
});

test('an instance that shuts down: its agent is asked to stop; one that is gone: nothing of it is left', async () => {
  const agents = supervisor();
  await agents.reconcile([instance('i-1')]);
  const pid = await runningAgent('i-1');
  await agents.reconcile([instance('i-1', 'stops')]);
  await until(() => agentOf('i-1') === undefined, 'the agent to be gone');
  await until(() => !isAlive(pid), 'the agent to be reaped');
  const task = leaveTask('i-1');
  await agents.reconcile([]);
  expect(existsSync(join(dir, 'i-1'))).toBe(false);
  await until(() => !isAlive(task), 'the task to be dead');
  expect(died).toEqual([]);
});

test('strays are told apart from processes of living instances, also when their folder is gone', async () => {
  const lost = leaveTask('i-lost');
  leaveTask('i-alive');
  rmSync(join(dir, 'i-lost'), { recursive: true });
  expect(strayProcesses(dir, (id) => id === 'i-alive')).toEqual([{ instanceId: 'i-lost', pid: lost }]);
});

test('a folder that cannot be deleted is said, kept and tried again later; it stops nobody else', async () => {
  const said: string[] = [];
  let [now, isStuck] = [0, true];
  const agents = new LocalAgents({
    dir,
    serverUrl: 'http://127.0.0.1:9',
    program: resolve('agent/main.ts'),
    tasksMax: 4,
    taskPath: '/usr/bin:/bin',
    headersOf: () => ({}),
    killGraceMs: 1_000,
    nowMs: () => now,
    log: { write: (level, message, fields) => said.push(`${level} ${message} ${String(fields?.['path'])}`) },
    onDeath: (id) => died.push(id),
    removeTree: async (path) => {
      if (isStuck && path.endsWith('i-1')) throw new Error('EPERM');
      await removeTree(path);
    },
  });
  for (const id of ['i-1', 'i-2']) mkdirSync(join(dir, id));
  for (let round = 0; round < 3; round += 1) await agents.reconcile([]);
  expect([existsSync(join(dir, 'i-1')), existsSync(join(dir, 'i-2')), said]).toEqual([
    true,
    false,
    [`warn a folder is not deleted; it is tried again ${join(dir, 'i-1')}`],
  ]);
  now += 3_600_000;
  isStuck = false;
  await agents.reconcile([]);
  expect(existsSync(join(dir, 'i-1'))).toBe(false);
});

test('an instance whose folder is no folder counts as crashed; the others are kept', async () => {
  const agents = supervisor();
  writeFileSync(join(dir, 'i-1'), 'a task put a file here');
  await agents.reconcile([instance('i-1'), instance('i-2')]);
  expect(died).toEqual(['i-1']);
  await until(() => agentOf('i-2'), 'the agent of the other');
});

test('a task that deletes the folder of its instance, or of all, does not make a second agent', async () => {
  const agents = supervisor();
  await agents.reconcile([instance('i-1')]);
  const pid = await runningAgent('i-1');
  rmSync(dir, { recursive: true });
  await agents.reconcile([instance('i-1')]);
  expect([processesOf(join(dir, 'i-1')), agentOf('i-1'), died]).toEqual([[pid], pid, []]);
});

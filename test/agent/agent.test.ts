// The agent as a real process with real tasks: what it runs, stops, reports, and finds again.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { agentLimits } from '../../lib/api/limits.ts';
import { Controller, attempt, isAlive } from './controller.ts';
import { until } from '../hang.ts';

let dir: string;
let controller: Controller;
let agents: ChildProcess[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-agent-'));
  controller = new Controller();
  agents = [];
  const serverUrl = await controller.listen();
  writeFileSync(
    join(dir, 'config.json'),
    JSON.stringify({
      serverUrl,
      nodeId: 'i-1',
      pool: 'default',
      allocatable: { cpuMilli: 2_000, memoryMib: 1_000, gpu: 0 },
      tasksMax: 4,
      stateDir: join(dir, 'state'),
      timing: { syncTimeoutMs: 500, backoffBaseMs: 50, backoffMaxMs: 200 },
    }),
  );
});

afterEach(async () => {
  controller.assigned = [];
  for (const agent of agents) {
    if (agent.exitCode === null && agent.signalCode === null) {
      agent.kill('SIGTERM');
      await new Promise((done) => agent.once('exit', done));
    }
  }
  await controller.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

function startAgent(): ChildProcess {
  const agent = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('agent/main.ts'), join(dir, 'config.json')],
    { stdio: 'ignore', env: { ...process.env, SECRET_OF_THE_AGENT: 'x' } },
  );
  agents.push(agent);
  return agent;
}

async function killHard(agent: ChildProcess): Promise<void> {
  agent.kill('SIGKILL');
  await new Promise((done) => agent.once('exit', done));
}

function pidIn(file: string): number | null {
  if (!existsSync(join(dir, file))) return null;
  const text = readFileSync(join(dir, file), 'utf8');
  return text.endsWith('\n') ? Number(text) : null;
}

describe('running', () => {
  test('says what an attempt used: memory, CPU and what it wrote, also of one that is killed', async () => {
    const busy =
      'head -c 60000000 /dev/zero | tail -c 50000000 > kept; n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done';
    controller.assigned = [
      attempt(
        'used',
        `${busy}; tail -c 50000000 kept | { touch ${dir}/held; while [ ! -e ${dir}/go ]; do sleep 0.05; done; wc -c; }`,
      ),
      attempt('stopped', `${busy}; sleep 60`, { timeoutMs: 3_000 }),
    ];
    startAgent();
    await until(() => existsSync(join(dir, 'held')), 'the task to hold its memory');
    // The agent looks at it twice a second, and calls ten times.
    const calls = controller.syncs.length;
    await until(() => controller.syncs.length > calls + 10, 'the agent to have looked');
    writeFileSync(join(dir, 'go'), '');
    const { usage } = await controller.endOf('used.0.1');
    expect(usage).toMatchObject({ by: 'processes' });
    expect(usage?.cpuMs).toBeGreaterThan(50);
    expect(usage?.writtenBytes).toBeGreaterThanOrEqual(50_000_000);
    expect(usage?.memoryPeakMib).toBeGreaterThan(0);
    const stopped = await controller.endOf('stopped.0.1');
    expect(stopped).toMatchObject({ outcome: 'timeout', usage: { by: 'processes' } });
    expect(stopped.usage?.cpuMs).toBeGreaterThan(50);
  });

  test(
    'runs commands and scripts, with exactly the promised environment, ' + 'and stores the output before the end',
    async () => {
      controller.assigned = [
        attempt('env', '', {
          run: { kind: 'command', argv: ['/usr/bin/env'] },
          env: { GREETING: 'hello there' },
          index: 3,
          count: 8,
          attempt: 2,
        }),
        attempt('fail', 'echo oops >&2; exit 7'),
        attempt('kill', 'kill -9 $$'),
        attempt('none', '', { run: { kind: 'command', argv: ['no-such-program'] } }),
        attempt('builtin', '', { run: { kind: 'command', argv: ['exit', '3'] } }),
      ];
      startAgent();
      expect(await controller.endOf('env.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0, message: null });
      const home = join(dir, 'state', 'attempts', 'env.0.1', 'work');
      expect(controller.outputs.get('env.0.1')?.stdout.trim().split('\n').sort()).toEqual([
        'BELLOWS_ATTEMPT=2',
        'BELLOWS_REQUEST_ID=env',
        'BELLOWS_TASK_COUNT=8',
        'BELLOWS_TASK_INDEX=3',
        'GREETING=hello there',
        `HOME=${home}`,
        'LANG=C.UTF-8',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        `TMPDIR=${join(home, 'tmp')}`,
      ]);
      expect(await controller.endOf('fail.0.1')).toMatchObject({ outcome: 'exited', exitCode: 7 });
      expect(controller.outputs.get('fail.0.1')).toEqual({ stdout: '', stderr: 'oops\n', truncated: false });
      expect(await controller.endOf('kill.0.1')).toMatchObject({ outcome: 'exited', exitCode: 137 });
      expect(await controller.endOf('none.0.1')).toMatchObject({ outcome: 'exited', exitCode: 127 });
      expect(await controller.endOf('builtin.0.1')).toMatchObject({ outcome: 'exited', exitCode: 127 });
      await until(
        () => !existsSync(join(dir, 'state', 'attempts', 'env.0.1')),
        'the folder of what is acknowledged to go',
      );
    },
  );

  test('an environment that a shell could not pass on is refused with the reason', async () => {
    controller.assigned = [attempt('bad', 'true', { env: { 'a.b': '1' } })];
    startAgent();
    expect(await controller.endOf('bad.0.1')).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('"a.b"'),
    });
  });

  test('output can be followed while the task runs, and is bounded to its head and tail', async () => {
    controller.assigned = [
      attempt('live', `echo begin; while [ ! -e ${dir}/go ]; do sleep 0.05; done; echo end`),
      attempt('much', 'echo first; yes 0123456789 | head -c 9000000; echo last'),
    ];
    startAgent();
    await until(() => controller.outputs.get('live.0.1')?.stdout === 'begin\n', 'output of a running task');
    expect(controller.ends.has('live.0.1')).toBe(false);
    writeFileSync(join(dir, 'go'), '');
    await controller.endOf('live.0.1');
    expect(controller.outputs.get('live.0.1')).toEqual({ stdout: 'begin\nend\n', stderr: '', truncated: false });
    await controller.endOf('much.0.1');
    const much = controller.outputs.get('much.0.1');
    expect(much?.truncated).toBe(true);
    expect(much?.stdout).toMatch(/^first\n[\s\S]* bytes left out …\]\n[\s\S]*last\n$/);
    expect(Buffer.byteLength(much?.stdout ?? '')).toBeLessThanOrEqual(agentLimits.outputBytesPerStream);
  });

  test('an end is reported although its output is refused, and says so', async () => {
    controller.refusesOutput = true;
    controller.assigned = [attempt('a', 'echo hi')];
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'exited',
      exitCode: 0,
      message: expect.stringContaining('could not be stored'),
    });
  });
});

describe('stopping', () => {
  test('a time limit sends TERM, and KILL to the whole group of one that ignores it', async () => {
    controller.killGraceMs = 2_000; // on a busy machine it takes a while to say goodbye
    controller.assigned = [
      attempt('polite', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.05; done', { timeoutMs: 3_000 }),
      attempt('stubborn', `trap "" TERM; sleep 60 & echo $! > ${dir}/child; while :; do sleep 0.05; done`, {
        timeoutMs: 3_000,
      }),
    ];
    startAgent();
    expect(await controller.endOf('polite.0.1')).toMatchObject({ outcome: 'timeout', exitCode: null });
    expect(controller.outputs.get('polite.0.1')?.stdout).toBe('bye\n');
    const end = await controller.endOf('stubborn.0.1');
    expect(end.outcome).toBe('timeout');
    expect(end.endedAtMs - (end.startedAtMs ?? 0)).toBeGreaterThanOrEqual(5_000);
    const child = pidIn('child');
    await until(() => child !== null && !isAlive(child), 'the child of a killed task to be dead');
  });

  test('what a task leaves in the background ends with it', async () => {
    controller.assigned = [attempt('a', `sleep 60 & echo $! > ${dir}/child`)];
    startAgent();
    await controller.endOf('a.0.1');
    const child = pidIn('child');
    await until(() => child !== null && !isAlive(child), 'the background process to be dead');
  });

  test('what is no longer assigned is stopped and reported as withdrawn', async () => {
    controller.assigned = [attempt('a', `echo $$ > ${dir}/task; sleep 60`)];
    startAgent();
    await until(() => pidIn('task'), 'the task to run');
    controller.assigned = [];
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'withdrawn' });
  });

  test('leave ends the tasks and then the agent', async () => {
    controller.assigned = [attempt('a', `echo $$ > ${dir}/task; sleep 60`)];
    const agent = startAgent();
    const pid = await until(() => pidIn('task'), 'the task to run');
    controller.directive = 'leave';
    await until(() => agent.exitCode === 0, 'the agent to exit');
    await until(() => !isAlive(pid), 'the task to be dead');
  });

  test('without contact for the fence time it kills its tasks, and tells when it is back', async () => {
    controller.assigned = [attempt('a', `echo $$ > ${dir}/task; sleep 60`)];
    startAgent();
    const pid = await until(() => pidIn('task'), 'the task to run');
    controller.fenceMs = 1_500;
    const calls = controller.syncs.length;
    await until(() => controller.syncs.length > calls + 1, 'the agent to know the fence time');
    controller.isSilent = true;
    await until(() => !isAlive(pid), 'the task to be dead');
    controller.isSilent = false;
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'fenced' });
  });
});

describe('a restart of the agent', () => {
  test('finds a running task again, does not run it twice, and reports its exit code', async () => {
    controller.assigned = [
      attempt('a', `echo ran >> ${dir}/runs; while [ ! -e ${dir}/go ]; do sleep 0.05; done; exit 5`),
    ];
    const first = startAgent();
    await until(() => existsSync(join(dir, 'runs')), 'the task to run');
    await until(
      () => controller.syncs.some((sync) => sync.onNode[0]?.state === 'running'),
      'the agent to tell that it runs',
    );
    await killHard(first);
    const bootBefore = controller.syncs.at(-1)?.bootId ?? '';
    startAgent();
    const again = await until(
      () => controller.syncs.find((sync) => sync.bootId !== bootBefore),
      'the restarted agent to call',
    );
    expect(again.bootId > bootBefore).toBe(true);
    expect(again.onNode).toMatchObject([{ attemptId: 'a.0.1', state: 'running' }]);
    writeFileSync(join(dir, 'go'), '');
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'exited', exitCode: 5 });
    expect(readFileSync(join(dir, 'runs'), 'utf8')).toBe('ran\n');
  });

  test('reports the exit code of a task that ended while no agent was there', async () => {
    controller.assigned = [
      attempt('a', `echo $$ > ${dir}/task; while [ ! -e ${dir}/go ]; do sleep 0.05; done; echo done; exit 6`),
    ];
    const first = startAgent();
    const pid = await until(() => pidIn('task'), 'the task to run');
    await killHard(first);
    writeFileSync(join(dir, 'go'), '');
    await until(() => !isAlive(pid), 'the task to end');
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'exited', exitCode: 6 });
    expect(controller.outputs.get('a.0.1')?.stdout).toBe('done\n');
  });

  test('a task whose processes were all killed meanwhile is reported as lost sight of, and not run again', async () => {
    controller.assigned = [attempt('a', `echo ran >> ${dir}/runs; echo $$ > ${dir}/task; sleep 60`)];
    const first = startAgent();
    await until(() => pidIn('task'), 'the task to run');
    await killHard(first);
    const wrapper = Number(readFileSync(join(dir, 'state', 'attempts', 'a.0.1', 'pid'), 'utf8'));
    process.kill(-wrapper, 'SIGKILL');
    await until(() => !isAlive(wrapper), 'the wrapper to be dead');
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('no exit code'),
    });
    expect(readFileSync(join(dir, 'runs'), 'utf8')).toBe('ran\n');
  });

  test('deletes folders that an earlier agent no longer needed', async () => {
    mkdirSync(join(dir, 'state', 'attempts', 'old.0.1', 'work'), { recursive: true });
    startAgent();
    await until(() => !existsSync(join(dir, 'state', 'attempts', 'old.0.1')), 'the folder to go');
  });

  test('SIGHUP ends the agent alone: its tasks run on', async () => {
    controller.assigned = [attempt('a', `echo $$ > ${dir}/task; sleep 60`)];
    const first = startAgent();
    const pid = await until(() => pidIn('task'), 'the task to run');
    first.kill('SIGHUP');
    await until(() => first.exitCode === 0, 'the agent to exit');
    expect(isAlive(pid)).toBe(true);
    const bootBefore = controller.syncs.at(-1)?.bootId;
    startAgent(); // afterEach stops it, and with it the task
    const again = await until(
      () => controller.syncs.find((one) => one.bootId !== bootBefore),
      'the next agent to call',
    );
    expect(again.onNode).toHaveLength(1);
  });
});

test('a config that is wrong is refused with what is wrong', async () => {
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ serverUrl: 'ftp://x', nodeId: 'i-1' }));
  const agent = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('agent/main.ts'), join(dir, 'config.json')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let text = '';
  agent.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((done) => agent.once('close', done));
  expect(code).toBe(2);
  expect(text).toContain('serverUrl');
});

// What a task may do to the folders and files around it, where it runs as the agent's own user: its neighbours
// live on, and its own end is told as it was.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removeTree } from '../../lib/adapters/system/remove-tree.ts';
import { Controller, attempt, until } from './controller.ts';

let dir: string;
let controller: Controller;
let agents: ChildProcess[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-hostile-'));
  controller = new Controller();
  agents = [];
  writeFileSync(
    join(dir, 'config.json'),
    JSON.stringify({
      serverUrl: await controller.listen(),
      nodeId: 'i-1',
      pool: 'default',
      allocatable: { cpuMilli: 64_000, memoryMib: 64_000, gpu: 0 },
      tasksMax: 64,
      stateDir: join(dir, 'state'),
      timing: { syncTimeoutMs: 500, backoffBaseMs: 50, backoffMaxMs: 200 },
    }),
  );
});

afterEach(async () => {
  controller.assigned = [];
  for (const agent of agents) {
    if (agent.exitCode !== null || agent.signalCode !== null) continue;
    agent.kill('SIGTERM');
    await new Promise((done) => agent.once('exit', done));
  }
  await controller.close();
  await removeTree(dir);
});

function startAgent(): ChildProcess {
  const agent = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('agent/main.ts'), join(dir, 'config.json')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  agent.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  agents.push(agent);
  return agent;
}
let said = '';

const scripts: Readonly<Record<string, string>> = {
  files: 'rm -f ../*; exit 3',
  'own-folder': 'rm -rf ../../own-folder.0.1; exit 3',
  cwd: 'cd /; rm -rf "$HOME"; exit 3',
  'read-only': 'mkdir -p go/pkg/mod/a; touch go/pkg/mod/a/f; chmod -R a-w go; chmod 000 tmp; exit 3',
  'wrong-kinds':
    'cd ..; rm -f claim pid exit memory stdout stderr; mkdir claim pid stderr stdout; mkfifo memory; ln -s '
    + '/etc/passwd oom; exit 3',
  pipes: 'cd ..; rm -f stdout stderr; mkfifo stdout stderr pid2; exit 3',
  links: 'cd ..; rm -f stdout stderr; ln -s /etc/passwd stdout; ln -s nowhere stderr; exit 3',
  mounts: 'cd ..; echo nonsense > mounts; exit 3',
  artifacts: 'cd ..; echo nonsense > artifacts; exit 3',
  closed: 'chmod 000 ..; exit 3',
  much: 'i=0; while [ $i -lt 300 ]; do printf "%01024d\\n" 7; i=$((i+1)); done; rm -f ../stdout.head ../stdout; exit 3',
};

test(
  'whatever a task deletes, replaces or closes: its exit code is ' + 'told, its neighbours run, the agent lives',
  async () => {
    controller.assigned = [
      attempt('neighbour', 'sleep 4; echo fine'),
      ...Object.entries(scripts).map(([id, script]) => attempt(id, script)),
    ];
    const agent = startAgent();
    for (const id of Object.keys(scripts))
      expect([id, await controller.endOf(`${id}.0.1`)]).toMatchObject([id, { outcome: 'exited', exitCode: 3 }]);
    expect(await controller.endOf('neighbour.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
    expect(controller.outputs.get('neighbour.0.1')?.stdout).toBe('fine\n');
    for (const output of controller.outputs.values()) expect(output.stdout.includes('root:')).toBe(false);
    expect([agent.exitCode, agent.signalCode]).toEqual([null, null]);
    const attempts = join(dir, 'state', 'attempts');
    await until(
      () => [...Object.keys(scripts), 'neighbour'].every((id) => !existsSync(join(attempts, `${id}.0.1`))),
      'all folders to go',
    );
  },
);

test('a task that deletes all attempts ends its neighbours’ files, not the agent: the next one starts', async () => {
  controller.assigned = [attempt('neighbour', 'sleep 3; exit 4'), attempt('rm', 'sleep 1; rm -rf ../../../attempts')];
  const agent = startAgent();
  expect(await controller.endOf('rm.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
  controller.assigned = [...controller.assigned, attempt('next', 'echo here')];
  expect(await controller.endOf('next.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
  expect(await controller.endOf('neighbour.0.1')).toMatchObject({ outcome: 'exited', exitCode: 4 });
  expect(agent.exitCode).toBeNull();
});

test('a task that deletes all that the agent has, its config too, is reported; the next one starts', async () => {
  controller.assigned = [attempt('neighbour', `while [ -e ${dir}/config.json ]; do sleep 0.05; done; exit 4`)];
  const agent = startAgent();
  await until(() => controller.syncs.at(-1)?.onNode[0]?.state === 'running', 'the neighbour to run');
  controller.assigned = [...controller.assigned, attempt('rm', `cd /; rm -rf ${dir}; echo gone; exit 3`)];
  expect(await controller.endOf('rm.0.1')).toMatchObject({ outcome: 'exited', exitCode: 3, message: null });
  expect(await controller.endOf('neighbour.0.1')).toMatchObject({ outcome: 'exited', exitCode: 4 });
  controller.assigned = [attempt('next', 'echo here')];
  expect(await controller.endOf('next.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
  expect(controller.outputs.get('next.0.1')?.stdout).toBe('here\n');
  expect(agent.exitCode).toBeNull();
});

test(
  'an exit code or a time that cannot be, left where a task may write, ' + 'keeps no end of the node from being told',
  async () => {
    controller.assigned = [
      attempt('forges', 'echo 999 > ../exit; kill -9 $PPID; sleep 1'),
      attempt(
        'ages',
        "echo 7 > ../exit; touch -d '1901-01-01' ../exit ../claim ../memory; echo running > ../../../../aged; sleep 3",
      ),
      attempt('neighbour', 'sleep 4; exit 4'),
    ];
    const first = startAgent();
    expect(await controller.endOf('forges.0.1')).toMatchObject({ outcome: 'exited', exitCode: 137 });
    await until(() => existsSync(join(dir, 'aged')), 'the times to be set');
    first.kill('SIGKILL');
    await new Promise((done) => first.once('exit', done));
    startAgent();
    const aged = await controller.endOf('ages.0.1');
    expect(aged.startedAtMs ?? 0).toBeGreaterThanOrEqual(0);
    expect(aged.endedAtMs).toBeGreaterThan(Date.parse('2020-01-01'));
    expect(await controller.endOf('neighbour.0.1')).toMatchObject({ outcome: 'exited', exitCode: 4 });
  },
);

test('a task that closes the folder of all attempts does not keep the next from starting', async () => {
  controller.assigned = [attempt('closes', 'chmod 000 ../..')];
  const agent = startAgent();
  expect(await controller.endOf('closes.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
  controller.assigned = [attempt('next', 'echo here')];
  expect(await controller.endOf('next.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
  expect(agent.exitCode).toBeNull();
});

test(
  'an agent that is started again finds a task that has deleted what ' + 'tells of it, and does not run it twice',
  async () => {
    controller.assigned = [attempt('files', `rm -f ../*; echo once >> ${join(dir, 'ran')}; sleep 3; exit 5`)];
    const first = startAgent();
    await until(() => existsSync(join(dir, 'ran')), 'the task to run');
    first.kill('SIGKILL');
    await new Promise((done) => first.once('exit', done));
    startAgent();
    expect(await controller.endOf('files.0.1')).toMatchObject({ outcome: 'exited', exitCode: 5 });
    expect(readFileSync(join(dir, 'ran'), 'utf8')).toBe('once\n');
  },
);

(process.getuid?.() === 0 ? test : test.skip)('where the disk is full the agent ends and says so', async () => {
  const disk = join(dir, 'disk');
  execFileSync('mkdir', [disk]);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch (error) {
    return expect(String(error)).toMatch(/mount/); // a container without the right to mount
  }
  try {
    const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')) as object;
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...config, stateDir: join(disk, 'state') }));
    controller.assigned = [
      attempt('fills', 'dd if=/dev/zero of=much bs=1k 2>/dev/null; echo full > ../../../../../full; sleep 30'),
    ];
    const agent = startAgent();
    await until(() => existsSync(join(dir, 'full')), 'the disk to be full');
    controller.assigned = [
      ...controller.assigned,
      attempt('next', 'true', { outputUrl: `/agent/v1/output/${'x'.repeat(10_000)}` }),
    ];
    // Its last words may come after its end.
    await until(() => agent.exitCode !== null && agent.stderr?.readableEnded, 'the agent to end');
    expect(agent.exitCode).toBe(1);
    expect(said).toMatch(/the agent ends: .*ENOSPC.*the disk of this node is full/);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
});

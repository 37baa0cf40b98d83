// The machine's container engine: what agents are told of it, and the end of containers whose instance is dead.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAgents } from '../../../lib/adapters/local/agents.ts';
import { ContainerEngine, localContainers, removeContainersOf } from '../../../lib/adapters/local/containers.ts';
import { findProgram } from '../../../lib/adapters/system/find-program.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import { until } from '../../hang.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-local-containers-'));
  const file = join(dir, 'docker');
  writeFileSync(file, `#!/bin/sh\necho "$*" >> ${dir}/calls\n[ "$1" = ps ] && cat ${dir}/ids\nexit 0\n`);
  chmodSync(file, 0o755);
  writeFileSync(join(dir, 'ids'), '');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const calls = (): readonly string[] =>
  existsSync(join(dir, 'calls')) ? readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n') : [];
const client = { program: '', env: { PATH: '/usr/bin:/bin' } };

test('agents are told how the engine is found, and whom docker runs when we are not root', () => {
  const environment = { PATH: '/bin', HOME: '/home/me', DOCKER_HOST: 'unix:///x', AWS_SECRET_ACCESS_KEY: 'no' };
  const me = { uid: 1000, gid: 100 };
  expect(localContainers('/usr/bin/docker', environment, me)).toEqual({
    program: '/usr/bin/docker',
    env: { PATH: '/bin', HOME: '/home/me', DOCKER_HOST: 'unix:///x' },
    user: '1000:100',
  });
  for (const [program, user] of [
    ['/usr/bin/docker', { uid: 0, gid: 0 }],
    ['/usr/bin/podman', me],
  ] as const)
    expect(localContainers(program, environment, user)).not.toHaveProperty('user');
});

test('a program is found by the first name that the PATH has, and only where it can be started', () => {
  writeFileSync(join(dir, 'podman'), 'not executable', { mode: 0o644 });
  expect(findProgram(['podman', 'docker'], `relative:/nowhere:${dir}`)).toBe(join(dir, 'docker'));
  expect(findProgram(['podman'], dir)).toBeNull();
});

test('containers of a dead instance are removed by its label', async () => {
  writeFileSync(join(dir, 'ids'), 'abc\ndef\n');
  await removeContainersOf('i-1', { ...client, program: join(dir, 'docker') });
  expect(calls()).toEqual(['ps --all --quiet --filter label=bellows.node=i-1', 'rm --force --volumes abc def']);
});

test('an instance that is gone takes its containers along, where its agent had made some', async () => {
  writeFileSync(join(dir, 'ids'), 'abc\n');
  for (const id of ['i-1', 'i-2']) mkdirSync(join(dir, 'agents', id, 'state'), { recursive: true });
  writeFileSync(join(dir, 'agents', 'i-2', 'state', 'containers'), '');
  const agents = new LocalAgents({
    dir: join(dir, 'agents'),
    serverUrl: 'http://127.0.0.1:1',
    program: '/nowhere/agent/main.ts',
    tasksMax: 1,
    taskPath: '/bin',
    killGraceMs: 100,
    nowMs: () => 0,
    containers: { ...client, program: join(dir, 'docker') },
    headersOf: () => ({}),
    removeTree,
    log: { write: () => undefined },
    onDeath: () => undefined,
  });
  await agents.reconcile([]);
  await until(() => calls().length === 2, 'both calls');
  expect(calls()).toEqual(['ps --all --quiet --filter label=bellows.node=i-2', 'rm --force --volumes abc']);
});

test(
  'a client without an engine is told by its own words; the answer holds for a moment, and one '
    + 'question is asked at a time',
  async () => {
    const program = join(dir, 'docker');
    let now = 0;
    const engine = new ContainerEngine({ ...client, program }, () => now);
    const broken = `#!/bin/sh\necho "$*" >> ${dir}/calls\necho Cannot connect to the Docker daemon >&2\nexit 1\n`;
    writeFileSync(program, broken);
    expect(await Promise.all([engine.brokenBy(), engine.brokenBy()])).toEqual([
      'Cannot connect to the Docker daemon',
      'Cannot connect to the Docker daemon',
    ]);
    expect(calls()).toEqual(['version']);
    writeFileSync(program, `#!/bin/sh\necho "$*" >> ${dir}/calls\n`);
    now += 2_000;
    expect([await engine.brokenBy(), await engine.brokenBy(), calls().length]).toEqual([null, null, 2]);
    writeFileSync(program, broken);
    now += 10_000;
    expect(await engine.brokenBy()).toContain('Cannot connect');
    expect(await new ContainerEngine({ ...client, program: join(dir, 'nowhere') }, () => now).brokenBy()).toContain(
      'ENOENT',
    );
  },
);

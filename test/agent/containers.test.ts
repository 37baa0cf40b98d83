// Tasks with an image, on an engine that is none: a stand-in for docker's client that writes down its calls, keeps
// images, networks and containers as files, and runs a container's program as a process outside of the caller's group.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ContainerLauncher } from '../../agent/tasks/containers.ts';
import { InputKeeper } from '../../agent/tasks/given/inputs.ts';
import { noRole } from '../../agent/tasks/given/roles.ts';
import { SecretKeeper, noSecrets } from '../../agent/tasks/given/secrets.ts';
import { ArtifactKeeper } from '../../agent/tasks/kept/artifacts.ts';
import { PlainLauncher } from '../../agent/tasks/launcher.ts';
import { Runner } from '../../agent/tasks/runner.ts';
import { removeTree } from '../../lib/adapters/system/remove-tree.ts';
import type { AssignedAttempt } from '../../lib/core/records/sync.ts';
import { Controller, attempt, isAlive, noGpus } from './controller.ts';
import { until } from '../hang.ts';

const digest = `sha256:${'0d'.repeat(32)}`;
const fakeDocker = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE/calls"
case "$1 $2" in
  'network inspect') [ -e "$FAKE/network" ]; exit ;;
  'network create') : > "$FAKE/network"; exit ;;
  'image inspect') [ -e "$FAKE/images/$4" ] && echo "$4 $4@$DIGEST" && [ -e "$FAKE/images/$4" ]; exit ;;
esac
case "$1" in
  pull)
    [ -e "$FAKE/slow" ] && exec sleep 60
    case "$2" in no-such*) echo 'Error response from daemon: pull access denied for no-such' >&2; exit 1 ;; esac
    echo '0a: Pulling fs layer'; echo '0a: Pull complete'; : > "$FAKE/images/$2" ;;
  inspect) if [ -e "$FAKE/oom" ]; then echo true; else echo false; fi ;;
  rm)
    for name; do :; done
    [ -e "$FAKE/hung" ] && { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }
    [ -e "$FAKE/containers/$name" ] || { echo "Error response from daemon: No such container: $name" >&2; exit 1; }
    kill -9 "$(cat "$FAKE/containers/$name")" 2>/dev/null
    rm -f "$FAKE/containers/$name" ;;
  run)
    name=$3; shift 3
    while :; do
      case "$1" in
        --entrypoint=*) entrypoint=\${1#*=} ;;
        --env-file=*) file=\${1#*=} ;;
        -*) ;;
        *) break ;;
      esac
      shift
    done
    shift
    set -- "\${entrypoint:-/bin/echo}" "$@"
    [ -n "$entrypoint" ] || set -- "$1" of the image
    while IFS= read -r line; do export "$line"; done < "$file"
    setsid "$@" & pid=$!
    echo "$pid" > "$FAKE/containers/$name"
    trap 'kill -TERM "$pid"' TERM
    wait "$pid"; code=$?
    [ "$code" -gt 128 ] && kill -0 "$pid" 2>/dev/null && { wait "$pid"; code=$?; }
    exit "$code" ;;
esac
`;

let dir: string;
let fake: string;
let controller: Controller;
let agents: ChildProcess[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-containers-'));
  fake = join(dir, 'fake');
  for (const folder of ['images', 'containers']) mkdirSync(join(fake, folder), { recursive: true });
  writeFileSync(join(dir, 'docker'), fakeDocker);
  chmodSync(join(dir, 'docker'), 0o755);
  controller = new Controller();
  agents = [];
  writeConfig(await controller.listen(), {
    containers: { program: join(dir, 'docker'), env: { PATH: '/usr/bin:/bin', FAKE: fake, DIGEST: digest } },
  });
});

afterEach(async () => {
  controller.assigned = [];
  for (const agent of agents) {
    if (agent.exitCode !== null || agent.signalCode !== null) continue;
    agent.kill('SIGTERM');
    await new Promise((done) => agent.once('exit', done));
  }
  await controller.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

function writeConfig(serverUrl: string, over: object): void {
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
      ...over,
    }),
  );
}

function startAgent(): ChildProcess {
  const agent = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', resolve('agent/main.ts'), join(dir, 'config.json')],
    { stdio: 'ignore' },
  );
  agents.push(agent);
  return agent;
}

const container = (
  requestId: string,
  argv: readonly string[] | null,
  over: Partial<AssignedAttempt> & { image?: string } = {},
): AssignedAttempt => {
  const { image = 'alpine:3.22', ...rest } = over;
  return attempt(requestId, '', {
    run: { kind: 'container', image, argv },
    resources: { cpuMilli: 250, memoryMib: 128, gpu: 0 },
    ...rest,
  });
};
const calls = (verb: string): readonly string[] =>
  readFileSync(join(fake, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${verb} `));
const pidIn = (file: string): number | null =>
  existsSync(file) && readFileSync(file, 'utf8').endsWith('\n') ? Number(readFileSync(file, 'utf8')) : null;

describe('a task with an image', () => {
  test(
    'runs in a container with its limits, folder and environment, on ' + 'a network of its own, and is taken away',
    async () => {
      controller.assigned = [
        container('a', ['/bin/sh', '-c', 'echo "$GREETING $BELLOWS_REQUEST_ID $HOME"; exit 3'], {
          env: { GREETING: 'hello there', KEY: 'two\nlines' },
        }),
      ];
      startAgent();
      expect(await controller.endOf('a.0.1')).toMatchObject({
        outcome: 'exited',
        exitCode: 3,
        message: null,
        imageDigest: digest,
      });
      expect(controller.outputs.get('a.0.1')?.stdout).toBe('hello there a /bellows\n');
      const attemptDir = join(dir, 'state', 'attempts', 'a.0.1');
      const kept = 'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETGID SETUID';
      const caps = kept.replaceAll(/\w+/g, '--cap-add=$&');
      expect(readFileSync(join(fake, 'calls'), 'utf8')).toContain(
        [
          `run --name bellows-a.0.1 --cidfile=${join(attemptDir, 'cid')} --label=bellows.node=i-1 `
            + '--network=bellows --pull=never --log-driver=none '
            + '--cpus=0.25 --cpu-shares=256 --memory=128m --memory-swap=128m --pids-limit=4096',
          `--security-opt=no-new-privileges --cap-drop=ALL ${caps} --volume=${join(attemptDir, 'work')}:/bellows `
            + `--env-file=${join(attemptDir, 'env')} --env=KEY=two\nlines`,
          '--entrypoint=/bin/sh alpine:3.22 -c',
        ].join(' '),
      );
      expect(readFileSync(join(fake, 'calls'), 'utf8')).not.toContain('hello there');
      expect(calls('network').at(-1)).toBe('network create --driver=bridge bellows');
      expect(readdirSync(join(fake, 'containers'))).toEqual([]);
    },
  );

  test('starts what the image starts when no command is given, and fetches the image once', async () => {
    controller.assigned = [container('a', null)];
    startAgent();
    await controller.endOf('a.0.1');
    expect(controller.outputs.get('a.0.1')?.stdout).toBe('of the image\n');
    controller.assigned = [
      container('b', ['true']),
      container('c', null, {
        image: 'alpine',
        run: { kind: 'container', image: 'alpine', argv: null, args: ['-v', 'a b'] },
      }),
      container('d', ['true'], { image: 'alpine:latest' }),
    ];
    await Promise.all(['b.0.1', 'c.0.1', 'd.0.1'].map((id) => controller.endOf(id)));
    expect([...calls('pull')].sort()).toEqual(['pull alpine', 'pull alpine:3.22', 'pull alpine:latest']);
    expect(calls('network create')).toHaveLength(1);
    expect(calls('run').filter((line) => line.includes('a.0.1') || line.includes('c.0.1'))).toEqual([
      expect.stringMatching(/ alpine:3\.22$/),
      expect.stringMatching(/ alpine -v a b$/),
    ]);
  });

  test('says that its image is being fetched, and ends with the reason when it cannot be', async () => {
    controller.assigned = [container('a', ['true'], { image: 'no-such/image:1' })];
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'error',
      exitCode: null,
      message:
        'the image no-such/image:1 could not be fetched: Error response from daemon: pull access denied for no-such; '
        + 'if it is there and docker.io asks who fetches it, give the task imageCredentials with a secret',
    });
  });

  test('is not waited for when it is withdrawn while its image is being fetched', async () => {
    writeFileSync(join(fake, 'slow'), '');
    controller.assigned = [container('a', ['true'])];
    startAgent();
    await until(
      () =>
        controller.syncs.some((sync) => sync.onNode.some((onNode) => onNode.note === 'fetching the image alpine:3.22')),
      'the note',
    );
    controller.assigned = [];
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'withdrawn' });
    expect(calls('run')).toEqual([]);
  });

  test('whose agent dies while its image is being fetched did not run, which is no failure of the task', async () => {
    writeFileSync(join(fake, 'slow'), '');
    controller.assigned = [container('a', ['true'])];
    const first = startAgent();
    await until(
      () => controller.syncs.some((sync) => sync.onNode.some((onNode) => onNode.note !== undefined)),
      'the note',
    );
    first.kill('SIGKILL');
    await new Promise((done) => first.once('exit', done));
    rmSync(join(fake, 'slow'));
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'refused',
      message: 'the agent stopped while it was being started; it did not run',
    });
    expect(calls('run')).toEqual([]);
  });

  test('hears TERM through the client; one that does not is ended with its container', async () => {
    controller.killGraceMs = 2_000; // on a busy machine it takes a while to say goodbye
    controller.assigned = [
      container('polite', ['/bin/sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.05; done'], {
        timeoutMs: 3_000,
      }),
      container('stubborn', ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'], { timeoutMs: 3_000 }),
    ];
    startAgent();
    const pid = await until(() => pidIn(join(fake, 'containers', 'bellows-stubborn.0.1')), 'the container');
    await until(
      () => controller.syncs.some((sync) => sync.onNode.some((one) => one.imageDigest === digest)),
      'a digest',
    );
    expect(await controller.endOf('polite.0.1')).toMatchObject({ outcome: 'timeout' });
    expect(controller.outputs.get('polite.0.1')?.stdout).toBe('bye\n');
    expect(await controller.endOf('stubborn.0.1')).toMatchObject({ outcome: 'timeout' });
    await until(() => !isAlive(pid), 'the program of the container to be dead');
    expect(readdirSync(join(fake, 'containers'))).toEqual([]);
  });

  test('is found again by a restarted agent, with its exit code', async () => {
    controller.assigned = [container('a', ['/bin/sh', '-c', `while [ ! -e ${dir}/go ]; do sleep 0.05; done; exit 5`])];
    const first = startAgent();
    await until(() => pidIn(join(fake, 'containers', 'bellows-a.0.1')), 'the container');
    first.kill('SIGKILL');
    await new Promise((done) => first.once('exit', done));
    writeFileSync(join(dir, 'go'), '');
    await until(() => existsSync(join(dir, 'state', 'attempts', 'a.0.1', 'exit')), 'the exit code');
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'exited', exitCode: 5, imageDigest: digest });
    expect(calls('run')).toHaveLength(1);
  });

  test('whose memory was not enough ends with an end that says so', async () => {
    writeFileSync(join(fake, 'oom'), '');
    controller.assigned = [container('a', ['/bin/sh', '-c', 'kill -9 $$'])];
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      exitCode: 137,
      message: 'killed: used more than its 128 MiB of memory',
    });
  });

  test('on a node without an engine ends with an end that says so', async () => {
    const { serverUrl } = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')) as { serverUrl: string };
    writeConfig(serverUrl, {});
    controller.assigned = [container('a', ['true'])];
    startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'error',
      message: 'the task needs the image alpine:3.22, but this node has neither docker nor podman',
    });
  });
});

describe('the engine of a node', () => {
  const client = { program: '/bin/true', env: {} };
  const launcher = (install: readonly string[], isInstalled: () => boolean): ContainerLauncher =>
    new ContainerLauncher({
      nodeId: 'i-1',
      stateDir: dir,
      processes: new PlainLauncher('/bin'),
      images: { give: async () => {} },
      install,
      client: () => (isInstalled() ? client : null),
      log: () => undefined,
    });

  test('is installed by the first task that needs it, once for all that wait', async () => {
    const engine = launcher(['/bin/sh', '-c', `sleep 0.2; echo x >> ${dir}/installed`], () =>
      existsSync(join(dir, 'installed')),
    );
    const notes: string[] = [];
    const { signal } = new AbortController();
    await Promise.all(
      ['a', 'b'].map((id) =>
        engine.prepare(
          container(id, null),
          { dir, work: dir },
          (note) => {
            notes.push(note);
          },
          signal,
        ),
      ),
    );
    expect(readFileSync(join(dir, 'installed'), 'utf8')).toBe('x\n');
    expect(notes.filter((note) => note === 'installing the container engine')).toHaveLength(2);
  });

  test('that cannot be installed is told, and tried again by the next', async () => {
    const engine = launcher(['/bin/sh', '-c', 'echo "No match for argument: docker" >&2; exit 1'], () => false);
    const { signal } = new AbortController();
    for (const id of ['a', 'b'])
      await expect(engine.prepare(container(id, null), { dir, work: dir }, () => undefined, signal)).rejects.toThrow(
        'could not be installed: No match for argument: docker',
      );
  });
});

function runnerWith(launcher: ContainerLauncher): Runner {
  const none = (): Promise<never> => Promise.reject(new Error('none'));
  return new Runner(
    {
      ...{ gpus: noGpus, attemptsDir: join(dir, 'state', 'attempts'), launcher, mounter: null, removeTree },
      secrets: new SecretKeeper({ root: null, ask: none }),
      roles: { accessOf: async () => noRole, forget: () => {} },
      inputs: new InputKeeper({ ask: none, open: none }),
      artifacts: new ArtifactKeeper({ transport: { offerArtifacts: none, keepArtifacts: none, putFile: none } }),
      log: () => undefined,
    },
    { started: () => {}, startFailed: () => {}, progress: () => {}, keeping: () => {}, ended: () => {} },
  );
}

test('the folder of a container that may still run stays, and both go once its engine answers', async () => {
  const said: string[] = [];
  const launcher = new ContainerLauncher({
    nodeId: 'i-1',
    stateDir: dir,
    processes: new PlainLauncher('/bin'),
    images: { give: async () => {} },
    client: () => ({ program: join(dir, 'docker'), env: { PATH: '/usr/bin:/bin', FAKE: fake, DIGEST: digest } }),
    log: (message) => said.push(message),
  });
  const folder = join(dir, 'state', 'attempts', 'a.0.1');
  mkdirSync(folder, { recursive: true });
  const runner = runnerWith(launcher);
  const own = join(fake, 'containers', 'bellows-a.0.1');
  for (const file of [join(folder, 'container'), join(fake, 'hung'), own]) writeFileSync(file, '');
  await launcher.sweep('a.0.1', folder);
  expect(said).toEqual(['the container of a.0.1 is not removed: Cannot connect to the Docker daemon']);
  await expect(runner.forget('a.0.1')).rejects.toThrow('is not removed');
  expect([existsSync(folder), existsSync(own)]).toEqual([true, true]);
  rmSync(join(fake, 'hung'));
  await runner.forget('a.0.1');
  expect([existsSync(folder), existsSync(own)]).toEqual([false, false]);
});

test('a container has the GPUs of its task, and is told of no other', () => {
  const engine = (program: string): ContainerLauncher =>
    new ContainerLauncher({
      nodeId: 'i-1',
      stateDir: dir,
      processes: new PlainLauncher('/bin'),
      images: { give: async () => {} },
      client: () => ({ program, env: {} }),
      log: () => undefined,
    });
  const folder = { dir, work: join(dir, 'work'), given: noSecrets };
  mkdirSync(join(folder.work, 'tmp'), { recursive: true });
  const gpus = [{ index: 2, uuid: 'GPU-2', minor: 0 }];
  const asked = container('a', null, { resources: { cpuMilli: 100, memoryMib: 64, gpu: 1 } });
  const argsOf = (program: string): readonly string[] => engine(program).launch(asked, { ...folder, gpus }).args;
  expect(argsOf('/usr/bin/docker')).toContain('--gpus="device=GPU-2"');
  expect(readFileSync(join(dir, 'env'), 'utf8')).toContain('NVIDIA_VISIBLE_DEVICES=GPU-2\n');
  expect(argsOf('/usr/bin/podman')).toContain('--device=nvidia.com/gpu=2');
  expect(() => engine('docker').launch(asked, folder)).toThrow('it needs GPUs (1), and nvidia-smi shows none');
  engine('docker').launch(container('b', null), folder);
  expect(readFileSync(join(dir, 'env'), 'utf8')).toContain('NVIDIA_VISIBLE_DEVICES=void\n');
});

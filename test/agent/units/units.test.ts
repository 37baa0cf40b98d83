// Tasks in units, with stand-ins for systemd-run and setpriv that write down how they are called and then do what
// stands behind them: the wrapper, env and the task are the real ones.
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuLimitsOf } from '../../../agent/tasks/cpu.ts';
import { journalFile } from '../../../agent/journal.ts';
import { AgentShell } from '../../../agent/shell.ts';
import { HttpTransport } from '../../../agent/transport.ts';
import { noSecrets } from '../../../agent/tasks/given/secrets.ts';
import { UnitLauncher, metadataAddresses } from '../../../agent/tasks/units.ts';
import { Controller, attempt, noGpus } from '../controller.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import { until } from '../../hang.ts';

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;

/** In memory, as on a node. */
const memory = mkdtempSync('/dev/shm/bellows-units-');
afterAll(() => {
  rmSync(memory, { recursive: true });
});

let dir: string;
let controller: Controller;
let shell: AgentShell | null;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-units-'));
  controller = new Controller();
  shell = null;
});

afterEach(async () => {
  controller.assigned = [];
  shell?.shutDown('the test is over');
  await shell?.exited;
  await controller.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

function program(name: string, script: string): string {
  const file = join(dir, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const upToDashes = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';

async function startAgent(over: { systemdRun?: string } = {}): Promise<void> {
  const serverUrl = await controller.listen();
  const stateDir = join(dir, 'state');
  mkdirSync(stateDir);
  const launcher = new UnitLauncher({
    user: { uid, gid },
    ownUsers: false,
    taskPath: '/usr/bin:/bin',
    cgroupRoot: join(dir, 'cgroup'),
    systemdRun: program('systemd-run', `printf '%s\\n' "$@" > ${dir}/unit; ${upToDashes}`),
    // Nothing is mounted over the machine's own /proc.
    unshare: program('unshare', upToDashes),
    setpriv: program('setpriv', `printf '%s\\n' "$@" > ${dir}/dropped; ${upToDashes}`),
    ...over,
  });
  shell = new AgentShell({
    nodeId: 'i-1',
    pool: 'default',
    allocatable: { cpuMilli: 2_000, memoryMib: 1_000, gpu: 0 },
    tasksMax: 4,
    stateDir,
    launcher,
    gpus: noGpus,
    mounter: null,
    rolePort: 0,
    roleContainers: null,
    secretsDir: join(memory, 'secrets'),
    transport: new HttpTransport(() => serverUrl, {}),
    log: () => undefined,
    removeTree,
    timing: { syncTimeoutMs: 500, backoffBaseMs: 50, backoffMaxMs: 200 },
  });
}

function cgroupOf(attemptId: string): string {
  const cgroup = join(dir, 'cgroup', 'bellows.slice', `bellows-${attemptId}.scope`);
  mkdirSync(cgroup, { recursive: true });
  writeFileSync(join(cgroup, 'cgroup.kill'), '');
  return cgroup;
}

const lines = (file: string): readonly string[] => readFileSync(join(dir, file), 'utf8').trimEnd().split('\n');

describe('a task in a unit', () => {
  test(
    'has limits, no way to the metadata addresses, no privileges, ' + 'and its environment only behind them',
    async () => {
      controller.assigned = [
        attempt('a', '', {
          run: { kind: 'command', argv: ['/usr/bin/env'] },
          env: { LD_PRELOAD: '/nowhere.so', LINES: 'one\ntwo' },
          resources: { cpuMilli: 250, memoryMib: 512, gpu: 0 },
        }),
      ];
      await startAgent();
      expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0, message: null });
      const unit = lines('unit');
      expect(unit.slice(0, unit.indexOf('--'))).toEqual([
        '--scope',
        '--quiet',
        '--collect',
        '--unit=bellows-a.0.1.scope',
        '--slice=bellows.slice',
        '--description=Bellows attempt a.0.1',
        '--property',
        'CPUQuota=25%',
        '--property',
        `CPUWeight=${String(cpuLimitsOf(250).weight)}`,
        '--property',
        'MemoryMax=512M',
        '--property',
        'MemorySwapMax=0',
        '--property',
        'TasksMax=4096',
        '--property',
        'IOAccounting=yes',
        '--property',
        `IPAddressDeny=${metadataAddresses.join(' ')}`,
      ]);
      expect(lines('dropped').slice(0, 6)).toEqual([
        `--reuid=${String(uid)}`,
        `--regid=${String(gid)}`,
        '--clear-groups',
        '--no-new-privs',
        '--inh-caps=-all',
        '--bounding-set=-all',
      ]);
      const home = join(dir, 'state', 'attempts', 'a.0.1', 'work');
      // Were it set any earlier, the linker of root's own programs would complain on stderr.
      expect(controller.outputs.get('a.0.1')?.stderr).not.toMatch(/preload[^]*preload/);
      expect(controller.outputs.get('a.0.1')?.stdout.trim().split('\n').sort()).toEqual([
        'BELLOWS_ATTEMPT=1',
        'BELLOWS_REQUEST_ID=a',
        'BELLOWS_TASK_INDEX=0',
        `HOME=${home}`,
        'LANG=C.UTF-8',
        'LD_PRELOAD=/nowhere.so',
        'LINES=one',
        'PATH=/usr/bin:/bin',
        `TMPDIR=${join(home, 'tmp')}`,
        'two',
      ]);
    },
  );

  test('has its secrets in no argument and no file of its folder, and they go with it', async () => {
    const planted = "it's $HOME `id` \\ planted-51\nline";
    controller.secrets.set('a.0.1', [
      { name: 'KEY', as: 'env', value: planted },
      { name: 'CERT', as: 'file', value: 'planted-52' },
    ]);
    const look =
      'grep -al plante[d]-5 /proc/$PPID/cmdline /proc/$$/cmdline ../* ./*; tr "\\0" " " < /proc/$PPID/environ; '
      + 'echo "key=$KEY" "cert=$(cat "$BELLOWS_SECRETS/CERT")"; ls "$BELLOWS_SECRETS/.."';
    controller.assigned = [
      attempt('a', look, {
        secrets: [
          { name: 'KEY', as: 'env' },
          { name: 'CERT', as: 'file' },
        ],
      }),
    ];
    await startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({ outcome: 'exited', exitCode: 0 });
    const said = controller.outputs.get('a.0.1')?.stdout ?? '';
    const [before = '', after] = said.split('key=');
    expect(after).toBe(`${planted} cert=planted-52\nfiles\n`);
    // The wrapper, which is root's, has nothing of it.
    expect(before).toContain('PATH=');
    expect(before).not.toMatch(/planted|cmdline|\.\.\//);
    for (const file of ['unit', 'dropped']) expect(lines(file).join()).not.toContain('planted');
    expect(existsSync(join(memory, 'secrets', 'a.0.1'))).toBe(false);
    expect(readFileSync(journalFile(join(dir, 'state')), 'utf8')).not.toContain('planted');
  });

  test('whose memory was not enough ends with an end that says so', async () => {
    writeFileSync(join(cgroupOf('oom.0.1'), 'memory.events'), 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n');
    writeFileSync(join(cgroupOf('oom.0.1'), 'memory.peak'), '536870000\n');
    writeFileSync(join(cgroupOf('oom.0.1'), 'cpu.stat'), 'usage_usec 1234567\nuser_usec 1\n');
    writeFileSync(join(cgroupOf('oom.0.1'), 'io.stat'), '8:0 rbytes=1 wbytes=4096 rios=1\n8:16 wbytes=1024\n');
    writeFileSync(join(cgroupOf('fine.0.1'), 'memory.events'), 'max 9\noom_kill 0\n');
    controller.assigned = [
      attempt('oom', 'kill -9 $$', { resources: { cpuMilli: 100, memoryMib: 512, gpu: 0 } }),
      attempt('fine', 'kill -9 $$'),
    ];
    await startAgent();
    expect(await controller.endOf('oom.0.1')).toMatchObject({
      outcome: 'exited',
      exitCode: 137,
      message: 'killed: used more than its 512 MiB of memory; at its peak it had 512 MiB',
      isOutOfMemory: true,
      usage: { memoryPeakMib: 512, cpuMs: 1_235, writtenBytes: 5_120, by: 'cgroup' },
    });
    const fine = await controller.endOf('fine.0.1');
    expect(fine).toMatchObject({ outcome: 'exited', exitCode: 137, message: null });
    // Its cgroup has none of the counters; those of the wrapper would be systemd-run's, too.
    expect(fine.usage).toBeUndefined();
  });

  test('is ended as a whole: its cgroup is killed at its end and with KILL', async () => {
    const [ended, killed] = [cgroupOf('ended.0.1'), cgroupOf('killed.0.1')];
    controller.assigned = [
      attempt('ended', 'true'),
      attempt('killed', 'trap "" TERM; while :; do sleep 0.05; done', { timeoutMs: 5_000 }),
    ];
    await startAgent();
    await controller.endOf('ended.0.1');
    expect(readFileSync(join(ended, 'cgroup.kill'), 'utf8')).toBe('1');
    expect(existsSync(join(killed, 'cgroup.kill')) && readFileSync(join(killed, 'cgroup.kill'), 'utf8')).toBe('');
    expect(await controller.endOf('killed.0.1')).toMatchObject({ outcome: 'timeout' });
    expect(readFileSync(join(killed, 'cgroup.kill'), 'utf8')).toBe('1');
  });

  test('that cannot be made ends with the reason', async () => {
    controller.assigned = [attempt('a', 'true')];
    await startAgent({
      systemdRun: program('broken', 'echo "Failed to start transient scope unit: no bus" >&2; exit 1'),
    });
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'error',
      exitCode: null,
      message: 'it could not be started: Failed to start transient scope unit: no bus',
    });
  });

  test('owns its work folder but not the one with its exit code, and nobody else reads the journal', async () => {
    controller.assigned = [attempt('a', `echo there > ${dir}/there; sleep 60`)];
    await startAgent();
    await until(() => existsSync(join(dir, 'there')), 'the task to run');
    expect(statSync(join(dir, 'state', 'attempts', 'a.0.1')).mode & 0o777).toBe(0o710);
    expect(statSync(join(dir, 'state', 'journal.jsonl')).mode & 0o777).toBe(0o600);
  });

  test('whose program env would take for a variable is refused with the reason', async () => {
    controller.assigned = [attempt('a', '', { run: { kind: 'command', argv: ['A=b'] } })];
    await startAgent();
    expect(await controller.endOf('a.0.1')).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('"A=b" has a "="'),
    });
  });
});

describe('GPUs', () => {
  const gpu = { index: 0, uuid: 'GPU-0', minor: 3 };
  const launch = (devices: readonly string[], gpus: readonly (typeof gpu)[]): readonly string[] => {
    const [attemptDir, deviceDir] = [join(dir, 'attempts', 'a.0.1'), join(dir, 'dev')];
    const work = join(attemptDir, 'work');
    mkdirSync(join(work, 'tmp'), { recursive: true });
    mkdirSync(deviceDir, { recursive: true });
    for (const name of devices) writeFileSync(join(deviceDir, name), '');
    for (const stream of ['stdout', 'stderr']) writeFileSync(join(attemptDir, stream), '');
    const launcher = new UnitLauncher({ user: { uid, gid }, ownUsers: false, taskPath: '/bin', deviceDir });
    const resources = { cpuMilli: 250, memoryMib: 64, gpu: gpus.length };
    return launcher.launch(attempt('a', 'true', { resources }), { dir: attemptDir, work, given: noSecrets, gpus }).args;
  };
  const properties = (args: readonly string[]): readonly string[] =>
    args.filter((one) => one.startsWith('Device')).map((one) => one.replace(dir, ''));

  test('are open to the task that has them, by their own devices; to others none is', () => {
    const devices = ['nvidia0', 'nvidia3', 'nvidiactl', 'nvidia-uvm'];
    const args = launch(devices, [gpu]);
    expect(properties(args)).toEqual([
      'DevicePolicy=closed',
      'DeviceAllow=/dev/nvidia3 rw',
      'DeviceAllow=/dev/nvidiactl rw',
      'DeviceAllow=/dev/nvidia-uvm rw',
    ]);
    expect(args).toContain('CUDA_VISIBLE_DEVICES=GPU-0');
    expect(properties(launch(devices, []))).toEqual(['DevicePolicy=closed']);
    expect(launch(devices, []).join(' ')).not.toContain('CUDA_VISIBLE_DEVICES');
  });

  test('that have no device are told', () => {
    expect(() => launch(['nvidiactl'], [gpu])).toThrow('its GPU has no device: there is no');
    rmSync(join(dir, 'dev'), { recursive: true });
    expect(properties(launch([], []))).toEqual([]);
  });
});

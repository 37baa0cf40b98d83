// Tasks beside each other on one node, with the real mounts and the real drop of privileges: one cannot read, see or
// end anything of another. Only systemd is a stand-in here (units/host.test.ts has it). Needs root, and leave to mount.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentShell } from '../../../agent/shell.ts';
import { UnitLauncher, attemptUsers } from '../../../agent/tasks/units.ts';
import { HttpTransport } from '../../../agent/transport.ts';
import { removeTree } from '../../../lib/adapters/system/remove-tree.ts';
import { Controller, attempt, isAlive, noGpus } from '../controller.ts';
import { until } from '../../hang.ts';

const isPossible =
  process.platform === 'linux'
  && process.getuid?.() === 0
  && spawnSync('unshare', ['--mount', 'mount', '-t', 'proc', '-o', 'hidepid=invisible', 'proc', '/proc']).status === 0;
// Where it is not possible this is skipped, with its reason in allowed-skips.json.
const onHost = isPossible ? test : test.skip;

const shared = 65_534;
let dir: string;
let memory: string;
let controller: Controller;
let shell: AgentShell;

beforeAll(async () => {
  if (!isPossible) return;
  // Not below /tmp, which is each task's own.
  dir = mkdtempSync('/var/lib/bellows-apart-');
  memory = mkdtempSync('/run/bellows-apart-');
  spawnSync('mount', ['-t', 'tmpfs', 'bellows', memory]);
  for (const path of [dir, memory]) chmodSync(path, 0o711);
  const systemdRun = join(dir, 'systemd-run');
  writeFileSync(systemdRun, '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n', { mode: 0o755 });
  mkdirSync(join(dir, 'state'));
  controller = new Controller();
  const serverUrl = await controller.listen();
  shell = new AgentShell({
    nodeId: 'i-1',
    pool: 'default',
    allocatable: { cpuMilli: 4_000, memoryMib: 4_000, gpu: 0 },
    tasksMax: 8,
    stateDir: join(dir, 'state'),
    launcher: new UnitLauncher({ user: { uid: shared, gid: shared }, taskPath: '/usr/bin:/bin', systemdRun }),
    gpus: noGpus,
    mounter: null,
    rolePort: 0,
    roleContainers: null,
    secretsDir: join(memory, 'secrets'),
    transport: new HttpTransport(() => serverUrl, {}),
    log: () => undefined,
    removeTree,
  });
  controller.secrets.set('kept.0.1', [
    { name: 'KEY', as: 'env', value: 'planted-61' },
    { name: 'CERT', as: 'file', value: 'planted-62' },
  ]);
  const secrets = [{ name: 'KEY', as: 'env' } as const, { name: 'CERT', as: 'file' } as const];
  const keep =
    'umask 0; echo planted-63 | tee mine /tmp/mine /var/tmp/mine /dev/shm/mine; chmod 777 . /tmp mine; '
    + 'cat "$BELLOWS_SECRETS/CERT" > /dev/null && echo $$ > pid; exec sleep 300';
  controller.assigned = [attempt('kept', keep, { secrets })];
  await until(() => pidOfKept() !== null || controller.ends.has('kept.0.1'), 'the task that is kept');
  expect(controller.ends.get('kept.0.1')).toBeUndefined();
});

afterAll(async () => {
  if (!isPossible) return;
  controller.assigned = [];
  shell.shutDown('the test is over');
  await shell.exited;
  await controller.close();
  spawnSync('umount', [memory]);
  for (const path of [dir, memory]) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const keptDir = (): string => join(dir, 'state', 'attempts', 'kept.0.1');

function pidOfKept(): number | null {
  const file = join(keptDir(), 'work', 'pid');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return text.endsWith('\n') ? Number(text) : null;
}

async function said(name: string, script: string): Promise<readonly string[]> {
  controller.assigned = [
    ...controller.assigned,
    attempt(name, script, { env: { PID: String(pidOfKept()), KEPT: keptDir(), MEMORY: join(memory, 'secrets') } }),
  ];
  await controller.endOf(`${name}.0.1`);
  return (controller.outputs.get(`${name}.0.1`)?.stdout ?? '').trimEnd().split('\n');
}

describe('a task beside another', () => {
  onHost('has a user, temporary folders and a list of processes of its own', async () => {
    const own = await said(
      'own',
      'id -u; find /tmp /var/tmp /dev/shm -type f; ls /proc > list; grep -c "^[0-9]" list; '
        + 'touch /tmp/x /var/tmp/y && echo made; pwd',
    );
    const uid = Number(own[0]);
    expect(uid).toBeGreaterThan(attemptUsers.first);
    expect(uid).not.toBe(statSync(join(keptDir(), 'work')).uid);
    // Its shell and ls.
    expect(own.slice(1)).toEqual(['2', 'made', join(dir, 'state', 'attempts', 'own.0.1', 'work')]);
  });

  onHost("reads neither its environment, files, output nor secrets, and finds nobody's process", async () => {
    const tries = [
      'cat /proc/$PID/environ',
      'ls /proc/$PID/root/',
      'ls "$KEPT/work"',
      'cat "$KEPT/work/mine"',
      'cat "$KEPT/stdout"',
      'cat "$KEPT/env"',
      'cat "$MEMORY/kept.0.1/files/CERT"',
      'ls "$MEMORY"/kept.0.1',
      'kill -0 $PID',
      'kill -9 $PID',
      'echo forged > "$KEPT/exit"',
      'mknod device c 1 3',
      'mount -t tmpfs none .',
      'cat /etc/shadow',
    ];
    const script = tries.map((one) => `${one} > /dev/null 2>&1 && echo '${one.replaceAll("'", '')}'`).join('; ');
    expect(await said('reads', `${script}; echo done`)).toEqual(['done']);
  });

  onHost(
    'ends only itself when it ends whatever it can, and gains nothing from a file that is root of mode',
    async () => {
      const [before, ...after] = await said(
        'kills',
        'cp /usr/bin/id own-id; chmod 6755 own-id; ./own-id -u; grep -E "^(NoNewPrivs|CapBnd):" /proc/self/status; '
          + 'grep -c " $PWD .*nosuid,nodev" /proc/self/mounts; kill -9 -1',
      );
      expect(Number(before)).toBeGreaterThan(attemptUsers.first);
      expect(after).toEqual(['CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', '1']);
      expect(isAlive(pidOfKept() ?? 0)).toBe(true);
    },
  );

  onHost('is given the number of a user only when nothing of an earlier one is left', async () => {
    const uids = [(await said('first', 'id -u'))[0], (await said('second', 'id -u'))[0]].map(Number);
    for (const uid of uids) {
      expect(uid).toBeGreaterThan(attemptUsers.first);
      expect(uid).toBeLessThanOrEqual(attemptUsers.first + 7);
    }
  });

  onHost('leaves the machine as it was', () => {
    expect(existsSync('/tmp/mine') || existsSync('/dev/shm/mine')).toBe(false);
    expect(existsSync(`/proc/${String(process.pid)}/status`)).toBe(true);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(dir);
  });
});

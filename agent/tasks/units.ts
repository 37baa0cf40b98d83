// Tasks on a node: each in a systemd scope of its own, with limits of CPU, memory and processes and without a way to
// the metadata service; as a user of its own who owns nothing but the task's folder, and sees no other process, and no
// other's temporary files.
import { chmodSync, chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AssignedAttempt } from '../../lib/core/records/sync.ts';
import { cpuLimitsOf } from './cpu.ts';
import { LaunchError } from '../errors.ts';
import { argvOf, taskEnvironment, wrapped } from './launcher.ts';
import { statsOf } from './task-files.ts';
import type { Gpu } from './given/gpus.ts';
import { exportScript } from './given/secrets.ts';
import type { Given } from './given/secrets.ts';
import type { Command, LaunchFolder, Launcher } from './launcher.ts';
import { isCode } from './process-table.ts';

/** Where credentials of an instance, a container or a pod are handed out. agent/metadata-rules.sh has the same ones. */
export const metadataAddresses = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
] as const;

/**
 * Users of attempts, by number and without names: none that systemd, containers or the distribution give out.
 * agent/metadata-rules.sh has the same ones.
 */
export const attemptUsers = { first: 1_900_000_000, last: 1_900_004_095 } as const;

/**
 * What root does in the attempt's own view of the file systems before it gives up all privileges. The folder is entered
 * again: the one that it was started in has no `nosuid`.
 */
const apart = [
  'set -e',
  // Its inputs; no link is followed.
  'work=$1 owner=$2; shift 3',
  '[ -z "$owner" ] || chown -hR "$owner" "$work"',
  'mount --bind "$work" "$work"',
  'mount -o remount,bind,nosuid,nodev "$work"',
  'for own in /tmp /var/tmp; do mount --bind "$work/tmp" "$own"; done',
  'mount -t tmpfs -o nosuid,nodev,mode=1777 bellows /dev/shm',
  'mount -t proc -o hidepid=invisible,nosuid,nodev,noexec proc /proc',
  'cd "$work"',
  'exec "$@"',
].join('\n');

const slice = 'bellows.slice';
/** Processes and threads of one task: enough for a build, not for a fork bomb. */
const tasksMax = 4_096;

interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface UnitsOptions {
  /** Runs tasks that mount volumes: what one leaves there is the next one's. All others have a user of their own. */
  readonly user: User;
  readonly taskPath: string;
  readonly systemdRun?: string;
  /** Only root can make anything another user's. @default true */
  readonly ownUsers?: boolean;
  readonly setpriv?: string;
  readonly unshare?: string;
  readonly cgroupRoot?: string;
  /** @default /dev */
  readonly deviceDir?: string;
}

export class UnitLauncher implements Launcher {
  readonly #options: Required<UnitsOptions>;

  constructor(options: UnitsOptions) {
    this.#options = {
      systemdRun: '/usr/bin/systemd-run',
      ownUsers: true,
      setpriv: '/usr/bin/setpriv',
      unshare: '/usr/bin/unshare',
      cgroupRoot: '/sys/fs/cgroup',
      deviceDir: '/dev',
      ...options,
    };
  }

  /**
   * systemd-run becomes the wrapper, which stays root's: the task cannot kill it, nor forge its exit code. Behind the
   * wrapper stand the drop of all privileges and only then the request's environment: LD_PRELOAD in it
   * must not reach a program that root runs.
   */
  launch(attempt: AssignedAttempt, { dir, work, given, gpus = [] }: LaunchFolder): Command {
    const { systemdRun, setpriv, unshare, taskPath } = this.#options;
    const hasOwn = this.#options.ownUsers && attempt.mounts === undefined;
    const user = hasOwn ? freeUser(dirname(dir)) : this.#options.user;
    const argv = argvOf(attempt);
    const [program = ''] = argv;
    if (program.includes('='))
      throw new LaunchError(
        `the program's name ${JSON.stringify(program)} has a "=" in it, which env(1) would take for a variable; `
          + 'call it through a shell',
      );
    giveFolders(dir, work, user);
    writeFileSync(join(dir, 'cgroup'), `${this.#cgroupOf(attempt.attemptId)}\n`);
    const env = Object.entries(taskEnvironment(attempt, { work, given, gpus }, taskPath)).map(
      ([name, value]) => `${name}=${value}`,
    );
    return {
      program: systemdRun,
      args: [
        '--scope',
        '--quiet',
        '--collect',
        `--unit=${unitOf(attempt.attemptId)}`,
        `--slice=${slice}`,
        `--description=Bellows attempt ${attempt.attemptId}`,
        ...[...propertiesOf(attempt.resources), ...devicesOf(gpus, this.#options.deviceDir)].flatMap((property) => [
          '--property',
          property,
        ]),
        '--',
        ...wrapped(dir, [
          unshare,
          '--mount',
          // What the agent unmounts goes in here, too; nothing of here is seen outside.
          '--propagation=slave',
          '/bin/sh',
          '-c',
          apart,
          'apart',
          work,
          attempt.hasInputs === undefined ? '' : `${String(user.uid)}:${String(user.gid)}`,
          '--',
          setpriv,
          `--reuid=${String(user.uid)}`,
          `--regid=${String(user.gid)}`,
          '--clear-groups',
          '--no-new-privs',
          '--inh-caps=-all',
          '--bounding-set=-all',
          '--',
          '/usr/bin/env',
          '-i',
          ...env,
          ...withSecrets(given, user),
          ...argv,
        ]),
      ],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    };
  }

  /** The kernel ends the whole cgroup at once: also what called setsid. */
  sweep(attemptId: string): null {
    try {
      writeFileSync(join(this.#cgroupOf(attemptId), 'cgroup.kill'), '1', { flag: 'r+' });
    } catch (error) {
      // Gone with its last process; ENODEV: just going.
      if (!isCode(error, 'ENOENT') && !isCode(error, 'ENODEV')) throw error;
    }
    return null;
  }

  #cgroupOf(attemptId: string): string {
    return join(this.#options.cgroupRoot, slice, unitOf(attemptId));
  }
}

/**
 * One that owns no folder of an attempt, whatever became of that one: a number is used again when all of its files are
 * gone. @throws LaunchError
 */
function freeUser(attemptsDir: string): User {
  const taken = new Set(readdirSync(attemptsDir).map((id) => statsOf(join(attemptsDir, id, 'work'))?.uid));
  for (let uid: number = attemptUsers.first; uid <= attemptUsers.last; uid += 1)
    if (!taken.has(uid)) return { uid, gid: uid };
  throw new LaunchError('the node has no user left for it: the folders of earlier attempts cannot be deleted');
}

function unitOf(attemptId: string): string {
  return `bellows-${attemptId}.scope`;
}

/** Behind the drop of all privileges: neither root's programs nor a command line get to know the values. */
function withSecrets({ env, folder }: Given, { uid, gid }: User): readonly string[] {
  if (folder === null) return [];
  const script = join(folder, 'env');
  writeFileSync(script, exportScript(env), { mode: 0o400, flag: 'wx' });
  for (const path of [script, folder]) chownSync(path, uid, gid);
  const read = '. "$0"; rm -f "$0"; unset PWD OLDPWD SHLVL; exec "$@"';
  return Object.keys(env).length === 0 ? [] : ['/bin/sh', '-c', read, script];
}

/** No other user gets as far as the task's folder, whatever it makes of that. */
function giveFolders(dir: string, work: string, user: User): void {
  chownSync(dir, process.geteuid?.() ?? 0, user.gid);
  chmodSync(dir, 0o710);
  // Not the folder itself: who owns it could put a link in the place of a file that the agent writes.
  for (const path of [work, join(work, 'tmp'), join(dir, 'stdout'), join(dir, 'stderr')])
    chownSync(path, user.uid, user.gid);
  chmodSync(work, 0o700);
  for (const stream of ['stdout', 'stderr']) chmodSync(join(dir, stream), 0o600);
}

/** Of the driver, beside one for each GPU. */
const driverDevices = ['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset'] as const;

/**
 * NVIDIA's devices are everybody's by their mode: on a node that has some, a task has its own ones, those without which
 * they are of no use, and otherwise the harmless ones that systemd leaves (null, zero, full, random, tty, …).
 * @throws LaunchError
 */
function devicesOf(gpus: readonly Gpu[], deviceDir: string): readonly string[] {
  const pathOf = (name: string): string => join(deviceDir, name);
  const missing = gpus.map((one) => `nvidia${String(one.minor)}`).find((name) => !existsSync(pathOf(name)));
  if (missing !== undefined) throw new LaunchError(`its GPU has no device: there is no ${pathOf(missing)}`);
  if (!existsSync(pathOf('nvidiactl'))) return [];
  const shared = gpus.length === 0 ? [] : driverDevices.filter((name) => existsSync(pathOf(name)));
  const allowed = [...gpus.map((one) => `nvidia${String(one.minor)}`), ...shared];
  return ['DevicePolicy=closed', ...allowed.map((name) => `DeviceAllow=${pathOf(name)} rw`)];
}

function propertiesOf({ cpuMilli, memoryMib }: AssignedAttempt['resources']): readonly string[] {
  const { quotaMilli, weight } = cpuLimitsOf(cpuMilli);
  return [
    `CPUQuota=${String(Math.ceil(quotaMilli / 10))}%`,
    `CPUWeight=${String(weight)}`,
    `MemoryMax=${String(memoryMib)}M`,
    'MemorySwapMax=0',
    `TasksMax=${String(tasksMax)}`,
    // So that the kernel counts what it writes; CPU and memory are counted for their limits.
    'IOAccounting=yes',
    `IPAddressDeny=${metadataAddresses.join(' ')}`,
  ];
}

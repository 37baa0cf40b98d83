// Tasks on a node: each in a systemd scope of its own, with limits of CPU, memory and processes and without a way to
// the metadata service, as a user who owns nothing but the task's folder.
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssignedAttempt } from '../../lib/core/records/sync.ts';
import { cpuLimitsOf } from './cpu.ts';
import { LaunchError } from '../errors.ts';
import { argvOf, taskEnvironment, wrapped } from './launcher.ts';
import { exportScript } from './given/secrets.ts';
import type { Given } from './given/secrets.ts';
import type { Command, LaunchFolder, Launcher } from './launcher.ts';
import { isCode } from './process-table.ts';

/** Where credentials of an instance, a container or a pod are handed out. agent/metadata.nft has the same ones. */
export const metadataAddresses = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
] as const;

const slice = 'bellows.slice';
/** Processes and threads of one task: enough for a build, not for a fork bomb. */
const tasksMax = 4_096;

export interface UnitsOptions {
  /** Who runs the tasks. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly taskPath: string;
  readonly systemdRun?: string;
  readonly setpriv?: string;
  readonly cgroupRoot?: string;
}

export class UnitLauncher implements Launcher {
  readonly #options: Required<UnitsOptions>;

  constructor(options: UnitsOptions) {
    this.#options = {
      systemdRun: '/usr/bin/systemd-run',
      setpriv: '/usr/bin/setpriv',
      cgroupRoot: '/sys/fs/cgroup',
      ...options,
    };
  }

  /**
   * systemd-run becomes the wrapper, which stays root's: the task cannot kill it, nor forge its exit code. Behind the
   * wrapper stand the drop of all privileges and only then the request's environment: LD_PRELOAD in it
   * must not reach a program that root runs.
   */
  launch(attempt: AssignedAttempt, { dir, work, given }: LaunchFolder): Command {
    const { user, systemdRun, setpriv, taskPath } = this.#options;
    const argv = argvOf(attempt);
    const [program = ''] = argv;
    if (program.includes('='))
      throw new LaunchError(
        `the program's name ${JSON.stringify(program)} has a "=" in it, which env(1) would take for a variable; `
          + 'call it through a shell',
      );
    chmodSync(dir, 0o711);
    // Not the folder itself: who owns it could put a link in the place of a file that the agent writes.
    for (const path of [work, join(work, 'tmp'), join(dir, 'stdout'), join(dir, 'stderr')])
      chownSync(path, user.uid, user.gid);
    writeFileSync(join(dir, 'cgroup'), `${this.#cgroupOf(attempt.attemptId)}\n`);
    const { cpuMilli, memoryMib } = attempt.resources;
    const { quotaMilli, weight } = cpuLimitsOf(cpuMilli);
    const properties = [
      `CPUQuota=${String(Math.ceil(quotaMilli / 10))}%`,
      `CPUWeight=${String(weight)}`,
      `MemoryMax=${String(memoryMib)}M`,
      'MemorySwapMax=0',
      `TasksMax=${String(tasksMax)}`,
      // So that the kernel counts what it writes; CPU and memory are counted for their limits.
      'IOAccounting=yes',
      `IPAddressDeny=${metadataAddresses.join(' ')}`,
    ];
    const env = Object.entries(taskEnvironment(attempt, { work, given }, taskPath)).map(
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
        ...properties.flatMap((property) => ['--property', property]),
        '--',
        ...wrapped(dir, [
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
          ...this.#withSecrets(given),
          ...argv,
        ]),
      ],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    };
  }

  /** Behind the drop of all privileges: neither root's programs nor a command line get to know the values. */
  #withSecrets({ env, folder }: Given): readonly string[] {
    if (folder === null) return [];
    const { uid, gid } = this.#options.user;
    const script = join(folder, 'env');
    writeFileSync(script, exportScript(env), { mode: 0o400, flag: 'wx' });
    for (const path of [script, folder]) chownSync(path, uid, gid);
    const read = '. "$0"; rm -f "$0"; unset PWD OLDPWD SHLVL; exec "$@"';
    return Object.keys(env).length === 0 ? [] : ['/bin/sh', '-c', read, script];
  }

  /** The kernel ends the whole cgroup at once: also what called setsid. */
  sweep(attemptId: string): null {
    try {
      writeFileSync(join(this.#cgroupOf(attemptId), 'cgroup.kill'), '1', { flag: 'r+' });
    } catch (error) {
      // Gone with its last process; ENODEV: going at this moment.
      if (!isCode(error, 'ENOENT') && !isCode(error, 'ENODEV')) throw error;
    }
    return null;
  }

  #cgroupOf(attemptId: string): string {
    return join(this.#options.cgroupRoot, slice, unitOf(attemptId));
  }
}

function unitOf(attemptId: string): string {
  return `bellows-${attemptId}.scope`;
}

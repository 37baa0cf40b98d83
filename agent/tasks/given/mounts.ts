// Volumes of tasks. On a node a volume is a device: it is waited for, formatted only if it is blank, mounted before the
// task starts and unmounted before its end is reported, so that EC2 can detach it. On a laptop it is a folder.
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { AssignedAttempt, AttemptMount } from '../../../lib/core/records/sync.ts';
import { execute } from '../execute.ts';
import type { Executed } from '../execute.ts';
import { LaunchError } from '../../errors.ts';
import type { AttemptFolder } from '../launcher.ts';
import { isCode } from '../process-table.ts';

const deviceWaitMs = 60_000;
const unmountWaitMs = 10_000;
const pollMs = 500;
const laterMs = 5_000;
const toolMs = 300_000;
const loggedMax = 100;
/** What must be zero beside blkid's word that there is nothing: it says the same of what it cannot read. */
const blankBytes = 2 ** 20;

export interface Mounter {
  /** Answers where it is. Mounted already: fine. @throws LaunchError; also when aborted */
  mount(mount: AttemptMount, signal: AbortSignal): Promise<string>;
  /** Not mounted: fine. Never rejects: what is busy is tried again until it is free. */
  unmount(volumeId: string): Promise<void>;
}

/** One folder a volume: what a task leaves there, the next one finds. */
export class FolderMounter implements Mounter {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async mount({ volumeId, device }: AttemptMount): Promise<string> {
    if (device === '') throw new LaunchError(`the volume ${volumeId} is gone`);
    const folder = join(this.#dir, volumeId);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async unmount(): Promise<void> {
    /* a folder is never busy */
  }
}

export interface DeviceMounterOptions {
  readonly dir: string;
  readonly log: (message: string) => void;
  readonly run?: (program: string, args: readonly string[]) => Promise<Executed>;
  /** Where devices show. */
  readonly devices?: string;
  readonly deviceWaitMs?: number;
  readonly unmountWaitMs?: number;
}

export class DeviceMounter implements Mounter {
  readonly #options: Required<DeviceMounterOptions>;
  /** Mounted again since: an unmount that still waits must not take it from the next task. */
  readonly #wanted = new Set<string>();
  readonly #logged = new Set<string>();

  constructor(options: DeviceMounterOptions) {
    this.#options = {
      run: (program, args) =>
        execute({ program, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' } }, args, {
          timeoutMs: toolMs,
        }),
      devices: '/dev',
      deviceWaitMs,
      unmountWaitMs,
      ...options,
    };
    mkdirSync(options.dir, { recursive: true, mode: 0o711 });
  }

  async mount(mount: AttemptMount, signal: AbortSignal): Promise<string> {
    const { volumeId } = mount;
    this.#wanted.add(volumeId);
    const folder = join(this.#options.dir, volumeId);
    mkdirSync(folder, { recursive: true });
    if (await this.#isMounted(folder)) return folder;
    const device = await this.#deviceOf(mount, signal);
    const known = await this.#fileSystemOf(device, volumeId);
    if (known === null) await this.#tool(`${volumeId} could not be formatted`, 'mkfs.xfs', ['-q', device]);
    const type = known ?? 'xfs';
    // A volume made from another one's snapshot has the same UUID, which xfs refuses to mount twice.
    await this.#tool(`${volumeId} could not be mounted`, 'mount', [
      '-t',
      type,
      '-o',
      type === 'xfs' ? 'nosuid,nodev,nouuid' : 'nosuid,nodev',
      device,
      folder,
    ]);
    if (known === null) chmodSync(folder, 0o777);
    // The volume may have grown since.
    if (type === 'xfs') await this.#tool(`${volumeId} could not be grown`, 'xfs_growfs', [folder]);
    if (type === 'ext4') await this.#tool(`${volumeId} could not be grown`, 'resize2fs', [device]);
    return folder;
  }

  async unmount(volumeId: string): Promise<void> {
    this.#wanted.delete(volumeId);
    const untilMs = performance.now() + this.#options.unmountWaitMs;
    for (;;) {
      if (this.#wanted.has(volumeId) || (await this.#tryUnmount(volumeId))) return;
      if (performance.now() >= untilMs) break;
      await sleep(pollMs);
    }
    this.#options.log(`${volumeId} is still in use; it is unmounted as soon as nothing uses it`);
    void this.#unmountLater(volumeId);
  }

  async #unmountLater(volumeId: string): Promise<void> {
    do await sleep(laterMs, undefined, { ref: false });
    while (!this.#wanted.has(volumeId) && !(await this.#tryUnmount(volumeId)));
  }

  /** false: not yet. Never rejects: what fails is logged once, and tried again. */
  async #tryUnmount(volumeId: string): Promise<boolean> {
    const folder = join(this.#options.dir, volumeId);
    try {
      if (!existsSync(folder)) return true;
      const isFree = !(await this.#isMounted(folder)) || (await this.#options.run('umount', [folder])).code === 0;
      if (isFree) this.#removeFolder(folder);
      return isFree;
    } catch (error) {
      this.#logOnce(
        `${volumeId} could not be unmounted: `
          + `${error instanceof Error ? error.message : String(error)}; it is tried again`,
      );
      return false;
    }
  }

  /** Only an empty folder goes: never what is on a volume. */
  #removeFolder(folder: string): void {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return; // another unmount of the same volume was faster
      if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error;
      this.#logOnce(`${folder} has files of its own and stays; no volume is mounted there`);
    }
  }

  #logOnce(message: string): void {
    if (this.#logged.has(message)) return;
    if (this.#logged.size >= loggedMax) this.#logged.clear();
    this.#logged.add(message);
    this.#options.log(message);
  }

  async #isMounted(folder: string): Promise<boolean> {
    return (await this.#options.run('mountpoint', ['-q', folder])).code === 0;
  }

  /** By the volume's id where the hardware tells it (Nitro), else by the name that EC2 was given. */
  async #deviceOf({ volumeId, device }: AttemptMount, signal: AbortSignal): Promise<string> {
    const { devices } = this.#options;
    const letter = /^\/dev\/sd([a-z])$/.exec(device)?.[1];
    const paths = [
      join(devices, 'disk/by-id', `nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}`),
      ...(letter === undefined ? [] : [join(devices, `sd${letter}`), join(devices, `xvd${letter}`)]),
    ];
    const untilMs = performance.now() + this.#options.deviceWaitMs;
    for (;;) {
      const found = paths.find((path) => existsSync(path));
      if (found !== undefined) return found;
      if (performance.now() >= untilMs)
        throw new LaunchError(
          `no device of ${volumeId} showed up within ${String(Math.round(this.#options.deviceWaitMs / 1000))} s: `
            + `looked for ${paths.join(', ')}`,
        );
      await sleep(pollMs, undefined, { signal });
    }
  }

  /** null: it is blank. @throws LaunchError for whatever is neither blank nor a file system */
  async #fileSystemOf(device: string, volumeId: string): Promise<string | null> {
    const probed = await this.#options.run('blkid', ['-p', '-o', 'export', device]);
    const type = /^TYPE=(.+)$/m.exec(probed.stdout)?.[1];
    if (type !== undefined && probed.code === 0) return type;
    if (probed.code === 2 && isZero(device)) return null;
    const found = /^PTTYPE=(.+)$/m.exec(probed.stdout)?.[1];
    throw new LaunchError(
      `${volumeId} has `
        + `${found === undefined ? 'data, but no file system that is known' : `a partition table (${found})`}; it is `
        + 'not formatted, and not mounted',
    );
  }

  async #tool(what: string, program: string, args: readonly string[]): Promise<void> {
    const { code, stderr, stdout } = await this.#options.run(program, args);
    if (code !== 0)
      throw new LaunchError(
        `${what}: ${program}: ${(stderr.trim() || stdout.trim()).slice(-300) || `exit code ${String(code)}`}`,
      );
  }
}

function isZero(device: string): boolean {
  const file = openSync(device, 'r');
  try {
    const buffer = Buffer.alloc(blankBytes);
    const bytes = readSync(file, buffer, 0, blankBytes, 0);
    return bytes > 0 && buffer.subarray(0, bytes).every((byte) => byte === 0);
  } finally {
    closeSync(file);
  }
}

// ---- of one attempt --------------------------------------------------------------------------------

const mountsFile = z.array(z.object({ volumeId: z.string(), path: z.string(), folder: z.string().nullable() }));
type MountedVolume = z.output<typeof mountsFile>[number];

/** @throws LaunchError; what was mounted by then is in the attempt's folder for {@link unmountOf} */
export async function mountFor(
  attempt: AssignedAttempt,
  { dir, work }: AttemptFolder,
  mounter: Mounter | null,
  signal: AbortSignal,
): Promise<void> {
  const mounts = attempt.mounts ?? [];
  if (mounts.length === 0) return;
  if (mounter === null) throw new LaunchError('the task mounts volumes, but this agent mounts none');
  const write = (volumes: readonly MountedVolume[]): void => {
    writeFileSync(join(dir, 'mounts.new'), JSON.stringify(volumes));
    renameSync(join(dir, 'mounts.new'), join(dir, 'mounts'));
  };
  // Before the first of them: an agent that is started anew unmounts what an earlier one had mounted.
  const volumes: MountedVolume[] = mounts.map(({ volumeId, path }) => ({ volumeId, path, folder: null }));
  write(volumes);
  for (const [n, mount] of mounts.entries()) {
    const folder = await mounter.mount(mount, signal);
    volumes[n] = { volumeId: mount.volumeId, path: mount.path, folder };
    write(volumes);
    // A container sees no paths of the host: it is given the folder itself.
    if (attempt.run.kind === 'container') continue;
    mkdirSync(dirname(join(work, mount.path)), { recursive: true });
    symlinkSync(folder, join(work, mount.path));
  }
}

export function mountedFor(dir: string): readonly MountedVolume[] {
  try {
    return mountsFile.parse(JSON.parse(readFileSync(join(dir, 'mounts'), 'utf8')));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Nothing of the attempt runs any more. null: it had no volumes. */
export function unmountOf(dir: string, mounter: Mounter | null): Promise<void> | null {
  const volumes = mounter === null ? [] : mountedFor(dir);
  if (mounter === null || volumes.length === 0) return null;
  return Promise.all(volumes.map((one) => mounter.unmount(one.volumeId))).then(() => undefined);
}

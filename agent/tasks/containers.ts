// Tasks that name an image: containers of docker or podman on a bridge of their own, with the task's
// limits, kept by the same wrapper as processes. A container belongs to no process group of ours, so it
// is ended by its name.
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AssignedAttempt } from '../../lib/core/records/sync.ts';
import { cpuLimitsOf } from './cpu.ts';
import { execute, wordsOf } from './execute.ts';
import { LaunchError, messageOf } from '../errors.ts';
import { identityOf, wrapped } from './launcher.ts';
import type { AttemptFolder, Command, LaunchFolder, Launcher } from './launcher.ts';
import { notedPorts } from './given/ports.ts';
import { mountedFor } from './given/mounts.ts';
import { gpuArguments, gpuEnvironment } from './given/gpus.ts';
import { imageIdOf } from './given/images.ts';
import type { ContainerClient, ImageKeeper } from './given/images.ts';
import { secretsEnvironment, secretsPoint } from './given/secrets.ts';

const script = fileURLToPath(new URL('container.sh', import.meta.url));
const network = 'bellows';
/** Where a container finds its folder; HOME and TMPDIR point there. */
const mountPoint = '/bellows';
const tasksMax = 4_096;
/** For root in a container: to own and read its own files, become other users, and end its processes. No MKNOD. */
const keptCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'];
/** The least that docker takes. */
const memoryMibMin = 6;
const cpuMilliMin = 10;
const quickMs = 30_000;
const installMs = 600_000;

export interface ContainersOptions {
  /** For the tasks without an image. */
  readonly processes: Launcher;
  readonly nodeId: string;
  readonly stateDir: string;
  readonly images: Pick<ImageKeeper, 'give'>;
  /** null: there is none (yet). */
  readonly client: () => ContainerClient | null;
  /** Program and arguments that bring a client; absent: nothing does. */
  readonly install?: readonly string[];
  /** Of `network create`. */
  readonly networkOptions?: readonly string[];
  /** The address of the node at which ports are published; absent: all that it has. */
  readonly publishOn?: string;
  /** Who runs in the container; absent: whom the image says. */
  readonly user?: string;
  readonly log: (message: string) => void;
}

export class ContainerLauncher implements Launcher {
  readonly #options: ContainersOptions;
  #installing: Promise<void> | null = null;
  #networking: Promise<void> | null = null;

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  async prepare(
    attempt: AssignedAttempt,
    folder: AttemptFolder,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (attempt.run.kind !== 'container') return this.#options.processes.prepare?.(attempt, folder, say, signal);
    const { image } = attempt.run;
    const client = this.#options.client() ?? (await this.#installed(image, say));
    signal.throwIfAborted();
    // For whoever has to clean up after this node: by the label, if there is this file.
    writeFileSync(join(this.#options.stateDir, 'containers'), `${client.program}\n`);
    // One at a time makes it; a failure is tried again by the next.
    this.#networking ??= this.#makeNetwork(client).catch((error: unknown) => {
      this.#networking = null;
      throw error;
    });
    await this.#networking;
    await this.#options.images.give(attempt, image, client, folder.dir, say, signal);
  }

  launch(attempt: AssignedAttempt, folder: LaunchFolder): Command {
    const { run, attemptId, resources } = attempt;
    if (run.kind !== 'container') return this.#options.processes.launch(attempt, folder);
    const client = this.#options.client();
    if (client === null) throw new LaunchError('the container engine was there a moment ago and is not any more');
    const { dir, work, given, gpus = [] } = folder;
    // The engine would write them to its disk; the API refuses them before.
    if (Object.keys(given.env).length > 0)
      throw new LaunchError('a container is given secrets as files only; say {"as": "file"}');
    const { quotaMilli, shares } = cpuLimitsOf(resources.cpuMilli);
    if (gpus.length < resources.gpu)
      throw new LaunchError(`it needs GPUs (${String(resources.gpu)}), and nvidia-smi shows none on this machine`);
    // The image says who runs, so anybody may write; nobody else gets as far as this folder.
    chmodSync(dir, 0o700);
    for (const path of [work, join(work, 'tmp')]) chmodSync(path, 0o777);
    const env = {
      HOME: mountPoint,
      TMPDIR: `${mountPoint}/tmp`,
      ...attempt.env,
      // What a toolkit that is every container's own runtime would go by, whatever the image says.
      NVIDIA_VISIBLE_DEVICES: gpuEnvironment(gpus)['NVIDIA_VISIBLE_DEVICES'] ?? 'void',
      ...identityOf(attempt, mountPoint),
      ...secretsEnvironment(attempt, secretsPoint),
    };
    const variables = environmentArguments(join(dir, 'env'), Object.entries(env));
    writeFileSync(join(dir, 'container'), '');
    // Stays: what the attempt used is counted where the container is, not here.
    writeFileSync(join(dir, 'image'), `${run.image}\n`);
    const [entrypoint, ...own] = run.argv ?? [];
    const args = entrypoint === undefined ? (run.args ?? []) : own;
    const [program = '', ...rest] = wrapped(dir, [
      '/bin/sh',
      script,
      dir,
      client.program,
      nameOf(attemptId),
      `--cidfile=${join(dir, 'cid')}`,
      `--label=bellows.node=${this.#options.nodeId}`,
      `--network=${network}`,
      ...publishedPorts(attempt, dir, this.#options.publishOn),
      '--pull=never',
      '--log-driver=none',
      `--cpus=${String(Math.max(cpuMilliMin, quotaMilli) / 1_000)}`,
      `--cpu-shares=${String(shares)}`,
      `--memory=${String(Math.max(memoryMibMin, resources.memoryMib))}m`,
      `--memory-swap=${String(Math.max(memoryMibMin, resources.memoryMib))}m`,
      `--pids-limit=${String(tasksMax)}`,
      ...gpuArguments(client.program, gpus),
      '--security-opt=no-new-privileges',
      '--cap-drop=ALL',
      ...keptCapabilities.map((one) => `--cap-add=${one}`),
      `--volume=${work}:${mountPoint}`,
      ...mountedFor(dir).map((one) => `--volume=${one.folder ?? ''}:${mountPoint}/${one.path}`),
      ...(given.folder === null ? [] : [`--volume=${given.folder}/files:${secretsPoint}:ro`]),
      ...variables,
      ...(this.#options.user === undefined ? [] : [`--user=${this.#options.user}`]),
      ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
      // What was looked at, whatever its name means by now.
      imageIdOf(dir) ?? run.image,
      ...args,
    ]);
    return { program, args: rest, env: client.env };
  }

  probe(attemptId: string, folder: AttemptFolder, argv: readonly string[], env: Command['env']): Command | null {
    const { processes } = this.#options;
    if (!existsSync(join(folder.dir, 'container'))) return processes.probe?.(attemptId, folder, argv, env) ?? null;
    const client = this.#options.client();
    return client && { program: client.program, args: ['exec', nameOf(attemptId), ...argv], env: client.env };
  }

  sweep(attemptId: string, dir: string): Promise<void> | null {
    // container.sh has taken it away already, unless it was killed.
    if (!existsSync(join(dir, 'container'))) return this.#options.processes.sweep(attemptId, dir);
    return this.#remove(attemptId).catch((error: unknown) => {
      this.#options.log(messageOf(error));
    });
  }

  /** Its engine may have hung when it ended: without its folder nobody would know of it any more. */
  async release(attemptId: string, dir: string): Promise<void> {
    if (existsSync(join(dir, 'container'))) await this.#remove(attemptId);
  }

  /** @throws Error while it may still be there */
  async #remove(attemptId: string): Promise<void> {
    const client = this.#options.client();
    if (client === null)
      throw new Error(`the container of ${attemptId} cannot be removed: the container engine is gone`);
    const removed = await execute(client, ['rm', '--force', '--volumes', nameOf(attemptId)], { timeoutMs: quickMs });
    if (removed.code !== 0 && !/no such container|no container with name/i.test(removed.stderr))
      throw new Error(`the container of ${attemptId} is not removed: ${wordsOf(removed)}`);
  }

  async #installed(image: string, say: (note: string) => void): Promise<ContainerClient> {
    const { install } = this.#options;
    const [program, ...args] = install ?? [];
    if (program === undefined)
      throw new LaunchError(`the task needs the image ${image}, but this node has neither docker nor podman`);
    say('installing the container engine');
    this.#installing ??= execute({ program, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }, args, {
      timeoutMs: installMs,
    }).then((done) => {
      this.#installing = null;
      if (done.code !== 0) throw new LaunchError(`the container engine could not be installed: ${wordsOf(done)}`);
    });
    await this.#installing;
    const client = this.#options.client();
    if (client === null)
      throw new LaunchError('the container engine was installed, but there is neither docker nor podman');
    return client;
  }

  /** Not the host's network, and apart from other containers. */
  async #makeNetwork(client: ContainerClient): Promise<void> {
    const isThere = async (): Promise<boolean> =>
      (await execute(client, ['network', 'inspect', network], { timeoutMs: quickMs })).code === 0;
    if (await isThere()) return;
    const made = await execute(
      client,
      ['network', 'create', '--driver=bridge', ...(this.#options.networkOptions ?? []), network],
      { timeoutMs: quickMs },
    );
    // Another agent of this machine may have been faster.
    if (made.code !== 0 && !(await isThere()))
      throw new LaunchError(`the container engine ${client.program} does not work here: ${wordsOf(made)}`);
  }
}

function publishedPorts({ ports = [] }: AssignedAttempt, dir: string, address?: string): readonly string[] {
  const inside = new Map(ports.map(({ name, container }) => [name, container]));
  return notedPorts(dir).map(({ name, port }) => {
    const at = address === undefined ? '' : `${address}:`;
    return `--publish=${at}${String(port)}:${String(inside.get(name) ?? port)}`;
  });
}

function nameOf(attemptId: string): string {
  return `bellows-${attemptId}`;
}

/** In a file, which arguments are not: everybody on the node can read those. A file has one line per variable. */
function environmentArguments(file: string, entries: readonly (readonly [string, string])[]): readonly string[] {
  const isOneLine = (entry: readonly [string, string]): boolean => !/[\r\n]/.test(entry[1]);
  const lines = entries.filter(isOneLine).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  const others = entries.filter((entry) => !isOneLine(entry)).map(([name, value]) => `--env=${name}=${value}`);
  return [`--env-file=${file}`, ...others];
}

// NVIDIA's GPUs of a node, as its driver tells them, each given to one attempt at a time. Which one has which is a file
// in the attempt's folder until its end, so that a restarted agent gives none of them twice.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { LaunchError } from '../../errors.ts';
import { execute, wordsOf } from '../execute.ts';
import { isCode } from '../process-table.ts';
import { readLast } from '../task-files.ts';

export interface Gpu {
  /** As nvidia-smi and the container toolkits count. */
  readonly index: number;
  /** `GPU-…`: what CUDA takes, whatever order it counts in. */
  readonly uuid: string;
  /** Of `/dev/nvidiaN`, which may be another one than the index. */
  readonly minor: number;
}

export interface GpuOptions {
  readonly attemptsDir: string;
  /** nvidia-smi; null: there is none (yet). */
  readonly program: () => string | null;
  /**
   * A node of its own: what is not there is an error, and the devices' memory is the attempt's. false: a laptop, whose
   * simulated nodes have GPUs that the machine need not have.
   */
  readonly isExclusive: boolean;
  /**
   * Makes the device of CUDA's unified memory, where a task that may gain no privilege could not; run where there is
   * none. Absent: nothing does.
   */
  readonly makeUvm?: { readonly device: string; readonly argv: readonly [string, ...string[]] };
  /** Where the driver tells of its devices. @default /proc/driver/nvidia/gpus */
  readonly driverDir?: string;
}

const timeoutMs = 20_000;
const fileName = 'gpus';
const uuid = z.string().regex(/^GPU-[0-9a-f-]{8,64}$/);
const noted = z.array(z.object({ index: z.int().min(0), uuid, minor: z.int().min(0) })).max(64);

export class GpuKeeper {
  readonly #options: GpuOptions;
  /** They are there from the boot on. */
  #all: readonly Gpu[] | null = null;
  #peaks = new Map<string, number>();
  #isSampling = false;

  constructor(options: GpuOptions) {
    this.#options = options;
  }

  /** So many that no other attempt has, noted in `dir` before anything runs. @throws LaunchError */
  async give(dir: string, count: number): Promise<readonly Gpu[]> {
    if (count === 0) return [];
    const all = this.#all ?? (await this.#list());
    // A driver that was not ready yet may be later.
    if (all.length > 0) this.#all = all;
    if (all.length === 0 && !this.#options.isExclusive) return [];
    const taken = new Set(
      this.#folders()
        .flatMap((id) => gpusOf(join(this.#options.attemptsDir, id)))
        .map(uuidOf),
    );
    const free = all.filter((one) => !taken.has(one.uuid)).slice(0, count);
    if (free.length < count)
      throw new LaunchError(
        `it needs ${String(count)} of the node's GPUs; nvidia-smi shows ${String(all.length)}, of which `
          + `${String(free.length)} ${free.length === 1 ? 'is' : 'are'} free`,
      );
    writeFileSync(join(dir, fileName), JSON.stringify(free));
    return free;
  }

  /** Its processes are gone, or never were. */
  free(dir: string): void {
    rmSync(join(dir, fileName), { force: true });
  }

  /** One look at the memory of the devices that these running attempts have. Never rejects. */
  async sample(dirs: readonly string[]): Promise<void> {
    const program = this.#options.program();
    const given = dirs.map((dir) => ({ dir, gpus: gpusOf(dir) })).filter((one) => one.gpus.length > 0);
    if (given.length === 0 || program === null || this.#isSampling || !this.#options.isExclusive) return;
    this.#isSampling = true;
    const used = new Map((await query(program, 'uuid,memory.used')).rows.map(([id = '', mib]) => [id, Number(mib)]));
    this.#isSampling = false;
    for (const { dir, gpus } of given) {
      const mib = gpus.reduce((sum, one) => sum + (used.get(one.uuid) ?? Number.NaN), 0);
      if (Number.isSafeInteger(mib)) this.#peaks.set(dir, Math.max(mib, this.#peaks.get(dir) ?? 0));
    }
  }

  /** MiB of all its devices together, at the most that was seen; null: nothing was. It is forgotten. */
  takePeak(dir: string): number | null {
    const peak = this.#peaks.get(dir) ?? null;
    this.#peaks.delete(dir);
    return peak;
  }

  async #makeUvm(): Promise<void> {
    const { makeUvm } = this.#options;
    if (makeUvm === undefined || existsSync(makeUvm.device)) return;
    const [program, ...args] = makeUvm.argv;
    const made = await execute({ program, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }, args, { timeoutMs });
    if (made.code !== 0)
      throw new LaunchError(`the node's GPUs are of no use: ${makeUvm.device} cannot be made: ${wordsOf(made)}`);
  }

  #folders(): readonly string[] {
    const { attemptsDir } = this.#options;
    return existsSync(attemptsDir) ? readdirSync(attemptsDir) : [];
  }

  async #list(): Promise<readonly Gpu[]> {
    const program = this.#options.program();
    if (program === null) return [];
    const { rows, failure } = await query(program, 'index,uuid');
    if (failure !== null) throw new LaunchError(`the node's GPUs cannot be listed: nvidia-smi: ${failure}`);
    if (rows.length > 0) await this.#makeUvm();
    const minors = minorsIn(this.#options.driverDir ?? '/proc/driver/nvidia/gpus');
    return rows.flatMap(([index, id]) => {
      const known = noted.safeParse([{ index: Number(index), uuid: id, minor: minors.get(id ?? '') ?? Number(index) }]);
      return known.data ?? [];
    });
  }
}

/** Which a running attempt has; none where it has none, or the note is gone or no note. */
export function gpusOf(dir: string): readonly Gpu[] {
  const text = readLast(join(dir, fileName), 8_192)?.toString('utf8') ?? '[]';
  try {
    return noted.safeParse(JSON.parse(text)).data ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // a task has written it where it may
    throw error;
  }
}

/** Which of them a process sees: CUDA's variable, and that of the container toolkit. */
export function gpuEnvironment(gpus: readonly Gpu[]): Readonly<Record<string, string>> {
  if (gpus.length === 0) return {};
  const ids = gpus.map(uuidOf).join(',');
  return { CUDA_VISIBLE_DEVICES: ids, NVIDIA_VISIBLE_DEVICES: ids };
}

/**
 * How docker (`--gpus`, a field of CSV: quoted) and podman (the Container Device Interface of NVIDIA's toolkit) are
 * told which devices a container has.
 */
export function gpuArguments(program: string, gpus: readonly Gpu[]): readonly string[] {
  if (gpus.length === 0) return [];
  if (program.endsWith('podman')) return gpus.map((one) => `--device=nvidia.com/gpu=${String(one.index)}`);
  return [`--gpus="device=${gpus.map(uuidOf).join(',')}"`];
}

const uuidOf = (one: Gpu): string => one.uuid;

async function query(
  program: string,
  fields: string,
): Promise<{ readonly rows: readonly (readonly string[])[]; readonly failure: string | null }> {
  const client = { program, env: { PATH: '/usr/local/bin:/usr/bin:/bin' } };
  const asked = await execute(client, [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'], { timeoutMs });
  if (asked.code !== 0) return { rows: [], failure: wordsOf(asked) };
  const lines = asked.stdout.split('\n').filter((line) => line !== '');
  return { rows: lines.map((line) => line.split(',').map((one) => one.trim())), failure: null };
}

/** By UUID. A file of the driver for each device says both. */
function minorsIn(driverDir: string): ReadonlyMap<string, number> {
  const minors = new Map<string, number>();
  try {
    for (const bus of readdirSync(driverDir)) {
      const text = readFileSync(join(driverDir, bus, 'information'), 'utf8');
      const [id, minor] = [/^GPU UUID:\s*(\S+)/m.exec(text)?.[1], /^Device Minor:\s*(\d+)/m.exec(text)?.[1]];
      if (id !== undefined && minor !== undefined) minors.set(id, Number(minor));
    }
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  return minors;
}

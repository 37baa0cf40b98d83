// What an attempt really used. On a node the kernel counts for its cgroup; elsewhere the wrapper's own counters, which
// have those of all that it waited for, and sums over its process group, taken twice a second.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeUsage } from '../../lib/core/records/node.ts';
import type { AttemptUsage } from '../../lib/core/records/sync.ts';
import { isCode } from './process-table.ts';
import { readLast } from './task-files.ts';

const mib = 1_048_576;
/** Of the file that the wrapper leaves; a task that may write it may make it longer. */
const bytesMax = 16_384;
/** User ticks per second: Linux tells every program 100, whatever the kernel's own clock. */
const tickMs = 10;

type Figures = Omit<AttemptUsage, 'by' | 'gpuMemoryPeakMib'>;

const nothing: Figures = { memoryPeakMib: null, cpuMs: null, writtenBytes: null };

/** As it was at one look, at a time of a clock that only goes forward. */
interface Look {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly memoryMib: number;
}

/** CPU is the mean over so long at least. */
const measuredOverMs = 10_000;

/** Where docker and podman keep a container's cgroup, as systemd or they themselves make it. */
const containerCgroups = ['system.slice/docker-ID.scope', 'docker/ID', 'machine.slice/libpod-ID.scope'] as const;

/** What running attempts used so far: kept until they end, since their last process takes its counters with it. */
export class UsageSampler {
  readonly #seen = new Map<string, Figures>();
  /** Of attempts that are measured: the last look, and the one that the last measure ended with. */
  readonly #looks = new Map<
    string,
    { readonly last: Look; readonly from: Look; readonly measured: NodeUsage | null }
  >();
  readonly #cgroupRoot: string;

  constructor(cgroupRoot = '/sys/fs/cgroup') {
    this.#cgroupRoot = cgroupRoot;
  }

  /** `groups`: the running attempts' folders, by their process group. */
  sample(groups: ReadonlyMap<number, string>, nowMs = performance.now()): void {
    if (groups.size === 0) return;
    const plain = new Map<number, string>();
    for (const [group, dir] of groups) {
      const cgroup = this.#cgroupOf(dir);
      if (cgroup === null) plain.set(group, dir);
      else if (cgroup !== '') this.#note(dir, readCgroup(cgroup), memoryOfCgroup(cgroup), nowMs);
    }
    if (plain.size === 0) return;
    for (const [group, figures] of figuresOfGroups(plain))
      this.#note(plain.get(group) ?? '', figures, figures.memoryPeakMib, nowMs);
  }

  /** What a running attempt uses; null: not known yet. */
  measure(dir: string): NodeUsage | null {
    const known = this.#looks.get(dir);
    if (known === undefined) return null;
    const { last, from, measured } = known;
    const overMs = last.atMs - from.atMs;
    if (overMs < measuredOverMs) return measured;
    // What a child had used goes with it, where nobody waits for it.
    const cpuMilli = Math.round((Math.max(0, last.cpuMs - from.cpuMs) / overMs) * 1000);
    const next = { cpuMilli, memoryMib: last.memoryMib };
    this.#looks.set(dir, { last, from: last, measured: next });
    return next;
  }

  /** Of an attempt that ended; null: nothing is known. It is forgotten. */
  take(dir: string): AttemptUsage | null {
    const seen = this.#seen.get(dir) ?? nothing;
    this.#seen.delete(dir);
    this.#looks.delete(dir);
    const left = readLast(join(dir, 'usage'), bytesMax)?.toString('utf8') ?? '';
    const isCounted = this.#cgroupOf(dir) !== null;
    // With a cgroup the wrapper's own counters may be those of systemd's or a container's client.
    const last = isCounted ? figuresOfCgroup(left) : figuresOfWrapper(left);
    const figures = larger(seen, last);
    if (Object.values(figures).every((one) => one === null)) return null;
    return { ...figures, by: isCounted ? 'cgroup' : 'processes' };
  }

  /** null: it has none of its own. Empty: it has, and where is not known. */
  #cgroupOf(dir: string): string | null {
    if (!existsSync(join(dir, 'image'))) return textOf(join(dir, 'cgroup'))?.trim() ?? null;
    const id = textOf(join(dir, 'cid'))?.trim() ?? '';
    if (!/^[0-9a-f]{12,64}$/.test(id)) return '';
    const found = containerCgroups.map((one) => join(this.#cgroupRoot, one.replace('ID', id))).find(existsSync);
    return found ?? '';
  }

  /** `memoryMib`: now. */
  #note(dir: string, figures: Figures, memoryMib: number | null, atMs: number): void {
    this.#seen.set(dir, larger(this.#seen.get(dir) ?? nothing, figures));
    if (figures.cpuMs === null || memoryMib === null) return;
    const last: Look = { atMs, cpuMs: figures.cpuMs, memoryMib };
    const { from = last, measured = null } = this.#looks.get(dir) ?? {};
    this.#looks.set(dir, { last, from, measured });
  }
}

function larger(a: Figures, b: Figures): Figures {
  const of = (x: number | null, y: number | null): number | null => (x === null ? y : y === null ? x : Math.max(x, y));
  return {
    memoryPeakMib: of(a.memoryPeakMib, b.memoryPeakMib),
    cpuMs: of(a.cpuMs, b.cpuMs),
    writtenBytes: of(a.writtenBytes, b.writtenBytes),
  };
}

function readCgroup(cgroup: string): Figures {
  const peak = textOf(join(cgroup, 'memory.peak'));
  const rest = ['cpu.stat', 'io.stat'].map((file) => textOf(join(cgroup, file)) ?? '');
  return figuresOfCgroup([peak === null ? '' : `memory.peak ${peak}`, ...rest].join('\n'));
}

/** Without files that are cached and idle, as the kubelet counts a working set; null: not known. */
function memoryOfCgroup(cgroup: string): number | null {
  const current = numberIn(textOf(join(cgroup, 'memory.current')) ?? '', /^(\d+)/);
  const cached = numberIn(textOf(join(cgroup, 'memory.stat')) ?? '', /^inactive_file (\d+)/m) ?? 0;
  return current === null ? null : Math.ceil(Math.max(0, current - cached) / mib);
}

/** Lines of memory.peak, cpu.stat and io.stat, of all block devices. */
function figuresOfCgroup(text: string): Figures {
  const peak = numberIn(text, /^memory\.peak (\d+)/m);
  const usec = numberIn(text, /^usage_usec (\d+)/m);
  const written = [...text.matchAll(/ wbytes=(\d{1,15})\b/g)].map((match) => Number(match[1]));
  return {
    memoryPeakMib: peak === null ? null : Math.ceil(peak / mib),
    cpuMs: usec === null ? null : Math.round(usec / 1_000),
    writtenBytes: written.length === 0 ? null : written.reduce((sum, one) => sum + one, 0),
  };
}

/** Of `times`, the second line: what was waited for; of /proc/PID/io its own, which has them, too. */
function figuresOfWrapper(text: string): Figures {
  const [, times = ''] = text.split('\n');
  const spent = [...times.matchAll(/(?<!\d)(\d{1,7})m(\d{1,2}[.,]?\d{0,6})s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60_000 + Number(seconds?.replace(',', '.')) * 1_000,
  );
  const cpuMs = spent.length === 2 ? Math.round((spent[0] ?? 0) + (spent[1] ?? 0)) : Number.NaN;
  return {
    memoryPeakMib: null,
    cpuMs: Number.isSafeInteger(cpuMs) ? cpuMs : null,
    writtenBytes: numberIn(text, /^write_bytes: (\d+)/m),
  };
}

function numberIn(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined || digits.length > 15 ? null : Number(digits);
}

/** One walk over all processes for all groups. Where there is no /proc nothing is known. */
function figuresOfGroups(groups: ReadonlyMap<number, string>): ReadonlyMap<number, Figures> {
  const sums = new Map<number, { memoryKib: number; cpuMs: number; writtenBytes: number }>();
  if (!existsSync('/proc/self/stat')) return new Map();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = textOf(`/proc/${pid}/stat`);
    // state, ppid, pgrp, … after the name, which may have any character in it.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    const group = Number(fields[2]);
    if (!groups.has(group)) continue;
    const sum = sums.get(group) ?? { memoryKib: 0, cpuMs: 0, writtenBytes: 0 };
    sums.set(group, sum);
    // utime, stime and those of what it waited for.
    sum.cpuMs += fields.slice(11, 15).reduce((ticks, one) => ticks + Number(one), 0) * tickMs;
    sum.memoryKib += numberIn(textOf(`/proc/${pid}/status`) ?? '', /^VmRSS:\s+(\d+)/m) ?? 0;
    sum.writtenBytes += numberIn(textOf(`/proc/${pid}/io`) ?? '', /^write_bytes: (\d+)/m) ?? 0;
  }
  return new Map(
    [...sums].map(([group, { memoryKib, cpuMs, writtenBytes }]) => [
      group,
      { memoryPeakMib: Math.ceil(memoryKib / 1_024), cpuMs, writtenBytes },
    ]),
  );
}

/** Of files of the kernel; null: it is gone, or closed to us. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // ESRCH, ENODEV: it went between opening and reading.
    if (['ENOENT', 'ESRCH', 'ENODEV', 'EACCES', 'EPERM'].some((code) => isCode(error, code))) return null;
    throw error;
  }
}

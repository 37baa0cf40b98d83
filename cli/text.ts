// Text for people: aligned tables, durations, money, sizes.
import { usageError } from './errors.ts';

/** A line that fits; what is cut off it ends in an ellipsis. */
function fitted(line: string, width: number | undefined): string {
  return width === undefined || line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Columns as wide as their widest cell; the last one is not padded. `width`: of the terminal; absent: any. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width?: number): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map((cells) => fitted(line(cells), width)).join('\n');
}

/** `name  value` lines, aligned; null values are left out. */
export function facts(pairs: readonly (readonly [string, string | null])[]): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => `${name.padEnd(width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`)
    .join('\n');
}

/** `850ms`, `12s`, `3m20s`, `2h05m`, `3d04h` */
export function duration(ms: number): string {
  if (ms < 1_000) return `${String(Math.max(0, Math.round(ms)))}ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${String(seconds)}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)}m${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)}h${two(minutes % 60)}m`;
  return `${String(Math.floor(hours / 24))}d${two(hours % 24)}h`;
}

export function usd(value: number): string {
  if (value === 0) return '$0';
  if (value > 0 && value < 0.00005) return '<$0.0001';
  return `$${value < 1 ? value.toFixed(4) : value.toFixed(2)}`;
}

/** What attempts that have ended cost; null: of one of them it is not known, or none has ended yet. */
export function costText({
  usd: value,
  endedAt,
}: {
  usd?: number | null | undefined;
  endedAt: string | null;
}): string | null {
  if (value === undefined || value === null || (value === 0 && endedAt === null)) return null;
  return endedAt === null ? `${usd(value)} so far` : usd(value);
}

export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const units: Readonly<Record<string, number>> = { '': 1, Mi: 1, Gi: 1024, Ti: 1024 * 1024 };

/** MiB of `512`, `512Mi`, `2Gi` or `1.5Gi`. */
export function memoryMib(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(Mi|Gi|Ti)?B?$/.exec(text);
  const mib = Number(match?.[1] ?? Number.NaN) * (units[match?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isInteger(mib) || mib < 1)
    throw usageError(`--memory ${text} is not a size`, 'give whole MiB or a unit: 512, 512Mi, 2Gi');
  return mib;
}

/** For counts: whole numbers from 1. */
export function atLeastOne(option: string): (text: string) => number {
  return (text) => {
    const value = number(option)(text);
    if (!Number.isInteger(value) || value < 1) throw usageError(`${option} ${text} is not a whole number from 1`);
    return value;
  };
}

export function number(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw usageError(`${option} ${JSON.stringify(text)} is not a number`);
    return value;
  };
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339 in UTC of a time, or of so long ago: `90m`, `12h`, `7d`. */
export function sinceOf(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const atMs = amount === undefined ? Date.parse(text) : nowMs - Number(amount) * (unitMs[unit] ?? 0);
  if (Number.isNaN(atMs))
    throw usageError(`--since ${text} is no time`, 'give one like 2026-11-27T08:00:00Z, or how long ago: 90m, 12h, 7d');
  return new Date(atMs).toISOString();
}

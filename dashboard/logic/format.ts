// Figures as people read them: short, with their unit, the same everywhere.

const digits = (value: number, most: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: most, useGrouping: true });

/** Three digits that count: 0.00042, 1.23, 1,234. */
export function usd(value: number): string {
  if (value === 0) return '$0';
  const size = Math.abs(value);
  if (size >= 100) return `$${digits(value, 0)}`;
  if (size >= 1) return `$${value.toFixed(2)}`;
  if (size < 0.000_001) return '< $0.000001';
  return `$${Number(value.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 7 })}`;
}

export function count(value: number): string {
  return digits(value, 0);
}

export function vcpu(value: number): string {
  return digits(value, value < 10 ? 2 : 0);
}

export function memory(mib: number): string {
  if (mib < 1024) return `${digits(mib, 0)} MiB`;
  const gib = mib / 1024;
  return gib < 1024 ? `${digits(gib, gib < 10 ? 1 : 0)} GiB` : `${digits(gib / 1024, 1)} TiB`;
}

export function percent(share: number | null): string {
  return share === null ? '–' : `${String(Math.round(share * 100))} %`;
}

/** The two largest units at most: 840 ms, 12 s, 3 min 5 s, 2 h 10 min, 4 d 3 h. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return `${String(Math.max(0, Math.round(ms)))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${String(value)} ${unit}`)
    .join(' ');
}

/** How long ago, coarse: it is shown beside many rows and need not tick. */
export function ago(ms: number): string {
  if (ms < 1000) return 'now';
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  if (seconds < 3_600) return `${String(Math.floor(seconds / 60))} min`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3_600))} h`;
  return `${String(Math.floor(seconds / 86_400))} d`;
}

export function localTime(ms: number, withDay: boolean): string {
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
  return new Date(ms).toLocaleString('en-GB', withDay ? { day: 'numeric', month: 'short', ...time } : time);
}

/** What the pointer shows over a local time. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `count` things, in words: 1 task, 2 tasks. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : `${noun}s`}`;
}

/** The beginning of an id that people can tell apart. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 12)}…` : id;
}

/** What is not known is not shown. */
export function optional<T>(value: T | null | undefined, format: (value: T) => string): string | null {
  return value === null || value === undefined ? null : format(value);
}

/** What attempts that are over cost. While the first one runs, nothing is known: that is not 0. */
export function knownUsd({
  usd: sum,
  endedAt,
}: {
  readonly usd?: number | null | undefined;
  readonly endedAt: string | null;
}): number | null {
  return sum === undefined || (sum === 0 && endedAt === null) ? null : sum;
}

/** `launch_failed` as words. */
export function codeText(code: string): string {
  return code.replaceAll('_', ' ');
}

// A schedule: each of its entries sets the number when it comes, until the next of them comes.
import { firstAfter, lastBefore, parseCron } from './cron.ts';
import type { Wish } from './policy.ts';

export interface ScheduleEntry {
  /** Five fields; see cron.ts. */
  readonly cron: string;
  readonly wanted: number;
}

export interface Schedule {
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
  readonly entries: readonly ScheduleEntry[];
}

export function scheduleWish(policy: string, { timeZone, entries }: Schedule, nowMs: number): Wish {
  const came: { readonly atMs: number; readonly entry: ScheduleEntry }[] = [];
  for (const entry of entries) {
    const cron = parseCron(entry.cron);
    if (typeof cron === 'string') return { policy, wanted: null, reason: `${entry.cron} ${cron}` };
    const atMs = lastBefore(cron, timeZone, nowMs);
    if (atMs !== null) came.push({ atMs, entry });
  }
  // Of two at one time the larger.
  const [last] = came.sort((a, b) => b.atMs - a.atMs || b.entry.wanted - a.entry.wanted);
  return last === undefined
    ? { policy, wanted: 0, reason: 'none of its times has come yet' }
    : { policy, wanted: last.entry.wanted, reason: `${last.entry.cron} in ${timeZone}` };
}

/** When its wish may change; null: never. */
export function scheduleDueAtMs({ timeZone, entries }: Schedule, nowMs: number): number | null {
  const times = entries.flatMap((entry) => {
    const cron = parseCron(entry.cron);
    return typeof cron === 'string' ? [] : (firstAfter(cron, timeZone, nowMs) ?? []);
  });
  return times.length === 0 ? null : Math.min(...times);
}

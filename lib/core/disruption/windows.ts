// Time windows of budgets: a budget with a schedule binds from each of its times on, for as long as it says.
import type { BudgetWindow } from '../records/pool.ts';
import { firstAfter, lastBefore, parseCron } from '../scaling/policies/cron.ts';

/** Windows that follow on each other without a gap are one; so many are looked at for its end. */
const joinedMax = 64;

export interface OpenWindow {
  /** When it ends; Infinity: it has none, or the next windows join it for longer than is looked ahead. */
  readonly untilMs: number;
}

/** The window that `nowMs` is in: from its time, inclusive, to its end, exclusive. null: it is in none. */
export function openWindow({ schedule, timeZone, durationMs }: BudgetWindow, nowMs: number): OpenWindow | null {
  const cron = parseCron(schedule);
  // The API takes no such schedule. One that was stored otherwise keeps nodes back rather than letting them go.
  if (typeof cron === 'string') return { untilMs: Infinity };
  const beganAtMs = lastBefore(cron, timeZone, nowMs);
  if (beganAtMs === null || nowMs >= beganAtMs + durationMs) return null;
  let lastMs = beganAtMs;
  for (let joined = 0; joined < joinedMax; joined += 1) {
    const nextMs = firstAfter(cron, timeZone, lastMs);
    if (nextMs === null || nextMs > lastMs + durationMs) return { untilMs: lastMs + durationMs };
    lastMs = nextMs;
  }
  return { untilMs: Infinity };
}

/** `from 0 8 * * 1-5 in Europe/Berlin for 9 h` */
export function windowText({ schedule, timeZone, durationMs }: BudgetWindow): string {
  return `from ${schedule} in ${timeZone} for ${lengthText(durationMs)}`;
}

function lengthText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds % 3_600 === 0) return `${String(seconds / 3_600)} h`;
  return seconds % 60 === 0 ? `${String(seconds / 60)} min` : `${String(seconds)} s`;
}

// Ticks: a wake runs the tick of its pool; the minute's schedule wakes the pools that are due, and sweeps
// when that is due. Pools tick side by side in functions of their own; only where the bus takes no wake, a
// schedule event ticks.
import middy from '@middy/core';
import * as z from 'zod';
import type { SchedulerUseCases, TickReport } from '../../lib/control/use-cases.ts';
import { BellowsError } from '../../lib/core/values/errors.ts';
import type { WakeBus } from '../../lib/ports/bus.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Log } from '../../lib/ports/log.ts';

const pool = z.string().min(1);

/** `{pool}` directly, or in the detail of an event of our own bus; everything else must be a schedule's. */
const schedulerEvent = z.union([
  z.object({ pool }).transform((event) => ({ kind: 'wake' as const, pool: event.pool })),
  z
    .object({ 'detail-type': z.literal('Wake'), detail: z.object({ pool }) })
    .transform((event) => ({ kind: 'wake' as const, pool: event.detail.pool })),
  z.object({ 'detail-type': z.literal('Scheduled Event') }).transform(() => ({ kind: 'schedule' as const })),
]);

export interface SchedulerOptions {
  readonly useCases: SchedulerUseCases;
  /** Hands each due pool on to a function of its own. */
  readonly wake: WakeBus['wake'];
  /** Whether the installation's sweep is due now; asked once per schedule event. */
  readonly isSweepDue: () => Promise<boolean>;
  /** What else each schedule event brings, such as metrics: its failure is its own. */
  readonly housekeeping?: readonly Housekeeping[];
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

export interface Housekeeping {
  readonly what: string;
  /** `due`: the pools that were due; `reaped`: orphans that this event's sweep has reaped. */
  readonly work: (minute: { readonly due: readonly string[]; readonly reaped: number }) => Promise<void>;
}

/**
 * Pools that no wake reaches are ticked here, one after another, for as long as a further tick fits into
 * the function's minute.
 */
const ticksHereMs = 15_000;

export type SchedulerResult =
  | { readonly kind: 'wake'; readonly report: TickReport }
  | { readonly kind: 'schedule'; readonly woken: readonly string[]; readonly hasSwept: boolean };

/** Some pools could not be woken, or the sweep failed. What could be done was done; the next minute tries again. */
export class ScheduleError extends BellowsError {
  constructor(failures: readonly string[], cause: unknown) {
    super('schedule_failed', `a schedule event was not served in full: ${failures.join('; ')}`, { cause });
  }
}

export type SchedulerHandler = (event: unknown, context: never) => Promise<SchedulerResult>;

export function createSchedulerHandler(options: SchedulerOptions): SchedulerHandler {
  const handler = middy<unknown, SchedulerResult>(async (event: unknown): Promise<SchedulerResult> => {
    const parsed = schedulerEvent.parse(event);
    if (parsed.kind === 'wake') return { kind: 'wake', report: await options.useCases.runTick(parsed.pool) };
    return serveSchedule(options);
  }).onError((request) => {
    // Not answered: the error stays, so that the function's error metric and its retries see it.
    options.log.write('error', 'a scheduler event failed', { error: request.error });
  });
  return async (event, context) => handler(event, context);
}

async function serveSchedule({
  useCases,
  wake,
  isSweepDue,
  housekeeping = [],
  clock,
  log,
}: SchedulerOptions): Promise<SchedulerResult> {
  const startedMs = clock.monotonicMs();
  const failures: string[] = [];
  let cause: unknown;
  // One pool that cannot be woken must not cost the others their tick.
  const attempt = async (what: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      log.write('error', `${what} failed`, { error });
      failures.push(what);
      cause = error;
      return false;
    }
  };
  const due = await useCases.duePools();
  // Side by side: a bus that hangs costs one time-out, not one for each pool.
  const isWoken = await Promise.all(due.map((name) => attempt(`waking pool ${name}`, () => wake(name))));
  const woken = due.filter((_, at) => isWoken[at]);
  const unreached = due.filter((_, at) => !isWoken[at]);
  // Another one first each minute, so that the last of many is reached as well.
  for (const name of rotated(unreached, Math.floor(startedMs / 60_000))) {
    if (clock.monotonicMs() - startedMs > ticksHereMs) break;
    await attempt(`the tick of pool ${name}`, async () => void (await useCases.runTick(name)));
  }
  let hasSwept = false;
  let reaped = 0;
  await attempt('the sweep', async () => {
    if (!(await isSweepDue())) return;
    ({ reaped } = await useCases.sweep());
    hasSwept = true;
  });
  for (const { what, work } of housekeeping) await attempt(what, () => work({ due, reaped }));
  if (failures.length > 0) throw new ScheduleError(failures, cause);
  return { kind: 'schedule', woken, hasSwept };
}

function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const from = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}

// Ticks: a wake runs the tick of its pool; the minute's schedule wakes the pools that are due, and sweeps
// when that is due. A schedule event runs no tick itself, so that pools tick side by side in functions of their own.
import middy from '@middy/core';
import * as z from 'zod';
import type { SchedulerUseCases, TickReport } from '../../lib/control/use-cases.ts';
import { BellowsError } from '../../lib/core/errors.ts';
import type { WakeBus } from '../../lib/ports/bus.ts';
import type { Log } from '../../lib/ports/log.ts';

const pool = z.string().min(1);

/** `{pool}` directly, or in the detail of an event of our own bus; everything else must be a schedule's. */
const schedulerEvent = z.union([
  z.object({ pool }).transform((event) => ({ kind: 'wake' as const, pool: event.pool })),
  z.object({ 'detail-type': z.literal('Wake'), detail: z.object({ pool }) }).transform((event) => ({ kind: 'wake' as const, pool: event.detail.pool })),
  z.object({ 'detail-type': z.literal('Scheduled Event') }).transform(() => ({ kind: 'schedule' as const })),
]);

export interface SchedulerOptions {
  readonly useCases: SchedulerUseCases;
  /** Hands each due pool on to a function of its own. */
  readonly wake: WakeBus['wake'];
  /** Whether the installation's sweep is due now; asked once per schedule event. */
  readonly isSweepDue: () => Promise<boolean>;
  readonly log: Log;
}

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

async function serveSchedule({ useCases, wake, isSweepDue, log }: SchedulerOptions): Promise<SchedulerResult> {
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
  const woken: string[] = [];
  for (const name of await useCases.duePools()) {
    if (await attempt(`waking pool ${name}`, () => wake(name))) woken.push(name);
  }
  let hasSwept = false;
  await attempt('the sweep', async () => {
    if (!(await isSweepDue())) return;
    await useCases.sweep();
    hasSwept = true;
  });
  if (failures.length > 0) throw new ScheduleError(failures, cause);
  return { kind: 'schedule', woken, hasSwept };
}

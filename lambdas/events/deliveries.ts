// Webhooks on AWS: a hint that something was published, or the minute's, has what is due delivered, until nothing is
// left or the function's time is nearly over. Nothing depends on a hint: what is to be delivered is in the table.
import * as z from 'zod';
import type { DeliveryReport } from '../../lib/control/events/webhooks/deliver.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Log } from '../../lib/ports/log.ts';

const hint = z.object({ source: z.literal('bellows'), 'detail-type': z.literal('Deliver') });

export function isDeliveryHint(event: unknown): boolean {
  return hint.safeParse(event).success;
}

export interface DeliveriesOptions {
  /** Until then, on the monotonic clock. */
  readonly deliver: (untilMs: number) => Promise<DeliveryReport>;
  /** Sends the same hint again. */
  readonly again: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DeliveriesResult {
  readonly delivered: number;
}

/** The function has a minute, and a delivery takes ten seconds at most. */
const runMs = 40_000;
/** What was written a moment ago is not shown yet. */
const pauseMs = 1_000;

export function createDeliveriesHandler({ deliver, again, clock, log }: DeliveriesOptions) {
  return async (): Promise<DeliveriesResult> => {
    const untilMs = clock.monotonicMs() + runMs;
    let delivered = 0;
    try {
      for (;;) {
        const report = await deliver(untilMs);
        delivered += report.delivered;
        if (report.isDone) break;
        if (clock.monotonicMs() + pauseMs >= untilMs) {
          await again();
          break;
        }
        await clock.sleep(pauseMs);
      }
    } catch (error) {
      // Not rethrown: a repeat by Lambda would be no earlier than the next minute's hint.
      log.write('error', 'webhooks could not be served; the next minute tries again', { error });
    }
    return { delivered };
  };
}

// What attempts of tasks cost, as requests and tasks show it.
import * as z from 'zod';
import type { QuotedFigures } from '../../../core/records/request.ts';
import { time, timeOf } from '../values.ts';

export const lastAttemptUsd = z
  .number()
  .nullable()
  .meta({
    description:
      "What the last attempt of the task cost: its node's price for the time that it was placed there, by the largest "
      + "share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for arrays, and for "
      + 'instance types that the packaged catalog does not have.',
  });

export const usd = z
  .number()
  .nullable()
  .meta({
    description:
      'What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the state is an '
      + 'end, what it cost so far before that. What still runs counts when it ends; an array is as of the last change '
      + 'of its counts. null where it is not known of one of them.',
  });

export const odds = <T extends z.ZodType>(one: T) =>
  z.object({ p50: one, p90: one }).meta({ description: 'At most `p50` in one of two cases, `p90` in nine of ten.' });

export const quotedView = z.object({ endsAt: odds(time).nullable(), usd: odds(z.number()).nullable() });

/** Times are after acceptance. */
export function presentQuoted(
  { endsMs, usd: money }: QuotedFigures,
  acceptedAtMs: number,
): z.output<typeof quotedView> {
  const at = (ms: number): string => timeOf(Math.round(acceptedAtMs + ms));
  return { endsAt: endsMs && { p50: at(endsMs.p50), p90: at(endsMs.p90) }, usd: money && { ...money } };
}

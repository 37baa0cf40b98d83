// What a request would cost and when it would be done, as the API shows it.
import * as z from 'zod';
import type { Lasting, Odds } from '../../../core/lifetimes/quoted.ts';
import { odds } from '../tasks/cost.ts';
import { time } from '../values.ts';
import { outcome } from './what-if.ts';

const part = z.int().min(0);
const within = z.object({
  known: part.meta({ description: 'Of which the quote said a figure, and the truth is known.' }),
  withinP50: part,
  withinP90: part,
});

export const quoteAccuracyView = z
  .object({
    pool: z.string(),
    quoted: part.meta({
      description: "The caller's newest requests of the pool that were sent with `quote` and are kept, at most 200.",
    }),
    succeeded: part.meta({ description: 'Of these; only they are compared.' }),
    open: part.meta({ description: 'Those that have not ended.' }),
    finish: within.meta({ description: 'Whether the last task had ended by then.' }),
    usd: within.meta({ description: 'Whether it cost no more.' }),
  })
  .meta({ id: 'QuoteAccuracy' });
export type QuoteAccuracyView = z.output<typeof quoteAccuracyView>;

export const quoteView = z
  .object({
    pool: z.string(),
    at: time,
    bootIsGuessed: z
      .boolean()
      .meta({ description: 'The pool has seen no node boot: one is taken to need one minute, at most two.' }),
    lasts: z.object({
      basis: z
        .enum(['declared', 'learned', 'prior'])
        .meta({
          description:
            '`declared`: expectedDurationSeconds; `learned`: from tasks of the pool that ended; `prior`: too few '
            + 'have, so as long as tasks usually last.',
        }),
      ends: z.int().meta({ description: 'Tasks that ended from which it was learned.' }),
      seconds: odds(z.number()),
    }),
    offers: z
      .array(
        outcome
          .omit({ code: true })
          .extend({
            capacityType: z
              .enum(['spot', 'on-demand'])
              .nullable()
              .meta({ description: 'On such nodes only; null: as it was asked.' }),
            startsAt: odds(time).nullable().meta({ description: 'When its tasks start; null: nobody knows.' }),
            endsAt: odds(time).nullable().meta({ description: 'When the last of them has ended.' }),
            usd: odds(z.number())
              .nullable()
              .meta({ description: "Its tasks' share of their nodes; boot and idle time of nodes are not in it." }),
          }),
      )
      .meta({ description: 'As it was asked first; then by capacity type, where it may have either.' }),
  })
  .meta({ id: 'Quote' });
export type QuoteView = z.output<typeof quoteView>;

type Outcome = z.output<typeof outcome>;

/** Of the use case. */
interface Quote {
  readonly pool: string;
  readonly atMs: number;
  readonly isBootGuessed: boolean;
  readonly lasting: Pick<Lasting, 'basis' | 'ends'> & { readonly ms: Odds };
  readonly offers: readonly (Pick<Outcome, 'kind' | 'message' | 'launches'> & {
    readonly capacityType: 'spot' | 'on-demand' | null;
    readonly startsMs: Odds | null;
    readonly endsMs: Odds | null;
    readonly usd: Odds | null;
  })[];
}

export function presentQuote({ pool, atMs, isBootGuessed, lasting, offers }: Quote): QuoteView {
  const at = (range: Odds | null): { p50: string; p90: string } | null =>
    range && { p50: timeOf(atMs + range.p50), p90: timeOf(atMs + range.p90) };
  return {
    ...{ pool, at: timeOf(atMs), bootIsGuessed: isBootGuessed },
    lasts: {
      ...{ basis: lasting.basis, ends: lasting.ends },
      seconds: { p50: lasting.ms.p50 / 1000, p90: lasting.ms.p90 / 1000 },
    },
    offers: offers.map(({ capacityType, kind, message, launches, startsMs, endsMs, usd }) => ({
      ...{ capacityType, kind, message, launches, usd },
      ...{ startsAt: at(startsMs), endsAt: at(endsMs) },
    })),
  };
}

function timeOf(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}

// `quote`: what a task would cost and when it would be done, before it is asked for.
import type * as z from 'zod';
import type { taskBody } from '../../../lib/api/schemas/requests.ts';
import type { QuoteAccuracyView, QuoteView } from '../../../lib/api/schemas/figures/quote.ts';
import type { Context } from '../../context.ts';
import { duration, plural, table, usd } from '../../text.ts';

export async function printQuote(context: Context, body: z.input<typeof taskBody>): Promise<void> {
  const quote = await context.client.call('quote', { body });
  if (context.isJson) {
    context.print(quote, () => '');
    return;
  }
  const { pool } = quote;
  const accuracy = await context.client.call('quoteAccuracy', { query: { pool } });
  context.print(quote, () => [quoteText(quote, context.width), ...accuracyText(accuracy)].join('\n'));
}

/** Of those that are compared; nothing where there are none. */
function accuracyText({ succeeded, finish, usd: money }: QuoteAccuracyView): readonly string[] {
  const share = ({ known }: { readonly known: number }, count: number): string =>
    `${String(Math.round((100 * count) / known))} %`;
  const within = (one: QuoteAccuracyView['finish'], what: string): readonly string[] =>
    one.known === 0
      ? []
      : [`${share(one, one.withinP50)} ${what} the first figure, ${share(one, one.withinP90)} the second`];
  const parts = [...within(finish, 'were done within'), ...within(money, 'cost no more than')];
  const of = `Of your last ${plural(succeeded, 'request')} here that ${succeeded === 1 ? 'was' : 'were'} quoted`;
  return parts.length === 0 ? [] : ['', `${of}: ${parts.join('; ')}.`];
}

const basisOf = {
  declared: () => 'as declared',
  learned: (ends: number) => `learned from ${String(ends)} that ended`,
  prior: () => 'too few have ended to know; as tasks usually last',
} as const satisfies Record<QuoteView['lasts']['basis'], (ends: number) => string>;

function quoteText({ pool, at, lasts, offers, bootIsGuessed }: QuoteView, width: number | undefined): string {
  const { basis, ends, seconds } = lasts;
  const most = seconds.p50 === seconds.p90 ? '' : `, one in ten longer than ${duration(seconds.p90 * 1000)}`;
  const after = (time: string): string => (time === at ? 'now' : duration(Date.parse(time) - Date.parse(at)));
  const rows = offers.map(({ capacityType, kind, startsAt, endsAt, usd: money, launches }) => [
    capacityType ?? 'as asked',
    kind === 'placed' ? 'nodes that are there' : kind === 'waits' ? 'waits' : launches.map(nodesText).join(', '),
    rangeText(startsAt, after),
    rangeText(endsAt, after),
    rangeText(money, usd),
  ]);
  const waits = offers.filter((one) => one.kind === 'waits').map((one) => one.message);
  return [
    `pool ${pool}; a task lasts ${duration(seconds.p50 * 1000)}${most} (${basisOf[basis](ends)})`,
    '',
    table(['CAPACITY', 'NODES', 'STARTS IN', 'DONE IN', 'USD'], rows, width),
    '',
    'From one of two cases to nine of ten. USD: its share of nodes while it runs, without their boot and idle time.',
    ...(bootIsGuessed ? ['No node of the pool has booted yet: one to two minutes are guessed.'] : []),
    ...new Set(waits),
  ].join('\n');
}

function nodesText({
  count,
  instanceType,
  capacityType,
  zone,
}: QuoteView['offers'][number]['launches'][number]): string {
  return `${String(count)} x ${instanceType} ${capacityType} in ${zone}`;
}

function rangeText<T>(range: { readonly p50: T; readonly p90: T } | null, text: (value: T) => string): string {
  if (range === null) return 'not known';
  const [half, most] = [text(range.p50), text(range.p90)];
  return half === most ? half : `${half} to ${most}`;
}

// What all commands of claims do with a request: ask for it or change it, wait for it with --wait, and print it.
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import { patiently } from '../../context.ts';
import type { Context } from '../../context.ts';
import { exits } from '../../errors.ts';
import { keyOf } from '../../input/keys.ts';
import { describe } from '../requests/requests.ts';
import type { Body, Options } from './options.ts';

const pollMs = 500;

interface Change {
  readonly isDone: (now: RequestView) => boolean;
  /** The entry of the timeline that says that EC2 did not do it. */
  readonly refusal: string | null;
}

/** What was asked for, and what it waits for; with --wait until it is done, and exit 1 where it was not. */
export async function change(
  context: Context,
  first: RequestView,
  options: Options,
  { isDone, refusal }: Change,
): Promise<void> {
  let request = first;
  const begun = (await context.client.call('getTimeline', { params: { id: first.id } })).items;
  let said = '';
  const report = (line: string): void => {
    if (line !== said && !context.isJson) context.say(`${first.id} ${request.state}: ${line}`);
    said = line;
  };
  if (options['wait'] !== true) {
    say(context, request, begun.at(-1)?.message);
    return;
  }
  let { items } = { items: begun };
  while (!isDone(request) && !isEnd(request.state)) {
    report(items.at(-1)?.message ?? '');
    await context.environment.sleep(pollMs);
    request = await patiently(context, () => context.client.call('getRequest', { params: { id: first.id } }));
    ({ items } = await patiently(context, () => context.client.call('getTimeline', { params: { id: first.id } })));
  }
  const sinceMs = Date.parse(begun.at(-1)?.at ?? '');
  const refused = items.find((entry) => entry.code === refusal && Date.parse(entry.at) >= sinceMs);
  report((refused ?? items.at(-1))?.message ?? '');
  say(context, request);
  if (refused || isEnd(request.state)) context.exit = exits.failed;
}

export async function create(context: Context, options: Options, body: Body): Promise<void> {
  const key = await keyOf(context, options['key']);
  const request = await context.client.call('submitRequest', { headers: { 'idempotency-key': key }, body });
  await finish(
    context,
    request,
    options,
    (now) => now.state === 'active' || isEnd(now.state),
    (now) => now.state === 'active',
  );
}

/** With --wait until `isDone`, saying what it waits for; exits 1 unless `isGood` then. */
export async function finish(
  context: Context,
  first: RequestView,
  options: Options,
  isDone: (now: RequestView) => boolean,
  isGood: (now: RequestView) => boolean,
): Promise<void> {
  let request = first;
  let said = '';
  while (options['wait'] === true && !isDone(request)) {
    await context.environment.sleep(pollMs);
    request = await patiently(context, () => context.client.call('getRequest', { params: { id: first.id } }));
    const { items } = await patiently(context, () => context.client.call('getTimeline', { params: { id: first.id } }));
    const line = items.at(-1)?.message ?? '';
    if (line !== said && !context.isJson) context.say(`${first.id} ${request.state}: ${line}`);
    said = line;
  }
  say(context, request);
  if (options['wait'] === true && !isGood(request)) context.exit = exits.failed;
}

/** `what`: what is going on with it. */
export function say(context: Context, request: RequestView, what = ''): void {
  const { reason } = request;
  const until = request.nextTryAt === undefined ? '' : `, until ${request.nextTryAt}`;
  context.print(
    request,
    () =>
      `${request.id} `
      + `${request.state}${reason === null || reason === request.state ? '' : ` (${reason}${until})`}`
      + `${request.allocation === null ? '' : `: ${describe(request.allocation)}`}`
      + `${what === '' ? '' : `\n  ${what}`}`,
  );
}

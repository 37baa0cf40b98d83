// Commands about webhooks: addresses that are sent what happens.
import type { Command } from 'commander';
import type { WebhookView } from '../../../lib/api/schemas/events/webhooks.ts';
import type { Context, Run } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { withLabelFilter } from '../../input/names.ts';
import { allPages } from '../../pages.ts';
import { atLeastOne, facts, number, plural, sinceOf, table } from '../../text.ts';

export function registerWebhooks(program: Command, run: Run): void {
  const webhook = program.command('webhook').description('declare, show, rotate, replay or delete webhooks');
  run(
    withLabelFilter(
      webhook
        .command('put')
        .description('create or replace a webhook; the secret of a new one is printed, this once')
        .argument('<name>')
        .argument('<url>', 'https; on a laptop also http to this machine')
        .option('--type <type...>', 'only these events')
        .option('--pool <pool>', 'only those of this pool'),
    ),
    put,
  );
  run(webhook.command('list').description('list webhooks'), list);
  run(webhook.command('show').description('a webhook, and how its deliveries go').argument('<name>'), show);
  run(
    webhook
      .command('rotate')
      .description('give it a new secret, which is printed, this once')
      .argument('<name>')
      .option('--keep-hours <hours>', 'so long the old one signs as well; 24 unless given', number('--keep-hours')),
    rotate,
  );
  run(
    webhook
      .command('deliveries')
      .description('what waits to be tried again, and what was given up')
      .argument('<name>')
      .option('--limit <number>', 'at most so many', atLeastOne('--limit'), 1_000),
    deliveries,
  );
  run(
    webhook
      .command('replay')
      .description('deliver again: --dead-letters, or everything --since a time')
      .argument('<name>')
      .option('--dead-letters', 'what was given up')
      .option('--since <time>', '2026-11-27T08:00:00Z, or 90m, 12h, 7d ago'),
    replay,
  );
  run(webhook.command('delete').description('what waits for it is not delivered any more').argument('<name>'), remove);
}

type Options = Readonly<Record<string, unknown>>;

async function put(
  context: Context,
  [name = '', url]: readonly string[],
  { type, pool, label }: Options,
): Promise<void> {
  const body = {
    url,
    ...(type === undefined ? {} : { types: type }),
    ...(pool === undefined ? {} : { pool }),
    ...(label === undefined ? {} : { labels: label }),
  };
  const webhook = await context.client.call('putWebhook', { params: { name }, body });
  context.print(webhook, () => webhook.secret ?? `webhook ${name} sends to ${webhook.url}`);
  if (webhook.secret !== undefined) context.say('keep the secret: it is not shown again');
}

async function list(context: Context): Promise<void> {
  const webhooks = await context.client.call('listWebhooks');
  context.print(webhooks, () =>
    webhooks.items.length === 0
      ? 'no webhooks'
      : table(
          ['WEBHOOK', 'URL', 'EVENTS', 'DELIVERED', 'LAST', 'FAILING SINCE'],
          webhooks.items.map((one) => [
            one.name,
            one.url,
            one.types?.join(',') ?? 'all',
            String(one.delivered),
            one.lastDeliveredAt ?? '-',
            one.failingSince ?? '-',
          ]),
          context.width,
        ),
  );
}

async function show(context: Context, [name = '']: readonly string[]): Promise<void> {
  const webhook = await context.client.call('getWebhook', { params: { name } });
  context.print(webhook, () => textOf(webhook));
}

function textOf(webhook: WebhookView): string {
  const labels = Object.entries(webhook.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return facts([
    ['webhook', webhook.name],
    ['url', webhook.url],
    ['events', webhook.types?.join(', ') ?? 'all'],
    ['pool', webhook.pool ?? null],
    ['labels', labels.length === 0 ? null : labels.join(', ')],
    ['delivered', `${String(webhook.delivered)}, the last at ${webhook.lastDeliveredAt ?? '-'}`],
    ['failing since', webhook.failingSince],
    ['next try', webhook.nextTryAt],
    ['error', webhook.error],
    ['may have missed', missedOf(webhook)],
    ['set aside', webhook.setAside === null ? null : `${webhook.setAside}; ${replayOf(webhook, 'TIME')} mends it`],
    ['secrets', webhook.secretsEnd.map((end) => (end === null ? 'the present one' : `one until ${end}`)).join(', ')],
  ]);
}

function missedOf({ missed, ...webhook }: WebhookView): string | null {
  if (missed === null) return null;
  return (
    `events from ${missed.from} to ${missed.until}, which were kept no longer when their turn came; what is kept is `
    + `sent again by ${replayOf(webhook, '7d')}`
  );
}

function replayOf({ name }: Pick<WebhookView, 'name'>, since: string): string {
  return `./bellows webhook replay ${name} --since ${since}`;
}

async function rotate(context: Context, [name = '']: readonly string[], { keepHours }: Options): Promise<void> {
  const body = keepHours === undefined ? {} : { keepHours };
  const webhook = await context.client.call('rotateWebhook', { params: { name }, body });
  context.print(webhook, () => webhook.secret);
  context.say('keep the secret: it is not shown again');
}

async function deliveries(context: Context, [name = '']: readonly string[], { limit }: Options): Promise<void> {
  const page = await allPages(
    (query) => context.client.call('listDeliveries', { params: { name }, query }),
    typeof limit === 'number' ? limit : undefined,
  );
  context.print(page, () =>
    page.items.length === 0
      ? 'all is delivered'
      : table(
          ['STATE', 'EVENT', 'ABOUT', 'TRIES', 'SINCE', 'NEXT TRY', 'ERROR'],
          page.items.map((one) => [
            one.state,
            one.type,
            one.requestId ?? one.nodeId ?? '-',
            String(one.tries),
            one.since,
            one.nextTryAt ?? '-',
            one.error ?? '-',
          ]),
          context.width,
        ),
  );
}

async function replay(
  context: Context,
  [name = '']: readonly string[],
  { deadLetters, since }: Options,
): Promise<void> {
  if ((deadLetters === true) === (typeof since === 'string'))
    throw usageError('replay what?', 'give --dead-letters or --since, one of them');
  const body =
    typeof since === 'string' ? { since: sinceOf(since, context.environment.nowMs()) } : { deadLetters: true };
  const webhook = await context.client.call('replayWebhook', { params: { name }, body });
  context.print(webhook, () =>
    webhook.since !== null
      ? `webhook ${name} is sent everything since ${webhook.since} again`
      : `webhook ${name} is sent ${plural(webhook.replayed, 'dead letter')} again`,
  );
}

async function remove(context: Context, [name = '']: readonly string[]): Promise<void> {
  const webhook = await context.client.call('deleteWebhook', { params: { name } });
  context.print(webhook, () => `webhook ${name} is deleted`);
}

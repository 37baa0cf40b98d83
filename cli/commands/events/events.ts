// `events`: what happened, and with --follow what happens.
import type { Command } from 'commander';
import type { EventView } from '../../../lib/api/schemas/events/events.ts';
import type { Context, Run } from '../../context.ts';
import { requestIdOf } from '../../input/ids.ts';
import { labelFilterOf, withLabelFilter } from '../../input/names.ts';
import { atLeastOne, sinceOf } from '../../text.ts';

const followEveryMs = 1_000;

export function registerEvents(program: Command, run: Run): void {
  run(
    withLabelFilter(
      program
        .command('events')
        .description('what happened: requests accepted and ended, leases that end, nodes launched and terminated')
        .argument('[id]', 'of this request only')
        .option('-f, --follow', 'and what happens from now on, until Ctrl-C')
        .option('--since <time>', 'since then: 2026-11-27T08:00:00Z, or 90m, 12h, 7d ago; 1h unless given')
        .option(
          '--type <type>',
          'only RequestAccepted, TaskEnded, RequestEnded, LeaseEnding, NodeLaunched or NodeTerminated',
        )
        .option('--pool <pool>', 'only those of this pool')
        .option('--limit <number>', 'at most so many, the oldest first', atLeastOne('--limit'), 1_000),
    ),
    events,
  );
}

interface EventsOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly type?: string;
  readonly pool?: string;
  readonly label?: unknown;
  readonly limit?: number;
}

async function events(context: Context, [given]: readonly string[], options: EventsOptions): Promise<void> {
  const { follow = false, since = follow ? '1m' : '1h', type, pool, label, limit = 1_000 } = options;
  const { nowMs, sleep } = context.environment;
  const request =
    given === undefined
      ? undefined
      : await requestIdOf((query) => context.client.call('listRequests', { query }), given);
  const filter = { type, pool, request, label: labelFilterOf(label) };
  const read = (query: { readonly since?: string | undefined; readonly cursor?: string; readonly limit: number }) =>
    context.client.call('listEvents', { query: { ...filter, ...query } });
  let page = await read({ since: sinceOf(since, nowMs()), limit: Math.min(1_000, limit) });
  const items = [...page.items];
  if (follow) print(context, items);
  while (follow || (page.nextCursor !== null && items.length < limit)) {
    if (page.nextCursor === null) await sleep(followEveryMs);
    page = await read({ cursor: page.position, limit: follow ? 1_000 : Math.min(1_000, limit - items.length) });
    if (follow) print(context, page.items);
    else items.push(...page.items);
  }
  const { nextCursor, position } = page;
  context.print({ items, nextCursor, position }, () =>
    items.length === 0 ? `no events since ${since}` : items.map(line).join('\n'),
  );
  if (nextCursor !== null) context.say('there are more: raise --limit, or give a later --since');
}

/** One by one, as lines: whoever follows has no end to wait for. */
function print(context: Context, items: readonly EventView[]): void {
  for (const event of items) context.out(context.isJson ? JSON.stringify(event) : line(event));
}

function line(event: EventView): string {
  const { at, type, pool, requestId, name, nodeId } = event;
  const about = requestId === undefined ? (nodeId ?? '') : `${requestId}${name === undefined ? '' : ` (${name})`}`;
  return [at, type.padEnd(15), pool, about, saysOf(event)].filter((text) => text !== '').join('  ');
}

function saysOf({ type, state, reason, count, requestType, leaseEndsAt, ...node }: EventView): string {
  switch (type) {
    case 'RequestAccepted':
      return count === 1 ? (requestType ?? '') : `${String(count)} of ${requestType ?? ''}`;
    case 'TaskEnded':
    case 'RequestEnded':
      return `${state ?? ''}${typeof reason === 'string' ? `: ${reason}` : ''}`;
    case 'LeaseEnding':
      return `its lease ends at ${leaseEndsAt ?? ''}`;
    case 'NodeLaunched':
      return [node.instanceType, node.capacityType, node.zone].join(', ');
    case 'NodeTerminated':
      return reason ?? '';
  }
}

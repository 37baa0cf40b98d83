// `cancel`: one request, several, one task of an array, or all that a filter finds, after saying how many those are.
import type { Command } from 'commander';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import { RefusedError } from '../../client.ts';
import type { Context, Run } from '../../context.ts';
import { exits, usageError } from '../../errors.ts';
import { filterOf, withFilter } from '../../input/filters.ts';
import type { Filter } from '../../input/filters.ts';
import { allPages } from '../../pages.ts';
import { number, plural } from '../../text.ts';
import { cancelTask } from './tasks.ts';

export function registerCancel(program: Command, run: Run): void {
  const command = program
    .command('cancel')
    .description('cancel requests: those named, or with --yes all that the filter finds; running tasks are stopped')
    .argument('[id...]')
    .option('--index <number>', 'only this task of an array', number('--index'))
    .option('--yes', 'cancel what the filter finds; without it, only say how many those are');
  run(withFilter(command), cancel);
}

type Options = Readonly<Record<string, unknown>>;

async function cancel(context: Context, ids: readonly string[], options: Options): Promise<void> {
  const filter = filterOf(options, context.environment.nowMs());
  const isFiltered = Object.values(filter).some((one) => one !== undefined);
  const [id] = ids;
  if (id === undefined && !isFiltered)
    throw usageError(
      'cancel what?',
      'name requests, or give a filter: --state, --type, --pool, --name, --label, --since',
    );
  if (id !== undefined && isFiltered) throw usageError('requests are named and a filter is given', 'give one of both');
  if (typeof options['index'] === 'number') {
    if (id === undefined || ids.length > 1) throw usageError('--index is about one request', 'name it alone');
    await cancelTask(context, id, options['index']);
  } else if (id === undefined) await cancelFiltered(context, filter, options['yes'] === true);
  else if (ids.length === 1) await cancelOne(context, id);
  else await cancelMany(context, ids);
}

async function cancelOne(context: Context, id: string): Promise<void> {
  const request = await context.client.call('cancelRequest', { params: { id } });
  context.print(request, () => sentence(request));
  // What ended by itself was not cancelled, and a script must see that.
  if (isLate(request)) context.exit = exits.ended;
}

function isLate({ state }: RequestView): boolean {
  return isEnd(state) && state !== 'cancelled' && state !== 'released';
}

function sentence(request: RequestView): string {
  return isLate(request)
    ? `${request.id} has ended as ${request.state}; there is nothing to cancel`
    : `${request.id} ${isEnd(request.state) ? `is ${request.state}` : 'is being cancelled'}`;
}

const callsAtOnce = 8;

/** Each by itself: what is refused is named, and the others are cancelled. */
async function cancelMany(context: Context, ids: readonly string[]): Promise<void> {
  const results: { id: string; state?: string; problem?: object }[] = [];
  const left = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        const request = await context.client.call('cancelRequest', { params: { id } });
        results.push({ id: request.id, state: request.state });
        if (!context.isJson) context.out(sentence(request));
        if (isLate(request) && context.exit === exits.ok) context.exit = exits.ended;
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        results.push({ id, problem: error.problem });
        context.say(`${id}: ${error.message}`);
        context.exit = exits.refused;
      }
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, worker));
  if (context.isJson) context.print({ results }, () => '');
}

async function cancelFiltered(context: Context, filter: Filter, isSure: boolean): Promise<void> {
  const { items } = await allPages((query) => context.client.call('listRequests', { query: { ...filter, ...query } }));
  const open = items.filter((one) => !isEnd(one.state));
  const states = Object.entries(Object.groupBy(open, (one) => one.state));
  const found =
    open.length === 0
      ? 'no open request is found'
      : `${plural(open.length, 'open request')}: `
        + states.map(([state, some]) => `${String(some.length)} ${state}`).join(', ');
  if (open.length === 0 || !isSure) {
    context.print({ found: open.length, cancelled: false }, () => found);
    if (open.length > 0) {
      context.say('nothing is cancelled yet: add --yes');
      context.exit = exits.usage;
    }
    return;
  }
  context.say(found);
  await cancelMany(
    context,
    open.map((one) => one.id),
  );
}

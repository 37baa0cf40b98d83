// Commands about the tasks of an array: which there are, and what some of them wrote.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { TaskView } from '../../../lib/api/schemas/requests.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import { watchable } from '../../context.ts';
import type { Context, Run } from '../../context.ts';
import { exits } from '../../errors.ts';
import { keyOf } from '../../input/keys.ts';
import { encodingOf, printOutput } from '../../printing/output.ts';
import type { OutputWish } from '../../printing/output.ts';
import { allPages } from '../../pages.ts';
import type { ListPage } from '../../pages.ts';
import { atLeastOne, costText, duration, number, plural, table } from '../../text.ts';

export function registerTasks(program: Command, run: Run): void {
  run(
    watchable(program.command('tasks'))
      .description('tasks of a request: state, exit code, attempts, node')
      .argument('<id>')
      .option('--state <state>', 'only those in this state, e.g. failed')
      .option('--from <index>', 'from this index on', number('--from'), 0)
      .option('--limit <number>', 'at most so many', atLeastOne('--limit'), 50),
    listTasks,
  );
  run(
    program
      .command('retry')
      .description('run again, as a new request, those tasks of a request that failed')
      .argument('<id>')
      .addOption(
        new Option('--failed', 'the failed ones; so it is unless said otherwise').conflicts(['cancelled', 'expired']),
      )
      .addOption(new Option('--cancelled', 'the cancelled ones instead').conflicts('expired'))
      .option('--expired', 'those that missed the deadline instead')
      .option(
        '--key <text>',
        'idempotency key: the same key is the same new request; unless given, the same tasks are',
      ),
    retry,
  );
}

interface RetryOptions {
  readonly cancelled?: boolean;
  readonly expired?: boolean;
  readonly key?: string;
}

async function retry(context: Context, [id = '']: readonly string[], options: RetryOptions): Promise<void> {
  const state = options.cancelled ? 'cancelled' : options.expired ? 'expired' : 'failed';
  const request = await context.client.call('retryTasks', {
    params: { id },
    query: { state },
    headers: options.key === undefined ? {} : { 'idempotency-key': await keyOf(context, options.key) },
  });
  context.print(request, () => request.id);
  if (context.isJson) return;
  const tasks = `${plural(request.count, 'task')} of ${id}`;
  context.say(
    request.state === 'pending'
      ? `${tasks} run again as ${request.id}`
      : `${tasks} were run again before: ${request.id} is ${request.state}; --key TEXT runs them once more`,
  );
}

/** @throws RefusedError for what is no task */
export async function cancelTask(context: Context, id: string, index: number): Promise<void> {
  const task = await context.client.call('cancelTask', { params: { id, index: String(index) } });
  const isLate = isEnd(task.state) && task.state !== 'cancelled';
  context.print(task, () =>
    isLate
      ? `task ${String(index)} of ${id} has ended as ${task.state}; there is nothing to cancel`
      : `task ${String(index)} of ${id} ${task.state === 'cancelled' ? 'is cancelled' : 'is being cancelled'}`,
  );
  if (isLate) context.exit = exits.ended;
}

interface TaskOptions {
  readonly state?: string;
  readonly from?: number;
  readonly limit?: number;
}

/** As many as are wanted, or all, from an index on. */
export async function readTasks(
  context: Context,
  id: string,
  { state, from = 0, limit }: TaskOptions,
): Promise<ListPage<TaskView>> {
  return allPages(
    async ({ limit, cursor }) => {
      const { items, nextFrom } = await context.client.call('listTasks', {
        params: { id },
        query: { state, from: cursor, limit },
      });
      return { items, nextCursor: nextFrom === null ? null : String(nextFrom) };
    },
    limit,
    String(from),
  );
}

async function listTasks(context: Context, [id = '']: readonly string[], options: TaskOptions): Promise<void> {
  const { items, nextCursor } = await readTasks(context, id, options);
  const now = context.environment.nowMs();
  context.print({ items, nextFrom: nextCursor === null ? null : Number(nextCursor) }, () =>
    items.length === 0
      ? 'no tasks'
      : table(
          ['INDEX', 'STATE', 'EXIT', 'ATTEMPTS', 'NODE', 'TYPE', 'TOOK', 'USD', 'REASON'],
          items.map((one) => [
            String(one.index),
            one.state,
            one.exitCode === null ? '-' : String(one.exitCode),
            String(one.attempts),
            one.node?.id ?? '-',
            one.node?.instanceType ?? '-',
            tookOf(one, now),
            costText(one) ?? '-',
            one.reason ?? '',
          ]),
          context.width,
        ),
  );
  if (!context.isJson && nextCursor !== null) context.say(`there are more: --from ${nextCursor}`);
}

function tookOf({ startedAt, endedAt }: TaskView, nowMs: number): string {
  return startedAt === null ? '-' : duration((endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** Of so many an output is shown at once. */
const outputsMax = 20;

/** What the tasks that failed wrote, one after the other; `from`: the index to begin with. */
export async function logsOfFailed(context: Context, id: string, wish: OutputWish, from: number): Promise<void> {
  const { tailBytes } = wish;
  const { items, nextCursor } = await readTasks(context, id, { state: 'failed', from, limit: outputsMax });
  const outputs = [];
  for (const { index, reason } of items) {
    const output = await context.client.call('getOutput', {
      params: { id },
      query: { index, tailBytes, encoding: encodingOf(wish) },
    });
    outputs.push({ index, reason, ...output });
    if (context.isJson) continue;
    context.say(`task ${String(index)} failed: ${reason ?? 'for no known reason'}`);
    await printOutput(context, { id, index, isNamed: true }, output, wish);
  }
  if (context.isJson)
    context.print({ items: outputs, nextFrom: nextCursor === null ? null : Number(nextCursor) }, () => '');
  else if (items.length === 0) context.say('no task has failed');
  else if (nextCursor !== null) context.say(`there are more: --index ${nextCursor}`);
}

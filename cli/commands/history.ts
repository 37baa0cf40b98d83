// `bellows history export`: what an installation ran, as a trace for back-tests.
import type { Command } from 'commander';
import type { HistoryView } from '../../lib/api/schemas/figures/history.ts';
import type { RequestView, TaskView } from '../../lib/api/schemas/requests.ts';
import { isEnd } from '../../lib/core/records/request.ts';
import type { Context, Run } from '../context.ts';
import { usageError } from '../errors.ts';
import { allPages } from '../pages.ts';
import { atLeastOne, plural, sinceOf } from '../text.ts';
import { readTasks } from './requests/tasks.ts';

export function registerHistory(program: Command, run: Run): void {
  run(
    program
      .command('history')
      .description('history export: tasks that have ended, or demand over time, as a trace for ./bellows backtest')
      .argument('<what>', 'export')
      .option('--since <time>', 'requests accepted since then: 2026-11-27T08:00:00Z, or 90m, 12h, 7d ago')
      .option('--pool <pool>', 'only those of this pool')
      .option('--demand', 'what a pool wanted over time instead, as CloudWatch has a metric: as far back as it is kept')
      .option('--limit <number>', 'at most so many requests, the oldest first', atLeastOne('--limit'), 10_000),
    history,
  );
}

interface HistoryOptions {
  readonly since?: string;
  readonly pool?: string;
  readonly limit?: number;
  readonly demand?: boolean;
}

const columns = [
  'submit_s',
  'duration_s',
  'vcpu',
  'memory_mib',
  'gpu',
  'pool',
  'tenant',
  'labels',
  'priority',
  'deadline_s',
  'zone',
  'arch',
  'capacity_type',
  'name',
  'group',
  'used_memory_mib',
  'node',
  'node_type',
  'node_zone',
  'node_capacity',
  'node_usd_per_hour',
  'started_s',
] as const;

type Row = readonly (string | number)[];

/** Requests that are asked for at once. */
const together = 8;
/** What a back-test reads. */
const tasksMax = 2_000_000;

const demandStepSeconds = 300;
/** Asked for at once. */
const demandPageMs = 1_000 * demandStepSeconds * 1_000;

async function history(context: Context, [what = '']: readonly string[], options: HistoryOptions): Promise<void> {
  if (what !== 'export') throw usageError(`history ${what} is not known`, 'there is: ./bellows history export');
  if (options.demand === true) return exportDemand(context, options);
  const { pool, limit } = options;
  const since = sinceOf(options.since, context.environment.nowMs());
  const query = {
    type: 'task',
    order: 'oldest',
    ...(pool === undefined ? {} : { pool }),
    ...(since === undefined ? {} : { since }),
  };
  const page = await allPages((next) => context.client.call('listRequests', { query: { ...query, ...next } }), limit);
  const ended = page.items.filter((one) => isEnd(one.state) && one.startedAt !== null);
  const originMs = Math.min(...ended.map((one) => Date.parse(one.createdAt)));
  const rows: Row[] = [];
  for (let at = 0; at < ended.length; at += together) {
    const some = await Promise.all(ended.slice(at, at + together).map((one) => rowsOf(context, one, originMs)));
    rows.push(...some.flat());
    if (rows.length > tasksMax)
      throw usageError(`there are more than ${String(tasksMax)} tasks`, 'give --since or a lower --limit');
  }
  context.print({ columns, rows }, () =>
    [columns, ...rows].map((cells) => cells.map((cell) => cellOf(String(cell))).join(',')).join('\n'),
  );
  const leftOut = page.items.length - ended.length;
  if (leftOut > 0) context.say(`${plural(leftOut, 'request')} left out: not ended, or never begun`);
  if (page.nextCursor !== null) context.say(`there are more requests: raise --limit`);
}

/** As one answer of CloudWatch's get-metric-data, which back-tests read as demand in vCPU. */
async function exportDemand(context: Context, { pool: name = 'default', since }: HistoryOptions): Promise<void> {
  const ask = (query: Readonly<Record<string, string | number>>): Promise<HistoryView> =>
    context.client.call('getHistory', { params: { name }, query });
  const { knownSince } = await ask({});
  const asked = sinceOf(since, context.environment.nowMs());
  const startMs = Math.max(...[knownSince, asked].map((one) => Date.parse(one ?? '') || 0));
  const [endMs, points] = [context.environment.nowMs(), new Map<string, number>()];
  if (knownSince !== null)
    for (let atMs = startMs; atMs < endMs; atMs += demandPageMs) {
      const until = new Date(Math.min(endMs, atMs + demandPageMs)).toISOString();
      const page = await ask({ since: new Date(atMs).toISOString(), until, stepSeconds: demandStepSeconds });
      for (const { at, vcpu } of page.items) points.set(at, vcpu);
    }
  const result = {
    Id: 'demand',
    Label: `${name} vCPU`,
    Timestamps: [...points.keys()],
    Values: [...points.values()],
    StatusCode: 'Complete',
  };
  const answer = { MetricDataResults: [result] };
  context.print(answer, () => JSON.stringify(answer));
  if (points.size === 0) context.say(`nothing is known of what pool ${name} wanted`);
}

async function rowsOf(context: Context, { id }: RequestView, originMs: number): Promise<readonly Row[]> {
  const request = await context.client.call('getRequest', { params: { id } });
  const { items } = await readTasks(context, id, {});
  return items.flatMap((task) => {
    const { startedAt, endedAt } = task;
    return startedAt === null || endedAt === null ? [] : [rowOf(request, { ...task, startedAt, endedAt }, originMs)];
  });
}

/** It has run: both times are known. */
type RanTask = TaskView & { readonly startedAt: string; readonly endedAt: string };

function rowOf(request: RequestView, { startedAt, endedAt, node, usage }: RanTask, originMs: number): Row {
  const { asked, labels = {} } = request;
  const { vcpu = 0, memoryMib = 0, gpu = 0 } = asked?.resources ?? {};
  const cells: Readonly<Record<(typeof columns)[number], string | number>> = {
    submit_s: (Date.parse(request.createdAt) - originMs) / 1000,
    duration_s: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    vcpu,
    memory_mib: memoryMib,
    gpu,
    pool: request.pool,
    tenant: request.tenant,
    labels: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join('|'),
    priority: asked?.priority ?? '',
    deadline_s: asked?.deadlineSeconds ?? '',
    zone: allowed(asked?.requirements, 'zone'),
    arch: allowed(asked?.requirements, 'arch'),
    capacity_type: allowed(asked?.requirements, 'capacityType'),
    name: request.name ?? '',
    group: asked?.group ?? '',
    used_memory_mib: usage?.memoryPeakMib ?? '',
    node: node?.id ?? '',
    node_type: node?.instanceType ?? '',
    node_zone: node?.zone ?? '',
    node_capacity: node?.capacityType ?? '',
    node_usd_per_hour: node?.priceUsdPerHour ?? '',
    started_s: (Date.parse(startedAt) - originMs) / 1000,
  };
  return columns.map((name) => cells[name]);
}

type RequirementsView = NonNullable<NonNullable<RequestView['asked']>['requirements']>;

/** The values that a list or an expression allows; '' where all are. */
function allowed(requirements: RequirementsView | undefined, key: 'zone' | 'arch' | 'capacityType'): string {
  const { matchExpressions = [], ...lists } = requirements ?? {};
  const expression = matchExpressions.find((one) => one.key === key && one.operator === 'In');
  return (lists[key] ?? expression?.values ?? []).join('|');
}

/** Quoted where it has to be (RFC 4180). */
function cellOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

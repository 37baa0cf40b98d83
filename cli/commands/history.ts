// `bellows history export`: what an installation ran, as a trace for back-tests.
import type { Command } from 'commander';
import type { HistoryView } from '../../lib/api/schemas/figures/history.ts';
import type { PastRequestView, ShortagesView } from '../../lib/api/schemas/figures/past-tasks.ts';
import { compact } from '../../lib/core/values/dictionary.ts';
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
      .option('--weather', 'spot prices and shortages of that time instead, for --weather of a back-test')
      .option('--demand', 'what a pool wanted over time instead, as CloudWatch has a metric: as far back as it is kept')
      .option('--limit <number>', 'at most so many requests', atLeastOne('--limit'), requestsMax),
    history,
  );
}

interface HistoryOptions {
  readonly since?: string;
  readonly pool?: string;
  readonly limit?: number;
  readonly demand?: boolean;
  readonly weather?: boolean;
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
  'disruption',
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
/** Unless another number is asked for. */
const requestsMax = 100_000;

const demandStepSeconds = 300;
/** Asked for at once. */
const demandPageMs = 1_000 * demandStepSeconds * 1_000;

async function history(context: Context, [what = '']: readonly string[], options: HistoryOptions): Promise<void> {
  if (what !== 'export') throw usageError(`history ${what} is not known`, 'there is: ./bellows history export');
  if (options.demand === true) return exportDemand(context, options);
  const { limit = requestsMax } = options;
  const since = sinceOf(options.since, context.environment.nowMs());
  const past = new Past();
  const isCut = await readArchives(context, past, { ...options, since, limit });
  const rest = await readLedger(context, past, { ...options, since, limit });
  const [head, rows] = options.weather
    ? [weatherColumns, await weatherOf(context, past, { ...options, since, limit })]
    : [columns, past.rows()];
  context.print({ columns: head, rows }, () =>
    [head, ...rows].map((cells) => cells.map((cell) => cellOf(String(cell))).join(',')).join('\n'),
  );
  if (rest.leftOut > 0) context.say(`${plural(rest.leftOut, 'request')} left out: not ended, or never begun`);
  if (isCut || rest.isCut) context.say(`there are more requests: raise --limit`);
}

type PastTaskView = PastRequestView['tasks'][0];
/** An archive does not say of which pool it is. */
type Known = PastRequestView & { readonly pool: string };

/** Requests and tasks, each once, whether the archive has them, the ledger, or both. */
class Past {
  readonly #requests = new Map<string, { readonly request: Known; readonly tasks: Map<number, PastTaskView> }>();
  #tasks = 0;

  get size(): number {
    return this.#requests.size;
  }

  has(id: string): boolean {
    return this.#requests.has(id);
  }

  add(request: Known): void {
    const known = this.#requests.get(request.id) ?? { request, tasks: new Map<number, PastTaskView>() };
    this.#requests.set(request.id, known);
    const before = known.tasks.size;
    for (const task of request.tasks) known.tasks.set(task.index, task);
    this.#tasks += known.tasks.size - before;
    if (this.#tasks > tasksMax)
      throw usageError(`there are more than ${String(tasksMax)} tasks`, 'give --since or a lower --limit');
  }

  /** When the trace begins: with the oldest request. */
  get originMs(): number {
    const times = [...this.#requests.values()].map(({ request }) => Date.parse(request.createdAt));
    return times.reduce((least, one) => Math.min(least, one), times[0] ?? 0);
  }

  *tasks(): Generator<PastTaskView> {
    for (const { tasks } of this.#requests.values()) yield* tasks.values();
  }

  /** The oldest request first. */
  rows(): readonly Row[] {
    const { originMs } = this;
    const all = [...this.#requests.values()].map((one) => ({ ...one, atMs: Date.parse(one.request.createdAt) }));
    all.sort((a, b) => a.atMs - b.atMs || (a.request.id < b.request.id ? -1 : 1));
    return all.flatMap(({ request, tasks }) =>
      [...tasks.values()].sort((a, b) => a.index - b.index).map((task) => rowOf(request, task, originMs)),
    );
  }
}

interface Wish {
  readonly since: string | undefined;
  readonly pool?: string;
  readonly limit: number;
}

/** What ended some hour ago or earlier. true: there is more than was asked for. */
async function readArchives(context: Context, past: Past, { pool, since, limit }: Wish): Promise<boolean> {
  for (const name of await poolsOf(context, pool)) {
    for (let cursor: string | undefined; ;) {
      const page = await context.client.call('listPastTasks', { params: { name }, query: compact({ since, cursor }) });
      for (const one of page.items) {
        if (past.size >= limit && !past.has(one.id)) return true;
        past.add({ ...one, pool: name });
      }
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
  }
  return false;
}

async function poolsOf(context: Context, pool: string | undefined): Promise<readonly string[]> {
  if (pool !== undefined) return [pool];
  const { items } = await allPages((next) => context.client.call('listPools', { query: next }));
  return items.map(({ name }) => name);
}

/** What is in no archive yet: one call for each request, and one for each page of its tasks. */
async function readLedger(
  context: Context,
  past: Past,
  { pool, since, limit }: Wish,
): Promise<{ readonly leftOut: number; readonly isCut: boolean }> {
  const query = {
    type: 'task',
    order: 'oldest',
    ...(pool === undefined ? {} : { pool }),
    ...(since === undefined ? {} : { since }),
  };
  const page = await allPages((next) => context.client.call('listRequests', { query: { ...query, ...next } }), limit);
  const others = page.items.filter((one) => !past.has(one.id));
  const ended = others.filter((one) => isEnd(one.state) && one.startedAt !== null);
  const taken = ended.slice(0, Math.max(0, limit - past.size));
  for (let at = 0; at < taken.length; at += together)
    for (const one of await Promise.all(taken.slice(at, at + together).map((row) => fromLedger(context, row))))
      past.add(one);
  return { leftOut: others.length - ended.length, isCut: page.nextCursor !== null || taken.length < ended.length };
}

const weatherColumns = ['at_s', 'offering', 'price', 'capacity', 'interrupt'] as const;

/**
 * Prices at which spot nodes were launched, as the tasks that ran there first know them, and what EC2 had no capacity
 * for, as changes that a back-test of the trace of the same requests reads.
 */
async function weatherOf(context: Context, past: Past, { pool, since }: Wish): Promise<readonly Row[]> {
  const { originMs } = past;
  const changes = [...spotPrices(past)];
  for (const name of await poolsOf(context, pool))
    for (let cursor: string | undefined; ;) {
      const page = await context.client.call('listShortages', { params: { name }, query: compact({ since, cursor }) });
      changes.push(...page.items.flatMap(shortageChanges));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
  return merged(changes)
    .filter(({ atMs }) => atMs >= originMs)
    .map(({ atMs, offering, price = '', capacity = '' }) => [(atMs - originMs) / 1000, offering, price, capacity, '']);
}

interface WeatherChange {
  readonly atMs: number;
  readonly offering: string;
  readonly price?: number;
  /** 0: nothing can be launched; `-`: again as much as is asked for. */
  readonly capacity?: 0 | '-';
}

function* spotPrices(past: Past): Generator<WeatherChange> {
  const first = new Map<string, WeatherChange>();
  for (const { startedAt, node } of past.tasks()) {
    if (node?.capacityType !== 'spot') continue;
    const atMs = Date.parse(startedAt);
    if (atMs >= (first.get(node.id)?.atMs ?? Infinity)) continue;
    first.set(node.id, { atMs, offering: `${node.instanceType}/${node.zone}/spot`, price: node.priceUsdPerHour });
  }
  yield* first.values();
}

function shortageChanges({ at, until, offering }: ShortagesView['items'][0]): readonly WeatherChange[] {
  return [
    { atMs: Date.parse(at), offering, capacity: 0 },
    { atMs: Date.parse(until), offering, capacity: '-' },
  ];
}

/** In order of time, without prices that stand and without an end of a shortage while another one lasts. */
function merged(changes: readonly WeatherChange[]): readonly WeatherChange[] {
  const prices = new Map<string, number>();
  const shortages = new Map<string, number>();
  const inOrder = [...changes].sort((a, b) => a.atMs - b.atMs || (a.offering < b.offering ? -1 : 1));
  return inOrder.filter(({ offering, price, capacity }) => {
    if (price !== undefined) {
      const before = prices.get(offering);
      prices.set(offering, price);
      return before !== price;
    }
    const before = shortages.get(offering) ?? 0;
    const after = capacity === 0 ? before + 1 : before - 1;
    shortages.set(offering, after);
    return (before === 0) !== (after === 0);
  });
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

async function fromLedger(context: Context, { id }: RequestView): Promise<Known> {
  const request = await context.client.call('getRequest', { params: { id } });
  const { items } = await readTasks(context, id, {});
  const { tenant, pool, state, createdAt, name, labels, asked } = request;
  const {
    resources = { vcpu: 0, memoryMib: 0, gpu: 0 },
    priority = 0,
    deadlineSeconds,
    group,
    disruption,
  } = asked ?? {};
  const ofTask = ({ index, startedAt, endedAt, node, usage }: TaskView): PastTaskView[] =>
    startedAt === null || endedAt === null
      ? []
      : [{ index, startedAt, endedAt, node, usage: { memoryPeakMib: null, cpuSeconds: null, ...usage } }];
  return {
    ...{ id, tenant, pool, state, createdAt, resources, priority },
    ...compact({ name: name ?? undefined, labels, group, deadlineSeconds, disruption: disruption?.mode }),
    zone: allowed(asked?.requirements, 'zone'),
    arch: allowed(asked?.requirements, 'arch'),
    capacityType: allowed(asked?.requirements, 'capacityType'),
    tasks: items.flatMap(ofTask),
  };
}

function rowOf(request: Known, { startedAt, endedAt, node, usage }: PastTaskView, originMs: number): Row {
  const { vcpu, memoryMib, gpu } = request.resources;
  const cells: Readonly<Record<(typeof columns)[number], string | number>> = {
    submit_s: (Date.parse(request.createdAt) - originMs) / 1000,
    duration_s: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    vcpu,
    memory_mib: memoryMib,
    gpu,
    pool: request.pool,
    tenant: request.tenant,
    labels: Object.entries(request.labels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('|'),
    priority: request.priority,
    deadline_s: request.deadlineSeconds ?? '',
    zone: (request.zone ?? []).join('|'),
    arch: (request.arch ?? []).join('|'),
    capacity_type: (request.capacityType ?? []).join('|'),
    name: request.name ?? '',
    group: request.group ?? '',
    disruption: request.disruption ?? '',
    used_memory_mib: usage.memoryPeakMib ?? '',
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

/** The values that a list or an expression allows; none where all are. */
function allowed(requirements: RequirementsView | undefined, key: 'zone' | 'arch' | 'capacityType'): string[] {
  const { matchExpressions = [], ...lists } = requirements ?? {};
  const expression = matchExpressions.find((one) => one.key === key && one.operator === 'In');
  return [...(lists[key] ?? expression?.values ?? [])];
}

/** Quoted where it has to be (RFC 4180). */
function cellOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

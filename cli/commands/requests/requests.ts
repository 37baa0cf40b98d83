// Commands about requests: submit, requests, show, why, logs.
import { Option } from 'commander';
import type { Command } from 'commander';
import { limits } from '../../../lib/api/limits.ts';
import type { BatchView, RequestView, TimelineView } from '../../../lib/api/schemas/requests.ts';
import type { UsageView } from '../../../lib/api/schemas/tasks/usage.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import { isPassing } from '../../client.ts';
import { patiently, watchable } from '../../context.ts';
import type { Context, Run } from '../../context.ts';
import { CliError, exits } from '../../errors.ts';
import type { Item } from '../../input/files.ts';
import { usageError } from '../../errors.ts';
import { whyIf } from './what-if.ts';
import { whyNode, whyPool, whyService } from '../operating.ts';
import { keyOf } from '../../input/keys.ts';
import { filterOf, withFilter } from '../../input/filters.ts';
import { encodingOf, followOutput, printOutput } from '../../printing/output.ts';
import { allPages } from '../../pages.ts';
import { logsOfFailed } from './tasks.ts';
import { atLeastOne, costText, duration, facts, number, plural, table, usd } from '../../text.ts';

export function registerRequests(program: Command, run: Run): void {
  run(
    program
      .command('submit')
      .description('submit requests from a file (YAML, JSON or JSON lines)')
      .requiredOption('-f, --file <file>', 'the file; - for standard input')
      .option('--key <text>', 'idempotency key: the same key and file are the same requests'),
    submit,
  );
  run(
    watchable(withFilter(program.command('requests').description('list requests')))
      .option('--oldest', 'the oldest first')
      .option('--limit <number>', 'at most so many', atLeastOne('--limit'), 50)
      .option('--cursor <text>', 'nextCursor of the page before'),
    listRequests,
  );
  run(watchable(program.command('show').description('show a request').argument('<id>')), show);
  run(
    program
      .command('why')
      .description(
        'what happened to a request and why; what it waits for; or `why node ID`: why a node is kept '
          + 'or goes; or `why pool NAME`, `why service NAME`: what its policies want',
      )
      .argument('<id>', 'of a request, or the word node, pool or service')
      .argument('[name]', 'id of a node, name of a pool or service')
      .option(
        '--if <difference>',
        'what would become of it if limits.vcpu=200, capacityType=on-demand, memoryMib=2048, …; repeatable',
        (text: string, before: readonly string[] = []) => [...before, text],
      ),
    why,
  );
  run(
    program
      .command('logs')
      .description('output of a task')
      .argument('<id>')
      .option('--index <number>', 'which task of an array; its first unless given', number('--index'))
      .addOption(new Option('-f, --follow', 'go on until the task has ended').conflicts('failed'))
      .option('--failed', 'of the tasks that failed, 20 at most, from --index on')
      .option(
        '--tail <bytes>',
        'only the last bytes of each stream; all that is kept unless given',
        atLeastOne('--tail'),
      )
      .option('--raw', 'exactly the bytes that the task wrote; else what is no UTF-8 is shown as U+FFFD'),
    logs,
  );
}

type Options = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

async function submit(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const file = textOf(options['file']) ?? '-';
  if (file.endsWith('.csv'))
    throw usageError(
      `${file}: CSV says what tasks need, not what they run`,
      'submit YAML, JSON or JSON lines; CSV is for ./bellows plan',
    );
  const { readItems } = await import('../../input/files.ts');
  const items = readItems(file);
  const key = await keyOf(context, options['key']);
  const [only] = items;
  if (items.length === 1 && only !== undefined) {
    const { key: itemKey, body } = keyed(only);
    const request = await context.client.call('submitRequest', {
      headers: { 'idempotency-key': itemKey ?? key },
      body,
    });
    context.print(request, () => request.id);
    return;
  }
  const results: BatchView['results'] = [];
  for (const [index, batch] of batchesOf(items).entries()) {
    const call = () =>
      context.client.call('submitBatch', {
        headers: { 'idempotency-key': `${key}/${String(index)}` },
        body: { requests: batch.map((item) => item.value) },
      });
    try {
      // Those before are accepted by now: the rest is worth some waiting.
      results.push(...(await (index === 0 ? call() : patiently(context, call))).results);
    } catch (error) {
      throw withKey(error, key);
    }
  }
  context.print({ results }, () => results.flatMap((one) => one.id ?? []).join('\n'));
  const refused = results.flatMap((one, index) =>
    one.problem === undefined ? [] : [`${items[index]?.where ?? ''}: ${one.problem.detail}`],
  );
  for (const line of refused.slice(0, 20)) context.say(line);
  if (refused.length > 0) {
    context.say(`${plural(refused.length, 'request')} of ${String(items.length)} refused`);
    context.exit = exits.refused;
  }
}

/** Some may be accepted already: the next try must not ask for them twice. */
function withKey(error: unknown, key: string): unknown {
  if (!isPassing(error)) return error;
  const advice = `with --key ${key} the same file asks for nothing twice that may be accepted by now`;
  return new CliError(error.exit, error.message, `${error.advice ?? 'try again'}; ${advice}`, { cause: error });
}

/** A single item may carry its key as items of a batch do. */
function keyed(item: Item): { key: string | undefined; body: unknown } {
  if (typeof item.value !== 'object' || item.value === null || !('idempotencyKey' in item.value))
    return { key: undefined, body: item.value };
  const { idempotencyKey, ...body } = item.value as Record<string, unknown>;
  return { key: textOf(idempotencyKey), body };
}

/** As many items per call as the API takes, in number and bytes. */
function batchesOf(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item.value)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length >= limits.batchItems || bytes + size > limits.bodyBytes) {
      batches.push([item]);
      bytes = 100 + size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return batches;
}

async function listRequests(context: Context, _args: readonly string[], options: Options): Promise<void> {
  const filter = {
    ...filterOf(options, context.environment.nowMs()),
    order: options['oldest'] === true ? 'oldest' : undefined,
  };
  const page = await allPages(
    (query) => context.client.call('listRequests', { query: { ...filter, ...query } }),
    numberOf(options['limit']),
    textOf(options['cursor']),
  );
  const now = context.environment.nowMs();
  context.print(page, () =>
    page.items.length === 0
      ? 'no requests'
      : table(
          [
            'ID',
            'NAME',
            'STATE',
            'POOL',
            'TASKS',
            'AGE',
            'TOOK',
            ...(context.isWide ? ['USD'] : []),
            'RUNS ON',
            'REASON',
          ],
          page.items.map((one) => [
            one.id,
            nameText(one),
            one.state,
            one.pool,
            tasksOf(one),
            duration(now - Date.parse(one.createdAt)),
            tookOf(one, now),
            ...(context.isWide ? [costText(one) ?? '-'] : []),
            what(one.allocation),
            one.reason ?? '',
          ]),
          context.width,
        ),
  );
  if (!context.isJson && page.nextCursor !== null) context.say(`there are more: --cursor ${page.nextCursor}`);
}

/** Its own, or whose replica it is. */
export function nameText({ name, service }: RequestView): string {
  return name ?? (service === undefined ? '-' : `service ${service.name}`);
}

function tasksOf(request: RequestView): string {
  const { counts } = request;
  return request.count === 1
    ? '1'
    : `${String(counts.succeeded + counts.failed + counts.cancelled)}/${String(request.count)}`;
}

function tookOf(request: RequestView, nowMs: number): string {
  if (request.startedAt === null) return '-';
  return duration((request.endedAt === null ? nowMs : Date.parse(request.endedAt)) - Date.parse(request.startedAt));
}

export async function show(context: Context, [id = '']: readonly string[]): Promise<void> {
  const request = await context.client.call('getRequest', { params: { id } });
  const isWaiting = request.state === 'pending' && !context.isJson;
  const timeline = isWaiting ? await context.client.call('getTimeline', { params: { id } }) : null;
  context.print(request, () => factsOf(request, timeline, context.environment.nowMs()));
}

function learningText(learning: RequestView['learning']): string | null {
  return learning === undefined ? null : `${learning.acted} (${learning.reason})`;
}

function factsOf(request: RequestView, timeline: TimelineView | null, nowMs: number): string {
  const { allocation: where, counts } = request;
  return facts([
    ['id', request.id],
    ['type', request.type],
    ['name', request.name ?? null],
    ['labels', labelsText(request.labels)],
    ['pool', request.pool],
    ['tenant', request.tenant],
    ['state', request.state],
    ['reason', request.reason],
    ['waits for', timeline?.items.at(-1)?.message ?? null],
    ['created', `${request.createdAt} (${duration(nowMs - Date.parse(request.createdAt))} ago)`],
    ['started', request.startedAt],
    ['ended', request.endedAt],
    [
      'tasks',
      request.count === 1
        ? null
        : Object.entries(counts)
            .map(([name, count]) => `${String(count)} ${name}`)
            .join(', '),
    ],
    ['exit code', request.exitCode === null ? null : String(request.exitCode)],
    ['cost', costText(request)],
    ['attempts', request.attempts === null ? null : String(request.attempts)],
    ['image digest', request.imageDigest ?? null],
    ['used', request.usage === undefined ? null : usageText(request.usage)],
    [request.type === 'task' ? 'runs on' : 'has', where && describe(where)],
    ['style', learningText(request.learning)],
    ['retry of', request.retryOf ?? null],
    ['indices', request.subset === undefined ? null : `${request.subset.indices} of ${String(request.subset.of)}`],
    ...askedFacts(request.asked),
    ['lease ends', request.leaseEndsAt ?? null],
    ['lets in', request.network === undefined ? null : rulesOf(request.network.ingress, 'nothing')],
    [
      'lets out',
      request.network === undefined
        ? null
        : request.network.egress === null
          ? 'everything'
          : rulesOf(request.network.egress, 'nothing'),
    ],
    [
      'parts',
      request.parts
        ?.map(
          (part) =>
            `${part.kind} ${part.id ?? '?'} `
            + `${part.state}${part.privateAddress === null ? '' : ` ${part.privateAddress}`}`
            + `${part.device === null ? '' : ` ${part.device}`}`,
        )
        .join('\n') ?? null,
    ],
  ]);
}

function usageText({ memoryPeakMib, cpuSeconds, writtenBytes, gpuMemoryPeakMib, by }: UsageView): string {
  const of = (value: number | null, text: (known: number) => string, what: string): string =>
    value === null ? `${what} not known` : text(value);
  const parts = [
    of(memoryPeakMib, (mib) => `${String(mib)} MiB of memory at its peak`, 'memory'),
    of(cpuSeconds, (seconds) => `${seconds.toFixed(2)} s of CPU`, 'CPU'),
    of(writtenBytes, (bytes) => `${String(Math.ceil(bytes / 1_048_576))} MiB written`, 'what it wrote'),
    ...(gpuMemoryPeakMib === undefined ? [] : [`${String(gpuMemoryPeakMib)} MiB of its GPUs' memory at its peak`]),
  ];
  return `${parts.join(', ')}${by === 'processes' ? ' (sums over its processes)' : ''}`;
}

function labelsText(labels: RequestView['labels']): string | null {
  return labels === undefined
    ? null
    : Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ');
}

/** What was asked for; defaults are left out where nobody misses them. */
function askedFacts(asked: RequestView['asked']): (readonly [string, string | null])[] {
  if (asked === undefined) return [];
  const { command, shell, image, env = [], resources, needs, requirements = {}, priority, retries } = asked;
  const needed = resources ?? needs;
  const after = (label: string, seconds: number | undefined): string | null =>
    seconds === undefined ? null : `${label} ${duration(seconds * 1_000)}`;
  const times = [
    after('timeout', asked.timeoutSeconds),
    after('deadline', asked.deadlineSeconds),
    after('lease', asked.leaseSeconds),
  ].filter((one) => one !== null);
  return [
    ['command', shell ?? command?.map(quoted).join(' ') ?? null],
    ['image', image ?? null],
    ['fetched by', asked.imageCredentials?.secret ?? asked.imageCredentials?.role ?? null],
    ['role', asked.role ?? null],
    ['env', env.length === 0 ? null : env.join(', ')],
    ['secrets', asked.secrets?.map((one) => `${one.name} from ${one.from} (${one.as})`).join('\n') ?? null],
    [
      'asked for',
      needed === undefined
        ? null
        : `${String(needed.vcpu)} vCPU, ${String(needed.memoryMib)} MiB`
          + `${needed.gpu > 0 ? `, ${plural(needed.gpu, 'GPU')}` : ''}`,
    ],
    ['requires', Object.keys(requirements).length === 0 ? null : JSON.stringify(requirements)],
    ['priority', priority === undefined || priority === 0 ? null : String(priority)],
    ['retries', retries === undefined || retries === 0 ? null : String(retries)],
    ['within', times.length === 0 ? null : times.join(', ')],
  ];
}

/** As a shell takes it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** As `--allow` takes them, with the protocol where it is not TCP. */
function rulesOf(rules: NonNullable<RequestView['network']>['ingress'], none: string): string {
  const ports = (from: number | null, to: number | null): string =>
    from === null ? 'all' : from === to ? String(from) : `${String(from)}-${String(to)}`;
  return (
    rules
      .map(
        (rule) =>
          `${rule.protocol === 'tcp' ? '' : `${rule.protocol} `}`
          + `${ports(rule.fromPort, rule.toPort)}:${rule.cidr ?? rule.request ?? '?'}`,
      )
      .join(', ') || none
  );
}

/** In one word. */
function what(where: RequestView['allocation']): string {
  switch (where?.resourceType) {
    case 'ec2-instance':
      return where.instanceType;
    case 'ebs-volume':
      return `${where.volumeType} ${String(where.sizeGib)} GiB`;
    case 'security-group':
      return where.groupId;
    case undefined:
      return '-';
  }
}

export function describe(where: NonNullable<RequestView['allocation']>): string {
  switch (where.resourceType) {
    case 'ec2-instance':
      return (
        `${where.instanceType} in ${where.zone}, ${where.capacityType}, `
        + `${usd(where.priceUsdPerHour)}/h${where.privateAddress ? `, ${where.privateAddress}` : ''}`
      );
    case 'ebs-volume':
      return (
        `${where.volumeId ?? ''}, ${String(where.sizeGib)} GiB of ${where.volumeType} in `
        + `${where.zone ?? '?'}, `
        + `${usd(where.priceUsdPerMonth)}/month`
        + `${where.attachedTo === null ? '' : `, on ${where.attachedTo} as ${where.device ?? '?'}`}`
      );
    case 'security-group':
      return where.groupId;
  }
}

async function why(context: Context, [id = '', node]: readonly string[], options: Options): Promise<void> {
  if (node !== undefined) {
    const ofThing = new Map(Object.entries({ node: whyNode, pool: whyPool, service: whyService })).get(id);
    if (ofThing === undefined)
      throw usageError(
        `why takes one id, not ${id} and ${node}`,
        'or: bellows why node ID, bellows why pool NAME, bellows why service NAME',
      );
    await ofThing(context, node);
    return;
  }
  if (options['if'] !== undefined) {
    await whyIf(context, id, options['if'] as readonly string[]);
    return;
  }
  const timeline = await context.client.call('getTimeline', { params: { id } });
  const request = context.isJson ? null : await context.client.call('getRequest', { params: { id } });
  context.print(timeline, () => {
    const state =
      request === null ? '' : `${id} is ${request.state}${request.reason === null ? '' : ` (${request.reason})`}`;
    const lines = timeline.items.flatMap((item, index) => {
      const isLast = index === timeline.items.length - 1 && request !== null && !isEnd(request.state);
      const next = item.nextTryAt === undefined ? '' : `; next try at ${item.nextTryAt}`;
      return [
        `${item.at}  ${item.stage.padEnd(9)}  `
          + `${isLast && request.state === 'pending' ? 'waits: ' : ''}${item.message}${next}`,
        ...(item.excluded ?? []).map(
          (one) => `${' '.repeat(37)}${one.constraint} excludes ${plural(one.offerings, 'offering')}`,
        ),
      ];
    });
    return [state, ...lines].join('\n');
  });
}

async function logs(context: Context, [id = '']: readonly string[], options: Options): Promise<void> {
  const tailBytes = numberOf(options['tail']) ?? limits.outputTailBytesMax;
  const isRaw = options['raw'] === true;
  if (options['follow'] === true) {
    await followOutput(context, id, { index: numberOf(options['index']), tailBytes: numberOf(options['tail']), isRaw });
    return;
  }
  if (options['failed'] === true) {
    await logsOfFailed(context, id, { tailBytes, isRaw }, numberOf(options['index']) ?? 0);
    return;
  }
  const output = await context.client.call('getOutput', {
    params: { id },
    query: { index: numberOf(options['index']), tailBytes, encoding: encodingOf({ isRaw }) },
  });
  if (context.isJson) {
    context.print(output, () => '');
    return;
  }
  await printOutput(context, { id, index: numberOf(options['index']) }, output, { tailBytes, isRaw });
}

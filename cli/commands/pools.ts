// Commands about what there is: pools, nodes, activity, stats.
import type { Command } from 'commander';
import type { ForecastView } from '../../lib/api/schemas/figures/forecast.ts';
import type { LifetimesView } from '../../lib/api/schemas/figures/lifetimes.ts';
import type { NodeView, PoolView } from '../../lib/api/schemas/pools.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import { watchable } from '../context.ts';
import type { Context, Run } from '../context.ts';
import { expressionText } from '../../lib/core/values/requirements.ts';
import type { Requirements } from '../../lib/core/values/requirements.ts';
import { allPages } from '../pages.ts';
import { registerPausing } from './operating.ts';
import { budgetText } from './tenants.ts';
import { forecastLines } from './figures/forecast.ts';
import { commitmentTexts, onDemandText, ownPriceText } from './figures/paid.ts';
import { registerShadow, shadowText } from './figures/shadow.ts';
import { atLeastOne, duration, facts, memoryMib, number, plural, sinceOf, table, usd } from '../text.ts';

export function registerPools(program: Command, run: Run): void {
  run(watchable(program.command('pools').description('list pools')), listPools);
  const pool = program.command('pool').description('declare, show, pause or delete a pool, and what it has learned');
  run(
    pool
      .command('apply')
      .description('create or replace the pools of a file')
      .argument('[name]', "the pool's name, unless the file gives it")
      .requiredOption('-f, --file <file>', 'the body of PUT /v1/pools/{name}, in YAML or JSON; - for standard input')
      .option('--diff', 'apply nothing: say what would change'),
    async (context, args, options) => {
      const { applyPools } = await import('../input/apply-pool.ts');
      await applyPools(context, args, options);
    },
  );
  run(pool.command('show').description('show a pool').argument('<name>'), showPool);
  registerWarm(pool, run);
  registerLearned(pool, run);
  registerShadow(pool, run);
  registerPausing(pool, run);
  run(pool.command('delete').description('delete a pool: drains its nodes first').argument('<name>'), deletePool);
  run(
    watchable(program.command('nodes')).description('list nodes').argument('[pool]', 'only those of this pool'),
    listNodes,
  );
  run(
    watchable(program.command('activity'))
      .description('what a pool did and why')
      .argument('[pool]', 'the pool', 'default')
      .option('--limit <number>', 'at most so many', atLeastOne('--limit'), 50)
      .option('--cursor <text>', 'nextCursor of the page before'),
    activity,
  );
  run(
    program.command('metrics').description('metrics as OpenMetrics text, for scrapers (docs/metrics.md)'),
    async (context) => {
      const text = await context.client.call('getMetrics');
      context.print(text, () => text);
    },
  );
  run(watchable(program.command('stats').description('figures of the installation')), stats);
}

function registerWarm(pool: Command, run: Run): void {
  run(
    pool
      .command('warm')
      .description(
        'keep machines ready for vm requests; counts that are not said stay, and so does what they are '
          + 'unless any of it is said',
      )
      .argument('<name>')
      .option('--running <number>', 'as many run, and are taken at once', number('--running'))
      .option('--stopped <number>', 'as many are stopped, and cost their disks only', number('--stopped'))
      .option('--type <type>', 'instance type, e.g. m7g.large')
      .option('--vcpu <number>', 'or the cheapest with this many vCPU', number('--vcpu'))
      .option('--memory <size>', 'and this much memory: 4096, 4096Mi, 4Gi', memoryMib)
      .option('--gpu <number>', 'and this many GPUs', number('--gpu'))
      .option('--arch <arch>', 'amd64 or arm64')
      .option('--zone <zone>', 'availability zone')
      .option('--image <id>', 'machine image'),
    warmPool,
  );
}

/** What a pool has seen, and what follows from it. */
function registerLearned(pool: Command, run: Run): void {
  run(
    pool
      .command('lifetimes')
      .description('how long its tasks last, as learned from those that ended')
      .argument('<name>'),
    showLifetimes,
  );
  run(
    pool
      .command('history')
      .description('what its tasks wanted over time, waiting and running ones together')
      .argument('<name>')
      .option('--since <time>', 'from then on: 2026-11-27T08:00:00Z, or 90m, 12h, 7d ago; a day unless given')
      .option('--step <seconds>', 'the mean of each so many seconds, whole minutes', atLeastOne('--step')),
    showHistory,
  );
  run(
    pool
      .command('forecast')
      .description('what it forecasts of its demand, by which method, and how far off that was')
      .argument('<name>'),
    showForecast,
  );
}

const dash = '-';

function limitsOf(pool: PoolView): string {
  const { instances, vcpu, memoryMib, usdPerHour } = pool.limits;
  const parts = [
    instances === undefined ? null : plural(instances, 'node'),
    vcpu === undefined ? null : `${String(vcpu)} vCPU`,
    memoryMib === undefined ? null : `${String(memoryMib)} MiB`,
    usdPerHour === undefined ? null : `${usd(usdPerHour)}/h`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

async function listPools(context: Context): Promise<void> {
  const pools = await allPages((query) => context.client.call('listPools', { query }));
  context.print(pools, () =>
    pools.items.length === 0
      ? 'no pools'
      : table(
          ['NAME', 'PRIORITY', 'ORDERING', 'PLACEMENT', 'IDLE AFTER', 'TASKS/NODE', 'LIMITS', ''],
          pools.items.map((one) => [
            one.name,
            String(one.priority),
            one.ordering,
            one.placement,
            duration(one.idleAfterSeconds * 1000),
            String(one.tasksPerNode),
            limitsOf(one),
            one.deletingSince === null
              ? one.paused === undefined
                ? ''
                : `paused by ${one.paused.by}`
              : 'being deleted',
          ]),
          context.width,
        ),
  );
}

function requirementsText({ matchExpressions = [], ...lists }: Requirements): string {
  const texts = Object.entries(lists).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : JSON.stringify(value)}`,
  );
  return [...texts, ...matchExpressions.map(expressionText)].join('; ') || 'none';
}

function grantText(what: string, { tenants }: { readonly tenants?: readonly string[] }): string {
  return `${what} for ${tenants?.join(', ') ?? 'everybody'}`;
}

async function showPool(context: Context, [name = '']: readonly string[]): Promise<void> {
  const pool = await context.client.call('getPool', { params: { name } });
  context.print(pool, () =>
    facts([
      ['name', pool.name],
      ['requirements', requirementsText(pool.requirements)],
      ['limits', limitsOf(pool)],
      ['budget', pool.budget === undefined ? null : budgetText(pool.budget)],
      ['largest node', pool.maxNodeVcpu === undefined ? null : `${String(pool.maxNodeVcpu)} vCPU`],
      ['tasks per node', String(pool.tasksPerNode)],
      ['ordering', pool.ordering],
      ['placement', pool.placement],
      ['learning style', pool.learningStyle],
      ['objective', pool.objective],
      ['patience', pool.patienceSeconds === undefined ? null : duration(pool.patienceSeconds * 1000)],
      ['lifetimes', pool.lifetimes],
      ['idle after', duration(pool.idleAfterSeconds * 1000)],
      ['priority', String(pool.priority)],
      ['accepts', pool.accepts.join(', ')],
      ...(pool.alarms ?? []).map((one): [string, string] => ['alarm', alarmOf(one)]),
      ...(pool.prices ?? []).map((one): [string, string] => ['own price', ownPriceText(one)]),
      ['on demand', onDemandText(pool)],
      ...commitmentTexts(pool).map((one): [string, string] => ['commitment', one]),
      ['headroom', headroomOf(pool)],
      ['kept warm', warmOf(pool)],
      ['warm nodes', warmNodesOf(pool)],
      ['role', pool.role === undefined ? null : `${pool.role}, of tasks that name none`],
      ...(pool.roles ?? []).map((one): [string, string] => ['roles', grantText(one.role, one)]),
      ...(pool.secrets ?? []).map((one): [string, string] => ['secrets', grantText(one.from, one)]),
      ...(pool.targetGroups ?? []).map((one): [string, string] => ['target groups', grantText(one.arn, one)]),
      ['disruption', disruptionOf(pool)],
      ['shadow', shadowText(pool)],
      ['updated', pool.updatedAt],
      [
        'paused',
        pool.paused === undefined ? null : `by ${pool.paused.by} since ${pool.paused.since}: nothing is bought`,
      ],
      ['deleting since', pool.deletingSince],
    ]),
  );
}

function alarmOf(alarm: NonNullable<PoolView['alarms']>[number]): string {
  const change =
    alarm.addNodes === undefined
      ? `removes ${plural(alarm.removeNodes ?? 0, 'node')}`
      : `adds ${plural(alarm.addNodes, 'node')}`;
  const seen =
    alarm.state === undefined
      ? 'not heard of yet'
      : `${alarm.state} since `
        + `${String(alarm.since)}${typeof alarm.actedAt === 'string' ? `, acted ${alarm.actedAt}` : ''}`;
  return `${alarm.alarmName} ${change}, cooldown ${duration(alarm.cooldownSeconds * 1000)} (${seen})`;
}

function headroomOf({ headroom }: PoolView): string | null {
  if (headroom === undefined) return null;
  const {
    floorNodes = headroom.nodes ?? 0,
    alarmName = null,
    reason,
    lacking = null,
    vcpu,
    memoryMib: mib,
    gpu,
  } = headroom;
  const because = alarmName === null ? '' : `, since alarm ${alarmName}: ${reason ?? ''}`;
  const gpus = gpu === undefined || gpu === 0 ? '' : ` and ${plural(gpu, 'GPU')}`;
  const carrying = vcpu === undefined ? '' : `, each for a task of ${String(vcpu)} vCPU, ${String(mib)} MiB${gpus}`;
  return (
    `${plural(floorNodes, 'node')} kept without `
    + `work${carrying}${because}${lacking === null ? '' : `; not reached: ${lacking}`}`
  );
}

async function warmPool(
  context: Context,
  [name = '']: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { declaredOf } = await import('../../lib/api/pool-file.ts');
  const shown = await context.client.call('getPool', { params: { name } });
  const before = shown.warm;
  const { warm: _before, ...others } = declaredOf(shown) as Readonly<Record<string, unknown>>;
  const { running = before?.running ?? 0, stopped = before?.stopped ?? 0, ...said } = options;
  const needs = defined({ vcpu: said['vcpu'], memoryMib: said['memory'], gpu: said['gpu'], arch: said['arch'] });
  const look = defined({
    instanceType: said['type'],
    needs: Object.keys(needs).length === 0 ? undefined : needs,
    zone: said['zone'],
    image: said['image'],
  });
  const warm = { ...(Object.keys(look).length === 0 ? before : look), running, stopped };
  const isNone = running === 0 && stopped === 0;
  const pool = await context.client.call('putPool', {
    params: { name },
    body: { ...others, ...(isNone ? {} : { warm }) },
  });
  context.print(pool, () => `pool ${pool.name} keeps ${warmOf(pool) ?? 'no machine'} ready`);
}

function defined(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

function disruptionOf({ disruption }: PoolView): string | null {
  if (disruption === undefined) return null;
  const { drift, expireAfterSeconds, consolidation, maxDrainSeconds, budgets = [] } = disruption;
  return [
    drift ? 'nodes drift' : null,
    expireAfterSeconds === undefined ? null : `nodes expire after ${duration(expireAfterSeconds * 1000)}`,
    consolidation === undefined ? null : 'nodes consolidate',
    maxDrainSeconds === undefined ? null : `tasks are stopped after a drain of ${duration(maxDrainSeconds * 1000)}`,
    ...budgets.map(({ nodes, percent, methods, schedule, timeZone = 'UTC', durationSeconds = 0 }) => {
      const most = nodes === undefined ? `${String(percent ?? 100)} % of the nodes` : plural(nodes, 'node');
      const how = methods === undefined ? '' : ` by ${methods.join(', ')}`;
      const times = schedule === undefined ? '' : `, from ${schedule} (${timeZone}) for `;
      return `at most ${most} at once${how}${times}${schedule === undefined ? '' : duration(durationSeconds * 1000)}`;
    }),
  ]
    .filter((one) => one !== null)
    .join('; ');
}

function warmNodesOf({ warmNodes }: PoolView): string | null {
  if (warmNodes === undefined) return null;
  const { stopped, minStopped = 0, expireAfterSeconds, lacking } = warmNodes;
  const age = duration(expireAfterSeconds * 1000);
  const least = minStopped === 0 ? '' : `; ${String(minStopped)} are ready before anybody asks`;
  const missing = lacking === undefined ? '' : `; missing: ${lacking}`;
  return `${String(stopped)} are stopped when they have no work, until they are ${age} old${least}${missing}`;
}

function warmOf({ warm }: PoolView): string | null {
  if (warm === undefined) return null;
  const { vcpu, memoryMib: mib, ...needs } = warm.needs ?? {};
  const what = [
    warm.instanceType,
    vcpu === undefined ? undefined : `${String(vcpu)} vCPU`,
    mib === undefined ? undefined : `${String(mib)} MiB`,
    ...Object.entries(needs).map(([key, value]) => `${key} ${String(value)}`),
    warm.zone,
    warm.image,
  ];
  return (
    `${String(warm.running)} running and ${String(warm.stopped)} stopped `
    + `(${what.filter((one) => one !== undefined).join(', ')})`
  );
}

async function showLifetimes(context: Context, [name = '']: readonly string[]): Promise<void> {
  const view = await context.client.call('getLifetimes', { params: { name } });
  const row = (one: LifetimesView['prior'], ...what: readonly string[]): string[] => [
    ...what,
    ...[one.p50Seconds, one.p90Seconds, one.meanSeconds].map((seconds) => duration(seconds * 1000)),
  ];
  context.print(view, () =>
    view.lifetimes === 'off'
      ? `pool ${name} does not learn how long tasks last: lifetimes is "off"`
      : table(
          ['TENANT', 'SHAPE', 'NAME', 'ENDS', 'P50', 'P90', 'MEAN', ''],
          [
            ...view.classes.map((one) => [
              ...row(one, one.tenant ?? 'all', one.shape ?? 'all', one.name ?? 'all', String(one.ends)),
              one.hasEnough ? '' : 'too few ends: follows the wider class',
            ]),
            [...row(view.prior, dash, dash, dash, dash), 'before anything has ended'],
          ],
        ),
  );
}

async function showForecast(context: Context, [name = '']: readonly string[]): Promise<void> {
  const view = await context.client.call('getForecast', { params: { name } });
  const { demandVcpu: now, lowVcpu: low, expectedVcpu: expected, wantedVcpu: wanted } = view;
  const methods = view.methods.map((one) => ({ ...one, meanError: one.meanErrorVcpu }));
  const vcpus = (value: number): string => `${String(value)} vCPU`;
  context.print(view, () =>
    [...forecastLines({ ...view, now, low, expected, wanted, methods }, vcpus), ...learnedLines(view)].join('\n'),
  );
}

/** Nothing where nothing was learned of what it bought. */
function learnedLines({ offerings, learningStyle }: ForecastView): readonly string[] {
  if (offerings.length === 0) return [];
  const isActedOn = learningStyle === 'adaptive';
  return [
    '',
    isActedOn ? 'offerings count their price times FACTOR:' : 'offerings, as an adaptive pool would count them:',
    table(
      ['OFFERING', 'FACTOR', 'REFUSED', 'NODES', 'NEVER CALLED', 'INTERRUPTIONS', 'NODE-HOURS', 'BOOT P50'],
      offerings.map((one) => [
        one.offering,
        one.factor === one.hopefulFactor
          ? String(one.factor)
          : `${String(one.factor)}, hoped ${String(one.hopefulFactor)}`,
        ...[one.refusedLaunches, one.nodes, one.neverCalled, one.interruptions, one.nodeHours].map(String),
        one.bootP50Seconds === null ? dash : duration(one.bootP50Seconds * 1000),
      ]),
    ),
  ];
}

async function showHistory(
  context: Context,
  [name = '']: readonly string[],
  { since: sinceText, step }: { readonly since?: string; readonly step?: number },
): Promise<void> {
  const since = sinceOf(sinceText, context.environment.nowMs());
  const query = { ...(since === undefined ? {} : { since }), ...(step === undefined ? {} : { stepSeconds: step }) };
  const view = await context.client.call('getHistory', { params: { name }, query });
  // Equal ones in one row, from when on.
  const changes = view.items.filter((one, at) => {
    const before = view.items[at - 1];
    return before?.vcpu !== one.vcpu || before.memoryMib !== one.memoryMib || before.gpu !== one.gpu;
  });
  context.print(view, () =>
    view.knownSince === null
      ? `nothing is known of what pool ${name} wanted`
      : table(
          ['FROM', 'VCPU', 'MEMORY MIB', 'GPU'],
          changes.map((one) => [one.at, String(one.vcpu), String(one.memoryMib), String(one.gpu)]),
        ),
  );
}

async function deletePool(context: Context, [name = '']: readonly string[]): Promise<void> {
  const pool = await context.client.call('deletePool', { params: { name } });
  context.print(pool, () => `pool ${pool.name} is being deleted; it ends when its nodes have ended`);
}

async function listNodes(context: Context, [pool]: readonly string[]): Promise<void> {
  const names =
    pool === undefined
      ? (await allPages((query) => context.client.call('listPools', { query }))).items.map((one) => one.name)
      : [pool];
  const items: NodeView[] = [];
  for (const name of names) {
    items.push(...(await allPages((query) => context.client.call('listNodes', { params: { name }, query }))).items);
  }
  const now = context.environment.nowMs();
  context.print({ items }, () =>
    items.length === 0
      ? 'no nodes: nothing is bought while nothing is asked for'
      : table(
          ['NODE', 'POOL', 'STATE', 'TYPE', 'ZONE', 'CAPACITY', '$/H', 'VCPU USED', 'MEMORY USED', 'TASKS', 'AGE', ''],
          items.map((one) => [
            one.id,
            one.pool,
            one.state,
            one.instanceType,
            one.zone,
            one.capacityType,
            usd(one.priceUsdPerHour),
            `${String(one.used.vcpu)}/${String(one.allocatable.vcpu)}`,
            `${String(one.used.memoryMib)}/${String(one.allocatable.memoryMib)} MiB`,
            `${String(one.tasks)}/${String(one.tasksMax)}`,
            duration(now - Date.parse(one.createdAt)),
            one.drainReason ?? (one.cordoned ? `cordoned by ${one.cordoned.by}` : null) ?? one.announced?.reason ?? '',
          ]),
          context.width,
        ),
  );
}

async function activity(
  context: Context,
  [name = 'default']: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { limit, cursor } = options as { readonly limit: number; readonly cursor?: string };
  const page = await allPages(
    (query) => context.client.call('listActivity', { params: { name }, query }),
    limit,
    cursor,
  );
  context.print(page, () =>
    page.items.length === 0
      ? `pool ${name} has done nothing yet`
      : table(
          ['AT', 'WHAT', 'NODE', 'TYPE', 'ZONE', 'CAPACITY', '$/H', 'WHY'],
          page.items.map((one) => [
            one.at,
            one.code,
            one.nodeId ?? dash,
            one.instanceType ?? dash,
            one.zone ?? dash,
            one.capacityType ?? dash,
            one.priceUsdPerHour === null ? dash : usd(one.priceUsdPerHour),
            one.message,
          ]),
          context.width,
        ),
  );
  if (!context.isJson && page.nextCursor !== null) context.say(`there are more: --cursor ${page.nextCursor}`);
}

const share = (value: number | null): string => (value === null ? dash : `${(value * 100).toFixed(0)} %`);

function countsOf(counts: Readonly<Record<string, number>>): string {
  const shown = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${String(count)} ${name}`);
  return shown.length === 0 ? 'none' : shown.join(', ');
}

async function stats(context: Context): Promise<void> {
  const figures = await context.client.call('getStats');
  context.print(figures, () => statsText(figures));
}

function sourceOf({ source, region, ageSeconds }: StatsView['catalog']['offerings']): string {
  return `${source} of ${region}, ${duration(ageSeconds * 1000)} old`;
}

function statsText(figures: StatsView): string {
  const { utilisation, latencyMs } = figures;
  const latency = (name: string, one: StatsView['latencyMs']['acceptedToPlaced']): string[] => [
    name,
    ...[one.p50, one.p95, one.p99].map((value) => (value === null ? dash : duration(value))),
    String(one.count),
  ];
  return [
    facts([
      ['requests', countsOf(figures.requests)],
      ['quarantined', figures.quarantined === 0 ? null : String(figures.quarantined)],
      ['nodes', countsOf(figures.nodes)],
      ['by type', countsOf(figures.nodesByType)],
      [
        'headroom',
        figures.headroomNodes === 0 ? null : `${plural(figures.headroomNodes, 'node')} kept without work, for alarms`,
      ],
      ['since the start', `${String(figures.launchedNodes)} launched, ${String(figures.goneNodes)} gone`],
      ['in use', `CPU ${share(utilisation.cpu)}, memory ${share(utilisation.memory)}, GPU ${share(utilisation.gpu)}`],
      [
        'prices',
        `spot and offerings: ${sourceOf(figures.catalog.offerings)}; on demand: `
          + `${sourceOf(figures.catalog.onDemandPrices)}`,
      ],
      ['cost', `${usd(figures.usdPerHour)}/h now, ${usd(figures.spentUsd)} spent`],
    ]),
    '',
    ...(figures.claimed === undefined
      ? []
      : [
          table(
            ['CLAIM', 'POOL', 'TENANT', 'REQUESTS', 'MACHINES', 'STOPPED', 'GIB', '$/H'],
            figures.claimed.map((one) => [
              one.type,
              one.pool,
              one.tenant,
              String(one.requests),
              String(one.instances),
              String(one.stopped),
              String(one.volumeGib),
              usd(one.usdPerHour),
            ]),
          ),
          '',
        ]),
    table(
      ['LATENCY', 'P50', 'P95', 'P99', 'OF'],
      [
        latency('accepted -> placed', latencyMs.acceptedToPlaced),
        latency('placed -> running', latencyMs.placedToRunning),
        latency('running -> ended', latencyMs.runningToEnded),
      ],
    ),
  ].join('\n');
}

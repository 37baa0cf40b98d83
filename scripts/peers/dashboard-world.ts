// An installation that is not there: the dashboard's page, and answers of the API in any size, made from a few figures.
// For what a shop's day does not show: 10,000 nodes, 100,000 tasks, a forecast.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPages } from '../../dashboard/serve/pages.ts';
import type { ForecastView } from '../../lib/api/schemas/figures/forecast.ts';
import type { HistoryView } from '../../lib/api/schemas/figures/history.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import type { NodeView } from '../../lib/api/schemas/pools.ts';
import type { RequestView, TaskView, TimelineView } from '../../lib/api/schemas/requests.ts';

export interface Sizes {
  readonly nodes: number;
  readonly tasksPerNode: number;
  readonly requests: number;
  /** Of the array, whose id is {@link arrayId}. */
  readonly tasks: number;
}

export const arrayId = `r-${'a'.repeat(26)}`;
const startMs = Date.now() - 3_600_000;
const timeAt = (ms: number): string => new Date(startMs + ms).toISOString();
const idOf = (letter: string, at: number): string =>
  `${letter}-${at.toString(16).padStart(letter === 'i' ? 17 : 26, '0')}`;
const types = ['c7g.2xlarge', 'm7i.4xlarge', 'r7a.xlarge'];

function nodeAt(at: number, tasks: number, hasTasks: boolean): NodeView {
  const assigned = Array.from({ length: tasks }, (_, index) => ({
    request: idOf('r', at * tasks + index),
    index,
    attempt: 1,
    ...{ vcpu: 0.5, memoryMib: 900, gpu: 0 },
    placedAt: timeAt(index),
    startedAt: timeAt(index + 900),
  }));
  return {
    id: idOf('i', at),
    pool: 'default',
    state: at % 50 === 0 ? 'draining' : 'ready',
    instanceType: types[at % types.length] ?? '',
    zone: `eu-west-1${'abc'.charAt(at % 3)}`,
    capacityType: at % 4 === 0 ? 'on-demand' : 'spot',
    priceUsdPerHour: 0.1 + (at % 97) / 100,
    launchId: idOf('l', at),
    allocatable: { vcpu: 8, memoryMib: 15_000, gpu: 0 },
    used: { vcpu: tasks * 0.5, memoryMib: tasks * 900, gpu: 0 },
    tasks,
    tasksMax: 64,
    createdAt: timeAt(at * 100),
    readyAt: timeAt(at * 100 + 40_000),
    lastSeenAt: new Date().toISOString(),
    ...{ drainReason: null, announced: null, cordoned: null, stopsTasksAt: null },
    ...(hasTasks ? { assigned } : {}),
  };
}

function requestAt(at: number): RequestView {
  const isOver = at % 5 !== 0;
  return {
    id: idOf('r', at),
    type: 'task',
    name: `job-${String(at)}`,
    labels: { team: at % 3 === 0 ? 'search' : 'film' },
    ...{ pool: 'default', tenant: 'local', state: isOver ? 'succeeded' : 'running', reason: null },
    ...{ createdAt: timeAt(at), startedAt: timeAt(at + 9_000), endedAt: isOver ? timeAt(at + 60_000) : null },
    count: 1,
    counts: { pending: 0, running: isOver ? 0 : 1, succeeded: isOver ? 1 : 0, failed: 0, cancelled: 0 },
    ...{ exitCode: isOver ? 0 : null, attempts: 1, usd: 0.0012, allocation: null },
  };
}

function arrayOf(tasks: number): RequestView {
  const counts = { pending: 0, running: tasks, succeeded: 0, failed: 0, cancelled: 0 };
  return { ...requestAt(0), id: arrayId, name: 'array', count: tasks, counts, exitCode: null, attempts: null };
}

function taskAt(index: number): TaskView {
  const states = ['succeeded', 'succeeded', 'running', 'pending'] as const;
  const state = index % 1_000 === 7 ? 'failed' : (states[Math.floor(index / 700) % states.length] ?? 'pending');
  return {
    ...{ index, state, exitCode: state === 'failed' ? 1 : null, reason: state === 'failed' ? 'exit code 1' : null },
    ...{ attempts: 1, node: null, lastAttemptUsd: null, usd: null, placedAt: null, startedAt: null, endedAt: null },
  };
}

function figuresOf({ nodes, requests, tasksPerNode }: Sizes): StatsView {
  const none = { p50: 1_200, p95: 48_000, p99: 60_000, count: requests };
  const from = { source: 'simulated', region: 'eu-west-1', asOf: timeAt(0), ageSeconds: 60 };
  const share = Math.min(1, (tasksPerNode * 0.5) / 8);
  return {
    figuresOf: new Date().toISOString(),
    requests: { running: requests / 5, succeeded: requests } as StatsView['requests'],
    tasks: { pending: 0, running: requests / 5 },
    pools: [{ pool: 'default', tasks: { pending: 0, running: requests / 5 }, nodes, instances: nodes, usdPerHour: 1 }],
    oldestPendingAt: null,
    quarantined: 0,
    nodes: { ready: nodes },
    nodesByType: Object.fromEntries(types.map((type) => [type, Math.round(nodes / types.length)])),
    ...{ launchedNodes: nodes, goneNodes: 0, headroomNodes: 0, usdPerHour: nodes * 0.2, spentUsd: nodes * 0.2 },
    allocatable: { vcpu: nodes * 8, memoryMib: nodes * 15_000, gpu: 0 },
    assigned: { vcpu: nodes * 8 * share, memoryMib: nodes * 9_000, gpu: 0 },
    utilisation: { cpu: share, memory: 0.6, gpu: null },
    usage: { instances: nodes, vcpu: nodes * 8, memoryMib: nodes * 15_000, usdPerHour: nodes * 0.2 },
    catalog: { offerings: from, onDemandPrices: from },
    latencyMs: { acceptedToPlaced: none, placedToRunning: none, runningToEnded: none },
  };
}

const forecast: ForecastView = {
  ...{ learningStyle: 'predictive', acts: true, leadSeconds: 75, quantile: 0.9, demandVcpu: 212 },
  reason:
    'seasonal-median-day is off by 14.2 vCPU on average, and the best naive method, seasonal-naive-day, by 22.9 vCPU',
  ...{ method: 'seasonal-median-day', lowVcpu: 196, expectedVcpu: 224, wantedVcpu: 251.5 },
  methods: [
    { method: 'seasonal-median-day', naive: false, meanErrorVcpu: 14.2, steps: 4_320 },
    { method: 'seasonal-naive-day', naive: true, meanErrorVcpu: 22.9, steps: 4_320 },
    { method: 'last-value', naive: true, meanErrorVcpu: 31.4, steps: 4_320 },
  ],
  offerings: [],
};

function history(): HistoryView {
  const steps = 144;
  const stepMs = 600_000;
  return {
    knownSince: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    stepSeconds: 600,
    items: Array.from({ length: steps }, (_, at) => ({
      at: new Date(Date.now() - (steps - at) * stepMs).toISOString(),
      ...{ vcpu: 120 + 90 * Math.sin((at / steps) * 6.28 + 1.4) + 12 * Math.sin(at * 1.7), memoryMib: 0, gpu: 0 },
    })),
  };
}

const timeline: TimelineView = {
  items: [{ at: timeAt(0), stage: 'accepted', code: 'accepted', message: 'it was accepted' }],
};

/** What the API answers to a GET; null: no such path. */
function answerTo({ pathname, searchParams }: URL, sizes: Sizes): unknown {
  const limit = Number(searchParams.get('limit') ?? 100);
  const from = Number(searchParams.get('cursor') ?? searchParams.get('from') ?? 0);
  const slice = <T>(total: number, at: (n: number) => T): T[] =>
    Array.from({ length: Math.max(0, Math.min(limit, total - from)) }, (_, n) => at(from + n));
  const next = (total: number): string | null => (from + limit < total ? String(from + limit) : null);
  const [, , kind, id, part] = pathname.split('/');
  if (kind === 'stats') return figuresOf(sizes);
  if (kind === 'pools' && id === undefined)
    return { items: [{ name: 'default', limits: {}, deletingSince: null }], nextCursor: null };
  if (part === 'nodes') {
    const hasTasks = searchParams.get('tasks') === 'true';
    const items = slice(sizes.nodes, (at) => nodeAt(at, sizes.tasksPerNode, hasTasks));
    return { items, nextCursor: next(sizes.nodes) };
  }
  if (part === 'forecast') return forecast;
  if (part === 'history') return history();
  if (part === 'timeline') return timeline;
  if (part === 'output') return { stdout: 'hello\n', stderr: '', truncated: false, next: '1,6,0', ended: true };
  if (part === 'tasks') return { items: slice(sizes.tasks, taskAt), nextFrom: null };
  if (kind === 'requests' && id !== undefined) return arrayOf(sizes.tasks);
  if (kind === 'requests' && searchParams.has('type')) return { items: [], nextCursor: null, examined: 0 };
  if (kind === 'requests')
    return { items: slice(sizes.requests, requestAt), nextCursor: next(sizes.requests), examined: limit };
  if (kind === 'costs') return { by: 'pool', since: '', until: timeAt(0), usd: 0, idleUsd: 0, groups: [], days: [] };
  if (kind === 'regret') return { pools: [], notKnown: [] };
  return { items: [], nextCursor: null };
}

/** Serves page and answers on loopback, as the laptop's server does. */
export async function startWorld(sizes: Sizes): Promise<{ readonly url: string; readonly server: Server }> {
  const every = { refreshMs: 1_500, idleRefreshMs: 1_500, restRefreshMs: 1_500 };
  const pages = createPages({ ...every, where: 'nowhere' });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith('/v1/')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answerTo(url, sizes)));
      return;
    }
    void pages(url.pathname).then((page) => {
      response.writeHead(page?.status ?? 404, page?.headers);
      response.end(page?.body);
    });
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, server };
}

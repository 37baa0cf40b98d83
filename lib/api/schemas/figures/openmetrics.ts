// /metrics: OpenMetrics 1.0 text (https://prometheus.io/docs/specs/om/open_metrics_spec/), from figures by pool.
import { bucketEdgeMs, bucketsPerOctave, countOf } from '../../../core/values/collections/histogram.ts';
import type { Histogram } from '../../../core/values/collections/histogram.ts';
import type { Resources } from '../../../core/values/resources.ts';

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** What is needed of control's figures (control/use-cases.ts). `pool`: null: pools that are gone, and the rest. */
export interface MetricsOfPool {
  readonly pool: string | null;
  readonly ticks: number;
  readonly open: Counts;
  readonly ended: Counts;
  readonly openTasks: { readonly pending: number; readonly running: number };
  readonly quarantined: number;
  readonly oldestPendingMs: number | null;
  readonly nodes: Counts;
  readonly headroomNodes: number;
  readonly allocatable: Resources;
  readonly assigned: Resources;
  readonly usdPerHour: number;
  readonly spentUsd: number;
  readonly launchedNodes: number;
  readonly goneNodes: number;
  readonly launches: Counts;
  readonly acceptedToPlaced: Histogram;
  readonly placedToRunning: Histogram;
  readonly runningToEnded: Histogram;
}

type Counts = Readonly<Record<string, number>>;
type Labels = Readonly<Record<string, string>>;
type Series = readonly (readonly [labels: Labels, value: number])[];

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly unit?: 'seconds' | 'usd';
  readonly help: string;
  readonly of: (pool: MetricsOfPool) => Series;
}

/** The label of what belongs to no pool that is told apart. */
export const othersLabel = '(others)';

const mib = 1_048_576;
const by = (label: string, counts: Counts): Series =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, count]) => [{ [label]: value }, count]);
const one = (value: number | null): Series => (value === null ? [] : [[{}, value]]);
const resourceSeries = ({ cpuMilli, memoryMib, gpu }: Resources): Series => [
  [{ resource: 'cpu', unit: 'core' }, cpuMilli / 1000],
  [{ resource: 'memory', unit: 'byte' }, memoryMib * mib],
  [{ resource: 'gpu', unit: 'integer' }, gpu],
];

const families: readonly Family[] = [
  {
    name: 'bellows_requests',
    type: 'gauge',
    help: 'Requests that have not ended, by state.',
    of: ({ open }) => by('state', open),
  },
  {
    name: 'bellows_requests_ended',
    type: 'counter',
    help: 'Requests that have ended, by state.',
    of: ({ ended }) => by('state', ended),
  },
  {
    name: 'bellows_tasks',
    type: 'gauge',
    help: 'Tasks of open requests, each of an array, by state.',
    of: ({ openTasks }) => by('state', { ...openTasks }),
  },
  {
    name: 'bellows_requests_set_aside',
    type: 'gauge',
    help: 'Requests left aside because planning them failed.',
    of: ({ quarantined }) => one(quarantined),
  },
  {
    name: 'bellows_oldest_pending_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest request that waits; absent when none waits.',
    of: ({ oldestPendingMs }) => one(oldestPendingMs === null ? null : oldestPendingMs / 1000),
  },
  { name: 'bellows_nodes', type: 'gauge', help: 'Nodes, by state.', of: ({ nodes }) => by('state', nodes) },
  {
    name: 'bellows_nodes_launched',
    type: 'counter',
    help: 'Nodes that EC2 launched.',
    of: ({ launchedNodes }) => one(launchedNodes),
  },
  { name: 'bellows_nodes_gone', type: 'counter', help: 'Nodes that are gone.', of: ({ goneNodes }) => one(goneNodes) },
  {
    name: 'bellows_headroom_nodes',
    type: 'gauge',
    help: 'Nodes without work that are kept as declared or because of alarms.',
    of: ({ headroomNodes }) => one(headroomNodes),
  },
  {
    name: 'bellows_launches',
    type: 'counter',
    help: 'Launches that are closed: code is launched, or what EC2 answered instead.',
    of: ({ launches }) => by('code', launches),
  },
  {
    name: 'bellows_allocatable',
    type: 'gauge',
    help: 'What tasks may use of ready nodes.',
    of: ({ allocatable }) => resourceSeries(allocatable),
  },
  {
    name: 'bellows_assigned',
    type: 'gauge',
    help: 'What tasks on ready nodes asked for.',
    of: ({ assigned }) => resourceSeries(assigned),
  },
  {
    name: 'bellows_price_usd_per_hour',
    type: 'gauge',
    help: 'Price of what runs and is stored now.',
    of: ({ usdPerHour }) => one(usdPerHour),
  },
  {
    name: 'bellows_spent_usd',
    type: 'counter',
    unit: 'usd',
    help: 'Spent so far, of what is gone and of what is there.',
    of: ({ spentUsd }) => one(spentUsd),
  },
  { name: 'bellows_ticks', type: 'counter', help: 'Ticks that took the lock.', of: ({ ticks }) => one(ticks) },
];

const durations = [
  ['bellows_accepted_to_placed_seconds', 'acceptedToPlaced', 'From accepted to placed on a node.'],
  ['bellows_placed_to_running_seconds', 'placedToRunning', 'From placed to running.'],
  ['bellows_running_to_ended_seconds', 'runningToEnded', 'From running to ended.'],
] as const;

export function openMetrics(pools: readonly MetricsOfPool[]): string {
  const lines = [...families.flatMap((family) => familyLines(family, pools))];
  for (const [name, key, help] of durations) {
    lines.push(`# TYPE ${name} histogram`, `# UNIT ${name} seconds`, `# HELP ${name} ${help} First attempts only.`);
    for (const figures of pools) lines.push(...histogramLines(name, { pool: labelOf(figures) }, figures[key]));
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function familyLines({ name, type, unit, help, of }: Family, pools: readonly MetricsOfPool[]): string[] {
  const suffix = type === 'counter' ? '_total' : '';
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...pools.flatMap((figures) =>
      of(figures).map(([labels, value]) => line(`${name}${suffix}`, { pool: labelOf(figures), ...labels }, value)),
    ),
  ];
}

const labelOf = ({ pool }: MetricsOfPool): string => pool ?? othersLabel;

/** 16 ms to 2.3 days, a doubling each: edges of stored buckets, so that what is counted below each is exact. */
const octaves = Array.from({ length: 24 }, (_, at) => at + 4);

function histogramLines(name: string, labels: Labels, histogram: Histogram): string[] {
  const counts = Object.entries(histogram).map(([bucket, count]) => [Number(bucket), count] as const);
  const upTo = (last: number): number => counts.reduce((sum, [bucket, n]) => (bucket <= last ? sum + n : sum), 0);
  return [
    ...octaves.map((octave) => {
      const last = octave * bucketsPerOctave;
      return line(`${name}_bucket`, { ...labels, le: edgeText(bucketEdgeMs(last) / 1000) }, upTo(last));
    }),
    line(`${name}_bucket`, { ...labels, le: '+Inf' }, countOf(histogram)),
  ];
}

/** A float always has its point in canonical OpenMetrics. */
const edgeText = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function line(name: string, labels: Labels, value: number): string {
  const text = Object.entries(labels).map(([label, of]) => `${label}="${escaped(of)}"`);
  return `${name}{${text.join(',')}} ${String(value)}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

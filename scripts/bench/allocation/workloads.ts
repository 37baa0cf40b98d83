// The demands that `npm run bench:allocation` is measured on, each from a fixed seed or from a file.
import { readFileSync } from 'node:fs';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import type { Demand } from '../../../lib/core/allocation/index.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';

export interface Workload {
  readonly name: string;
  readonly demand: readonly Demand[];
  readonly offerings: readonly Offering[];
  readonly catalog: string;
  /** Baselines know resources only. */
  readonly hasBaselines: boolean;
  /** Repack: what the fleet costs now. */
  readonly costNowUsdPerHour?: number;
}

const general = (): Offering[] =>
  offeringsOf({
    instanceCategory: ['c', 'm', 'r'],
    arch: ['amd64'],
    minInstanceGeneration: 3,
    capacityType: ['on-demand'],
  }).filter((one) => !one.type.isBareMetal);
const whole = (): Offering[] => offeringsOf({ capacityType: ['on-demand'] });
const catalogs = { 'c/m/r amd64': general, whole };

/** mulberry32: small, seeded, the same everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function demandOf(id: string, cpuMilli: number, memoryMib: number, more: Partial<Demand> = {}): Demand {
  return {
    id,
    tenant: 'bench',
    count: 1,
    resources: { cpuMilli, memoryMib, gpu: 0 },
    requirements: {},
    priority: 0,
    createdAtMs: 0,
    expectedDurationMs: null,
    ...more,
  };
}

const pick = <T>(next: () => number, values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
const genericSize = (next: () => number): [number, number] => [
  pick(next, [100, 250, 500, 1000, 1500]),
  pick(next, [100, 256, 512, 1024, 2048, 4096]),
];

export function generic(count: number, seed = 42): Demand[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, at) => demandOf(`t${String(at).padStart(6, '0')}`, ...genericSize(next)));
}

/** Fifths: generic, zone spread, node spread, zone self-affinity (7 labels each), node anti-affinity (one label). */
export function diverse(count: number, seed = 42): Demand[] {
  const next = random(seed);
  const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  return Array.from({ length: count }, (_, at) => {
    const size = genericSize(next);
    const label = pick(next, labels);
    const kind = at % 5;
    const group = kind === 4 ? 'apart' : `${['', 'spread', 'nodes', 'near'][kind] ?? ''}-${label}`;
    const relation: Partial<Demand> =
      kind === 0
        ? {}
        : kind === 1
          ? { group, spread: [{ topology: 'zone', group, maxSkew: 1 }] }
          : kind === 2
            ? { group, spread: [{ topology: 'node', group, maxSkew: 1 }] }
            : kind === 3
              ? { group, affinity: [{ topology: 'zone', group }] }
              : { group, antiAffinity: [{ topology: 'node', group }] };
    return demandOf(`t${String(at).padStart(6, '0')}`, ...size, relation);
  });
}

function preferences(): Demand[] {
  const wishes = [
    { requirements: { instanceFamily: ['m6i'] }, maxExtraUsdPerHour: 0.01 },
    { requirements: { instanceFamily: ['none'] }, maxExtraUsdPerHour: 1 },
  ];
  return generic(4000).map((one) => ({ ...one, preferences: wishes }));
}

function openb(path: string, withGpu: boolean): Demand[] {
  if (path === '') throw new Error('the openb workloads need --openb openb_pod_list_default.csv');
  return readTrace(path).filter((one) => withGpu || one.resources.gpu === 0);
}

function shapes(): Demand[] {
  const next = random(7);
  return Array.from({ length: 1000 }, (_, at) =>
    demandOf(
      `s${String(at).padStart(4, '0')}`,
      50 * (1 + Math.floor(next() * 80)),
      64 * (1 + Math.floor(next() * 256)),
      { count: 1000 },
    ),
  );
}

function distinct(): Demand[] {
  const next = random(11);
  return Array.from({ length: 100_000 }, (_, at) =>
    demandOf(`d${String(at).padStart(6, '0')}`, 100 + Math.floor(next() * 3900), 128 + Math.floor(next() * 16_000)),
  );
}

/** 2,000 nodes of 4 to 16 vCPU, each filled about half with generic tasks. */
function repack(offerings: readonly Offering[]): { demand: Demand[]; costNowUsdPerHour: number } {
  const next = random(5);
  const small = offerings.filter((one) => one.zone === 'us-east-1a' && one.type.vcpu >= 4 && one.type.vcpu <= 16);
  const demand: Demand[] = [];
  let costNowUsdPerHour = 0;
  for (let node = 0; node < 2000; node++) {
    const { type, priceUsdPerHour } = pick(next, small);
    costNowUsdPerHour += priceUsdPerHour;
    let [cpu, memory] = [type.allocatable.cpuMilli / 2, type.allocatable.memoryMib / 2];
    for (;;) {
      const [cpuMilli, memoryMib] = genericSize(next);
      [cpu, memory] = [cpu - cpuMilli, memory - memoryMib];
      if (cpu < 0 || memory < 0) break;
      demand.push(demandOf(`n${String(node).padStart(4, '0')}-${String(demand.length)}`, cpuMilli, memoryMib));
    }
  }
  return { demand, costNowUsdPerHour };
}

/**
 * A plan CSV (`id,vcpu,memory_mib,gpu` and optional `count,arch,zone,capacity_type,priority,duration_s`) or
 * the openb pod list (`name,cpu_milli,memory_mib,num_gpu,gpu_milli,...`), where a share of a GPU is rounded
 * up to a whole device.
 */
export function readTrace(path: string): Demand[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line, row) => {
    const fields = line.split(',');
    const field = (name: string): string => fields[columns.indexOf(name)] ?? '';
    const list = (name: string): readonly string[] | undefined =>
      field(name) === '' ? undefined : field(name).split('|');
    if (columns.includes('cpu_milli')) {
      return demandOf(field('name'), Number(field('cpu_milli')), Number(field('memory_mib')), {
        resources: {
          cpuMilli: Number(field('cpu_milli')),
          memoryMib: Number(field('memory_mib')),
          gpu: Math.max(Number(field('num_gpu')), Number(field('gpu_milli') || 0) > 0 ? 1 : 0),
        },
      });
    }
    const [arch, zone, capacityType] = [list('arch'), list('zone'), list('capacity_type')];
    return demandOf(field('id') || `row${String(row)}`, 0, 0, {
      count: Number(field('count') || 1),
      resources: {
        cpuMilli: Math.ceil(Number(field('vcpu')) * 1000),
        memoryMib: Math.ceil(Number(field('memory_mib'))),
        gpu: Math.ceil(Number(field('gpu') || 0)),
      },
      requirements: { ...(arch ? { arch } : {}), ...(zone ? { zone } : {}), ...(capacityType ? { capacityType } : {}) },
      priority: Number(field('priority') || 0),
      expectedDurationMs: field('duration_s') === '' ? null : Number(field('duration_s')) * 1000,
    });
  });
}

type Maker = (openbFile: string) => Workload;
const make = (
  name: string,
  catalog: keyof typeof catalogs,
  demand: (openbFile: string) => Demand[],
  hasBaselines = true,
): [string, Maker] => [
  name,
  (file) => ({ name, catalog, offerings: catalogs[catalog](), demand: demand(file), hasBaselines }),
];

export const workloads: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  make('generic-1k', 'c/m/r amd64', () => generic(1000)),
  make('generic-5k', 'c/m/r amd64', () => generic(5000)),
  make('generic-20k', 'c/m/r amd64', () => generic(20_000)),
  make('generic-20k-whole', 'whole', () => generic(20_000)),
  make('diverse-1k', 'c/m/r amd64', () => diverse(1000), false),
  make('diverse-5k', 'c/m/r amd64', () => diverse(5000), false),
  make('diverse-20k', 'c/m/r amd64', () => diverse(20_000), false),
  make('preferences-4k', 'c/m/r amd64', preferences, false),
  make('openb-cpu', 'c/m/r amd64', (file) => openb(file, false)),
  make('openb-cpu-whole', 'whole', (file) => openb(file, false)),
  make('openb-gpu', 'whole', (file) => openb(file, true)),
  make('1M-in-1k-shapes', 'c/m/r amd64', shapes),
  make('100k-distinct', 'c/m/r amd64', distinct, false),
  [
    'repack-2k-nodes',
    () => {
      const offerings = general();
      return { name: 'repack-2k-nodes', catalog: 'c/m/r amd64', offerings, hasBaselines: true, ...repack(offerings) };
    },
  ],
]);

export function traceWorkload(path: string): Workload {
  return { name: path, catalog: 'whole', offerings: whole(), demand: readTrace(path), hasBaselines: true };
}

// What many seeds add up to: counts of everything that happened, and seeds and CPU by kind of world.
import type { RunCounts, RunResult } from '../run/types.ts';

/** One seed's run, as a worker sends it to the program that gave it the seed. */
export interface SeedSummary {
  readonly seed: number;
  /** `tiny`, `plain small`, `wide volumes` … */
  readonly kind: string;
  readonly allocation: RunResult['allocation'];
  readonly cpuMs: number;
  readonly counts: RunCounts;
  /** The report of the violation; null: there was none. */
  readonly failure: string | null;
}

interface KindTotals {
  seeds: number;
  cpuMs: number;
  cpuMsMax: number;
}

const added = [
  'ticks',
  'faultedTicks',
  'ranTicks',
  'sweeps',
  'requests',
  'tasks',
  'claimed',
  'instances',
  'syncs',
  'processes',
  'portCalls',
  'writes',
  'simulatedMs',
] as const satisfies readonly (keyof RunCounts)[];

export interface Totals extends Record<(typeof added)[number], number> {
  seeds: number;
  readonly faults: Record<string, number>;
  readonly claimEnds: Record<string, number>;
  /** By kind of world and allocation. */
  readonly kinds: Map<string, KindTotals>;
}

export function newTotals(): Totals {
  const zeros = Object.fromEntries(added.map((key) => [key, 0])) as Record<(typeof added)[number], number>;
  return { ...zeros, seeds: 0, faults: {}, claimEnds: {}, kinds: new Map() };
}

export function kindOf({ world, size }: Pick<RunResult, 'world' | 'size'>): string {
  if (world !== 'plain') return `wide ${world}`;
  return size === 'tiny' ? 'tiny' : `plain ${size}`;
}

export function addTo(
  totals: Totals,
  { kind, allocation, cpuMs, counts }: Omit<SeedSummary, 'failure' | 'seed'>,
): void {
  totals.seeds += 1;
  for (const key of added) totals[key] += counts[key];
  for (const [fault, count] of Object.entries(counts.faults))
    totals.faults[fault] = (totals.faults[fault] ?? 0) + count;
  for (const [state, count] of Object.entries(counts.claimEnds))
    totals.claimEnds[state] = (totals.claimEnds[state] ?? 0) + count;
  const name = `${kind}, ${allocation} allocation`;
  const known = totals.kinds.get(name) ?? { seeds: 0, cpuMs: 0, cpuMsMax: 0 };
  totals.kinds.set(name, {
    seeds: known.seeds + 1,
    cpuMs: known.cpuMs + cpuMs,
    cpuMsMax: Math.max(known.cpuMsMax, cpuMs),
  });
}

export function totalsText(totals: Totals): string {
  const number = (value: number): string => value.toLocaleString('en-US');
  const faults = Object.values(totals.faults).reduce((sum, one) => sum + one, 0);
  const byKind = Object.entries(totals.faults)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${number(count)}`);
  return [
    kindsText(totals),
    `${number(totals.seeds)} seeds, ${number(Math.round(totals.simulatedMs / 3_600_000))} simulated hours`,
    `${number(totals.ticks)} ticks (${number(totals.faultedTicks)} among faults, `
      + `${number(totals.ranTicks)} got the lock), ${number(totals.sweeps)} sweeps, ${number(totals.syncs)} syncs`,
    `${number(totals.requests)} requests with ${number(totals.tasks)} tasks, ${number(totals.processes)} `
      + `processes on ${number(totals.instances)} instances`,
    `${number(totals.claimed)} claims: ${Object.entries(totals.claimEnds)
      .map(([state, count]) => `${state} ${number(count)}`)
      .join(', ')}`,
    `${number(totals.portCalls)} port calls, ${number(totals.writes)} writes`,
    `${number(faults)} faults: ${byKind.join(', ')}`,
  ].join('\n');
}

function kindsText({ kinds, seeds }: Totals): string {
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => {
      const share = ((100 * one.seeds) / seeds).toFixed(0).padStart(3);
      const [mean, most] = [one.cpuMs / one.seeds, one.cpuMsMax].map((ms) => (ms / 1000).toFixed(2));
      return (
        `${name.padEnd(34)} ${String(one.seeds).padStart(6)} seeds ${share} %  `
        + `CPU per seed: ${mean ?? ''} s, at most ${most ?? ''} s`
      );
    })
    .join('\n');
}

/** One line: how many seeds of which kind of world. */
export function summaryLine({ kinds, seeds }: Totals, failures: number): string {
  const counts = new Map<string, number>();
  let engines = 0;
  for (const [name, one] of kinds) {
    const [kind = ''] = name.split(/[ ,]/);
    counts.set(kind, (counts.get(kind) ?? 0) + one.seeds);
    if (name.endsWith('engine allocation')) engines += one.seeds;
  }
  const cpuMs = [...kinds.values()].reduce((sum, one) => sum + one.cpuMs, 0);
  const byKind = ['tiny', 'plain', 'wide'].map((kind) => `${kind} ${String(counts.get(kind) ?? 0)}`).join(', ');
  return (
    `${String(seeds)} seeds (${byKind}; ${String(engines)} with the allocation engine), `
    + `${(cpuMs / 1000).toFixed(0)} s of CPU, ${String(failures)} violations`
  );
}

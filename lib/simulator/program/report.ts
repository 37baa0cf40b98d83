// What people read of a run: how to run it again, which invariant fell, and the story of the things concerned.
import type { RunOptions, RunResult } from '../run/types.ts';
import { formatLine } from '../trace.ts';

/** The command that repeats the run exactly. */
export function replayCommand(options: RunOptions): string {
  const parts = [`npm run simulate:faults -- --seed ${String(options.seed)}`];
  if (options.size) parts.push(`--size ${options.size}`);
  if (options.world) parts.push(`--world ${options.world}`);
  if (options.scale) parts.push(`--scale ${options.scale}`);
  if (options.claims !== undefined) parts.push(`--claims ${options.claims ? 'yes' : 'no'}`);
  if (options.without && options.without.length > 0) parts.push(`--without ${options.without.join(',')}`);
  if (options.leftOut && options.leftOut.size > 0) parts.push(`--leave-out ${[...options.leftOut].join(',')}`);
  return parts.join(' ');
}

export function failureReport(options: RunOptions, result: RunResult): string {
  const { violation, trace, rates } = result;
  if (violation === null) return '';
  const kinds = Object.entries(rates)
    .filter(([, rate]) => rate > 0)
    .map(([kind]) => kind);
  const subjects = violation.subjects;
  const story = trace.story(subjects, 60).map(formatLine);
  const context = trace.story([], 15).map(formatLine);
  return [
    `seed ${String(result.seed)} violates invariant ${violation.invariant}`,
    `  ${violation.message}`,
    `replay: ${replayCommand(options)}`,
    `kinds of fault in this run: ${kinds.length > 0 ? kinds.join(', ') : 'none'}`,
    '',
    ...(subjects.length > 0 ? [`The story of ${subjects.join(', ')}:`, ...story, ''] : []),
    'The last events of all:',
    ...context,
  ].join('\n');
}

export interface Totals {
  seeds: number;
  ticks: number;
  faultedTicks: number;
  ranTicks: number;
  sweeps: number;
  requests: number;
  tasks: number;
  claimed: number;
  instances: number;
  syncs: number;
  processes: number;
  portCalls: number;
  writes: number;
  simulatedMs: number;
  readonly faults: Record<string, number>;
  readonly claimEnds: Record<string, number>;
}

export function newTotals(): Totals {
  return {
    seeds: 0,
    ticks: 0,
    faultedTicks: 0,
    ranTicks: 0,
    sweeps: 0,
    requests: 0,
    tasks: 0,
    claimed: 0,
    instances: 0,
    syncs: 0,
    processes: 0,
    portCalls: 0,
    writes: 0,
    simulatedMs: 0,
    faults: {},
    claimEnds: {},
  };
}

export function addTo(totals: Totals, { counts }: RunResult): void {
  totals.seeds += 1;
  for (const key of [
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
  ] as const)
    totals[key] += counts[key];
  for (const [kind, count] of Object.entries(counts.faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
  for (const [state, count] of Object.entries(counts.claimEnds))
    totals.claimEnds[state] = (totals.claimEnds[state] ?? 0) + count;
}

export function totalsText(totals: Totals): string {
  const number = (value: number): string => value.toLocaleString('en-US');
  const faults = Object.values(totals.faults).reduce((sum, one) => sum + one, 0);
  const byKind = Object.entries(totals.faults)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${number(count)}`);
  return [
    `${number(totals.seeds)} seeds, ${number(Math.round(totals.simulatedMs / 3_600_000))} simulated hours`,
    `${number(totals.ticks)} ticks (${number(totals.faultedTicks)} while faults raged, `
      + `${number(totals.ranTicks)} got the lock), ${number(totals.sweeps)} sweeps, ${number(totals.syncs)} syncs`,
    `${number(totals.requests)} requests with ${number(totals.tasks)} tasks, ${number(totals.processes)} `
      + `processes on ${number(totals.instances)} instances`,
    `${number(totals.claimed)} requests that hold: ${Object.entries(totals.claimEnds)
      .map(([state, count]) => `${state} ${number(count)}`)
      .join(', ')}`,
    `${number(totals.portCalls)} port calls, ${number(totals.writes)} writes`,
    `${number(faults)} faults: ${byKind.join(', ')}`,
  ].join('\n');
}

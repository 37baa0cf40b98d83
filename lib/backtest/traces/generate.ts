// Demand that nobody had: days and weeks with their cycles, bursts on the hour, heavy-tailed durations, tenants and
// arrays, from a seed.
import { Stream } from '../../simulator/random.ts';

export interface Generated {
  readonly tasks: number;
  readonly days: number;
  readonly seed: number;
  readonly tenants: number;
  /** Share of the tasks that come within half a minute after a full hour, 0 to 1. */
  readonly bursts: number;
  /** Share of the lines that are arrays of 2 to 50 tasks, 0 to 1. */
  readonly arrays: number;
  /** Seconds; durations are Pareto with a tail of 1.2 around it, six hours at most. */
  readonly medianS: number;
}

export const generatedDefaults: Generated = {
  tasks: 1_000,
  days: 1,
  seed: 1,
  tenants: 3,
  bursts: 0.1,
  arrays: 0.05,
  medianS: 60,
};

const dayS = 86_400;
const tail = 1.2;
const longestS = 6 * 3_600;
const weekend = 0.4;

/** The lines of a CSV trace, its header first; lines of arrays count as their tasks. */
export function* generate(wanted: Generated): Generator<string> {
  const stream = new Stream(wanted.seed, 'trace');
  const leastS = wanted.medianS / 2 ** (1 / tail);
  const rows: { readonly atS: number; readonly text: string }[] = [];
  for (let tasks = 0; tasks < wanted.tasks;) {
    const atS = arrivalOf(stream, wanted);
    const durationS = Math.min(longestS, leastS / (1 - stream.next()) ** (1 / tail));
    const count = Math.min(wanted.tasks - tasks, stream.chance(wanted.arrays) ? stream.integer(2, 50) : 1);
    tasks += count;
    const vcpu = stream.pick([0.1, 0.25, 0.5, 1, 1.5, 2, 4]);
    const memoryMib = stream.pick([128, 256, 512, 1024, 2048, 4096, 8192]);
    const tenant = `tenant-${String(1 + Math.floor(wanted.tenants * stream.next() ** 2))}`;
    rows.push({ atS, text: [atS.toFixed(1), durationS.toFixed(1), vcpu, memoryMib, 0, count, tenant].join(',') });
  }
  yield 'submit_s,duration_s,vcpu,memory_mib,gpu,count,tenant';
  for (const { text } of rows.sort((a, b) => a.atS - b.atS)) yield text;
}

/** Least at midnight, most at noon, less on the sixth and seventh day of each week. */
function arrivalOf(stream: Stream, { days, bursts }: Generated): number {
  for (;;) {
    const atS = stream.next() * days * dayS;
    const isWeekend = Math.floor(atS / dayS) % 7 > 4;
    const level = (0.5 - 0.45 * Math.cos((2 * Math.PI * atS) / dayS)) * (isWeekend ? weekend : 1);
    if (stream.next() > level) continue;
    return stream.chance(bursts) ? Math.floor(atS / 3_600) * 3_600 + stream.between(0, 30) : atS;
  }
}

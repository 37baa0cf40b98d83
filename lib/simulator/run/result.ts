// What a run returns: the violation, if there was one, and what the run was made of.
import type { DrawnRun } from './draw-run.ts';
import type { RunCounts, RunOptions, RunResult } from './types.ts';
import type { Wiring } from './wiring.ts';

export function resultOf({ seed }: RunOptions, drawn: DrawnRun, wiring: Wiring): RunResult {
  const { wide, size, allocation, rates, workload, claims } = drawn;
  const { trace, truth } = wiring;
  const { violation } = truth;
  if (violation) trace.write(violation.atMs, 'VIOLATION', `${violation.invariant}: ${violation.message}`);
  return {
    seed,
    world: wide?.kind ?? 'plain',
    size,
    allocation,
    violation,
    hash: trace.hash,
    trace,
    rates,
    requests: workload.requests.length + claims.length,
    counts: countsOf(wiring),
  };
}

function countsOf({ kernel, wakes, truth, machines, draws, counts }: Wiring): RunCounts {
  return {
    ...counts,
    events: kernel.events,
    ticks: wakes.counts.ticks,
    faultedTicks: wakes.counts.faulted,
    ranTicks: wakes.counts.ran,
    sweeps: wakes.counts.sweeps,
    requests: truth.ledger.counts.accepted,
    tasks: [...truth.ledger.accepted.values()].reduce((sum, one) => sum + one.spec.count, 0),
    claimed: truth.claims.size,
    claimEnds: countBy([...truth.claims.values()].map((one) => one.state)),
    instances: truth.instances.size,
    syncs: machines.counts.syncs,
    processes: machines.counts.runs,
    writes: truth.counts.writes,
    faults: Object.fromEntries(draws.counts),
    simulatedMs: kernel.nowMs,
  };
}

function countBy(all: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

// Exhaustive crashes: one small workload is run undisturbed and every port call of a controller counted; then it is
// run again with a crash before each call, after each call, and with every pair of crashes within one tick.
import { noFaults } from '../faults/faults.ts';
import type { Process } from '../processes/process.ts';
import { failureReport } from './report.ts';
import { run } from '../run/run.ts';
import type { Given, RunOptions, RunResult, Tampering, World } from '../run/types.ts';
import type { PlannedRequest, Workload } from '../applications/workload.ts';

const minuteMs = 60_000;

export interface ExhaustiveResult {
  readonly calls: number;
  readonly singles: number;
  readonly pairs: number;
  readonly failures: readonly Failure[];
}

interface Failure {
  readonly what: string;
  readonly result: RunResult;
}

/** Runs with one crash or two, each judged by `check`. */
interface CrashRuns {
  readonly calls: readonly CountedCall[];
  /** Calls until all is over. */
  readonly busyCalls: number;
  readonly slice: (calls: readonly number[]) => readonly number[];
  readonly tampering: Tampering | undefined;
  readonly isEnough: () => boolean;
  readonly check: (what: string, options: RunOptions, result: RunResult) => void;
}

interface CountedCall {
  /** Which run of a scheduler it belongs to; null: not of a scheduler. */
  readonly tick: string | null;
  readonly isWrite: boolean;
}

/** Three tasks on two nodes; the cheapest capacity is out at first, one node is interrupted, and all are terminated. */
const workload: Workload = {
  pools: [
    {
      name: 'blue',
      requirements: { instanceFamily: ['c7g'], capacityType: ['spot', 'on-demand'] },
      limits: { instances: 4 },
      tasksPerNode: 4,
      maxNodeVcpu: 2,
      ordering: 'fifo',
      placement: 'least-cost',
      learningStyle: 'reactive',
      idleAfterMs: 20_000,
      priority: 0,
      accepts: ['task'],
    },
  ],
  requests: [taskAt(2_000, 900, 90_000), taskAt(2_500, 900, 60_000), taskAt(100_000, 300, 20_000)],
  busyMs: 4 * minuteMs,
};

function taskAt(at: number, cpuMilli: number, durationMs: number): PlannedRequest {
  return {
    at,
    tenant: 'anna',
    key: `key-${String(at)}`,
    pool: 'blue',
    repeats: [],
    cancelAfterMs: null,
    spec: {
      type: 'task',
      resources: { cpuMilli, memoryMib: 256, gpu: 0 },
      run: { kind: 'command', argv: ['simulated', String(durationMs), '0'] },
      env: {},
      count: 1,
      timeoutMs: null,
      retries: 0,
      priority: 0,
      requirements: {},
      expectedDurationMs: null,
      deadlineMs: null,
      learningStyle: null,
    },
  };
}

function arrange({ kernel, truth, cloud, poll }: World): void {
  cloud.setCapacity('c7g.medium/*/spot', 0);
  kernel.at(20_000, () => cloud.setCapacity('c7g.medium/*/spot', null));
  kernel.at(75_000, () => {
    const spot = [...truth.instances.values()].find((one) => one.capacityType === 'spot' && !one.isEnding);
    if (spot) cloud.interrupt(spot.id, 40_000);
    poll();
  });
}

function optionsWith(callFaultOf: Given['callFaultOf'], tampering: Tampering | undefined): RunOptions {
  return {
    seed: 1,
    tampering,
    given: {
      workload,
      rates: noFaults,
      layout: 'lambdas',
      callFaultOf,
      arrange,
      settleMs: 6 * minuteMs,
      quietMs: 10 * minuteMs,
    },
  };
}

const undisturbed = { crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 } as const;

function tickOf(process: Process): string | null {
  return process.name.startsWith('scheduler') ? `${process.name} ${String(process.invoked)}` : null;
}

function isWriteCall(call: string): boolean {
  return /^(put|delete|transact|EC2 (?!describe|Describe)|wake|publish)/.test(call);
}

export interface ExhaustiveOptions {
  readonly tampering?: Tampering | undefined;
  /** Which of the calls are followed by a crash; all of them unless given. */
  readonly slice?: (calls: readonly number[]) => readonly number[];
}

export async function runExhaustive(
  note: (line: string) => void,
  { tampering, slice = (all) => all }: ExhaustiveOptions = {},
): Promise<ExhaustiveResult> {
  const calls: CountedCall[] = [];
  const whole = await run(
    optionsWith((process, call) => {
      calls.push({ tick: tickOf(process), isWrite: isWriteCall(call) });
      return undisturbed;
    }, tampering),
  );
  const failures: Failure[] = [];
  const check = (what: string, options: RunOptions, result: RunResult): void => {
    if (result.violation === null) return;
    failures.push({ what, result });
    note(`with ${what}:\n${failureReport(options, result)}`);
  };
  check(
    'no crash',
    optionsWith(() => undisturbed, tampering),
    whole,
  );

  // After the last write the system is quiet, and its calls are all alike: one minute of them is enough.
  const busyCalls = Math.min(calls.length, calls.findLastIndex((call) => call.isWrite) + 20);
  note(
    `undisturbed: ${String(calls.length)} port calls, ${String(busyCalls)} of them until all is over, `
      + `${String(whole.counts.ranTicks)} ticks, ${String(whole.counts.instances)} instances`,
  );
  const runs: CrashRuns = { calls, busyCalls, slice, tampering, isEnough: () => failures.length >= 5, check };
  const singles = await runSingles(runs);
  note(`${String(singles)} runs with one crash, ${String(failures.length)} violations`);
  const pairs = await runPairs(runs);
  note(`${String(pairs)} runs with two crashes, ${String(failures.length)} violations in all`);
  return { calls: calls.length, singles, pairs, failures };
}

async function runSingles({ busyCalls, slice, tampering, isEnough, check }: CrashRuns): Promise<number> {
  let singles = 0;
  for (const at of slice(Array.from({ length: busyCalls }, (_, call) => call))) {
    if (isEnough()) break;
    for (const crash of ['before', 'after'] as const) {
      let seen = -1;
      const options = optionsWith(() => {
        seen += 1;
        return seen === at ? { ...undisturbed, crash } : undisturbed;
      }, tampering);
      check(`a crash ${crash} call ${String(at)}`, options, await run(options));
      singles += 1;
    }
  }
  return singles;
}

/** A crash before a read leaves the same world as one before the write that follows: pairs are made of writes. */
async function runPairs({ calls, busyCalls, slice, tampering, isEnough, check }: CrashRuns): Promise<number> {
  const writesOf = new Map<string, number>();
  for (const { tick, isWrite } of calls)
    if (tick !== null && isWrite) writesOf.set(tick, (writesOf.get(tick) ?? 0) + 1);
  let pairs = 0;
  const writes = Array.from({ length: busyCalls }, (_, at) => at).filter(
    (at) => calls[at]?.isWrite === true && calls[at].tick !== null,
  );
  for (const first of slice(writes)) {
    if (isEnough()) break;
    const { tick = null } = calls[first] ?? {};
    if (tick === null) continue;
    for (let second = 1; second <= (writesOf.get(tick) ?? 0) + 1; second += 1) {
      const options = optionsWith(pairOfFaults(first, second), tampering);
      check(
        `crashes before call ${String(first)} and ${String(second)} writes of schedulers later`,
        options,
        await run(options),
      );
      pairs += 1;
    }
  }
  return pairs;
}

function pairOfFaults(first: number, second: number): Given['callFaultOf'] {
  let seen = -1;
  let afterwards = 0;
  return (process, call) => {
    seen += 1;
    if (seen === first) return { ...undisturbed, crash: 'before' };
    if (seen > first && isWriteCall(call) && process.name.startsWith('scheduler')) {
      afterwards += 1;
      if (afterwards === second) return { ...undisturbed, crash: 'before' };
    }
    return undisturbed;
  };
}

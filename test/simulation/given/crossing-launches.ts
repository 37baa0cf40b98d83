// A run that is laid out by hand for what ordinary seeds meet too seldom: calls of one launch that cross, many times.
// Which ones cross, and how EC2 answers each of them, is the seed's.
import type { PlannedRequest } from '../../../lib/simulator/applications/workload.ts';
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;
const requests = 40;
const undisturbed = { crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 } as const;

function requestAt(at: number, name: string): PlannedRequest {
  return {
    at,
    tenant: 'anna',
    key: `key-${at.toFixed(0)}`,
    pool: name,
    repeats: [],
    cancelAfterMs: null,
    spec: {
      ...taskSpec,
      resources: { cpuMilli: 250, memoryMib: 250, gpu: 0 },
      run: { kind: 'command', argv: ['simulated', '30000', '0'] },
      retries: 3,
    },
  };
}

/**
 * Pools that each buy a node now and then. Half of their first calls stand still for minutes right before they
 * are made, while another tick repeats them; and the account has no room half of the time.
 */
export function launchesThatCross(seed: number): Given {
  const called = new Set<string>();
  const names = Array.from({ length: 10 }, (_, n) => `p${String(n)}`);
  const stream = new Stream(seed, 'launches that cross');
  return {
    settleMs: 20 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: names.map((name) => pool({ name, requirements: { instanceFamily: ['c7g'] }, tasksPerNode: 1 })),
      requests: Array.from({ length: requests }, (_, n) =>
        requestAt(minuteMs + n * 20_000, names[n % names.length] ?? ''),
      ),
      busyMs: 20 * minuteMs,
    },
    rates: { ...noFaults, accountLimit: 0.5 },
    layout: 'lambdas',
    callFaultOf: (_process, call) => {
      const token = /^EC2 CreateFleet (\S+)/.exec(call)?.[1];
      if (token === undefined || called.has(token)) return undisturbed;
      called.add(token);
      return stream.chance(0.5) ? { ...undisturbed, pauseMs: stream.between(3 * minuteMs, 5 * minuteMs) } : undisturbed;
    },
  };
}

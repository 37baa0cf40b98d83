// A run that is laid out by hand for what ordinary seeds meet too seldom: many tasks of one shape that wait for one
// node of a pool that serves by priority. Priorities, arrivals and durations are drawn from the seed.
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;

export function tasksOfTwoPriorities(seed: number): Given {
  const stream = new Stream(seed, 'priorities');
  return {
    settleMs: 60 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: [
        pool({
          ...{ name: 'p', requirements: { instanceFamily: ['c7g'] }, tasksPerNode: 2 },
          ...{ limits: { instances: 1 }, ordering: 'priority' },
        }),
      ],
      requests: Array.from({ length: 30 }, (_, n) => ({
        at: Math.round(stream.between(0, 15 * minuteMs)),
        tenant: 'anna',
        key: `key-${String(n)}`,
        pool: 'p',
        repeats: [],
        cancelAfterMs: null,
        spec: {
          ...taskSpec,
          resources: { cpuMilli: 400, memoryMib: 250, gpu: 0 },
          priority: stream.pick([0, 0, 1, 5]),
          run: { kind: 'command', argv: ['simulated', String(Math.round(stream.between(20_000, 120_000))), '0'] },
        },
      })),
      busyMs: 30 * minuteMs,
    },
    rates: { ...noFaults, slowCall: 0.02, syncLost: 0.02, storeConflict: 0.02 },
    layout: 'lambdas',
    callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
  };
}

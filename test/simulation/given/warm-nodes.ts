// A run that is laid out by hand for what ordinary seeds meet too seldom: bursts of tasks with quiet between them, in a
// pool that stops its nodes when they have no work.
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import type { FaultRates } from '../../../lib/simulator/faults/faults.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;
const bursts = 6;
/** More than the pool's limit has room for at once. */
const tasksEach = 10;

export function burstsOnWarmNodes(seed: number, rates: Partial<FaultRates> = {}): Given {
  const stream = new Stream(seed, 'warm nodes');
  return {
    settleMs: 60 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: [
        pool({
          ...{ name: 'p', requirements: { instanceFamily: ['c7g'], capacityType: ['on-demand'] }, tasksPerNode: 2 },
          ...{ limits: { instances: 4 }, idleAfterMs: 0, warmNodes: { stopped: 2, expireAfterMs: 600 * minuteMs } },
        }),
      ],
      requests: Array.from({ length: tasksEach * bursts }, (_, n) => ({
        at: Math.round((n % bursts) * 8 * minuteMs + stream.between(0, minuteMs)),
        tenant: 'anna',
        key: `key-${String(n)}`,
        pool: 'p',
        repeats: [],
        cancelAfterMs: null,
        spec: {
          ...taskSpec,
          resources: { cpuMilli: 400, memoryMib: 250, gpu: 0 },
          run: { kind: 'command', argv: ['simulated', String(Math.round(stream.between(20_000, 120_000))), '0'] },
        },
      })),
      busyMs: (bursts + 1) * 8 * minuteMs,
    },
    rates: { ...noFaults, slowCall: 0.02, syncLost: 0.02, storeConflict: 0.02, ...rates },
    layout: 'lambdas',
    callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
  };
}

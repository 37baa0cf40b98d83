// A run that is laid out by hand for what ordinary seeds meet too seldom: nodes that all reach their age at about the
// same time, in a pool whose budget lets one go at once, always or in a window. When, the seed says.
import type { DisruptionBudget } from '../../../lib/core/records/pool.ts';
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;

export function expiringNodes(seed: number): Given {
  const stream = new Stream(seed, 'expiring nodes');
  // Clocks there are 5:45 ahead of UTC: from 1 to 6 minutes after the run begins.
  const window = {
    schedule: `${String(stream.integer(46, 51))} * * * *`,
    timeZone: 'Asia/Kathmandu',
    durationMs: Math.round(stream.between(10, 40) * minuteMs),
  };
  const budgets: readonly DisruptionBudget[] = [{ nodes: 1, ...(stream.chance(0.8) ? { window } : {}) }];
  const disruption = { expireAfterMs: 5 * minuteMs, budgets };
  return {
    settleMs: 30 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: [pool({ name: 'p', requirements: { instanceFamily: ['c7g'] }, tasksPerNode: 1, disruption })],
      requests: Array.from({ length: 6 }, (_, n) => ({
        at: minuteMs + n * 100,
        tenant: 'anna',
        key: `key-${String(n)}`,
        pool: 'p',
        repeats: [],
        cancelAfterMs: null,
        spec: {
          ...taskSpec,
          resources: { cpuMilli: 400, memoryMib: 250, gpu: 0 },
          run: { kind: 'command', argv: ['simulated', '900000', '0'] },
        },
      })),
      busyMs: 30 * minuteMs,
    },
    rates: noFaults,
    layout: 'lambdas',
    callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
  };
}

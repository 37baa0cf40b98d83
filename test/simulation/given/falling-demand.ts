// A run that is laid out by hand for what ordinary seeds meet too seldom: nodes that are full, then half empty, in a
// pool that consolidates. Which tasks end early, and which bear a restart, is the seed's.
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;

export function fallingDemand(seed: number): Given {
  const stream = new Stream(seed, 'falling demand');
  const disruption = { consolidation: { calmMs: 10_000, apartMs: 1_000 } };
  // Where what ends early was large, one smaller node in the place of others is worth its price.
  const cpuMilli = stream.pick([400, 1_900]);
  const endsEarly = Array.from({ length: 24 }, () => stream.chance(0.6));
  return {
    settleMs: 20 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: [pool({ name: 'p', requirements: { instanceFamily: ['c7g'] }, tasksPerNode: 4, disruption })],
      requests: endsEarly.map((isEarly, n) => ({
        at: minuteMs + n * 100,
        tenant: 'anna',
        key: `key-${String(n)}`,
        pool: 'p',
        repeats: [],
        cancelAfterMs: null,
        spec: {
          ...taskSpec,
          resources: { cpuMilli: isEarly ? cpuMilli : 400, memoryMib: 250, gpu: 0 },
          run: { kind: 'command', argv: ['simulated', isEarly ? '30000' : '900000', '0'] },
          disruption: {
            mode: stream.chance(0.7) ? stream.pick(['restart', 'checkpoint'] as const) : ('never' as const),
          },
        },
      })),
      busyMs: 20 * minuteMs,
    },
    rates: noFaults,
    layout: 'lambdas',
    callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
  };
}

// A run that is laid out by hand for machines of claims that fill a capacity reservation, or a block: more of them come
// than it has, with leases and without, and some are stopped, started or released. The seed decides which, and when.
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { blockClosesEarlyMs } from '../../../lib/core/catalog/commitments.ts';
import type { NamedReservation } from '../../../lib/core/catalog/commitments.ts';
import { epochMs } from '../../../lib/simulator/kernel.ts';
import { Stream } from '../../../lib/simulator/random.ts';
import type { Given } from '../../../lib/simulator/run/types.ts';
import { machineSpec, pool } from '../../core/builders.ts';

const minuteMs = 60_000;
const busyMs = 30 * minuteMs;

export function reservedMachines(seed: number): Given {
  const stream = new Stream(seed, 'reserved machines');
  const its = { name: 'cr-01234567', instanceType: 'm6i.large', zone: 'us-east-1b', count: stream.integer(1, 3) };
  const reservation: NamedReservation =
    seed % 2 === 0
      ? { kind: 'capacity-block', ...its, fromMs: epochMs, untilMs: epochMs + busyMs + blockClosesEarlyMs }
      : { kind: 'capacity-reservation', ...its };
  return {
    settleMs: 90 * minuteMs,
    quietMs: 10 * minuteMs,
    workload: {
      pools: [
        pool({
          ...{ name: 'p', requirements: { instanceFamily: ['m6i'] }, accepts: ['virtual_machine'] },
          commitments: [reservation],
        }),
      ],
      requests: [],
      busyMs,
    },
    claims: Array.from({ length: 8 }, (_, n) => ({
      at: Math.round(stream.between(0, 15 * minuteMs)),
      tenant: 'anna',
      key: `key-${String(n)}`,
      pool: 'p',
      spec: { ...machineSpec, leaseMs: stream.chance(0.5) ? Math.round(stream.between(2, 30) * minuteMs) : null },
      refs: { volumes: [], networks: [], attachTo: null, ruleSource: null },
      repeatsAfterMs: [],
      changes: stream.chance(0.3)
        ? (['stopped', 'running'] as const).map((power, at) => ({
            kind: 'power',
            power,
            afterMs: (3 + 3 * at) * minuteMs,
          }))
        : [],
      cancelAfterMs: stream.chance(0.3) ? 10 * minuteMs : null,
    })),
    rates: { ...noFaults, slowCall: 0.02, syncLost: 0.02, storeConflict: 0.02 },
    layout: 'lambdas',
    callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
  };
}

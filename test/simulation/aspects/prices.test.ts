// What the checkers make of spot prices: a pool's limit in USD may keep away what the catalog's own price would allow.
import { describe, expect, test } from '@jest/globals';
import type { PlannedRequest } from '../../../lib/simulator/applications/workload.ts';
import { isPlaceable } from '../../../lib/simulator/checkers/tasks/placeable.ts';
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { run } from '../../../lib/simulator/run/run.ts';
import type { RunResult, Tampering } from '../../../lib/simulator/run/types.ts';
import { pool, request, taskSpec } from '../../core/builders.ts';

const cheapest = { instanceType: ['m5.large'], capacityType: ['spot'], zone: ['us-east-1b'] } as const;
const task = request('r-1', { requirements: cheapest }).spec;
const limited = pool({ limits: { usdPerHour: 0.04 } });

describe('a task of one zone', () => {
  test.each([
    ['fits at the price of the catalog', new Map(), true],
    ['does not fit where its zone is dearer', new Map([['m5.large/us-east-1b/spot', 0.041]]), false],
    ['fits where only another zone is dearer', new Map([['m5.large/us-east-1a/spot', 0.041]]), true],
    ['fits at the very limit', new Map([['m5.large/us-east-1b/spot', 0.04]]), true],
  ])('%s', (_what, prices, expected) => {
    expect(isPlaceable(task, limited, prices)).toBe(expected);
  });

  test('is judged anew at other prices', () => {
    expect(isPlaceable(task, limited, new Map())).toBe(true);
    expect(isPlaceable(task, limited, new Map([['m5.large/us-east-1b/spot', 1]]))).toBe(false);
    expect(isPlaceable(task, limited, new Map())).toBe(true);
  });
});

const minuteMs = 60_000;

function taskIn(zone: string): PlannedRequest {
  return {
    at: 10_000,
    tenant: 'anna',
    key: zone,
    pool: 'p',
    repeats: [],
    cancelAfterMs: null,
    spec: {
      ...taskSpec,
      run: { kind: 'command', argv: ['simulated', '20000', '0'] },
      resources: { cpuMilli: 500, memoryMib: 500, gpu: 0 },
      requirements: { zone: [zone] },
    },
  };
}

/**
 * A task for each zone, of which one is too dear for the pool's limit until the faults stop. They are accepted before
 * that is known, and EC2 has nothing for them until it is.
 */
function runOfDearZone(tampering?: Tampering): Promise<RunResult> {
  return run({
    seed: 1,
    tampering,
    given: {
      workload: {
        pools: [
          pool({
            requirements: { instanceType: ['c7g.medium'], instanceFamily: ['c7g'], capacityType: ['spot'] },
            limits: { usdPerHour: 0.03 },
          }),
        ],
        requests: ['us-east-1a', 'us-east-1b', 'us-east-1c'].map(taskIn),
        // What is out of capacity is asked for again some minutes later: all that runs has ended before prices fall.
        busyMs: 20 * minuteMs,
      },
      rates: { ...noFaults, dearZone: 1 },
      layout: 'server',
      callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
      settleMs: 10 * minuteMs,
      quietMs: 10 * minuteMs,
      arrange: ({ kernel, cloud }) => {
        // The pool, which is declared before the first event, is there when that has happened.
        kernel.at(0, () => cloud.setCapacity('c7g.medium/*/spot', 0));
        kernel.at(3 * minuteMs, () => cloud.setCapacity('c7g.medium/*/spot', null));
      },
    },
  });
}

describe('a price that falls', () => {
  test('is noticed within hours', async () => {
    const { violation, counts } = await runOfDearZone();
    expect(violation).toBeNull();
    expect(counts.processes).toBe(3);
    expect(counts.simulatedMs).toBeGreaterThan(6 * 60 * minuteMs);
  });

  test('has to be noticed', async () => {
    const { violation } = await runOfDearZone({
      settings: (settings) => ({
        ...settings,
        decisions: { ...settings.decisions, neverAgainMs: 100 * 60 * minuteMs },
      }),
    });
    expect(violation).toMatchObject({ invariant: '14: convergence' });
  });
});

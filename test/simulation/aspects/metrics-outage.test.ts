// Metrics only inform: with nobody to take them every decision is the same, at the same millisecond.
import { describe, expect, test } from '@jest/globals';
import type { PlannedRequest } from '../../../lib/simulator/applications/workload.ts';
import { noFaults } from '../../../lib/simulator/faults/faults.ts';
import { run } from '../../../lib/simulator/run/run.ts';
import type { Tampering } from '../../../lib/simulator/run/types.ts';
import { formatLine } from '../../../lib/simulator/trace.ts';
import { pool, taskSpec } from '../../core/builders.ts';

const minuteMs = 60_000;

function taskAt(at: number, durationMs: number): PlannedRequest {
  const run = { kind: 'command', argv: ['simulated', String(durationMs), '0'] } as const;
  return {
    at,
    tenant: 'anna',
    key: `key-${String(at)}`,
    pool: 'p',
    repeats: [],
    cancelAfterMs: null,
    spec: { ...taskSpec, run },
  };
}

/** What is decided and done, line by line, while metrics are published, or cannot be (`hangs`: nor refused). */
async function decisions(outage: 'none' | 'refuses' | 'hangs', tampering?: Tampering) {
  const lines: string[] = [];
  const { violation } = await run({
    seed: 1,
    tampering,
    onLine: (line) => {
      if (!/^metrics/.test(line.actor)) lines.push(formatLine(line));
    },
    given: {
      workload: {
        pools: [pool({ requirements: { instanceFamily: ['c7g'] } })],
        requests: [minuteMs + 10, 90_000, 3 * minuteMs].map((at) => taskAt(at, 40_000)),
        busyMs: 6 * minuteMs,
      },
      rates: { ...noFaults, metricsOutage: Number.MIN_VALUE },
      layout: 'server',
      callFaultOf: () => ({ crash: null, delayMs: 2, answerDelayMs: 0, pauseMs: 0 }),
      settleMs: 6 * minuteMs,
      quietMs: 10 * minuteMs,
      arrange: ({ outages }) => {
        if (outage !== 'none') outages.begin('metricsOutage', 6 * minuteMs, outage === 'hangs');
      },
    },
  });
  return { lines, violation };
}

/** Its errors are caught; its time is not given back. */
const tickThatPublishesFirst: Tampering = {
  control: (control) => ({
    ...control,
    runTick: async (name) => {
      await control.publishMetrics(1).catch(() => undefined);
      return control.runTick(name);
    },
  }),
};

describe('while metrics', () => {
  test.each(['refuses', 'hangs'] as const)('are not taken (the service %s) everything goes on as ever', async (how) => {
    const usual = await decisions('none');
    expect(usual.violation).toBeNull();
    expect(usual.lines.filter((line) => line.includes('TaskEnded'))).toHaveLength(3);
    const { lines, violation } = await decisions(how);
    expect(violation).toBeNull();
    expect(lines).toEqual(usual.lines);
  });

  test('hang, a tick that waits for them is found', async () => {
    const usual = await decisions('none', tickThatPublishesFirst);
    const { lines } = await decisions('hangs', tickThatPublishesFirst);
    expect(lines).not.toEqual(usual.lines);
  });
});

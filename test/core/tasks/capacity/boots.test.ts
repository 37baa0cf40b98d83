// How long nodes take to boot and to start, as seen and as remembered.
import { describe, expect, test } from '@jest/globals';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { bootMsOf, bootsOf, startMsOf } from '../../../../lib/core/tasks/capacity/boots.ts';
import { node, observation } from '../../builders.ts';

const booted = (ms: number | null) => node({ createdAtMs: 500, readyAtMs: ms === null ? null : 500 + ms });
const started = (tookMs: number | null) =>
  node({ warm: { lastStart: tookMs === null ? {} : { tookMs } } as NonNullable<NodeRecord['warm']> });

test('a boot lasts from the launch until the node is ready, and never less than nothing', () => {
  expect(bootsOf(observation({ nodes: [booted(40_000), booted(null), booted(-1)] }).nodes)).toEqual([40_000, 0]);
});

describe.each([
  ['boots', 'bootMs', bootMsOf, booted],
  ['starts', 'startMs', startMsOf, started],
] as const)('what is known of %s', (_, field, of, taking) => {
  const known = (remembered: number | undefined, ...all: readonly (number | null)[]) => {
    const memory = { ...emptyMemory, ...(remembered === undefined ? {} : { [field]: remembered }) };
    return of(observation({ nodes: [node({ readyAtMs: null }), ...all.map(taking)], memory }));
  };

  test('is the mean of those that are there; of none what is remembered', () => {
    expect(known(undefined, 40_000, null, 20_001)).toBe(30_001);
    expect([known(undefined), known(7_000), known(7_000, null)]).toEqual([undefined, 7_000, 7_000]);
  });

  test('is nothing new below a second', () => {
    expect([known(undefined, 999), known(undefined, 1_000), known(9_000, 999)]).toEqual([undefined, 1_000, 9_000]);
  });

  test('stays as it is remembered while that is off by a quarter at most', () => {
    expect([known(40_000, 50_000), known(40_000, 30_000), known(40_000, 50_001), known(40_000, 29_999)]).toEqual([
      ...[40_000, 40_000, 50_001, 29_999],
    ]);
  });
});

// /metrics as text: what a strict reader accepts, with the figures that went in.
import { describe, expect, test } from '@jest/globals';
import { openMetrics } from '../../lib/api/schemas/figures/openmetrics.ts';
import { mergeHistograms, withDuration } from '../../lib/core/values/collections/histogram.ts';
import { noPoolMetrics } from '../lambdas/fake-values.ts';
import { readOpenMetrics } from './openmetrics.ts';

const pool = {
  ...noPoolMetrics,
  pool: 'shop',
  ticks: 7,
  open: { pending: 2, running: 1 },
  ended: { succeeded: 5, failed: 1 },
  openTasks: { pending: 30, running: 4 },
  oldestPendingMs: 1_500,
  nodes: { ready: 2 },
  allocatable: { cpuMilli: 7_500, memoryMib: 1_024, gpu: 1 },
  spentUsd: 1.25,
  launches: { launched: 3, InsufficientInstanceCapacity: 2 },
  acceptedToPlaced: [3, 20, 20, 70_000].reduce(withDuration, {}),
};

const values = (text: string, family: string): readonly (readonly [string, number])[] =>
  (readOpenMetrics(text).get(family)?.samples ?? []).map(({ labels, value }) => [
    Object.values(labels).join(' '),
    value,
  ]);

describe('the text', () => {
  const text = openMetrics([pool, noPoolMetrics]);

  test.each([
    [
      'bellows_requests',
      [
        ['shop pending', 2],
        ['shop running', 1],
      ],
    ],
    [
      'bellows_requests_ended',
      [
        ['shop failed', 1],
        ['shop succeeded', 5],
      ],
    ],
    [
      'bellows_tasks',
      [
        ['shop pending', 30],
        ['shop running', 4],
        ['(others) pending', 0],
        ['(others) running', 0],
      ],
    ],
    ['bellows_oldest_pending_seconds', [['shop', 1.5]]],
    [
      'bellows_launches',
      [
        ['shop InsufficientInstanceCapacity', 2],
        ['shop launched', 3],
      ],
    ],
    [
      'bellows_spent_usd',
      [
        ['shop', 1.25],
        ['(others)', 0],
      ],
    ],
    [
      'bellows_ticks',
      [
        ['shop', 7],
        ['(others)', 0],
      ],
    ],
  ] as const)('of %s', (family, expected) => {
    expect(values(text, family)).toEqual(expected);
  });

  test('resources have units as kube-state-metrics names them', () => {
    expect(values(text, 'bellows_allocatable').slice(0, 3)).toEqual([
      ['shop cpu core', 7.5],
      ['shop memory byte', 1_073_741_824],
      ['shop gpu integer', 1],
    ]);
  });

  test('buckets count what is below their edge', () => {
    const buckets = Object.fromEntries(values(text, 'bellows_accepted_to_placed_seconds'));
    expect([buckets['shop 0.016'], buckets['shop 0.032'], buckets['shop 65.536'], buckets['shop 131.072']]).toEqual([
      1, 3, 3, 4,
    ]);
    expect(buckets['shop +Inf']).toBe(4);
  });

  test('an edge is exact: a duration right at it belongs above it', () => {
    const at = (ms: number): unknown =>
      Object.fromEntries(
        values(
          openMetrics([{ ...pool, acceptedToPlaced: withDuration({}, ms) }]),
          'bellows_accepted_to_placed_seconds',
        ),
      )['shop 0.128'];
    expect([at(127.9), at(128)]).toEqual([1, 0]);
  });

  test('names from outside are escaped', () => {
    const odd = openMetrics([{ ...pool, launches: { 'a "quoted"\\ code\n': 1 } }]);
    expect(readOpenMetrics(odd).get('bellows_launches')?.samples[0]?.labels['code']).toBe('a \\"quoted\\"\\\\ code\\n');
  });

  test('a merged histogram counts both', () => {
    const both = mergeHistograms(pool.acceptedToPlaced, withDuration({}, 1));
    expect(
      Object.fromEntries(
        values(openMetrics([{ ...pool, acceptedToPlaced: both }]), 'bellows_accepted_to_placed_seconds'),
      ),
    ).toMatchObject({ 'shop +Inf': 5 });
  });
});

test.each([
  ['# TYPE a gauge\na{} 1\n', 'EOF'],
  ['# TYPE a counter\na{} 1\n# EOF\n', 'not a sample of a'],
  ['# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n# EOF\n', 'same labels'],
  ['# TYPE a gauge\n# UNIT a seconds\n# EOF\n', 'unit'],
  ['# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\n# EOF\n', 'fall'],
  ['# TYPE a histogram\na_bucket{le="1.0"} 2\n# EOF\n', 'edges'],
  ['# TYPE a gauge\na{} NaN\n# EOF\n', 'not a number'],
])('the reader is strict: %j', (text, why) => {
  expect(() => readOpenMetrics(text)).toThrow(why);
});

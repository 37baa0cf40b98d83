// Nodes that are there are used where that is the cheapest: an empty one ends now, a dear one is not kept for little.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { Bin, Demand } from '../../../../lib/core/allocation/types.ts';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import { binOf, demandOf, inputOf, offerings } from '../worlds.ts';

const nowMs = 1_000_000;
const minute = 60_000;
const of = (type: string): Offering =>
  offerings.find((one) => one.type.name === type && one.zone === 'za' && one.capacityType === 'on-demand') as Offering;
const bin = (id: string, type: string, emptyInMs: number | null, free?: Partial<Bin['free']>): Bin =>
  binOf(id, of(type), {
    free: { ...of(type).type.allocatable, ...free },
    expectedEmptyAtMs: emptyInMs === null ? null : nowMs + emptyInMs,
  });
const lasting = (minutes: number | null, vcpu = 0.5, count = 1, gpu = 0): Demand => ({
  ...demandOf('a', vcpu, 500, count, { expectedDurationMs: minutes === null ? null : minutes * minute }),
  resources: { cpuMilli: vcpu * 1_000, memoryMib: 500, gpu },
});
const placedOn = (demand: Demand, bins: readonly Bin[], more: Parameters<typeof inputOf>[1] = {}): string[] =>
  allocate(inputOf([demand], { bins, ...more })).placements.map((one) => one.binId);

describe('an empty node', () => {
  test('counts as one that ends now: a task goes to the busy one that lasts anyway', () => {
    const bins = [bin('empty', 'c1.xl', 0), bin('busy', 'c1.xl', 30 * minute, { cpuMilli: 1_000 })];
    expect(placedOn(lasting(10), bins)).toEqual(['busy']);
  });

  test('is taken rather than a new one of its kind bought', () => {
    expect(placedOn(lasting(60, 1.5), [bin('empty', 'c1.l', 0)])).toEqual(['empty']);
  });
});

describe('a small task that outlasts what else is on the node', () => {
  test('does not keep one with GPUs, nor a large one', () => {
    expect(placedOn(lasting(60), [bin('gpus', 'g1.4xl', 5 * minute)])).toEqual([]);
    expect(placedOn(lasting(60), [bin('gpus', 'g1.4xl', 0)])).toEqual([]);
    expect(placedOn(lasting(60), [bin('large', 'm1.4xl', 5 * minute)])).toEqual([]);
  });

  test('of unknown duration keeps a large one, but none for GPUs that it does not use', () => {
    expect(placedOn(lasting(null), [bin('large', 'm1.4xl', 0)])).toEqual(['large']);
    expect(placedOn(lasting(null), [bin('gpus', 'g1.4xl', 0)])).toEqual([]);
    expect(placedOn(lasting(null, 0.5, 1, 1), [bin('gpus', 'g1.4xl', 0)])).toEqual(['gpus']);
  });

  test('takes it while it lasts anyway, and while nobody knows when it ends', () => {
    expect(placedOn(lasting(5), [bin('gpus', 'g1.4xl', 30 * minute)])).toEqual(['gpus']);
    expect(placedOn(lasting(60), [bin('gpus', 'g1.4xl', null)])).toEqual(['gpus']);
  });

  test('takes the other node that is kept for less', () => {
    const bins = [bin('a-large', 'm1.4xl', 5 * minute), bin('small', 'c1.l', 0)];
    const sold = offerings.filter((one) => one.capacityType === 'on-demand');
    expect(placedOn(lasting(60), bins, { offerings: sold })).toEqual(['small']);
  });

  test('takes it where the limits leave nothing else, or nothing else is sold', () => {
    const bins = [bin('gpus', 'g1.4xl', 5 * minute)];
    const usage = { instances: 1, vcpu: 16, memoryMib: 65_536, usdPerHour: 3.2 };
    expect(placedOn(lasting(60), bins, { usage, pool: { limits: { instances: 1 } } })).toEqual(['gpus']);
    expect(placedOn(lasting(60), bins, { offerings: [of('g1.4xl')] })).toEqual(['gpus']);
  });
});

test('many small tasks fill a large node that is there: together they are worth it', () => {
  expect(placedOn(lasting(60, 0.5, 20), [bin('large', 'm1.4xl', 0)])).toEqual(['large']);
});

test('other placements do not look at prices', () => {
  expect(placedOn(lasting(60), [bin('gpus', 'g1.4xl', 0)], { pool: { placement: 'most-allocated' } })).toEqual([
    'gpus',
  ]);
});

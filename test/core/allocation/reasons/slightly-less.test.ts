// Advice for requests that miss a node by a little: only where it saves much, and true when planned.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { adviceFor, slightlyLess, slightlyLessText } from '../../../../lib/core/allocation/reasons/slightly-less.ts';
import type { AllocationInput, Demand } from '../../../../lib/core/allocation/index.ts';
import { offeringsOf } from '../../../../lib/core/catalog/index.ts';
import { noUsage } from '../../../../lib/core/records/pool.ts';

const offerings = offeringsOf({ capacityType: ['on-demand'], arch: ['amd64'] });
const asked = (vcpu: number, memoryMib: number, count = 1) => ({
  resources: { cpuMilli: vcpu * 1_000, memoryMib, gpu: 0 },
  requirements: {},
  count,
});
const cheapest = (cpuMilli: number, memoryMib: number): number =>
  Math.min(
    ...offerings
      .filter(({ type }) => type.allocatable.cpuMilli >= cpuMilli && type.allocatable.memoryMib >= memoryMib)
      .filter(({ type }) => !type.isBurstable)
      .map((one) => one.priceUsdPerHour),
  );

describe('one task', () => {
  test.each([
    [1, 4_096],
    [2, 8_192],
    [8, 32_768],
  ])('of %d vCPU and %d MiB misses a node of as much by what the node keeps for itself', (vcpu, memoryMib) => {
    const less = slightlyLess(asked(vcpu, memoryMib), 32, offerings);
    expect(less).not.toBeNull();
    expect(less?.resources.cpuMilli).toBe(vcpu * 1_000);
    expect(less?.resources.memoryMib).toBeLessThan(memoryMib);
    expect(less?.resources.memoryMib).toBeGreaterThanOrEqual(0.7 * memoryMib);
    // By another way: the prices are those of the cheapest node for each.
    expect(less?.usdPerHour).toBe(cheapest(vcpu * 1_000, memoryMib));
    expect(less?.lessUsdPerHour).toBe(cheapest(vcpu * 1_000, less?.resources.memoryMib ?? 0));
    expect(less?.lessUsdPerHour).toBeLessThanOrEqual((less?.usdPerHour ?? 0) * 0.9);
    if (less) expect(slightlyLessText(less)).toContain(`it would fit ${less.instanceType}`);
  });

  test('of a vCPU more than a whole number is told of the whole number', () => {
    expect(slightlyLess(asked(2.1, 2_000), 32, offerings)?.resources).toEqual({
      cpuMilli: 2_000,
      memoryMib: 2_000,
      gpu: 0,
    });
  });

  test.each([
    [2, 1_024],
    [1, 1_024],
    [0.5, 512],
    [4, 4_096],
  ])('of %d vCPU and %d MiB fits well, and is told nothing', (vcpu, memoryMib) => {
    expect(slightlyLess(asked(vcpu, memoryMib), 32, offerings)).toBeNull();
  });

  test('that nothing carries, or that may run nowhere, is told nothing', () => {
    expect(slightlyLess(asked(10_000, 512), 32, offerings)).toBeNull();
    expect(slightlyLess(asked(1, 4_096), 32, [])).toBeNull();
    expect(slightlyLess({ ...asked(1, 4_096), requirements: { zone: ['nowhere'] } }, 32, offerings)).toBeNull();
  });
});

test('a thousand tasks share large nodes: a step of size is nothing to them', () => {
  expect(slightlyLess(asked(1, 4_096, 1_000), 32, offerings)).toBeNull();
});

describe('in a plan', () => {
  const demand = (id: string, vcpu: number, memoryMib: number): Demand => ({
    id,
    tenant: 't',
    priority: 0,
    createdAtMs: 0,
    expectedDurationMs: null,
    ...asked(vcpu, memoryMib),
  });
  const input = (...all: Demand[]): AllocationInput => ({
    nowMs: 0,
    demand: all,
    bins: [],
    offerings,
    unavailable: [],
    usage: noUsage,
    pool: { requirements: {}, limits: {}, tasksPerNode: 32, ordering: 'priority', placement: 'least-cost' },
    offeringsPerLaunch: 1,
    shouldStop: () => false,
    iterations: 5,
  });
  const advised = (...all: Demand[]): readonly string[] =>
    adviceFor(allocate, input(...all), allocate(input(...all))).map((one) => one.demandId);

  test('is given where the whole plan is cheaper with it', () => {
    const one = input(demand('a', 2, 8_192));
    const plan = allocate(one);
    const [advice] = adviceFor(allocate, one, plan);
    expect(advice?.demandId).toBe('a');
    expect(advice?.message).toMatch(/^With at most 2 vCPU and \d+ MiB for each task of a this plan would cost 0\.\d+ /);
    expect(advice?.message).toContain(`instead of ${plan.costUsdPerHour.toFixed(4)} USD/h.`);
  });

  test('is not given where another request has use for what is left over', () => {
    expect(advised(demand('a', 1, 4_096))).toEqual(['a']);
    expect(
      advised(demand('a', 1, 4_096), demand('b', 1, 2_500), demand('c', 2, 7_900), demand('d', 4, 13_800)),
    ).toEqual([]);
  });

  test('is not given for plans of many requests', () => {
    const many = Array.from({ length: 21 }, (_, at) => demand(`r${String(at)}`, 1, 4_096));
    expect(advised(...many)).toEqual([]);
  });
});

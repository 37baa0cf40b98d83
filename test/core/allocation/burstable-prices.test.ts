// Burstable types count what full load costs; for bursty tasks their list price. What is billed is shown as billed.
import { describe, expect, test } from '@jest/globals';
import { countingCredits } from '../../../lib/core/allocation/constraints/burstable-prices.ts';
import { allocate as engine } from '../../../lib/core/allocation/index.ts';
import type { AllocationInput, AllocationPlan, Demand } from '../../../lib/core/allocation/types.ts';
import { baselineOf, surplusUsdPerHour } from '../../../lib/core/catalog/burstable.ts';
import { instanceType, offeringsOf } from '../../../lib/core/catalog/index.ts';
import { noUsage } from '../../../lib/core/records/pool.ts';
import type { Requirements } from '../../../lib/core/values/requirements.ts';

const demand = (id: string, isBursty: boolean, cpuMilli = 500): Demand => ({
  id,
  tenant: 't',
  count: 1,
  resources: { cpuMilli, memoryMib: 256, gpu: 0 },
  requirements: isBursty ? { arch: ['amd64'], bursty: true } : { arch: ['amd64'] },
  priority: 0,
  createdAtMs: 0,
  expectedDurationMs: null,
});

function plan(
  demands: readonly Demand[],
  requirements: Requirements = { capacityType: ['on-demand'] },
): AllocationPlan {
  const input: AllocationInput = {
    nowMs: 0,
    demand: demands,
    bins: [],
    offerings: offeringsOf(requirements),
    unavailable: [],
    pool: { requirements, limits: {}, tasksPerNode: 32, ordering: 'fifo', placement: 'least-cost' },
    usage: noUsage,
    offeringsPerLaunch: 5,
    shouldStop: () => false,
    iterations: 5,
  };
  return countingCredits(engine)(input);
}

test("figures of EC2's documentation", () => {
  const of = (name: string): [number, number] => {
    const type = instanceType(name);
    return type ? [baselineOf(type), surplusUsdPerHour(type)] : [NaN, NaN];
  };
  expect(of('t3.micro')).toEqual([0.1, 0.09]);
  expect(of('t4g.small')).toEqual([0.2, 0.064]);
  expect(of('t2.micro')).toEqual([0.1, 0.045]);
  expect(of('c7i.large')).toEqual([1, 0]);
});

describe('a plan', () => {
  test('buys no burstable type for a task that may use all its CPU', () => {
    const { launches, creditsUsdPerHour } = plan([demand('a', false)]);
    expect(launches).toHaveLength(1);
    expect(launches[0]?.offerings.some((one) => one.type.isBurstable)).toBe(false);
    expect(creditsUsdPerHour).toBeUndefined();
  });

  test('buys the cheapest by list for a bursty one, under its own id and price', () => {
    const { launches, costUsdPerHour } = plan([demand('a', true)]);
    const [first] = launches[0]?.offerings ?? [];
    expect(first).toEqual(offeringsOf({}).find((one) => one.id === first?.id));
    expect(first?.type.isBurstable).toBe(true);
    expect(costUsdPerHour).toBeCloseTo(first?.priceUsdPerHour ?? NaN, 9);
    expect(launches[0]?.reason).toMatch(/bursty/);
  });

  test('keeps the two apart where both wait', () => {
    const { launches } = plan([demand('busy', false, 900), demand('calm', true, 900)]);
    const of = (id: string) =>
      launches.find((one) => one.tasks.some((task) => task.demandId === id))?.offerings[0]?.type;
    expect(of('busy')?.isBurstable).toBe(false);
    expect(of('calm')?.isBurstable || of('calm')?.name === of('busy')?.name).toBe(true);
  });

  test('of a pool of burstable types alone says what is billed beside the list price', () => {
    const { launches, costUsdPerHour, creditsUsdPerHour } = plan([demand('a', false)], {
      instanceFamily: ['t3'],
      capacityType: ['on-demand'],
    });
    const [first] = launches[0]?.offerings ?? [];
    expect(first && costUsdPerHour - first.priceUsdPerHour).toBeCloseTo(creditsUsdPerHour ?? NaN, 9);
    expect(creditsUsdPerHour).toBeCloseTo(first ? surplusUsdPerHour(first.type) : NaN, 9);
    expect(launches[0]?.reason).toMatch(/surplus CPU credits/);
  });
});

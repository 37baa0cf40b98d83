// Capacity Blocks: launched into by their market type from their start on, and emptied half an hour before their end.
import { expect, test } from '@jest/globals';
import { queryCall } from '../../../../../lib/adapters/simulated/carrier.ts';
import { nextChangeAtMs, settle } from '../../../../../lib/adapters/simulated/ec2/families/settle.ts';
import { setAside } from '../../../../../lib/adapters/simulated/ec2/families/capacity-reservations.ts';
import { World } from '../../../../../lib/adapters/simulated/ec2/world.ts';
import { image, zoneA } from '../bench.ts';

const minute = 60_000;
const startMs = 1_800_000_000_000;
const id = 'cr-0123456789abcdef0';

test('a block takes launches of its market from its start on, as many as it has, until EC2 empties it', () => {
  let nowMs = startMs;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
  const world = new World({ accountId: '000000000001', region: 'us-east-1', clock, options: {} });
  const call = (name: string, parameters: Record<string, string>): unknown => queryCall(name, parameters).run(world);
  setAside(world, {
    ...{ id, instanceType: 't3.micro', zone: zoneA, count: 1, platform: 'Linux/UNIX', tenancy: 'default' },
    ...{ criteria: 'targeted', isEbsOptimized: false, createdAtMs: startMs, tags: {} },
    ...{ blockFromMs: startMs + 10 * minute, endAtMs: startMs + 100 * minute },
  });
  const launch = (more: Record<string, string>): unknown =>
    call('RunInstances', {
      ...{ ImageId: image, InstanceType: 't3.micro', MinCount: '1', MaxCount: '1' },
      ...{ 'Placement.AvailabilityZone': zoneA },
      'CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId': id,
      ...more,
    });
  const block = { 'InstanceMarketOptions.MarketType': 'capacity-block' };
  const state = () => call('DescribeCapacityReservations', {}) as { capacityReservationSet: { state: string }[] };

  expect(() => launch({})).toThrow("market type 'capacity-block' is given where");
  expect(() => launch(block)).toThrow('Insufficient capacity');
  expect(state().capacityReservationSet).toMatchObject([{ state: 'scheduled', reservationType: 'capacity-block' }]);
  nowMs += 11 * minute;
  launch(block);
  expect(() => launch(block)).toThrow('Insufficient capacity');
  nowMs += minute;
  settle(world);
  expect(world.capacityReservations.get(id)?.usedBy).toHaveLength(1);
  expect(nextChangeAtMs(world)).toBe(startMs + 70 * minute);
  nowMs = startMs + 70 * minute;
  settle(world);
  nowMs += 5 * minute;
  expect(() => launch(block)).toThrow('Insufficient capacity');
  expect(world.capacityReservations.get(id)?.usedBy).toEqual([]);
  nowMs = startMs + 100 * minute;
  expect(state().capacityReservationSet).toMatchObject([{ state: 'expired' }]);
});

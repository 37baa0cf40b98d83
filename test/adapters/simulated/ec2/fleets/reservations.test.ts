// Capacity reservations: set aside, launched into, handed back, ended.
import {
  CancelCapacityReservationCommand,
  CreateCapacityReservationCommand,
  DescribeCapacityReservationsCommand,
  DescribeInstancesCommand,
  ModifyCapacityReservationCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/on-demand', available: 3 });
});
afterEach(() => bench.close());

async function reserve(InstanceCount: number, more: object = {}): Promise<string> {
  const { CapacityReservation } = await bench.ec2.send(
    new CreateCapacityReservationCommand({
      InstanceType: 't3.micro',
      InstancePlatform: 'Linux/UNIX',
      AvailabilityZone: zoneA,
      InstanceCount,
      ...more,
    }),
  );
  return given(CapacityReservation?.CapacityReservationId);
}
async function launch(count: number, more: object = {}): Promise<readonly string[]> {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: count,
      MaxCount: count,
      Placement: { AvailabilityZone: zoneA },
      ...more,
    }),
  );
  return given(Instances).map((one) => given(one.InstanceId));
}
const free = async (id: string) => {
  const { CapacityReservations } = await bench.ec2.send(
    new DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] }),
  );
  return CapacityReservations?.[0]?.AvailableInstanceCount;
};
const none = { CapacityReservationSpecification: { CapacityReservationPreference: 'none' } };
const refused = (call: Promise<unknown>, name: string) => expect(call).rejects.toMatchObject({ name });

test('what is reserved is there for launches that match, and for no others', async () => {
  await refused(reserve(4), 'InsufficientInstanceCapacity');
  const id = await reserve(2);
  expect(await free(id)).toBe(2);
  await launch(1, none);
  await refused(launch(1, none), 'InsufficientInstanceCapacity');
  const [first = ''] = await launch(1);
  expect(await free(id)).toBe(1);
  const Filters = [{ Name: 'capacity-reservation-id', Values: [id] }];
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ Filters }));
  expect(Reservations?.[0]?.Instances).toMatchObject([{ InstanceId: first, CapacityReservationId: id }]);
  bench.pass(longMs);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
  bench.pass(longMs);
  expect(await free(id)).toBe(2);
  await refused(launch(1, none), 'InsufficientInstanceCapacity');
});

test('a targeted one is used only where it is named, and for no more than it has', async () => {
  const id = await reserve(1, { InstanceMatchCriteria: 'targeted' });
  await launch(1);
  expect(await free(id)).toBe(1);
  const target = { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: id } } };
  await launch(1, target);
  expect(await free(id)).toBe(0);
  await refused(launch(1, target), 'ReservationCapacityExceeded');
});

test('cancelled or at its end it gives its room to everybody', async () => {
  const id = await reserve(2);
  await refused(launch(2, none), 'InsufficientInstanceCapacity');
  await bench.ec2.send(new CancelCapacityReservationCommand({ CapacityReservationId: id }));
  await refused(
    bench.ec2.send(new CancelCapacityReservationCommand({ CapacityReservationId: id })),
    'InvalidCapacityReservationState',
  );
  const limited = await reserve(3, {
    EndDateType: 'limited',
    EndDate: new Date(bench.simulator.clock.nowMs() + 60_000),
  });
  bench.pass(61_000);
  const { CapacityReservations } = await bench.ec2.send(
    new DescribeCapacityReservationsCommand({ Filters: [{ Name: 'state', Values: ['expired'] }] }),
  );
  expect(CapacityReservations?.map((one) => one.CapacityReservationId)).toEqual([limited]);
  await launch(3, none);
});

test('a reservation takes more, as far as there is more, or less, and changes its end', async () => {
  const { ec2 } = bench;
  const CapacityReservationId = await reserve(1);
  const modify = (more: object) => ec2.send(new ModifyCapacityReservationCommand({ CapacityReservationId, ...more }));
  await modify({ InstanceCount: 3, InstanceMatchCriteria: 'targeted' });
  await expect(launch(1)).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
  await expect(modify({ InstanceCount: 4 })).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
  await modify({ InstanceCount: 2, EndDateType: 'limited', EndDate: new Date(Date.now() + 86_400_000) });
  await launch(1);
  const { CapacityReservations } = await ec2.send(new DescribeCapacityReservationsCommand({}));
  const shown = { TotalInstanceCount: 2, EndDateType: 'limited', InstanceMatchCriteria: 'targeted' };
  expect(CapacityReservations).toMatchObject([shown]);
  await expect(modify({ EndDateType: 'limited' })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await ec2.send(new CancelCapacityReservationCommand({ CapacityReservationId }));
  await expect(modify({ InstanceCount: 1 })).rejects.toMatchObject({ name: 'InvalidCapacityReservationState' });
});

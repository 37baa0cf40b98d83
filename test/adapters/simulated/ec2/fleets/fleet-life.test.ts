// Fleets after their call: those that keep their capacity, changes of it, their history and their end.
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  DeleteFleetsCommand,
  DeleteLaunchTemplateCommand,
  DescribeFleetHistoryCommand,
  DescribeFleetInstancesCommand,
  DescribeFleetsCommand,
  DescribeInstancesCommand,
  ModifyFleetCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CreateFleetCommandInput } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
  await bench.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'one',
      LaunchTemplateData: { ImageId: image, InstanceType: 't3.micro' },
    }),
  );
});
afterEach(() => bench.close());

async function create(count: number, more: Partial<CreateFleetCommandInput> = {}): Promise<string> {
  const { FleetId } = await bench.ec2.send(
    new CreateFleetCommand({
      LaunchTemplateConfigs: [{ LaunchTemplateSpecification: { LaunchTemplateName: 'one', Version: '1' } }],
      TargetCapacitySpecification: { TotalTargetCapacity: count, DefaultTargetCapacityType: 'spot' },
      ...more,
    }),
  );
  return given(FleetId);
}
const instancesOf = async (FleetId: string): Promise<readonly string[]> =>
  given((await bench.ec2.send(new DescribeFleetInstancesCommand({ FleetId }))).ActiveInstances).map((one) =>
    given(one.InstanceId),
  );
const described = async (id: string) =>
  given((await bench.ec2.send(new DescribeFleetsCommand({ FleetIds: [id] }))).Fleets?.[0]);
const deletion = async (id: string, TerminateInstances: boolean) =>
  bench.ec2.send(new DeleteFleetsCommand({ FleetIds: [id], TerminateInstances }));

test('an instant fleet is deleted with its instances only', async () => {
  const id = await create(2, { Type: 'instant' });
  bench.pass(longMs);
  expect((await deletion(id, false)).UnsuccessfulFleetDeletions).toMatchObject([
    { FleetId: id, Error: { Code: 'NoTerminateInstancesNotSupported' } },
  ]);
  expect((await deletion(id, true)).SuccessfulFleetDeletions).toEqual([
    { FleetId: id, PreviousFleetState: 'active', CurrentFleetState: 'deleted_terminating' },
  ]);
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({}));
  const states = given(Reservations).flatMap((one) => given(one.Instances).map((each) => each.State?.Name));
  expect(states).toEqual(['shutting-down', 'shutting-down']);
  expect((await described(id)).FleetState).toBe('deleted_terminating');
  bench.pass(longMs);
  expect((await described(id)).FleetState).toBe('deleted');
  const again = await deletion(id, true);
  expect(again.UnsuccessfulFleetDeletions?.[0]?.Error?.Code).toBe('fleetNotInDeletableState');
});

test('each fleet of a deletion has an answer of its own', async () => {
  const unknown = 'fleet-12345678-1234-1234-1234-123456789012';
  const id = await create(1);
  const answer = await bench.ec2.send(
    new DeleteFleetsCommand({ FleetIds: [unknown, 'nonsense', id], TerminateInstances: true }),
  );
  expect(answer.SuccessfulFleetDeletions?.map((one) => one.FleetId)).toEqual([id]);
  expect(answer.UnsuccessfulFleetDeletions?.map((one) => [one.FleetId, one.Error?.Code])).toEqual([
    [unknown, 'fleetIdDoesNotExist'],
    ['nonsense', 'fleetIdMalformed'],
  ]);
});

test('a fleet that maintains its capacity replaces what ends, also what EC2 takes', async () => {
  const id = await create(3);
  const first = await instancesOf(id);
  expect(first).toHaveLength(3);
  bench.pass(longMs);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(first[0])] }));
  await bench.control('POST', 'interruptions', { instanceId: first[1], noticeMs: 1000 });
  bench.pass(longMs);
  const later = await instancesOf(id);
  expect(later).toHaveLength(3);
  expect(later).toContain(first[2]);
  expect(later).not.toContain(first[0]);
  expect(later).not.toContain(first[1]);
  expect(await described(id)).toMatchObject({ Type: 'maintain', ActivityStatus: 'fulfilled', FulfilledCapacity: 3 });
});

test('it goes on asking where there is no capacity', async () => {
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/*', available: 0 });
  const id = await create(2);
  expect(await instancesOf(id)).toEqual([]);
  expect((await described(id)).ActivityStatus).toBe('error');
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/*', available: null });
  bench.pass(longMs);
  expect(await instancesOf(id)).toHaveLength(2);
  const { HistoryRecords } = await bench.ec2.send(
    new DescribeFleetHistoryCommand({ FleetId: id, StartTime: new Date(0) }),
  );
  expect(HistoryRecords?.map((one) => one.EventInformation?.EventSubType)).toEqual(
    expect.arrayContaining(['submitted', 'InsufficientInstanceCapacity', 'launched']),
  );
  const launches = await bench.ec2.send(
    new DescribeFleetHistoryCommand({ FleetId: id, StartTime: new Date(0), EventType: 'instance-change' }),
  );
  expect(launches.HistoryRecords).toHaveLength(2);
});

test('what its launches need may go: then it says so, and nobody else is troubled', async () => {
  const id = await create(1);
  const [only = ''] = await instancesOf(id);
  bench.pass(longMs);
  await bench.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'one' }));
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [only] }));
  bench.pass(longMs);
  expect(await instancesOf(id)).toEqual([]);
  expect((await described(id)).Errors?.[0]?.ErrorCode).toBe('InvalidLaunchTemplateName.NotFoundException');
});

test('a fleet that requests its capacity asks once', async () => {
  const id = await create(2, { Type: 'request' });
  const [first = ''] = await instancesOf(id);
  bench.pass(longMs);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
  bench.pass(longMs);
  expect(await instancesOf(id)).toHaveLength(1);
});

test('its capacity is changed both ways', async () => {
  const id = await create(2);
  const modify = (TotalTargetCapacity: number) =>
    bench.ec2.send(new ModifyFleetCommand({ FleetId: id, TargetCapacitySpecification: { TotalTargetCapacity } }));
  await modify(5);
  const grown = await instancesOf(id);
  expect(grown).toHaveLength(5);
  await modify(1);
  expect(await instancesOf(id)).toEqual(grown.slice(0, 1));
  bench.pass(longMs);
  expect(await instancesOf(id)).toHaveLength(1);
});

test('deleted without its instances it leaves them alone, and can still be deleted with them', async () => {
  const id = await create(2);
  bench.pass(longMs);
  const kept = await instancesOf(id);
  expect((await deletion(id, false)).SuccessfulFleetDeletions?.[0]?.CurrentFleetState).toBe('deleted_running');
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(kept[0])] }));
  bench.pass(longMs);
  expect(await instancesOf(id)).toEqual(kept.slice(1));
  expect((await deletion(id, true)).SuccessfulFleetDeletions?.[0]?.CurrentFleetState).toBe('deleted_terminating');
  expect(await instancesOf(id)).toEqual([]);
});

test('at its end it stops asking, and takes its instances along where it was told to', async () => {
  const ValidUntil = new Date(bench.simulator.clock.nowMs() + 60_000);
  const id = await create(2, { ValidUntil, TerminateInstancesWithExpiration: true });
  const other = await create(1, { ValidUntil });
  bench.pass(61_000);
  expect(await instancesOf(id)).toEqual([]);
  const [last = ''] = await instancesOf(other);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [last] }));
  bench.pass(longMs);
  expect(await instancesOf(other)).toEqual([]);
});

test('fleets are listed, instant ones only by id', async () => {
  const maintained = await create(1);
  const instant = await create(1, { Type: 'instant' });
  const { Fleets } = await bench.ec2.send(new DescribeFleetsCommand({}));
  expect(Fleets?.map((one) => one.FleetId)).toEqual([maintained]);
  expect((await described(instant)).Type).toBe('instant');
  await expect(bench.ec2.send(new DescribeFleetInstancesCommand({ FleetId: instant }))).rejects.toMatchObject({
    name: 'UnsupportedOperation',
  });
});

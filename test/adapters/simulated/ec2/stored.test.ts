// A simulator that comes back from disk: lists go on where their tokens say, and fleets go on keeping their capacity.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeFleetInstancesCommand,
  DescribeVolumesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let folder: string;
let bench: Ec2Bench;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-ec2-'));
  bench = await openBench({ folder });
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  await bench.close();
  bench = await openBench({ folder });
}

test('a page goes on behind what is deleted by then', async () => {
  const make = async () =>
    given((await bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1 }))).VolumeId);
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) ids.push(await make());
  bench.pass(longMs);
  const { NextToken } = await bench.ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
  for (const VolumeId of [ids[0], ids[4]]) await bench.ec2.send(new DeleteVolumeCommand({ VolumeId }));
  await restart();
  const later = await make();
  const { Volumes } = await bench.ec2.send(new DescribeVolumesCommand({ MaxResults: 5, NextToken }));
  expect(Volumes?.map((volume) => volume.VolumeId)).toEqual([...ids.slice(5), later]);
});

test('a fleet replaces what ends after the restart', async () => {
  await bench.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'one',
      LaunchTemplateData: { ImageId: image, InstanceType: 't3.micro' },
    }),
  );
  const { FleetId } = await bench.ec2.send(
    new CreateFleetCommand({
      LaunchTemplateConfigs: [{ LaunchTemplateSpecification: { LaunchTemplateName: 'one', Version: '1' } }],
      TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: 'on-demand' },
    }),
  );
  bench.pass(longMs);
  await restart();
  const living = async () =>
    given((await bench.ec2.send(new DescribeFleetInstancesCommand({ FleetId }))).ActiveInstances).map((one) =>
      given(one.InstanceId),
    );
  const [first = '', second = ''] = await living();
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
  const now = await living();
  expect(now).toHaveLength(2);
  expect(now).toContain(second);
  expect(now).not.toContain(first);
});

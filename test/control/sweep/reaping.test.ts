// Orphans: what EC2 refuses to delete keeps nothing else from going.
import { expect, test } from '@jest/globals';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import { tagInstallation, tagPool } from '../../../lib/core/records/launch.ts';
import { CloudRefusedError } from '../../../lib/ports/cloud.ts';
import { ClaimWorld, poolSpec } from '../claims/world.ts';

test('an orphan goes, however many others EC2 refuses to delete', async () => {
  const world = new ClaimWorld();
  const { cloud, random } = world.ports;
  await world.control.putPool(poolSpec);
  const tags = { [tagInstallation]: 'test', [tagPool]: 'default', [tagRequest]: 'r-none' };
  for (let n = 0; n < 120; n += 1) await cloud.createGroup(`stuck-${String(n)}`, 'in use by others', tags);
  const shape = { type: 'gp3', sizeGib: 1, iops: 3_000, throughputMibps: 125, usdPerMonth: 0.08 } as const;
  await cloud.createVolume('v', { zone: 'us-east-1a', shape, snapshotId: null, tags });
  cloud.deleteGroup = async () => {
    const fault = { code: 'DependencyViolation', scope: 'request', message: 'it is in use', about: null } as const;
    throw new CloudRefusedError(fault);
  };
  random.next = () => 0.9;
  for (let sweeps = 0; sweeps < 4; sweeps += 1) {
    await world.control.sweep();
    world.nowMs += 180_000;
  }
  expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 120 });
});

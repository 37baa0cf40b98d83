// What every adapter of the cloud port must do for claims, whatever stands behind it: machines, volumes, snapshots,
// groups, and the listing of all of them.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { VolumeShape } from '../../lib/core/records/volume.ts';
import type { FrozenInstances } from '../../lib/core/records/launch.ts';
import { tagPart, tagRequest } from '../../lib/core/records/claim.ts';
import { installation } from './cloud.bench.ts';
import type { CloudBench } from './cloud.bench.ts';
import type { PermissionRule } from '../../lib/core/records/security-group.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../lib/core/records/launch.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError, TokenUsedError } from '../../lib/ports/cloud.ts';
import type { Cloud, Instance, ListedGroup, ListedVolume } from '../../lib/ports/cloud.ts';

export const shape: VolumeShape = { type: 'gp3', sizeGib: 10, iops: 3_000, throughputMibps: 125, usdPerMonth: 0.8 };

export const tagsOf = (
  request: string,
  over: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  [tagInstallation]: installation,
  [tagPool]: 'p',
  [tagRequest]: request,
  ...over,
});

export function frozenMachines(launchId: string, over: Partial<FrozenInstances> = {}): FrozenInstances {
  return {
    call: 'run',
    instanceType: 'm7i.large',
    zone: 'us-east-1a',
    subnetId: null,
    capacityType: 'on-demand',
    priceUsdPerHour: 0.1,
    count: 2,
    imageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    userData: null,
    keyName: null,
    instanceProfile: null,
    groupIds: [],
    disks: [{ device: '/dev/sdf', shape, snapshotId: null, deleteOnTermination: true }],
    tags: tagsOf('r-1', { [tagLaunch]: launchId }),
    ...over,
  };
}

const rule = (port: number, over: Partial<PermissionRule> = {}): PermissionRule => ({
  isEgress: false,
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  cidr: '10.0.0.0/8',
  groupId: null,
  ...over,
});

/** More than any start, stop, copy or lag of a bench's cloud takes. */
const longMs = 120_000;

export function claimsContract(name: string, open: () => Promise<CloudBench>): void {
  describe(`cloud port, claims: ${name}`, () => {
    let bench: CloudBench;
    let cloud: Cloud;
    beforeEach(async () => {
      bench = await open();
      ({ cloud } = bench);
    });
    const listed = async () => cloud.list({ installation, things: 'all' });
    const machine = async (id: string): Promise<Instance | undefined> =>
      (await listed()).instances.find((one) => one.id === id);
    const volume = async (id: string): Promise<ListedVolume | undefined> =>
      (await listed()).volumes.find((one) => one.id === id);
    const group = async (id: string): Promise<ListedGroup | undefined> =>
      (await listed()).groups.find((one) => one.id === id);
    const launched = async (token: string, over: Partial<FrozenInstances> = {}): Promise<readonly string[]> => {
      const machines = await cloud.runInstances(token, frozenMachines(token, { count: 1, ...over }));
      await bench.pass(longMs);
      return machines.map((one) => one.id);
    };
    const made = async (part: string, zone = 'us-east-1a'): Promise<string> => {
      const id = await cloud.createVolume(part, {
        zone,
        shape,
        snapshotId: null,
        tags: tagsOf('r-v', { [tagPart]: part }),
      });
      await bench.pass(longMs);
      return id;
    };
    const refusal = (code: string, scope: string): object => ({ fault: { code, scope } });

    describe('machines', () => {
      test(
        'come up where and as they were frozen, in the order of launch, with ' + 'encrypted disks and all tags',
        async () => {
          const request = frozenMachines('m-1', { count: 3 });
          const first = await cloud.runInstances('m-1', request);
          expect(first.map((one) => one.launchIndex)).toEqual([0, 1, 2]);
          await bench.pass(longMs);
          const { instances: machines, volumes } = await listed();
          expect(machines.map((one) => one.id).sort()).toEqual(first.map((one) => one.id).sort());
          for (const one of machines) {
            expect(one).toMatchObject({
              state: 'running',
              instanceType: 'm7i.large',
              zone: 'us-east-1a',
              capacityType: 'on-demand',
              tags: request.tags,
              stateReason: null,
            });
            expect(one.privateIp).not.toBeNull();
            const disk = one.disks.find((candidate) => candidate.device === '/dev/sdf');
            const listing = volumes.find((candidate) => candidate.id === disk?.volumeId);
            expect(listing).toMatchObject({
              state: 'in-use',
              zone: 'us-east-1a',
              type: 'gp3',
              sizeGib: 10,
              iops: 3_000,
              throughputMibps: 125,
              tags: request.tags,
            });
            expect(await bench.isEncrypted(disk?.volumeId ?? '')).toBe(true);
          }
        },
      );

      test('are tagged anew with their disks, the other tags untouched', async () => {
        const [id = ''] = await launched('m-15');
        const disks = ((await machine(id))?.disks ?? []).map((one) => one.volumeId);
        for (let times = 0; times < 2; times += 1) await cloud.tag([id, ...disks], { [tagRequest]: 'r-2' });
        await bench.pass(longMs);
        const tags = { ...frozenMachines('m-15').tags, [tagRequest]: 'r-2' };
        expect((await machine(id))?.tags).toEqual(tags);
        for (const disk of disks) expect((await volume(disk))?.tags).toEqual(tags);
      });

      test('spot ones are listed as spot', async () => {
        const [id = ''] = await launched('m-2', { capacityType: 'spot' });
        expect(await machine(id)).toMatchObject({ capacityType: 'spot' });
      });

      test('a token repeated makes nothing more; with another request it is refused as used', async () => {
        const request = frozenMachines('m-3');
        await cloud.runInstances('m-3', request);
        expect(await cloud.runInstances('m-3', request)).toHaveLength(2);
        const other = cloud.runInstances('m-3', frozenMachines('m-3', { count: 3 }));
        await expect(other).rejects.toBeInstanceOf(TokenUsedError);
        await expect(other).rejects.toMatchObject({ awsCode: 'IdempotentParameterMismatch' });
        expect(await bench.effectsOf('m-3')).toBe(2);
      });

      test('a token whose machines have ended is refused as used', async () => {
        const ids = await launched('m-4');
        await cloud.terminate(ids);
        await bench.pass(longMs);
        await expect(cloud.runInstances('m-4', frozenMachines('m-4', { count: 1 }))).rejects.toMatchObject({
          awsCode: 'IdempotentInstanceTerminated',
        });
      });

      test(
        'no capacity is about the offering, a quota about its bucket, an unknown image or ' + 'key about the request',
        async () => {
          await bench.setCapacity('m7i.large/us-east-1a/on-demand', 0);
          await expect(cloud.runInstances('m-5', frozenMachines('m-5'))).rejects.toMatchObject(
            refusal('InsufficientInstanceCapacity', 'offering'),
          );
          await bench.limitVcpu(1);
          await expect(
            cloud.runInstances('m-6', frozenMachines('m-6', { instanceType: 'c7i.large' })),
          ).rejects.toMatchObject(refusal('VcpuLimitExceeded', 'quota'));
          await expect(
            cloud.runInstances('m-7', frozenMachines('m-7', { imageId: 'ami-0fffffffffffffff0' })),
          ).rejects.toMatchObject(refusal('InvalidAMIID.NotFound', 'request'));
          await expect(cloud.runInstances('m-8', frozenMachines('m-8', { keyName: 'nobody' }))).rejects.toMatchObject(
            refusal('InvalidKeyPair.NotFound', 'request'),
          );
          expect((await listed()).instances).toEqual([]);
        },
      );

      test(
        'a throttled launch has done nothing; a lost answer is unknown, and its ' + 'effect is found by the tag',
        async () => {
          await bench.setFault('RunInstances', 'throttle', 1);
          await expect(cloud.runInstances('m-9', frozenMachines('m-9'))).rejects.toBeInstanceOf(CloudThrottledError);
          expect(await bench.effectsOf('m-9')).toBe(0);
          await bench.setFault('RunInstances', 'drop-response', 1);
          await expect(cloud.runInstances('m-9', frozenMachines('m-9'))).rejects.toBeInstanceOf(CloudUnknownError);
          await bench.pass(longMs);
          expect((await listed()).instances.map((one) => one.tags[tagLaunch])).toEqual(['m-9', 'm-9']);
          await cloud.runInstances('m-9', frozenMachines('m-9'));
          expect(await bench.effectsOf('m-9')).toBe(2);
        },
      );

      test('an error of EC2 itself leaves the outcome unknown', async () => {
        await bench.fail('RunInstances', 'InternalError', 500);
        await expect(cloud.runInstances('m-10', frozenMachines('m-10'))).rejects.toBeInstanceOf(CloudUnknownError);
      });

      test('stop and start; a start may find no capacity', async () => {
        const ids = await launched('m-11');
        await cloud.stop(ids);
        await cloud.stop(ids);
        await bench.pass(longMs);
        expect(await machine(ids[0] ?? '')).toMatchObject({ state: 'stopped' });
        await bench.setCapacity('m7i.large/us-east-1a/on-demand', 0);
        await expect(cloud.start(ids)).rejects.toMatchObject(refusal('InsufficientInstanceCapacity', 'offering'));
        await bench.setCapacity('m7i.large/us-east-1a/on-demand', null);
        await cloud.start(ids);
        await bench.pass(longMs);
        expect(await machine(ids[0] ?? '')).toMatchObject({ state: 'running' });
      });

      test('a spot machine does not stop', async () => {
        const ids = await launched('m-12', { capacityType: 'spot' });
        await expect(cloud.stop(ids)).rejects.toBeInstanceOf(CloudRefusedError);
      });

      test(
        'terminate: unknown and protected ones are left out, the others of the batch end, ' + 'and again is no error',
        async () => {
          const ids = await launched('m-13', { count: 4 });
          const [guarded = '', ...others] = ids;
          await bench.protect(guarded);
          const answer = await cloud.terminate([...ids, 'i-00000000000000001']);
          expect([...answer.accepted].sort()).toEqual([...others].sort());
          expect(answer.refused.map((one) => one.id).sort()).toEqual([guarded, 'i-00000000000000001'].sort());
          await bench.pass(longMs);
          const states = (await listed()).instances.map((one) => [one.id, one.state]);
          expect(Object.fromEntries(states)).toEqual({
            [guarded]: 'running',
            ...Object.fromEntries(others.map((id) => [id, 'terminated'])),
          });
          expect((await cloud.terminate(others)).accepted).toHaveLength(3);
          expect(await cloud.terminate([])).toEqual({ accepted: [], refused: [] });
        },
      );

      test('a termination without permission is refused for all ids at once, and not as an unknown id', async () => {
        await bench.fail('TerminateInstances', 'UnauthorizedOperation', 403);
        const ids = ['i-00000000000000001', 'i-00000000000000002'];
        const answer = await cloud.terminate(ids);
        expect(answer.accepted).toEqual([]);
        expect(answer.refused.map(({ id, code }) => [id, code])).toEqual(
          ids.map((id) => [id, 'UnauthorizedOperation']),
        );
      });

      test('disks go with their machine, or stay, as they were frozen', async () => {
        const [id = ''] = await launched('m-14', {
          disks: [
            { device: '/dev/sdf', shape, snapshotId: null, deleteOnTermination: true },
            { device: '/dev/sdg', shape, snapshotId: null, deleteOnTermination: false },
          ],
        });
        const disks = (await machine(id))?.disks ?? [];
        const at = (device: string): string => disks.find((one) => one.device === device)?.volumeId ?? '';
        await cloud.terminate([id]);
        await bench.pass(longMs);
        expect(await volume(at('/dev/sdf'))).toBeUndefined();
        expect(await volume(at('/dev/sdg'))).toMatchObject({ state: 'available' });
      });
    });

    describe('volumes', () => {
      test('are made once per token, encrypted, with their shape and tags', async () => {
        const id = await made('p-1');
        expect(
          await cloud.createVolume('p-1', {
            zone: 'us-east-1a',
            shape,
            snapshotId: null,
            tags: tagsOf('r-v', { [tagPart]: 'p-1' }),
          }),
        ).toBe(id);
        expect(await volume(id)).toMatchObject({
          state: 'available',
          zone: 'us-east-1a',
          type: 'gp3',
          sizeGib: 10,
          tags: tagsOf('r-v', { [tagPart]: 'p-1' }),
          attachments: [],
        });
        expect((await listed()).volumes).toHaveLength(1);
        expect(await bench.isEncrypted(id)).toBe(true);
      });

      test('attach to what runs in their zone, once; detach; and are not deleted while attached', async () => {
        const id = await made('p-2');
        const [here = ''] = await launched('m-20');
        const [there = ''] = await launched('m-21', { zone: 'us-east-1b' });
        await expect(cloud.attach(id, there, '/dev/sdh')).rejects.toBeInstanceOf(CloudRefusedError);
        await cloud.attach(id, here, '/dev/sdh');
        await expect(cloud.attach(id, here, '/dev/sdi')).rejects.toMatchObject({ fault: { code: 'VolumeInUse' } });
        await bench.pass(longMs);
        expect(await volume(id)).toMatchObject({
          state: 'in-use',
          attachments: [{ instanceId: here, device: '/dev/sdh', state: 'attached' }],
        });
        await expect(cloud.deleteVolume(id)).rejects.toMatchObject({ fault: { code: 'VolumeInUse' } });
        await cloud.detach(id, here);
        await bench.pass(longMs);
        expect(await volume(id)).toMatchObject({ state: 'available' });
        await expect(cloud.detach(id, here)).rejects.toMatchObject({ fault: { code: 'IncorrectState' } });
        await cloud.deleteVolume(id);
        await bench.pass(longMs);
        expect(await volume(id)).toBeUndefined();
      });

      test('a mounted one stays busy', async () => {
        const id = await made('p-3');
        const [here = ''] = await launched('m-22');
        await cloud.attach(id, here, '/dev/sdh');
        await bench.pass(longMs);
        await bench.mount(id);
        await cloud.detach(id, here);
        await bench.pass(longMs);
        expect(await volume(id)).toMatchObject({ state: 'in-use', attachments: [{ state: 'busy' }] });
      });

      test('grow online, once in six hours', async () => {
        const id = await made('p-4');
        await cloud.modify(id, { ...shape, sizeGib: 20 });
        await bench.pass(longMs);
        expect(await volume(id)).toMatchObject({ sizeGib: 20 });
        await expect(cloud.modify(id, { ...shape, sizeGib: 30 })).rejects.toBeInstanceOf(CloudRefusedError);
      });

      test('are copied to a snapshot that is found by its tag, and made from it again', async () => {
        const id = await made('p-5');
        const snapshotId = await cloud.snapshot(id, tagsOf('r-v', { [tagPart]: 'p-5' }));
        await bench.pass(longMs);
        expect((await listed()).snapshots).toMatchObject([
          { id: snapshotId, state: 'completed', volumeId: id, tags: tagsOf('r-v', { [tagPart]: 'p-5' }) },
        ]);
        const again = await cloud.createVolume('p-6', {
          zone: 'us-east-1b',
          shape,
          snapshotId,
          tags: tagsOf('r-w', { [tagPart]: 'p-6' }),
        });
        await bench.pass(longMs);
        expect(await volume(again)).toMatchObject({ zone: 'us-east-1b', state: 'available' });
        await cloud.deleteSnapshot(snapshotId);
        await bench.pass(longMs);
        expect((await listed()).snapshots).toEqual([]);
      });

      test(
        'an unknown snapshot is refused; a lost answer is found by the tag, and a ' + 'repeat makes no second one',
        async () => {
          await expect(
            cloud.createVolume('p-7', {
              zone: 'us-east-1a',
              shape,
              snapshotId: 'snap-0ffffffffffffffff',
              tags: tagsOf('r-v'),
            }),
          ).rejects.toMatchObject(refusal('InvalidSnapshot.NotFound', 'request'));
          await bench.setFault('CreateVolume', 'drop-response', 1);
          await expect(made('p-8')).rejects.toBeInstanceOf(CloudUnknownError);
          await bench.pass(longMs);
          expect((await listed()).volumes.map((one) => one.tags[tagPart])).toEqual(['p-8']);
          await made('p-8');
          expect((await listed()).volumes).toHaveLength(1);
        },
      );

      test('deleting an unknown one is refused as not found', async () => {
        await expect(cloud.deleteVolume('vol-0ffffffffffffffff')).rejects.toMatchObject({
          fault: { code: 'InvalidVolume.NotFound' },
        });
      });
    });

    describe('groups', () => {
      test('have a unique name, rules of every kind both ways, and no rule twice', async () => {
        const source = await cloud.createGroup('g-source', 'its members are let in', tagsOf('r-n'));
        const id = await cloud.createGroup('g-1', 'one', tagsOf('r-n'));
        await expect(cloud.createGroup('g-1', 'another', tagsOf('r-n'))).rejects.toMatchObject({
          fault: { code: 'InvalidGroup.Duplicate' },
        });
        const rules = [
          rule(22),
          rule(80, { cidr: '2001:db8::/32' }),
          rule(5432, { cidr: null, groupId: source }),
          rule(-1, { protocol: '-1', isEgress: true, cidr: '192.168.0.0/16' }),
        ];
        await cloud.authorize(id, rules);
        await bench.pass(longMs);
        const found = await group(id);
        expect(found).toMatchObject({ name: 'g-1', tags: tagsOf('r-n') });
        for (const one of rules) expect(found?.rules).toContainEqual(one);
        await expect(cloud.authorize(id, [rule(22), rule(23)])).rejects.toMatchObject({
          fault: { code: 'InvalidPermission.Duplicate' },
        });
        expect((await group(id))?.rules).not.toContainEqual(rule(23));
        await cloud.revoke(id, rules);
        await expect(cloud.revoke(id, [rule(22)])).rejects.toMatchObject({
          fault: { code: 'InvalidPermission.NotFound' },
        });
        // What every new group of EC2 has.
        expect((await group(id))?.rules).toEqual([
          { isEgress: true, protocol: '-1', fromPort: -1, toPort: -1, cidr: '0.0.0.0/0', groupId: null },
        ]);
      });

      test('a machine has exactly those attached that it is given, running or stopped', async () => {
        const [a, b] = [
          await cloud.createGroup('attach-a', 'one', tagsOf('r-a')),
          await cloud.createGroup('attach-b', 'other', tagsOf('r-b')),
        ];
        const [id = ''] = await launched('m-31', { count: 1, groupIds: [a] });
        const attached = async (): Promise<readonly string[]> =>
          (await listed()).instances.find((one) => one.id === id)?.groupIds ?? [];
        await bench.pass(longMs);
        expect(await attached()).toEqual([a]);
        await cloud.setGroups(id, [a, b]);
        await cloud.setGroups(id, [a, b]);
        expect(await attached()).toEqual([a, b].sort());
        await cloud.stop([id]);
        await bench.pass(longMs);
        await cloud.setGroups(id, [b]);
        expect(await attached()).toEqual([b]);
        await cloud.deleteGroup(a);
        await expect(cloud.setGroups(id, [a])).rejects.toMatchObject({ fault: { code: 'InvalidGroup.NotFound' } });
      });

      test('are not deleted while a machine or another group uses them', async () => {
        const source = await cloud.createGroup('g-2', 'a source', tagsOf('r-n'));
        const user = await cloud.createGroup('g-3', 'a user', tagsOf('r-n'));
        const naming = rule(443, { cidr: null, groupId: source });
        await cloud.authorize(user, [naming]);
        const ids = await launched('m-30', { groupIds: [user] });
        await expect(cloud.deleteGroup(user)).rejects.toMatchObject({ fault: { code: 'DependencyViolation' } });
        await cloud.terminate(ids);
        await bench.pass(longMs);
        await expect(cloud.deleteGroup(source)).rejects.toMatchObject({ fault: { code: 'DependencyViolation' } });
        await cloud.revoke(user, [naming]);
        for (const one of [user, source]) await cloud.deleteGroup(one);
        await bench.pass(longMs);
        expect((await listed()).groups).toEqual([]);
        await expect(cloud.deleteGroup(user)).rejects.toMatchObject({ fault: { code: 'InvalidGroup.NotFound' } });
      });
    });

    describe('listings', () => {
      test('are of the installation and pool, literally; beside instances only what a request asked for', async () => {
        await launched('m-40');
        await launched('m-41', { tags: tagsOf('r-2', { [tagPool]: 'q', [tagLaunch]: 'm-41' }) });
        await launched('m-42', { tags: tagsOf('r-3', { [tagInstallation]: 'another', [tagLaunch]: 'm-42' }) });
        await launched('m-43', { tags: { [tagInstallation]: installation, [tagPool]: 'p', [tagLaunch]: 'm-43' } });
        const launchesOf = async (filter: {
          readonly installation: string;
          readonly pool?: string;
        }): Promise<readonly (string | undefined)[]> =>
          (await cloud.list({ ...filter, things: 'all' })).instances.map((one) => one.tags[tagLaunch]).sort();
        // A node's instance is listed too; its tags say that no request asked for it.
        expect(await launchesOf({ installation })).toEqual(['m-40', 'm-41', 'm-43']);
        expect(await launchesOf({ installation, pool: 'q' })).toEqual(['m-41']);
        const { volumes } = await listed();
        expect(new Set(volumes.map((one) => one.tags[tagLaunch]))).toEqual(new Set(['m-40', 'm-41']));
        expect(await launchesOf({ installation: 'contrac?' })).toEqual([]);
        expect(await launchesOf({ installation: '*' })).toEqual([]);
      });

      test('are complete, also beyond one page', async () => {
        for (let n = 0; n < 6; n += 1)
          await cloud.runInstances(`m-5${String(n)}`, frozenMachines(`m-5${String(n)}`, { count: 100 }));
        await bench.pass(longMs);
        const { instances: machines, volumes } = await listed();
        expect(machines).toHaveLength(600);
        expect(new Set(machines.map((one) => one.id)).size).toBe(600);
        expect(volumes.filter((one) => one.sizeGib === 10 && one.type === 'gp3').length).toBeGreaterThanOrEqual(600);
      });

      test.each(['DescribeInstances', 'DescribeVolumes', 'DescribeSnapshots', 'DescribeSecurityGroups'])(
        '%s: throttled or without an answer, the whole listing says which',
        async (action) => {
          await bench.setFault(action, 'throttle', 1);
          await expect(listed()).rejects.toBeInstanceOf(CloudThrottledError);
          await bench.setFault(action, 'drop-response', 1);
          await expect(listed()).rejects.toBeInstanceOf(CloudUnknownError);
        },
      );
    });

    test.each<[string, (id: string) => Promise<unknown>]>([
      ['StopInstances', (id) => cloud.stop([id])],
      ['StartInstances', (id) => cloud.start([id])],
      ['AttachVolume', (id) => cloud.attach('vol-0ffffffffffffffff', id, '/dev/sdf')],
      ['DetachVolume', (id) => cloud.detach('vol-0ffffffffffffffff', id)],
      ['ModifyVolume', () => cloud.modify('vol-0ffffffffffffffff', shape)],
      ['CreateSnapshot', () => cloud.snapshot('vol-0ffffffffffffffff', tagsOf('r'))],
      ['DeleteVolume', () => cloud.deleteVolume('vol-0ffffffffffffffff')],
      ['CreateSecurityGroup', () => cloud.createGroup('g', 'd', tagsOf('r'))],
      ['AuthorizeSecurityGroupIngress', () => cloud.authorize('sg-0ffffffffffffffff', [rule(22)])],
      ['RevokeSecurityGroupEgress', () => cloud.revoke('sg-0ffffffffffffffff', [rule(22, { isEgress: true })])],
      ['CreateTags', (id) => cloud.tag([id], { [tagRequest]: 'r' })],
      ['DeleteSecurityGroup', () => cloud.deleteGroup('sg-0ffffffffffffffff')],
    ])('%s: throttled is throttled, lost is unknown, and a refusal has its code and scope', async (action, call) => {
      const id = 'i-0ffffffffffffffff';
      await bench.setFault(action, 'throttle', 1);
      await expect(call(id)).rejects.toBeInstanceOf(CloudThrottledError);
      await bench.setFault(action, 'drop-request', 1);
      await expect(call(id)).rejects.toBeInstanceOf(CloudUnknownError);
      await bench.fail(action, 'UnauthorizedOperation', 403);
      await expect(call(id)).rejects.toMatchObject(refusal('UnauthorizedOperation', 'account'));
    });
  });
}

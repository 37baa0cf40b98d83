// What is said, kept, copied and paid for when something is released.
import { describe, expect, test } from '@jest/globals';
import { ClaimWorld, machineSpec, networkSpec, poolSpec, storageSpec } from './world.ts';
import type { ClaimRecord, MachineSpec, StorageSpec } from '../../../lib/core/records/claim.ts';
import { tagIntent, tagPart, tagRequest, tagTenant } from '../../../lib/core/records/claim.ts';
import { stuckAfterMs } from '../../../lib/core/claims/release/left-over.ts';
import type { CloudListing, ListingScope } from '../../../lib/ports/cloud.ts';

const hourMs = 3_600_000;
const plainMachine: MachineSpec = { ...machineSpec, network: null, volumes: [] };
const storage = (more: Partial<StorageSpec['volume']>): StorageSpec => ({
  ...storageSpec,
  volume: { ...storageSpec.volume, volumeType: 'gp3', ...more },
});

async function newWorld(): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  return world;
}

/** What EC2 lists, seen through `change`. */
function seeThrough(world: ClaimWorld, change: (listing: CloudListing) => CloudListing): void {
  const { cloud } = world.ports;
  const list = cloud.list.bind(cloud);
  Object.assign(cloud, { list: async (scope: ListingScope) => change(await list(scope)) });
}

async function active(world: ClaimWorld, spec: MachineSpec | StorageSpec | typeof networkSpec): Promise<string> {
  const { id } = await world.submit(spec);
  await world.run(20);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  return id;
}

const lastMessage = (claim: ClaimRecord): string => claim.timeline.at(-1)?.message ?? '';
const given = async (world: ClaimWorld): Promise<string> =>
  (await world.control.listActivity('default', { limit: 100 }))?.items
    .filter((one) => one.code === 'given_back')
    .map((one) => one.message)
    .join('\n') ?? '';
const volumeIdOf = (claim: ClaimRecord): string => claim.volume?.volumeId ?? '';

describe('"released" claims no more than happened', () => {
  test('of a volume that is deleted: nothing is left', async () => {
    const world = await newWorld();
    const id = await active(world, storage({}));
    await world.release(id);
    await world.run(30);
    expect(lastMessage(await world.claim(id))).toBe('nothing of it is left');
  });

  test('a final snapshot is named, with what it may cost, in timeline and activity', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    await world.release(id);
    await world.run(120);
    const claim = await world.claim(id);
    const said =
      `released; snapshot ${claim.volume?.snapshot?.id ?? ''} is kept until you delete it (an estimate: at `
      + 'most 1.00 USD a month, by the data in it)';
    expect(claim).toMatchObject({ state: 'released', reason: 'released' });
    expect(lastMessage(claim)).toBe(said);
    expect(await given(world)).toContain(said);
  });

  test('kept volumes are named, each with its own time', async () => {
    const world = await newWorld();
    const volumes = [60_000, 30 * 24 * hourMs].map((keepMs) => ({
      ...storageSpec.volume,
      volumeType: 'gp3' as const,
      onRelease: 'keep' as const,
      keepMs,
    }));
    const id = await active(world, { ...plainMachine, volumes });
    const ids = (await world.claim(id)).machines[0]?.volumes.map((one) => one.volumeId ?? '') ?? [];
    await world.release(id);
    let releasedAtMs = 0;
    for (let n = 0; n < 60 && releasedAtMs === 0; n += 1) {
      await world.run(1);
      releasedAtMs = (await world.claim(id)).endedAtMs ?? 0;
    }
    const said = lastMessage(await world.claim(id));
    expect(said).toContain(
      `${ids[0] ?? ''} (20 GiB of gp3 (3000 IOPS, 125 MiB/s), 1.60 USD a month) is kept until `
        + `${new Date(releasedAtMs + 60_000).toISOString()}`,
    );
    expect(said).toContain(`is kept until ${new Date(releasedAtMs + 30 * 24 * hourMs).toISOString()}`);
    expect(said).not.toContain('nothing of it is left');
    await world.run(120);
    expect([...world.ec2.volumes.values()].map((one) => one.id)).toEqual([ids[1]]);
  });

  test('a group that a machine uses still is named, and its part is not gone', async () => {
    const world = await newWorld();
    const network = await active(world, networkSpec);
    const machine = await active(world, { ...plainMachine, networkRequests: [network] });
    const [groupId = ''] = (await world.claim(network)).groupIds;
    await world.release(network);
    await world.run(20);
    const claim = await world.claim(network);
    expect(claim).toMatchObject({ state: 'released', sharedGroupIds: [groupId] });
    expect(lastMessage(claim)).toBe(`released; ${groupId} stays: ${machine} uses it`);
  });
});

describe('a final snapshot', () => {
  const error = (world: ClaimWorld, isBroken: (id: string) => boolean): void => {
    seeThrough(world, (listing) => ({
      ...listing,
      snapshots: listing.snapshots.map((one) => (isBroken(one.id) ? { ...one, state: 'error' } : one)),
    }));
  };

  test('that EC2 shows as an error is made anew, later and later, and its request says so', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    const broken = new Set<string>();
    error(world, (one) => {
      if (broken.size < 2) broken.add(one);
      return broken.has(one);
    });
    await world.release(id);
    await world.run(40);
    const first = await world.claim(id);
    expect(first.state).toBe('releasing');
    const failure = first.timeline.find((entry) => entry.code === 'snapshot_failed');
    expect(failure?.message).toMatch(
      /the final snapshot of vol-\w+ failed: EC2 shows an error for snap-\w+; the next is made at .*one is complete/,
    );
    expect((failure?.nextTryAtMs ?? 0) - (failure?.atMs ?? 0)).toBe(60_000);
    expect(world.ec2.volumes.size).toBe(1);
    await world.run(400);
    const claim = await world.claim(id);
    expect(claim).toMatchObject({ state: 'released' });
    expect(
      claim.timeline
        .filter((entry) => entry.code === 'snapshot_failed')
        .map((entry) => (entry.nextTryAtMs ?? 0) - entry.atMs),
    ).toEqual([60_000, 120_000]);
    expect(broken.has(claim.volume?.snapshot?.id ?? '')).toBe(false);
    expect(world.left().volumes).toBe(0);
  });

  test('that is deleted by hand before it is complete is made anew, and only then the volume goes', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    seeThrough(world, (listing) => ({
      ...listing,
      snapshots: listing.snapshots.map((one) => ({ ...one, state: 'pending' })),
    }));
    await world.release(id);
    await world.run(30);
    const [made] = [...world.ec2.snapshots.values()];
    world.ec2.snapshots.delete(made?.id ?? '');
    await world.run(600);
    expect(world.ec2.volumes.size).toBe(1);
    const claim = await world.claim(id);
    expect(claim.timeline.map((entry) => entry.message).join('\n')).toContain(`EC2 no longer lists ${made?.id ?? ''}`);
    expect(world.ec2.snapshots.size).toBe(1);
  });

  test('that EC2 refuses is asked for again, and its request says why', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    world.ec2.cloud.faults.set({
      action: 'CreateSnapshot',
      effect: { kind: 'fail', code: 'SnapshotLimitExceeded', message: 'The account has too many.', httpStatus: 400 },
    });
    await world.release(id);
    await world.run(300);
    expect(world.calls.get('CreateSnapshot')).toBeLessThan(5);
    expect((await world.claim(id)).timeline.map((entry) => entry.message).join('\n')).toContain(
      'EC2 refuses it: SnapshotLimitExceeded: The account has too many.',
    );
    world.ec2.cloud.faults.clear();
    await world.run(600);
    expect(await world.claim(id)).toMatchObject({ state: 'released' });
  });

  test('that takes long says after a while what can be done', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    seeThrough(world, (listing) => ({
      ...listing,
      snapshots: listing.snapshots.map((one) => ({ ...one, state: 'pending' })),
    }));
    await world.release(id);
    await world.run(stuckAfterMs / 1_000 + 30);
    expect(lastMessage(await world.claim(id))).toMatch(
      /since 20.*snap-\w+ is being made; .*delete it in EC2, and another one is made/,
    );
  });

  test("is not taken from somebody's backup with the volume's tags, and backups stay", async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    const claim = await world.claim(id);
    const volume = world.ec2.volumes.get(volumeIdOf(claim));
    const backups: string[] = [];
    for (let n = 0; n < 5; n += 1)
      backups.push((await world.ports.cloud.snapshot(volumeIdOf(claim), volume?.tags ?? {})) ?? '');
    expect(volume?.tags[tagPart]).toBeDefined();
    await world.run(60);
    await world.release(id);
    await world.run(120);
    const own = (await world.claim(id)).volume?.snapshot?.id ?? '';
    expect(await world.claim(id)).toMatchObject({ state: 'released' });
    expect(backups).not.toContain(own);
    for (let n = 0; n < 4; n += 1) {
      world.nowMs += 300_000;
      await world.control.sweep();
    }
    expect([...world.ec2.snapshots.values()].map((one) => one.id).sort()).toEqual([...backups, own].sort());
  });

  test('that was made twice goes by its intent; a copy of it with all its tags keeps both', async () => {
    for (const isCopied of [false, true]) {
      const world = await newWorld();
      const id = await active(world, storage({ onRelease: 'snapshot' }));
      // The first call has its effect, and neither its answer nor the listing shows it until its request has ended.
      world.ec2.cloud.faults.set({ action: 'CreateSnapshot', effect: { kind: 'drop-response' }, times: 1 });
      const hidden = new Set<string>();
      let isHiding = true;
      seeThrough(world, (listing) => {
        if (hidden.size === 0) for (const one of listing.snapshots) hidden.add(one.id);
        return isHiding ? { ...listing, snapshots: listing.snapshots.filter((one) => !hidden.has(one.id)) } : listing;
      });
      await world.release(id);
      await world.run(400);
      expect(await world.claim(id)).toMatchObject({ state: 'released' });
      expect(world.ec2.snapshots.size).toBe(2);
      const own = (await world.claim(id)).volume?.snapshot?.id ?? '';
      isHiding = false;
      const [first = ''] = hidden;
      const copy = isCopied ? await copyOf(world, first) : null;
      for (let n = 0; n < 4; n += 1) {
        world.nowMs += 300_000;
        await world.control.sweep();
      }
      expect([...world.ec2.snapshots.values()].map((one) => one.id).sort()).toEqual(
        [own, ...(copy === null ? [] : [first, copy])].sort(),
      );
    }
  });

  async function copyOf(world: ClaimWorld, id: string): Promise<string> {
    const original = world.ec2.snapshots.get(id);
    if (!original) throw new TypeError(`there is no ${id}`);
    const copy = { ...original, id: 'snap-0c0c0c0c0c0c0c0c0' };
    world.ec2.snapshots.put(copy);
    return Promise.resolve(copy.id);
  }

  test('says whose it is', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ onRelease: 'snapshot' }));
    await world.release(id);
    await world.run(120);
    expect([...world.ec2.snapshots.values()][0]?.tags).toMatchObject({
      [tagTenant]: 'default',
      [tagRequest]: id,
      [tagIntent]: expect.stringMatching(/./),
    });
  });
});

describe('a volume from a snapshot', () => {
  async function withSnapshots(world: ClaimWorld): Promise<{ own: string; foreign: string; nobodys: string }> {
    const id = await active(world, storage({}));
    const volumeId = volumeIdOf(await world.claim(id));
    const tags = {
      'bellows:installation': 'test',
      'bellows:pool': 'other',
      [tagRequest]: 'r-other',
      [tagPart]: 'r-other.v',
    };
    const make = async (more: Record<string, string>): Promise<string> =>
      (await world.ports.cloud.snapshot(volumeId, more)) ?? '';
    const made = {
      own: await make({ ...tags, [tagTenant]: 'default' }),
      foreign: await make({ ...tags, [tagTenant]: 'somebody else' }),
      nobodys: await make({ Name: 'golden' }),
    };
    await world.run(60);
    return made;
  }

  test("of another tenant is refused at the door, for storage and for machines' volumes", async () => {
    const world = await newWorld();
    const { own, foreign, nobodys } = await withSnapshots(world);
    await expect(world.submit(storage({ snapshotId: foreign }))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      world.submit({ ...plainMachine, volumes: [{ ...storageSpec.volume, snapshotId: foreign }] }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    for (const snapshotId of [own, nobodys]) await active(world, storage({ snapshotId }));
  });

  test('that EC2 does not show yet is nobody’s to use until it does', async () => {
    const world = await newWorld();
    const { foreign } = await withSnapshots(world);
    const { cloud } = world.ports;
    const { snapshotTags } = cloud;
    Object.assign(cloud, { snapshotTags: async () => new Map() });
    const { id } = await world.submit(storage({ snapshotId: foreign }));
    await world.run(10);
    expect((await world.claim(id)).reason).toBe('snapshot');
    Object.assign(cloud, { snapshotTags });
    await world.run(60);
    expect((await world.claim(id)).reason).toMatch(/snapshot_forbidden/);
  });

  test('of another tenant is refused by the tick, where the door cannot ask EC2', async () => {
    const world = await newWorld();
    const { own, foreign } = await withSnapshots(world);
    const { cloud } = world.ports;
    const { snapshotTags } = cloud;
    Object.assign(cloud, { snapshotTags: undefined });
    const before = world.ec2.volumes.size;
    const refused = await world.submit(storage({ snapshotId: foreign }));
    const machine = await world.submit({ ...plainMachine, volumes: [{ ...storageSpec.volume, snapshotId: foreign }] });
    const fine = await world.submit(storage({ snapshotId: own }));
    Object.assign(cloud, { snapshotTags });
    await world.run(60);
    for (const { id } of [refused, machine])
      expect(await world.claim(id)).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('snapshot_forbidden'),
      });
    expect(await world.claim(fine.id)).toMatchObject({ state: 'active' });
    expect(world.ec2.volumes.size).toBe(before + 1);
  });
});

describe('what is kept costs what it costs', () => {
  const big = { sizeGib: 1_000, onRelease: 'keep' as const, keepMs: 48 * hourMs };
  const perHour = 80 / 730;
  const pass = async (world: ClaimWorld, hours: number): Promise<void> => {
    world.nowMs += hours * hourMs;
    await world.run(2);
  };

  test('while it waits, and for whoever takes it over, in every figure', async () => {
    const world = await newWorld();
    const first = await active(world, storage(big));
    await world.release(first);
    await world.run(20);
    const before = await world.control.stats('default');
    expect(before.usdPerHour).toBeCloseTo(perHour, 4);
    expect(before.claimed).toEqual([
      expect.objectContaining({
        type: 'kept-volume',
        pool: 'default',
        tenant: 'default',
        requests: 0,
        volumeGib: 1_000,
        usdPerHour: perHour,
      }),
    ]);
    await pass(world, 20);
    const kept = await world.control.stats('default');
    expect(kept.spentUsd - before.spentUsd).toBeCloseTo(20 * perHour, 2);
    const second = await active(world, storage({ ...big, sizeGib: 900, strategy: 'reuse-first', onRelease: 'delete' }));
    const taken = await world.control.stats('default');
    expect(taken.spentUsd - kept.spentUsd).toBeCloseTo(0, 2);
    expect(taken.usdPerHour).toBeCloseTo(perHour, 4);
    await pass(world, 100);
    expect((await world.control.stats('default')).spentUsd - taken.spentUsd).toBeCloseTo(100 * perHour, 2);
    await world.release(second);
    await world.run(30);
    const end = await world.control.stats('default');
    expect(end.spentUsd - taken.spentUsd).toBeCloseTo(100 * perHour, 2);
    expect(end).toMatchObject({ usdPerHour: 0 });
  });

  test('until its time is over', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ ...big, keepMs: 10 * hourMs }));
    await world.release(id);
    await world.run(20);
    const before = await world.control.stats('default');
    await pass(world, 10);
    await world.run(60);
    expect(world.ec2.volumes.size).toBe(0);
    const after = await world.control.stats('default');
    expect(after.spentUsd - before.spentUsd).toBeCloseTo(10 * perHour, 2);
    expect(after.claimed ?? []).toEqual([]);
  });

  test('piece by piece where it is resized', async () => {
    const world = await newWorld();
    const id = await active(world, storage({ sizeGib: 1_000 }));
    await pass(world, 10);
    await world.control.changeClaim('default', id, { kind: 'resize', needs: { sizeGib: 2_000 } });
    await world.run(20);
    await pass(world, 10);
    expect((await world.control.stats('default')).spentUsd).toBeCloseTo(10 * perHour + 10 * 2 * perHour, 2);
  });
});

test(
  'rules are changed in their order, at the most rules that a group takes, however ' + 'slow the first call is',
  async () => {
    const world = await newWorld();
    const rules = (cidr: string) =>
      Array.from({ length: 60 }, (_, n) => ({
        protocol: 'tcp' as const,
        fromPort: 1_000 + n,
        toPort: 1_000 + n,
        cidr,
        request: null,
      }));
    world.onStep = async (what) => {
      if (what.startsWith('before Revoke'))
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
    };
    const id = await active(world, {
      ...networkSpec,
      network: {
        ...networkSpec.network,
        ingress: rules('10.0.0.0/8'),
        egress: rules('10.0.0.0/8'),
        sharing: 'dedicated',
      },
    });
    await world.control.changeClaim('default', id, {
      kind: 'rules',
      rules: { ingress: rules('10.1.0.0/16'), egress: rules('10.1.0.0/16') },
    });
    await world.run(30);
    expect(await world.claim(id)).toMatchObject({
      state: 'active',
      reason: null,
      wantedNetwork: null,
      spec: { network: { egress: rules('10.1.0.0/16') } },
    });
  },
);

test('a group that something foreign uses says after a while what can be done', async () => {
  const world = await newWorld();
  const id = await active(world, networkSpec);
  world.ec2.cloud.faults.set({
    action: 'DeleteSecurityGroup',
    effect: { kind: 'fail', code: 'DependencyViolation', message: 'has a dependent object', httpStatus: 400 },
  });
  await world.release(id);
  await world.run(stuckAfterMs / 1_000 + 30);
  expect(lastMessage(await world.claim(id))).toMatch(
    /since 20.*describe-network-interfaces --filters Name=group-id,Values=sg-/,
  );
  world.ec2.cloud.faults.clear();
  await world.run(80);
  expect(await world.claim(id)).toMatchObject({ state: 'released' });
});

test.each(['UnauthorizedOperation', 'VolumeInUse'])(
  'a volume that EC2 does not delete (%s) is named, with what can be done, and goes once it does',
  async (code) => {
    const world = new ClaimWorld();
    await world.control.putPool(poolSpec);
    const { id } = await world.submit(storageSpec);
    await world.run(30);
    world.ec2.cloud.faults.set({
      action: 'DeleteVolume',
      effect: { kind: 'fail', code, message: 'not now', httpStatus: 400 },
    });
    await world.release(id);
    await world.run(900);
    const stuck = await world.claim(id);
    const volumeId = stuck.volume?.volumeId ?? '';
    expect(stuck.state).toBe('releasing');
    expect(stuck.timeline.at(-1)).toMatchObject({
      code: 'volumes',
      message: expect.stringContaining(`EC2 shows ${volumeId} as available, and has not deleted it`),
    });
    // VolumeInUse passes by itself at first: a detached volume is in use for a moment.
    const refusals = stuck.timeline.filter((entry) => entry.code === 'delete_refused');
    expect(refusals).toHaveLength(code === 'VolumeInUse' ? 0 : 1);
    world.ec2.cloud.faults.clear();
    await world.run(80);
    expect(await world.claim(id)).toMatchObject({ state: 'released' });
    expect(world.left().volumes).toBe(0);
  },
);

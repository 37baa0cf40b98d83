// What callers wish of things that are there: a wish changes what it names, of two that exclude each other one
// wins, and whatever waits says why and, where that is known, until when.
import { describe, expect, test } from '@jest/globals';
import { presentRequest } from '../../../lib/api/presenters.ts';
import { ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';
import type { ClaimRecord, StorageSpec } from '../../../lib/core/records/claim.ts';
import type { VolumeNeeds } from '../../../lib/core/records/volume.ts';

const plainMachine = { ...machineSpec, network: null, volumes: [] };
const inZone = (zone: string) => ({ ...plainMachine, requirements: { zone: [zone] } });
const sized = (
  sizeGib: number,
  more: Partial<StorageSpec['volume']> = {},
  zone: string | null = null,
): StorageSpec => ({ ...storageSpec, volume: { ...storageSpec.volume, sizeGib, ...more }, zone });

async function newWorld(pool = poolSpec): Promise<ClaimWorld> {
  const world = new ClaimWorld();
  await world.control.putPool(pool);
  return world;
}

async function resize(world: ClaimWorld, id: string, needs: Partial<VolumeNeeds>): Promise<ClaimRecord> {
  const answer = await world.control.changeClaim('default', id, { kind: 'resize', needs });
  if (!answer) throw new TypeError(`there is no ${id}`);
  return answer;
}

const attach = (world: ClaimWorld, id: string, machine: string): Promise<ClaimRecord | null> =>
  world.control.changeClaim('default', id, { kind: 'attach', machine });
const codes = (claim: ClaimRecord): readonly string[] => claim.timeline.map((entry) => entry.code);

describe('a resize', () => {
  test('of the size alone keeps type, IOPS and throughput', async () => {
    const world = await newWorld();
    const { id } = await world.submit(sized(10));
    await world.run(5);
    await resize(world, id, { sizeGib: 30 });
    await world.run(20);
    const claim = await world.claim(id);
    expect(claim).toMatchObject({
      state: 'active',
      reason: null,
      wantedShape: null,
      volume: { shape: { type: 'gp3', sizeGib: 30, iops: 3_000, throughputMibps: 125 } },
    });
    expect(world.ec2.volumes.get(claim.volume?.volumeId ?? '')).toMatchObject({ type: 'gp3', sizeGib: 30 });
  });

  test.each([
    [
      { volumeType: 'gp3', iops: 6_000, throughputMibps: 500 },
      { sizeGib: 200 },
      { type: 'gp3', sizeGib: 200, iops: 6_000, throughputMibps: 500 },
    ],
    [
      { volumeType: 'gp3', iops: 6_000 },
      { throughputMibps: 500 },
      { type: 'gp3', sizeGib: 100, iops: 6_000, throughputMibps: 500 },
    ],
    [
      { volumeType: 'io2', iops: 5_000 },
      { sizeGib: 101 },
      { type: 'io2', sizeGib: 101, iops: 5_000, throughputMibps: null },
    ],
    [{ volumeType: 'st1' }, { sizeGib: 500 }, { type: 'st1', sizeGib: 500, iops: null, throughputMibps: null }],
    [
      { volumeType: 'gp3', iops: 6_000 },
      { volumeType: 'io2' },
      { type: 'io2', sizeGib: 100, iops: 6_000, throughputMibps: null },
    ],
    [
      { volumeType: 'gp3' },
      { volumeType: 'sc1', sizeGib: 125 },
      { type: 'sc1', sizeGib: 125, iops: null, throughputMibps: null },
    ],
  ] as const)('of %j by %j makes %j', async (before, needs, after) => {
    const world = await newWorld();
    const { id } = await world.submit(sized(before.volumeType === 'st1' ? 125 : 100, before));
    await world.run(5);
    await resize(world, id, needs);
    await world.run(20);
    expect((await world.claim(id)).volume?.shape).toMatchObject(after);
  });

  test.each([
    ['gp3', 100, { iops: 80_000 }, /at least 160 GiB.*name sizeGib 160/],
    ['gp3', 100, { volumeType: 'sc1' }, /at least 125 GiB.*name sizeGib 125/],
    ['gp3', 100, { iops: 100_000 }, /no gp3 volume has.*its type stays unless volumeType names another/],
    ['st1', 125, { iops: 3_000 }, /no st1 volume has/],
    ['st1', 125, { throughputMibps: 100 }, /at least 2560 GiB.*name sizeGib 2560/],
    ['gp3', 100, { sizeGib: 99 }, /never shrinks: it has 100 GiB/],
  ] as const)(
    'of %s with %s GiB by %j is refused, and nothing changes',
    async (volumeType, sizeGib, needs, problem) => {
      const world = await newWorld();
      const { id } = await world.submit(sized(sizeGib, { volumeType }));
      await world.run(5);
      const present = await world.claim(id);
      await expect(resize(world, id, needs)).rejects.toThrow(problem);
      expect(await world.claim(id)).toEqual(present);
    },
  );

  test('adds to the one before it: size, then type, both hold', async () => {
    const world = await newWorld();
    const { id } = await world.submit(sized(10));
    await world.run(5);
    await resize(world, id, { sizeGib: 30 });
    const both = await resize(world, id, { volumeType: 'io2' });
    expect(both.wantedShape).toMatchObject({ type: 'io2', sizeGib: 30, iops: 3_000 });
    await resize(world, id, { iops: 4_000 });
    await world.run(20);
    expect((await world.claim(id)).volume?.shape).toMatchObject({ type: 'io2', sizeGib: 30, iops: 4_000 });
  });

  test('that was not asked for yet can be taken back', async () => {
    const world = await newWorld();
    const { id } = await world.submit(sized(10));
    await world.run(5);
    await resize(world, id, { sizeGib: 30 });
    const back = await resize(world, id, { sizeGib: 10 });
    expect(back).toMatchObject({ wantedShape: null, reason: null });
    expect(codes(back)).toContain('resize_withdrawn');
  });

  test('within six hours of the last says so, with the time, from the first answer on, and is done then', async () => {
    const world = await newWorld();
    const { id } = await world.submit(sized(10));
    await world.run(5);
    expect(await resize(world, id, { sizeGib: 30 })).toMatchObject({ reason: 'resizing' });
    const firstAtMs = world.nowMs;
    await world.run(20);
    expect(await world.claim(id)).toMatchObject({ reason: null });
    const second = await resize(world, id, { sizeGib: 50 });
    expect(second.reason).toBe('waits_for_ec2');
    const untilMs = second.timeline.at(-1)?.nextTryAtMs ?? 0;
    expect(untilMs).toBeGreaterThan(firstAtMs + 6 * 3_600_000);
    expect(untilMs).toBeLessThan(firstAtMs + 6 * 3_600_000 + 20_000);
    await world.run(60);
    const waits = await world.claim(id);
    expect(waits).toMatchObject({ state: 'active', reason: 'waits_for_ec2' });
    expect(waits.timeline.at(-1)).toMatchObject({
      code: 'waits_for_ec2',
      message: expect.stringContaining(new Date(untilMs).toISOString()),
      nextTryAtMs: untilMs,
    });
    const asked = world.calls.get('ModifyVolume') ?? 0;
    await world.run(600);
    // EC2 is not asked every few seconds for six hours.
    expect(world.calls.get('ModifyVolume')).toBe(asked);
    expect((await world.claim(id)).timeline).toHaveLength(waits.timeline.length);
    world.nowMs = untilMs;
    await world.run(60);
    expect(await world.claim(id)).toMatchObject({
      reason: null,
      wantedShape: null,
      volume: { shape: { sizeGib: 50 } },
    });
  });

  test('counts for the cost of the first size when only that is there', async () => {
    const world = await newWorld();
    const { id } = await world.submit(sized(10));
    await world.run(5);
    await resize(world, id, { sizeGib: 1_000 });
    await world.run(20);
    await resize(world, id, { sizeGib: 2_000 });
    await world.run(20);
    expect((await world.claim(id)).volume?.shape).toMatchObject({ sizeGib: 1_000, usdPerMonth: 80 });
    expect(await world.claim(id)).toMatchObject({ wantedShape: { sizeGib: 2_000 } });
  });

  test('is not forgotten over an attach', async () => {
    const world = await newWorld({ ...poolSpec, limits: { volumeGib: 40 } });
    const machine = await world.submit(plainMachine);
    await world.run(20);
    const { id } = await world.submit(sized(10, {}, (await world.claim(machine.id)).machines[0]?.zone ?? null));
    await world.run(5);
    await resize(world, id, { sizeGib: 100 });
    await world.run(3);
    expect(await world.claim(id)).toMatchObject({ reason: 'limit_reached' });
    await attach(world, id, machine.id);
    await world.run(20);
    expect(await world.claim(id)).toMatchObject({
      state: 'active',
      reason: 'limit_reached',
      usedBy: { request: machine.id },
    });
    await world.control.putPool(poolSpec);
    await world.run(20);
    expect(await world.claim(id)).toMatchObject({ reason: null, volume: { shape: { sizeGib: 100, type: 'gp3' } } });
  });
});

describe('of two wishes that exclude each other one wins', () => {
  async function twoMachines(world: ClaimWorld): Promise<{ storage: string; a: string; b: string }> {
    const [a, b] = [await world.submit(inZone('us-east-1a')), await world.submit(inZone('us-east-1a'))];
    const storage = await world.submit(sized(10, {}, 'us-east-1a'));
    await world.run(20);
    return { storage: storage.id, a: a.id, b: b.id };
  }

  test('two attaches at once: the other is told', async () => {
    for (let round = 0; round < 5; round += 1) {
      const world = await newWorld();
      const { storage, a, b } = await twoMachines(world);
      const results = await Promise.allSettled([attach(world, storage, a), attach(world, storage, b)]);
      expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
      const lost = results.find((one) => one.status === 'rejected');
      expect(String(lost?.status === 'rejected' ? lost.reason : '')).toMatch(/is being attached to r-/);
      await world.run(20);
      expect(await world.claim(storage)).toMatchObject({
        state: 'active',
        usedBy: { request: results[0].status === 'fulfilled' ? a : b },
      });
    }
  });

  test('an attach is repeated without harm, and excludes a detach until it is done', async () => {
    const world = await newWorld();
    const { storage, a } = await twoMachines(world);
    const first = await attach(world, storage, a);
    expect(first).toMatchObject({ state: 'pending', reason: 'attaching' });
    expect(await attach(world, storage, a)).toEqual(first);
    await expect(world.control.changeClaim('default', storage, { kind: 'detach' })).rejects.toThrow(
      /is being attached/,
    );
    await expect(attach(world, storage, storage)).rejects.toThrow(/is no virtual_machine request/);
  });

  test('an attach to a machine that is being released, though no tick has seen it', async () => {
    const world = await newWorld();
    const { storage, a } = await twoMachines(world);
    await world.release(a);
    expect(await world.claim(a)).toMatchObject({ state: 'active', reason: 'release_requested' });
    await expect(attach(world, storage, a)).rejects.toThrow(/is being released/);
  });

  test('a release between the look at the machine and the write', async () => {
    const world = await newWorld();
    const { storage, a } = await twoMachines(world);
    let isReleased = false;
    world.onStep = async (what) => {
      if (what !== 'before transact' || isReleased) return;
      isReleased = true;
      await world.release(a);
    };
    await expect(attach(world, storage, a)).rejects.toThrow(/is being released/);
    expect(await world.claim(storage)).toMatchObject({ state: 'active', usedBy: null });
  });

  test('an attach of what is being released, and the release of what is being attached', async () => {
    const world = await newWorld();
    const { storage, a } = await twoMachines(world);
    await attach(world, storage, a);
    await world.release(storage);
    await expect(attach(world, storage, a)).rejects.toThrow(/being released/);
    await expect(resize(world, storage, { sizeGib: 20 })).rejects.toThrow(/being released/);
    await world.run(60);
    expect(await world.claim(storage)).toMatchObject({ state: 'released' });
  });

  test.each([
    ['InsufficientInstanceCapacity', 'no_capacity'],
    ['InsufficientHostCapacity', 'no_capacity'],
    ['VcpuLimitExceeded', 'account_limit'],
    ['InstanceLimitExceeded', 'account_limit'],
  ])('a start that EC2 refuses by %s waits, less and less often asked, and says so', async (code, reason) => {
    const world = await newWorld();
    const { id } = await world.submit(plainMachine);
    await world.run(20);
    await world.control.changeClaim('default', id, { kind: 'power', power: 'stopped' });
    await world.run(60);
    world.ec2.cloud.faults.set({
      action: 'StartInstances',
      effect: { kind: 'fail', code, message: 'not now', httpStatus: 400 },
    });
    await world.control.changeClaim('default', id, { kind: 'power', power: 'running' });
    await world.run(600);
    const waiting = await world.claim(id);
    expect(waiting).toMatchObject({ state: 'pending', power: 'running', reason });
    expect(waiting.timeline.at(-1)).toMatchObject({ code: reason, message: expect.stringContaining(code) });
    expect(presentRequest(waiting, null).nextTryAt).toBe(
      new Date(waiting.startRefused?.nextTryAtMs ?? 0).toISOString(),
    );
    expect(world.calls.get('StartInstances')).toBeLessThan(12);
    world.ec2.cloud.faults.clear();
    await world.run(330);
    expect(await world.claim(id)).toMatchObject({ state: 'active', reason: null, startRefused: null });
  });

  test('a stop before a start found its capacity', async () => {
    const world = await newWorld();
    const { id } = await world.submit(plainMachine);
    await world.run(20);
    const power = (wish: 'running' | 'stopped'): Promise<ClaimRecord | null> =>
      world.control.changeClaim('default', id, { kind: 'power', power: wish });
    expect(await power('stopped')).toMatchObject({ reason: 'stopping' });
    await world.run(60);
    expect(await world.claim(id)).toMatchObject({ state: 'active', reason: 'stopped' });
    world.ec2.cloud.faults.set({
      action: 'StartInstances',
      effect: { kind: 'fail', code: 'InsufficientInstanceCapacity', message: 'none left', httpStatus: 500 },
    });
    expect(await power('running')).toMatchObject({ reason: 'starting' });
    await world.run(20);
    expect(await world.claim(id)).toMatchObject({ state: 'pending' });
    expect(await power('stopped')).toMatchObject({ reason: 'stopping' });
    await world.run(20);
    expect(await world.claim(id)).toMatchObject({ state: 'active', reason: 'stopped' });
    world.ec2.cloud.faults.clear();
    await power('running');
    await world.run(60);
    expect(await world.claim(id)).toMatchObject({ state: 'active', reason: null });
  });
});

describe('zones that exclude each other are refused at once', () => {
  const refusal = /the zones exclude each other/;

  test('storage with another zone than its machine', async () => {
    const world = await newWorld();
    const machine = await world.submit(inZone('us-east-1a'));
    const spec = { ...sized(10, {}, 'us-east-1b'), attachTo: machine.id };
    // The machine is not there yet, but where it will be is known.
    await expect(world.submit(spec)).rejects.toThrow(refusal);
    await world.run(20);
    await expect(world.submit(spec)).rejects.toThrow(
      new RegExp(`the request names us-east-1b; ${machine.id} is in us-east-1a`),
    );
    await expect(world.submit({ ...spec, zone: 'us-east-1a' })).resolves.toMatchObject({ state: 'pending' });
  });

  test('a machine with volumes in two zones, or in another than its own', async () => {
    const world = await newWorld();
    const [a, b] = [await world.submit(sized(10, {}, 'us-east-1a')), await world.submit(sized(10, {}, 'us-east-1b'))];
    const spec = { ...plainMachine, volumeRequests: [a.id, b.id] };
    await expect(world.submit(spec)).rejects.toThrow(refusal);
    await expect(world.submit({ ...inZone('us-east-1b'), volumeRequests: [a.id] })).rejects.toThrow(refusal);
    const subnet = [...world.ec2.subnets.values()].find((one) => one.zone === 'us-east-1b');
    await expect(world.submit({ ...plainMachine, subnetId: subnet?.id ?? '', volumeRequests: [a.id] })).rejects.toThrow(
      refusal,
    );
    await expect(world.submit({ ...inZone('us-east-1a'), volumeRequests: [a.id] })).resolves.toMatchObject({
      state: 'pending',
    });
    // The volume follows its machine, which is to be where another volume is.
    const machine = await world.submit({ ...plainMachine, volumeRequests: [b.id] });
    await expect(world.submit({ ...sized(10, {}, 'us-east-1a'), attachTo: machine.id })).rejects.toThrow(refusal);
  });

  test('a task with mounts in two zones, or in another than it allows', async () => {
    const world = await newWorld();
    const [a, b] = [await world.submit(sized(10, {}, 'us-east-1a')), await world.submit(sized(10, {}, 'us-east-1b'))];
    const task = (mounts: readonly string[], zone?: string) => ({
      tenant: 'default',
      idempotencyKey: null,
      pool: null,
      canonicalBody: '{}',
      spec: {
        type: 'task' as const,
        resources: { cpuMilli: 250, memoryMib: 128, gpu: 0 },
        run: { kind: 'shell' as const, script: 'true' },
        env: {},
        count: 1,
        timeoutMs: null,
        retries: 0,
        priority: 0,
        requirements: zone === undefined ? {} : { zone: [zone] },
        expectedDurationMs: null,
        deadlineMs: null,
        learningStyle: null,
        mounts: mounts.map((request) => ({ request, path: null })),
      },
    });
    await expect(world.control.submit(task([a.id, b.id]))).rejects.toThrow(refusal);
    await expect(world.control.submit(task([a.id], 'us-east-1b'))).rejects.toThrow(refusal);
    await expect(world.control.submit(task([a.id], 'us-east-1a'))).resolves.toMatchObject({ isRepeat: false });
  });

  test('a repeat answers the present state, whatever has become of what it names', async () => {
    const world = await newWorld();
    const machine = await world.submit(inZone('us-east-1a'));
    const spec = { ...sized(10, {}, 'us-east-1a'), attachTo: machine.id };
    const first = await world.submit(spec, 'again');
    await world.release(machine.id);
    await world.run(60);
    expect((await world.submit(spec, 'again')).id).toBe(first.id);
  });
});

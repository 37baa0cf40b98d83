// Buying machines: which offering a claim gets, what one launch carries, and why a claim waits instead.
import { describe, expect, test } from '@jest/globals';
import { decideBuying, machineObstacles } from '../../../../lib/core/claims/machines/buy.ts';
import { tagRequest } from '../../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import type { MachineLaunch } from '../../../../lib/core/records/launch.ts';
import { warmTenant } from '../../../../lib/core/claims/machines/warm.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { PoolMemory } from '../../../../lib/core/plan/observation.ts';
import {
  claimCopy,
  claimListing,
  group,
  lastEntry,
  machineLaunch,
  machines,
  machineSpec,
  machineThere,
  machineWish,
  nowMs,
  offer,
  offerings,
  pool,
  seenMachine,
  smallType,
  storage,
  storageWish,
  typeOf,
  volumeWish,
} from '../../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;

const largeType = typeOf('c7.xlarge', 4, 8, 0.2);

function bought(claims: readonly ClaimRecord[], world: World = {}): Copy {
  const copy = claimCopy({ listing: claimListing({}), ...world, claims: [...claims, ...(world.claims ?? [])] });
  decideBuying(copy, claims);
  return copy;
}

const launchesIn = (copy: Copy): readonly MachineLaunch[] =>
  copy.bought.filter((one): one is MachineLaunch => !isNodeLaunch(one));

/** By launch: type, zone, and for which machines. */
const launchesOf = (copy: Copy): readonly string[] =>
  launchesIn(copy).map(
    ({ request, members }) =>
      `${request.instanceType} ${request.zone}: ${members.map((m) => `${m.request}.${String(m.index)}`).join(' ')}`,
  );

describe('a machine', () => {
  test('is of the cheapest offering that fits it; of equal ones the first by id', () => {
    const market = [offer(largeType, 'za', 'on-demand'), ...[...offerings].reverse()];
    expect(launchesOf(bought([machineWish('m')], { offerings: market }))).toEqual(['c7.large za: m.0']);
    const needs = { ...machineSpec.needs, vcpu: 3 };
    expect(launchesOf(bought([machineWish('m', { needs })], { offerings: market }))).toEqual(['c7.xlarge za: m.0']);
  });

  test('is launched with what its claim says, and reserved', () => {
    const spec = { subnetId: 'subnet-1', imageId: 'ami-1', userData: 'dXNlcg==', keyName: 'k', instanceProfile: 'r' };
    const [launch] = launchesIn(bought([machineWish('m', spec)]));
    expect(launch).toMatchObject({
      members: [{ request: 'm', index: 0 }],
      reserved: { instances: 1, vcpu: 2, memoryMib: 4_096, usdPerHour: 0.1 },
      request: { ...spec, call: 'run', count: 1, zone: 'za', capacityType: 'on-demand', priceUsdPerHour: 0.1 },
    });
    expect(launch?.request).not.toHaveProperty('cpuCredits');
  });

  test('is not bought while the pool is paused', () => {
    const copy = bought([machineWish('m')], { paused: { by: 'alice', sinceMs: 0 } });
    expect(launchesOf(copy)).toEqual([]);
    expect(lastEntry(copy, 'm')).toMatch(/^pool_paused: pool \S+ is paused by alice since 1970-/);
  });

  test('is launched in the zone of its volumes, or waits', () => {
    const wish = machineWish('m', { volumeRequests: ['s'] });
    expect(launchesOf(bought([wish], { claims: [storage('s', 'zb')] }))).toEqual(['c7.large zb: m.0']);
    const elsewhere = bought([wish], { claims: [storage('s', 'zx')] });
    expect(launchesOf(elsewhere)).toEqual([]);
    expect(lastEntry(elsewhere, 'm')).toBe(
      'constraints: no offering of the pool in zx, where its volumes are, fits it',
    );
  });

  test('waits where nothing fits it, and is not asked for without a listing', () => {
    const copy = bought([machineWish('m', { needs: { ...machineSpec.needs, gpu: 1 } })]);
    expect(lastEntry(copy, 'm')).toBe('constraints: no offering of the pool fits it now');
    expect(launchesOf(bought([machineWish('m')], { listing: null }))).toEqual([]);
  });
});

describe('what is bought', () => {
  test('is what is wanted and that no open launch names', () => {
    const three = machineWish('m', { count: 3 });
    const [first] = three.machines;
    if (!first) throw new RangeError('no machine');
    const there = { ...three, machines: [machineThere(first, 'i-1'), ...three.machines.slice(1)] };
    const world = { launches: [machineLaunch('l', 'm', { members: [{ request: 'm', index: 1 }] })] };
    expect(launchesOf(bought([there], world))).toEqual(['c7.large za: m.2']);
    const none = bought([machines('m')]);
    expect([launchesOf(none), none.changedClaims(), none.isMoving]).toEqual([[], [], false]);
  });

  test('are no volumes; it is in the zone of the first volume that has one', () => {
    expect(launchesOf(bought([storageWish('s')]))).toEqual([]);
    const wish = machineWish('m', { volumeRequests: ['unknown', 'without', 's'] });
    const unplaced = storageWish('without');
    expect(launchesOf(bought([wish], { claims: [unplaced, storage('s', 'zb')] }))).toEqual(['c7.large zb: m.0']);
    expect(launchesOf(bought([wish], { claims: [unplaced] }))).toEqual(['c7.large za: m.0']);
  });

  test('of burstable types is weighed with their surplus credits, unless it comes in bursts', () => {
    const burstable = typeOf('t3.large', 2, 8, 0.09, { isBurstable: true });
    const world = { offerings: [offer(burstable, 'za', 'on-demand'), ...offerings] };
    expect(launchesOf(bought([machineWish('m')], world))).toEqual(['c7.large za: m.0']);
    const bursty = machineWish('m', { requirements: { bursty: true } });
    expect(launchesOf(bought([bursty], world))).toEqual(['t3.large za: m.0']);
  });
});

describe('warm machines', () => {
  const warm = (id: string): ClaimRecord => machines(`w-${id}`, {}, { tenant: warmTenant });
  const ready = (...ids: readonly string[]): World => ({
    claims: ids.map(warm),
    listing: claimListing({ machines: ids.map((id) => seenMachine(`i-w-${id}-0`)) }),
  });

  test('are taken first, and only the rest is bought', () => {
    const copy = bought([machineWish('m', { count: 2 })], ready('a'));
    expect(launchesOf(copy)).toEqual(['c7.large za: m.1']);
    expect(copy.claim('m')?.machines).toMatchObject([{ instanceId: 'i-w-a-0', state: 'there' }, { state: 'wanted' }]);
    expect(copy.claim('w-a')).toBeUndefined();
    const all = bought([machineWish('m')], ready('a', 'b'));
    expect(launchesOf(all)).toEqual([]);
    expect(all.claim('m')?.machines).toMatchObject([{ instanceId: 'i-w-a-0' }]);
    expect(all.claim('w-b')).toBeDefined();
  });

  test('are not taken for a request whose other machines cannot be bought', () => {
    const copy = bought([machineWish('m', { count: 3 })], { ...ready('a'), pool: pool({ limits: { instances: 2 } }) });
    expect(launchesOf(copy)).toEqual([]);
    expect(copy.claim('w-a')).toBeDefined();
    expect(lastEntry(copy, 'm')).toMatch(/^limit_reached: .* for 2 more machines /);
  });

  test('are launched like others, never from others, and not while a request waits for a limit', () => {
    const wanted = machineWish('w-new', {}, { tenant: warmTenant });
    expect(launchesOf(bought([wanted], ready('a')))).toEqual(['c7.large za: w-new.0']);
    const small = { pool: pool({ limits: { instances: 1 } }) };
    expect(launchesOf(bought([machineWish('m', { count: 2 }), wanted], small))).toEqual([]);
    // A warm machine that waits for a limit makes nobody wait.
    const short = bought([machineWish('w-new', { count: 2 }), machineWish('m')], small);
    expect(launchesOf(short)).toEqual(['c7.large za: m.0']);
    expect(short.short).toBeNull();
  });
});

describe('what EC2 refuses', () => {
  const untilMs = nowMs + 60_000;
  const refusing = (...keys: readonly string[]): { readonly memory: PoolMemory } => ({
    memory: {
      ...emptyMemory,
      refusals: Object.fromEntries(
        keys.map((key, at) => [key, { untilMs: untilMs + at, waitMs: 1, code: 'InsufficientInstanceCapacity' }]),
      ),
    },
  });
  const [za = '', zb = ''] = offerings.map(({ id }) => id);

  test('is not asked for: another offering is', () => {
    expect(launchesOf(bought([machineWish('m')], refusing(za)))).toEqual(['c7.large zb: m.0']);
  });

  test('of all that fit is why it waits, and when it is looked at again', () => {
    const copy = bought([machineWish('m')], refusing(za, zb));
    expect(launchesOf(copy)).toEqual([]);
    expect(lastEntry(copy, 'm')).toMatch(
      /^no_capacity: EC2 refuses 2 offerings, c7\.large \(on-demand\) in za among them/,
    );
    expect(copy.dueAtMs).toEqual([untilMs, untilMs + 1]);
    expect(copy.short).toBeNull();
  });

  test('for GPUs is not why a machine without one waits', () => {
    const gpu = offer(typeOf('g6.xlarge', 4, 16, 0.9, { gpu: 1 }), 'za', 'on-demand');
    const world = { offerings: [gpu, ...offerings], ...refusing(gpu.id, za, zb) };
    expect(lastEntry(bought([machineWish('m')], world), 'm')).toMatch(/ 2 offerings, /);
    const needs = { ...machineSpec.needs, gpu: 1 };
    expect(lastEntry(bought([machineWish('m', { needs })], world), 'm')).toMatch(/g6\.xlarge \(on-demand\) in za: /);
  });
});

describe('limits', () => {
  const ofInstances = (instances: number): World => ({ pool: pool({ limits: { instances } }) });

  test('bind the whole claim, and each further one', () => {
    const two = machineWish('m', { count: 2 });
    expect(launchesOf(bought([two], ofInstances(2)))).toEqual(['c7.large za: m.0 m.1']);
    const short = bought([two], ofInstances(1));
    expect(launchesOf(short)).toEqual([]);
    expect(lastEntry(short, 'm')).toMatch(
      /^limit_reached: The limits of pool p leave no room for 2 more machines \(c7\.large\): limits\.instances/,
    );
    expect(launchesOf(bought([machineWish('m'), machineWish('n')], ofInstances(1)))).toEqual(['c7.large za: m.0']);
  });

  test('take a dearer offering where the cheapest passes another limit', () => {
    const bulky = typeOf('r7.large', 2, 16, 0.05);
    const world = {
      offerings: [offer(bulky, 'za', 'on-demand'), ...offerings],
      pool: pool({ limits: { memoryMib: 8_192 } }),
    };
    expect(launchesOf(bought([machineWish('m')], world))).toEqual(['c7.large za: m.0']);
  });

  test('are those of volumes, too', () => {
    const withDisk = machineWish('m', { volumes: [volumeWish] });
    expect(launchesOf(bought([withDisk], { pool: pool({ limits: { volumeGib: 20 } }) }))).toEqual(['c7.large za: m.0']);
    const full = bought([withDisk], { pool: pool({ limits: { volumeGib: 19 } }) });
    expect(lastEntry(full, 'm')).toMatch(/^limit_reached: The limits of pool p leave no room for 20 GiB of volumes: /);
    expect(full.short).toBeNull();
  });

  test('of volumes count those of all its machines, and what was bought before it', () => {
    const disks = (sizeGib: number) => [
      { ...volumeWish, sizeGib },
      { ...volumeWish, sizeGib: 10 },
    ];
    const one = machineWish('m', { count: 3, volumes: disks(20) });
    const other = machineWish('n', { volumes: disks(15) });
    const within = (volumeGib: number) =>
      launchesOf(bought([one, other], { pool: pool({ limits: { volumeGib } }) })).map((text) => text.slice(-3));
    expect(within(115)).toEqual(['m.2', 'n.0']);
    expect(within(114)).toEqual(['m.2']);
    expect(within(89)).toEqual(['n.0']);
    const paid = (usdPerMonth: number) => launchesOf(bought([one], { pool: pool({ limits: { usdPerMonth } }) })).length;
    // 30 GiB of gp3 at 0.08 USD, three times.
    expect([paid(7.21), paid(7.19)]).toEqual([1, 0]);
  });

  test('are both named where both are passed; the first request that waits is remembered', () => {
    const withDisk = (id: string) => machineWish(id, { volumes: [volumeWish] });
    const limits = { vcpu: 3, volumeGib: 39 };
    const copy = bought([withDisk('m'), withDisk('n'), machineWish('o', { count: 2 })], { pool: pool({ limits }) });
    expect(launchesOf(copy)).toEqual(['c7.large za: m.0']);
    expect(lastEntry(copy, 'n')).toBe(
      'limit_reached: The limits of pool p leave no room for one more machine (c7.large): limits.vcpu is 3 with 2 in '
        + 'use, and 4 would suffice; and for 20 GiB of volumes: limits.volumeGib is 39 with 20 in use, and 40 would '
        + 'suffice.',
    );
    expect(copy.short).toMatchObject({
      request: 'n',
      usage: { instances: 1, vcpu: 2, volumeGib: 20 },
      needed: { instances: 1, vcpu: 2, memoryMib: 4_096, usdPerHour: 0.1 },
    });
  });
});

describe('a launch', () => {
  test('carries equal machines of several claims; others have their own', () => {
    const other = machineWish('o', { keyName: 'k' });
    const copy = bought([machineWish('m', { count: 2 }), machineWish('n'), other]);
    expect(launchesOf(copy)).toEqual(['c7.large za: m.0 m.1 n.0', 'c7.large za: o.0']);
    expect(launchesIn(copy).map((one) => one.request.tags[tagRequest])).toEqual(['several', 'o']);
  });

  test('has the declared labels of its claims as tags, and carries no claim with others', () => {
    const team = (name: string): ClaimRecord => machineWish(name, { labels: { team: name, note: name } });
    const same = machineWish('b2', { labels: { team: 'b' } });
    const copy = bought([team('a'), team('b'), same, machineWish('none')], { labelKeys: ['team'] });
    expect(launchesOf(copy)).toEqual(['c7.large za: a.0', 'c7.large za: b.0 b2.0', 'c7.large za: none.0']);
    const labels = launchesIn(copy).map(({ request: { tags } }) =>
      Object.entries(tags).filter(([key]) => key.startsWith('bellows:label:')),
    );
    expect(labels).toEqual([[['bellows:label:team', 'a']], [['bellows:label:team', 'b']], []]);
    expect(launchesOf(bought([team('a'), team('b')]))).toEqual(['c7.large za: a.0 b.0']);
  });

  test('has one machine where a volume outlives it', () => {
    const kept = machineWish('m', { count: 2, volumes: [{ ...volumeWish, onRelease: 'keep' }] });
    expect(launchesOf(bought([kept]))).toEqual(['c7.large za: m.0', 'c7.large za: m.1']);
  });

  test('has at most 100 machines of at most 60 claims', () => {
    const sizes = (copy: Copy): readonly number[] => launchesIn(copy).map((one) => one.members.length);
    expect(sizes(bought([machineWish('m', { count: 100 }), machineWish('n')]))).toEqual([100, 1]);
    const many = Array.from({ length: 61 }, (_, n) => machineWish(`m${String(n).padStart(2, '0')}`));
    expect(sizes(bought(many))).toEqual([60, 1]);
  });

  test('has the image of its architecture, its groups, and its disks as they were chosen', () => {
    const volumes = [{ ...volumeWish, snapshotId: 'snap-1' }, volumeWish];
    const groups = [group('b', { references: ['m'] }), group('a', { references: ['m'] }), group('c')];
    const unmade = group('d', { references: ['m'], groupId: null });
    const [launch] = launchesIn(bought([machineWish('m', { volumes })], { groups: [...groups, unmade] }));
    expect(launch?.request).toMatchObject({
      imageId: 'ami-amd64',
      groupIds: ['sg-a', 'sg-b'],
      disks: [
        { shape: { type: 'gp3', sizeGib: 20 }, snapshotId: 'snap-1', deleteOnTermination: true },
        { shape: { type: 'gp3', sizeGib: 20 }, snapshotId: null, deleteOnTermination: true },
      ],
    });
    const devices = 'disks' in (launch?.request ?? {}) ? (launch?.request.disks ?? []).map(({ device }) => device) : [];
    expect([devices.length, new Set(devices).size, devices.includes('')]).toEqual([2, 2, false]);
  });

  test('counts all its machines, names its claims, and makes them wait for EC2', () => {
    const since = machineWish('n', {}, { grantSinceMs: 5 });
    const copy = bought([machineWish('m', { count: 2 }), since]);
    expect(launchesIn(copy)[0]).toMatchObject({
      reason: 'For m, n: the cheapest offering that fits, is available and is within the limits',
      reserved: { instances: 3, vcpu: 6, memoryMib: 3 * 4_096 },
      request: { count: 3 },
    });
    expect(copy.isMoving).toBe(true);
    expect(lastEntry(copy, 'm')).toBe('launching: asks EC2 for c7.large (on-demand) in za');
    expect([copy.claim('m')?.grantSinceMs, copy.claim('n')?.grantSinceMs]).toEqual([nowMs, 5]);
    const many = Array.from({ length: 12 }, (_, at) => machineWish(`m${String(at + 10)}`));
    expect(launchesIn(bought(many))[0]?.reason).toMatch(/^For m10, .*, m19 and 2 more: /);
  });

  test('of a burstable type is unlimited', () => {
    const burstable = typeOf('t3.large', 2, 8, 0.01, { isBurstable: true });
    const [launch] = launchesIn(bought([machineWish('m')], { offerings: [offer(burstable, 'za', 'on-demand')] }));
    expect(launch?.request.cpuCredits).toBe('unlimited');
  });
});

describe('what stands between a machine and the offerings', () => {
  const spec = { needs: machineSpec.needs, requirements: {}, capacityType: 'on-demand' } as const;
  const needing = (needs: Partial<typeof spec.needs>) => ({ ...spec, needs: { ...spec.needs, ...needs } });

  test.each([
    ['nothing, where one fits', spec, null],
    ['the processors', needing({ vcpu: 3 }), 'vcpu'],
    ['the memory', needing({ memoryMib: 4_097 }), 'memoryMib'],
    ['a GPU', needing({ gpu: 1 }), 'gpu'],
    ['the architecture', needing({ arch: smallType.arch === 'arm64' ? 'amd64' : 'arm64' }), 'arch'],
    ['the capacity type', { ...spec, capacityType: 'spot' as const }, 'capacityType'],
    ['a requirement', { ...spec, requirements: { zone: ['zx'] } }, 'zone'],
  ])('%s', (_what, wanted, constraint) => {
    expect(machineObstacles(wanted, offerings)).toEqual(constraint === null ? null : [{ constraint, offerings: 2 }]);
  });

  test('is counted, the rarest first', () => {
    const market = [...offerings, offer(smallType, 'za', 'spot')];
    expect(machineObstacles(needing({ vcpu: 3 }), market)).toEqual([
      { constraint: 'capacityType', offerings: 1 },
      { constraint: 'vcpu', offerings: 2 },
    ]);
  });
});

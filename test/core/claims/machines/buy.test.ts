// Buying machines: which offering a claim gets, what one launch carries, and why a claim waits instead.
import { describe, expect, test } from '@jest/globals';
import { decideBuying, machineObstacles } from '../../../../lib/core/claims/machines/buy.ts';
import { tagRequest } from '../../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import type { MachineLaunch } from '../../../../lib/core/records/launch.ts';
import {
  claimCopy,
  claimListing,
  lastEntry,
  machineSpec,
  machineWish,
  offer,
  offerings,
  pool,
  smallType,
  storage,
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

// What counts against a pool's limits, which of them a wish would pass, and how that is told.
import { describe, expect, test } from '@jest/globals';
import type { PoolUsage } from '../../../lib/core/records/limits.ts';
import {
  addPoolUsage,
  amountText,
  isPassed,
  isWithin,
  limitKeys,
  limitsPassed,
  limitsText,
  reservedBy,
  usageOf,
  usageOfPool,
  volumeLimitKeys,
} from '../../../lib/core/records/limits.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import { noUsage } from '../../../lib/core/records/pool.ts';
import {
  keptVolume,
  launch,
  machineLaunch,
  machines,
  machineWish,
  node,
  offer,
  smallType,
  storage,
  storageWish,
  typeOf,
  volumeShape,
  volumeWish,
} from '../builders.ts';

const nothing: PoolUsage = { ...noUsage, volumeGib: 0, usdPerMonth: 0 };
const one = node().reserved;
const none = { nodes: [], launches: [], claims: [], kept: [] };

describe('what a pool counts', () => {
  test('is nothing where nothing is there', () => {
    expect(usageOfPool(none)).toEqual(nothing);
  });

  test('is each node, and each launch as long as it is open', () => {
    const counted = usageOfPool({ ...none, nodes: [node()], launches: [launch('l', {}, 2)] });
    expect(counted).toMatchObject({ instances: 3, vcpu: 6, memoryMib: 3 * 4096, volumeGib: 0 });
    expect(counted.usdPerHour).toBeCloseTo(0.3, 9);
  });

  test('is each machine that is there; one that is wanted or gone counts nothing', () => {
    const two = machines('m', { count: 2 });
    const half: ClaimRecord = {
      ...two,
      machines: two.machines.map((part, n) => (n === 0 ? part : { ...part, state: 'gone' })),
    };
    expect(usageOfPool({ ...none, claims: [half, machineWish('w')] })).toEqual({ ...nothing, ...one });
  });

  test('is each disk of a launch for each of its machines', () => {
    const plain = machineLaunch('l', 'm');
    const disk = { device: '/dev/sdf', shape: volumeShape, snapshotId: null, deleteOnTermination: true };
    const two = { ...plain, request: { ...plain.request, count: 2, disks: [disk, disk] } };
    expect(usageOfPool({ ...none, launches: [two] })).toEqual({ ...nothing, ...one, volumeGib: 80, usdPerMonth: 6.4 });
  });

  test('is each disk of a machine that is there, until it is gone, or kept and counted as that', () => {
    const claim = machines('m', { volumes: [volumeWish, volumeWish, volumeWish] });
    const states = ['wanted', 'gone', 'kept'] as const;
    const mixed: ClaimRecord = {
      ...claim,
      machines: claim.machines.map((part) => ({
        ...part,
        volumes: part.volumes.map((disk, n) => ({ ...disk, state: states[n] ?? disk.state })),
      })),
    };
    expect(usageOfPool({ ...none, claims: [mixed] }).volumeGib).toBe(20);
    expect(usageOfPool({ ...none, kept: [keptVolume('vol-1')] })).toMatchObject({ volumeGib: 20, usdPerMonth: 1.6 });
  });

  test.each([
    ['asked', 20],
    ['there', 20],
    ['wanted', 0],
    ['gone', 0],
    ['kept', 0],
  ] as const)('of a volume of its own that is %s is %d GiB', (state, gib) => {
    const wish = storageWish('s');
    const claim = { ...wish, volume: wish.volume && { ...wish.volume, state } };
    expect(usageOfPool({ ...none, claims: [claim] }).volumeGib).toBe(gib);
  });

  test('is the new size as soon as EC2 may have been asked for it', () => {
    const wantedShape = { ...volumeShape, sizeGib: 50, usdPerMonth: 4 };
    const claim = (more: Partial<ClaimRecord>): ClaimRecord[] => [storage('s', 'za', more)];
    expect(usageOfPool({ ...none, claims: claim({ wantedShape }) }).volumeGib).toBe(20);
    expect(usageOfPool({ ...none, claims: claim({ wantedShape, isResizing: true }) })).toMatchObject({
      volumeGib: 50,
      usdPerMonth: 4,
    });
    expect(usageOfPool({ ...none, claims: claim({ isResizing: true }) }).volumeGib).toBe(20);
  });

  test('adds up, also where only a part is said', () => {
    const some = { ...nothing, ...one, volumeGib: 5, usdPerMonth: 2 };
    expect(addPoolUsage(some, { instances: 1, volumeGib: 3 })).toEqual({ ...some, instances: 2, volumeGib: 8 });
    expect(addPoolUsage(some, some)).toEqual({
      instances: 2,
      vcpu: 4,
      memoryMib: 8192,
      usdPerHour: 0.2,
      volumeGib: 10,
      usdPerMonth: 4,
    });
  });
});

test('a launch reserves the largest of what may come, in each dimension, for each instance', () => {
  const small = offer(smallType, 'za', 'on-demand');
  const wide = offer(typeOf('r7.large', 1, 16, 0.05), 'za', 'on-demand');
  expect(usageOf(small, 3)).toMatchObject({ instances: 3, vcpu: 6, memoryMib: 3 * 4096 });
  expect(reservedBy([small, wide], 2)).toEqual({ instances: 2, vcpu: 4, memoryMib: 2 * 16_384, usdPerHour: 0.2 });
  expect(reservedBy([wide, small])).toEqual({ instances: 1, vcpu: 2, memoryMib: 16_384, usdPerHour: 0.1 });
});

describe('a limit', () => {
  test('is passed by more than it, not by sums that are not exact', () => {
    expect(isPassed({ usdPerHour: 0.3 }, 'usdPerHour', 0.1 + 0.2)).toBe(false);
    expect(isPassed({ usdPerHour: 0.3 }, 'usdPerHour', 0.301)).toBe(true);
    expect(isPassed({ instances: 3 }, 'instances', 3)).toBe(false);
    expect(isPassed({ instances: 0 }, 'instances', 1)).toBe(true);
    expect(isPassed({}, 'instances', 1e12)).toBe(false);
  });

  test.each(limitKeys)('of %s keeps a usage out', (key) => {
    const usage = { instances: 2, vcpu: 2, memoryMib: 2, usdPerHour: 2 };
    expect(isWithin(usage, { [key]: 1 })).toBe(false);
    expect(isWithin(usage, { [key]: 2 })).toBe(true);
  });

  test('that a wish adds nothing to is none that it passes', () => {
    const limits = { volumeGib: 10, usdPerMonth: 10 };
    const usage = { volumeGib: 20, usdPerMonth: 9 };
    expect(limitsPassed(limits, volumeLimitKeys, usage, { volumeGib: 0, usdPerMonth: 1 })).toEqual([]);
    expect(limitsPassed(limits, volumeLimitKeys, usage, { volumeGib: 1, usdPerMonth: 2 })).toEqual([
      'volumeGib',
      'usdPerMonth',
    ]);
    expect(limitsPassed(limits, ['usdPerMonth'], usage, { usdPerMonth: 2 })).toEqual(['usdPerMonth']);
  });

  test('is told with its value, what is in use, and what would suffice', () => {
    const limits = { volumeGib: 10, usdPerMonth: 1 };
    const usage = { volumeGib: 9, usdPerMonth: 0.5 };
    expect(limitsText(limits, volumeLimitKeys, usage, { volumeGib: 2, usdPerMonth: 1.00001 })).toBe(
      'limits.volumeGib is 10 with 9 in use, and 11 would suffice; '
        + 'limits.usdPerMonth is 1 with 0.5 in use, and 1.5001 would suffice',
    );
    expect(limitsText(limits, volumeLimitKeys, usage, { volumeGib: 1, usdPerMonth: 0.5 })).toBe('');
  });

  test.each([
    ['usdPerHour', 0.1 + 0.2, '0.3'],
    ['usdPerMonth', 0.12341, '0.1235'],
    ['vcpu', 1.5, '1.5'],
    ['memoryMib', 4096, '4096'],
  ] as const)('of %s reads %d as %s', (key, amount, text) => {
    expect(amountText(key, amount)).toBe(text);
  });
});

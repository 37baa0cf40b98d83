// What the catalog works out: quota classes, what tasks may use of a type, and what burstable types cost under load.
import { describe, expect, test } from '@jest/globals';
import { allocatableOf } from '../../../lib/core/catalog/allocatable.ts';
import { baselineOf, surplusUsdPerHour, weighedUsdPerHour } from '../../../lib/core/catalog/burstable.ts';
import { allOfferings, catalogInfo, instanceTypes, offeringsOf } from '../../../lib/core/catalog/index.ts';
import { quotaClass, quotas } from '../../../lib/core/catalog/quotas.ts';
import { offer, typeOf } from '../builders.ts';

describe('the quota class', () => {
  test.each([
    ['c7g', 'standard'],
    ['im4gn', 'standard'],
    ['t3', 'standard'],
    ['z1d', 'standard'],
    ['h1', 'standard'],
    ['g5', 'g'],
    ['vt1', 'g'],
    ['p4d', 'p'],
    ['f1', 'f'],
    ['x2gd', 'x'],
    ['inf2', 'inf'],
    ['i4i', 'standard'],
    ['trn1', 'trn'],
    ['dl1', 'dl'],
    ['d3', 'standard'],
    ['hpc7g', 'hpc'],
    ['mac2', 'mac'],
    ['m7i', 'standard'],
    ['u-6tb1', 'high-memory'],
    ['u7i-12tb', 'high-memory'],
  ])('of %s is %s', (family, name) => {
    expect(quotaClass(family)).toBe(name);
  });

  test("of every type of the catalog is one whose quotas are known by Service Quotas' codes, each by its own", () => {
    const used = new Set(instanceTypes.map((type) => quotaClass(type.family)));
    expect(used.size).toBeGreaterThan(8);
    const codes = Object.values(quotas).flatMap((one) => [one['on-demand'], one.spot].filter((code) => code !== null));
    for (const code of codes) expect(code).toMatch(/^L-[0-9A-F]{8}$/);
    expect(new Set(codes).size).toBe(codes.length);
    for (const name of used) expect(quotas[name].families).not.toBe('');
  });
});

test('tasks may use every vCPU of every type', () => {
  expect(instanceTypes.filter((type) => type.allocatable.cpuMilli !== type.vcpu * 1_000)).toEqual([]);
});

test('2 vCPU fit the types of 2 vCPU, and cost no more than a little less would', () => {
  const cheapest = (cpuMilli: number): number =>
    Math.min(
      ...offeringsOf({})
        .filter(({ type }) => type.allocatable.cpuMilli >= cpuMilli && type.allocatable.memoryMib >= 1_024)
        .map((one) => one.priceUsdPerHour),
    );
  expect(cheapest(2_000)).toBe(cheapest(1_900));
});

test('of the memory they may use what hypervisor, host and pods leave, and every GPU', () => {
  const hardware = { arch: 'amd64', vcpu: 2, memoryMib: 8_192, gpu: 3 } as const;
  expect(allocatableOf(hardware, 29)).toEqual({ cpuMilli: 2_000, memoryMib: 6_903, gpu: 3 });
  expect(allocatableOf(hardware, 30).memoryMib).toBe(6_892);
  expect(allocatableOf({ ...hardware, arch: 'arm64' }, 29).memoryMib).toBe(6_844);
});

describe('a burstable type', () => {
  const burstable = (name: string, vcpu: number, arch: 'amd64' | 'arm64' = 'amd64') =>
    typeOf(name, vcpu, 4, 0.04, { isBurstable: true, arch });

  test.each([
    ['t3.nano', 0.05],
    ['t3.small', 0.2],
    ['t3.xlarge', 0.4],
    ['t2.xlarge', 0.225],
    ['t2.2xlarge', 0.169],
    ['t2.large', 0.3],
    ['t9.huge', 0],
    ['t3.constructor', 0],
  ])('%s is paid for %d of each vCPU', (name, part) => {
    expect(baselineOf(burstable(name, 2))).toBe(part);
  });

  test('costs surplus credits above that, fewer dollars on arm64; others cost none', () => {
    expect(surplusUsdPerHour(burstable('t3.large', 2))).toBe(0.07);
    expect(surplusUsdPerHour(burstable('t4g.large', 2, 'arm64'))).toBe(0.056);
    expect(surplusUsdPerHour(typeOf('c7.large', 2, 4, 0.1))).toBe(0);
    expect(baselineOf(typeOf('c7.large', 2, 4, 0.1))).toBe(1);
  });

  test('weighs what it costs under full load, unless it is wanted for bursts', () => {
    const offering = offer(burstable('t3.large', 2), 'za', 'on-demand');
    expect(weighedUsdPerHour(offering, true)).toBe(0.04);
    expect(weighedUsdPerHour(offering, false)).toBeCloseTo(0.11);
  });
});

describe('offerings', () => {
  test('all: whatever has a price, bare metal and old types among them', () => {
    const all = allOfferings();
    const bought = new Set(offeringsOf({}).map((one) => one.id));
    expect(all.some((one) => one.type.isBareMetal)).toBe(true);
    expect(all.filter((one) => bought.has(one.id))).toHaveLength(bought.size);
    expect(all.length).toBeGreaterThan(bought.size);
    expect(new Set(all.map((one) => one.zone))).toEqual(new Set(catalogInfo.zones));
  });

  test('come in the zones that are asked for, sorted, and up to the largest node', () => {
    const some = allOfferings({ zones: ['z2', 'z1'], maxNodeVcpu: 1 });
    expect(some.slice(0, 2).map((one) => one.zone)).toEqual(['z1', 'z2']);
    expect(Math.max(...some.map((one) => one.type.vcpu))).toBe(1);
    expect(allOfferings({ zones: [] })).toEqual([]);
  });
});

// The built-in catalog: complete, sorted, and quick to filter.
import { describe, expect, test } from '@jest/globals';
import { catalogInfo, instanceType, instanceTypes, offeringsOf } from '../../../lib/core/catalog/index.ts';

describe('catalog', () => {
  test('holds every type of the source once, by name', () => {
    expect(instanceTypes).toHaveLength(1363);
    const names = instanceTypes.map((type) => type.name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  test('knows what a type is and what tasks may use of it', () => {
    expect(instanceType('c7g.large')).toEqual({
      name: 'c7g.large',
      family: 'c7g',
      category: 'c',
      generation: 7,
      size: 'large',
      arch: 'arm64',
      vcpu: 2,
      memoryMib: 4096,
      gpu: 0,
      gpuName: null,
      gpuManufacturer: null,
      gpuMemoryMib: null,
      accelerator: null,
      cpuManufacturer: 'aws',
      hypervisor: 'nitro',
      isBareMetal: false,
      isBurstable: false,
      isCurrentGeneration: true,
      virtualizationTypes: ['hvm'],
      bootModes: ['uefi'],
      usageClasses: ['on-demand', 'spot'],
      localDiskGib: 0,
      networkMbps: 937,
      allocatable: { cpuMilli: 2000, memoryMib: 3055, gpu: 0 },
      onDemandUsdPerHour: 0.0725,
      spotUsdPerHour: 0.036975,
      spotInterruptionBand: 0,
    });
    expect(instanceType('c5.metal')).toMatchObject({ isBareMetal: true, hypervisor: null });
    expect(instanceType('g4dn.12xlarge')).toMatchObject({
      gpu: 4,
      gpuName: 't4',
      gpuManufacturer: 'nvidia',
      gpuMemoryMib: 16_384,
    });
    expect(instanceType('g4ad.xlarge')).toMatchObject({
      gpu: 1,
      gpuName: 'radeon-pro-v520',
      gpuManufacturer: 'amd',
      gpuMemoryMib: 8_192,
    });
    // A part of a GPU is no GPU that a task could ask for.
    expect(instanceType('g6f.large')).toMatchObject({ gpu: 0, gpuName: 'l4', gpuMemoryMib: 2_861 });
    expect(instanceType('inf2.24xlarge')).toMatchObject({
      gpu: 0,
      accelerator: { name: 'inferentia2', manufacturer: 'aws', count: 6, memoryMib: 32_768 },
    });
    expect(instanceType('m7a.large')).toMatchObject({ cpuManufacturer: 'amd' });
    // AWS says 1 x 475 GB.
    expect(instanceType('i3.large')).toMatchObject({ localDiskGib: 442, networkMbps: 750 });
    expect(instanceType('c3.large')).toMatchObject({
      localDiskGib: 0,
      networkMbps: 500,
      virtualizationTypes: ['hvm', 'paravirtual'],
    });
    // EC2 does not sell it as spot, whatever the advisor lists.
    expect(instanceType('t2.nano')).toMatchObject({
      isBurstable: true,
      isCurrentGeneration: true,
      usageClasses: ['on-demand'],
      spotUsdPerHour: null,
    });
    expect(instanceType('none.large')).toBeUndefined();
  });

  test('no type offers tasks more than its hardware', () => {
    for (const type of instanceTypes) {
      expect(type.allocatable.cpuMilli).toBeLessThanOrEqual(type.vcpu * 1000);
      expect(type.allocatable.memoryMib).toBeLessThanOrEqual(type.memoryMib);
    }
  });

  test('offers priced types only, in each zone, within the requirements', () => {
    const offerings = offeringsOf({ instanceFamily: ['c7g'], capacityType: ['spot'] }, { maxNodeVcpu: 2 });
    expect(offerings.map((one) => one.id)).toEqual(
      ['large', 'medium'].flatMap((size) => catalogInfo.zones.map((zone) => `c7g.${size}/${zone}/spot`)),
    );
    expect(
      offeringsOf({ zone: ['us-east-1b'] }).every((one) => one.zone === 'us-east-1b' && one.priceUsdPerHour > 0),
    ).toBe(true);
  });
});

// The built-in catalog: what EC2 sells in us-east-1, what of it tasks may use, and at which price.
import type { Arch, CapacityType, InstanceType, Offering } from '../offering.ts';
import { offeringId } from '../offering.ts';
import { unmetRequirement } from '../requirements.ts';
import type { Requirements } from '../requirements.ts';
import { allocatableOf } from './allocatable.ts';
import { table } from './data.ts';

export const catalogInfo = {
  source: 'karpenter-provider-aws documentation and price tables, EC2 spot advisor',
  pricesAsOf: '2026-07-20',
  region: 'us-east-1',
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
} as const;

/** One line of the table: a family and what its types share, then its types. */
function parseFamily(line: string): InstanceType[] {
  const [shared = '', ...types] = line.split(';');
  const [family = '', category = '', generation, arch] = shared.split(' ');
  return types.map((text): InstanceType => {
    const [size = '', vcpu, memoryGib, podsMax, onDemand, savingPercent, band, networkGbps, localDiskGib, gpu, gpuName] = text.split(' ');
    const hardware = { arch: arch as Arch, vcpu: Number(vcpu), memoryMib: Number(memoryGib) * 1024, gpu: Number(gpu ?? 0) };
    return {
      name: `${family}.${size}`,
      family,
      category,
      generation: Number(generation),
      size,
      ...hardware,
      gpuName: gpuName ? gpuName : null,
      isBareMetal: size.startsWith('metal'),
      localDiskGib: Number(localDiskGib ?? 0),
      networkMbps: networkGbps ? Math.round(Number(networkGbps) * 1000) : null,
      allocatable: allocatableOf(hardware, Number(podsMax)),
      onDemandUsdPerHour: onDemand ? Number(onDemand) : null,
      // Rounded, so that a price is the same number however it is worked out.
      spotUsdPerHour: onDemand && savingPercent ? Math.round(Number(onDemand) * (100 - Number(savingPercent)) * 1e4) / 1e6 : null,
      spotInterruptionBand: band ? Number(band) : null,
    };
  });
}

/** All types, sorted by name. */
export const instanceTypes: readonly InstanceType[] = table.trim().split('\n').flatMap(parseFamily);

const byName = new Map(instanceTypes.map((type) => [type.name, type]));

/** The type of that name; undefined where the catalog has none. */
export function instanceType(name: string): InstanceType | undefined {
  return byName.get(name);
}

export interface OfferingFilter {
  /** Default: all zones of the catalog. */
  readonly zones?: readonly string[];
  /** Largest type, in vCPU. */
  readonly maxNodeVcpu?: number;
}

const capacityTypes: readonly CapacityType[] = ['on-demand', 'spot'];

/**
 * Every offering (type x zone x capacity type) that has a price and meets the requirements, by type name,
 * then capacity type, then zone. Spot prices are the catalog's estimate, the same in each zone.
 */
export function offeringsOf(requirements: Requirements, filter: OfferingFilter = {}): Offering[] {
  const offerings: Offering[] = [];
  const zones = [...(filter.zones ?? catalogInfo.zones)].sort();
  for (const type of instanceTypes) {
    if (filter.maxNodeVcpu !== undefined && type.vcpu > filter.maxNodeVcpu) continue;
    for (const capacityType of capacityTypes) {
      const priceUsdPerHour = capacityType === 'spot' ? type.spotUsdPerHour : type.onDemandUsdPerHour;
      if (priceUsdPerHour === null) continue;
      for (const zone of zones) {
        const offering = { id: offeringId(type.name, zone, capacityType), type, zone, capacityType, priceUsdPerHour };
        if (unmetRequirement(requirements, offering) === null) offerings.push(offering);
      }
    }
  }
  return offerings;
}

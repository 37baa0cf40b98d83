// The built-in catalog: what EC2 sells in us-east-1, what of it tasks may use, and at which price.
import type { Arch, CapacityType, InstanceType, Offering } from '../offering.ts';
import { offeringId } from '../offering.ts';
import { unmetRequirement } from '../requirements.ts';
import type { Requirements } from '../requirements.ts';
import { table } from './data.ts';

export const catalogInfo = {
  source: 'karpenter-provider-aws documentation and price tables, EC2 spot advisor',
  pricesAsOf: '2026-07-20',
  region: 'us-east-1',
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
} as const;

function parse(line: string): InstanceType {
  const [name = '', category = '', generation, arch, vcpu, memoryMib, cpuMilli, allocMib, gpu, gpuName, onDemand, spot, band] = line.split(' ');
  const dot = name.indexOf('.');
  return {
    name,
    family: name.slice(0, dot),
    category,
    generation: Number(generation),
    size: name.slice(dot + 1),
    arch: arch as Arch,
    vcpu: Number(vcpu),
    memoryMib: Number(memoryMib),
    gpu: Number(gpu),
    gpuName: gpuName ? gpuName : null,
    isBareMetal: name.startsWith('metal', dot + 1),
    allocatable: { cpuMilli: Number(cpuMilli), memoryMib: Number(allocMib), gpu: Number(gpu) },
    onDemandUsdPerHour: onDemand ? Number(onDemand) : null,
    spotUsdPerHour: spot ? Number(spot) : null,
    spotInterruptionBand: band ? Number(band) : null,
  };
}

/** All types, sorted by name. */
export const instanceTypes: readonly InstanceType[] = table.trim().split(/[\n;]/).map(parse);

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

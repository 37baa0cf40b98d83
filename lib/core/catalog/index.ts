// The built-in catalog: what EC2 sells in us-east-1, what of it tasks may use, and at which price.
import type { CapacityType, InstanceType, Offering } from '../values/offering.ts';
import { offeringId } from '../values/offering.ts';
import { unmetOfPool } from '../values/requirements.ts';
import type { Requirements } from '../values/requirements.ts';
import { table } from './data.ts';
import { atOwnPrices } from './own-prices.ts';
import type { OwnPrice } from './own-prices.ts';
import { parseTable } from './table.ts';

export const catalogInfo = {
  source: 'EC2 DescribeInstanceTypes, karpenter-provider-aws price tables, EC2 spot advisor',
  pricesAsOf: '2026-07-20',
  region: 'us-east-1',
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
} as const;

/** All types, sorted by name. */
export const instanceTypes: readonly InstanceType[] = parseTable(table).sort((a, b) => (a.name < b.name ? -1 : 1));

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

/** Of a pool's declaration, what decides what is sold to it. */
export interface PoolAsks {
  readonly requirements: Requirements;
  /** Absent: no limit. */
  readonly maxNodeVcpu?: number;
  readonly prices?: readonly OwnPrice[];
}

const capacityTypes: readonly CapacityType[] = ['on-demand', 'spot'];

/**
 * Everything that has a price, whoever may buy it: by type name, then capacity type, then zone. Spot prices are
 * estimates, the same in each zone.
 */
export function allOfferings(filter: OfferingFilter = {}): Offering[] {
  return offeringsThat(() => true, filter);
}

/**
 * What a pool with these requirements may buy: what they name, and of the rest the types that are generic
 * (see eligibility.ts).
 */
export function offeringsOf(requirements: Requirements, filter: OfferingFilter = {}): Offering[] {
  return offeringsThat((offering) => unmetOfPool(requirements, offering) === null, filter);
}

/** What is sold to a pool: what it may buy, at its own prices. `priced`: the catalog's prices as they are elsewhere. */
export function offeringsFor(
  { requirements, maxNodeVcpu, prices }: PoolAsks,
  priced: (offering: Offering) => Offering = (offering) => offering,
): readonly Offering[] {
  const sold = offeringsOf(requirements, maxNodeVcpu === undefined ? {} : { maxNodeVcpu });
  return atOwnPrices(sold.map(priced), prices);
}

function offeringsThat(isWanted: (offering: Offering) => boolean, filter: OfferingFilter): Offering[] {
  const offerings: Offering[] = [];
  const zones = [...(filter.zones ?? catalogInfo.zones)].sort();
  for (const type of instanceTypes) {
    if (filter.maxNodeVcpu !== undefined && type.vcpu > filter.maxNodeVcpu) continue;
    for (const capacityType of capacityTypes) {
      const priceUsdPerHour = capacityType === 'spot' ? type.spotUsdPerHour : type.onDemandUsdPerHour;
      if (priceUsdPerHour === null) continue;
      for (const zone of zones) {
        const offering = { id: offeringId(type.name, zone, capacityType), type, zone, capacityType, priceUsdPerHour };
        if (isWanted(offering)) offerings.push(offering);
      }
    }
  }
  return offerings;
}

// What EC2 said about offerings and spot prices at one moment, small enough to be one item of the store (some 15 KB):
// the scheduler asks EC2, the other functions read what it wrote.
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TypeFacts } from '../../../../core/catalog/facts.ts';
import { instanceType as packagedType, instanceTypes } from '../../../../core/catalog/index.ts';
import type { CapacityType, InstanceType, Offering } from '../../../../core/values/offering.ts';
import { offeringId } from '../../../../core/values/offering.ts';

export interface CatalogSnapshot {
  readonly atMs: number;
  /** In which zones the installation has subnets. */
  readonly zones: readonly string[];
  /**
   * Per instance type, in the order of `zones`: null not offered there; otherwise the spot price, 0
   * where EC2 names none.
   */
  readonly types: Readonly<Record<string, readonly (number | null)[]>>;
}

/** As the store keeps it. */
export interface StoredSnapshot {
  readonly atMs: number;
  readonly zones: readonly string[];
  /** The types as JSON, gzip, base64. */
  readonly packed: string;
}

export function packSnapshot({ atMs, zones, types }: CatalogSnapshot): StoredSnapshot {
  return { atMs, zones, packed: gzipSync(JSON.stringify(types)).toString('base64') };
}

export function unpackSnapshot({ atMs, zones, packed }: StoredSnapshot): CatalogSnapshot {
  return {
    atMs,
    zones,
    types: JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as CatalogSnapshot['types'],
  };
}

/** What the region's price list said at one moment, and what EC2 says of types that the packaged catalog lacks. */
export interface PriceList {
  readonly atMs: number;
  readonly region: string;
  /** USD per hour by instance type. */
  readonly onDemand: Readonly<Record<string, number>>;
  readonly others: readonly TypeFacts[];
}

/** Raised with every fact that {@link TypeFacts} gains: types that an older release described are asked about again. */
export const factsVersion = 2;

/** As the store keeps it. */
export interface StoredPriceList {
  readonly atMs: number;
  /** Absent: of a release before facts had versions. */
  readonly factsVersion?: number;
  readonly region: string;
  readonly packed: string;
}

export function packPriceList({ atMs, region, ...rest }: PriceList): StoredPriceList {
  return { atMs, region, factsVersion, packed: gzipSync(JSON.stringify(rest)).toString('base64') };
}

/** Without the types of another release's facts: they are offered again when this one has asked. */
export function unpackPriceList({ atMs, region, packed, factsVersion: stored }: StoredPriceList): PriceList {
  const { onDemand, others } = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as Pick<
    PriceList,
    'onDemand' | 'others'
  >;
  return { atMs, region, onDemand, others: stored === factsVersion ? others : [] };
}

/** All types with the list's prices, by name; without a list the packaged ones as they are. */
export function typesOf(list: PriceList | null): readonly InstanceType[] {
  if (list === null) return instanceTypes;
  const priced = (
    type: TypeFacts,
    spotUsdPerHour: number | null,
    spotInterruptionBand: number | null,
  ): InstanceType => ({
    ...type,
    onDemandUsdPerHour: list.onDemand[type.name] ?? null,
    spotUsdPerHour,
    spotInterruptionBand,
  });
  return [
    ...instanceTypes.map((type) => priced(type, type.spotUsdPerHour, type.spotInterruptionBand)),
    ...list.others.filter((one) => packagedType(one.name) === undefined).map((type) => priced(type, null, null)),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Every offering with a price, by type name, then capacity type, then zone; a type that EC2 does not
 * name is not offered.
 */
export function offeringsOfSnapshot(
  { zones, types }: CatalogSnapshot,
  known: readonly InstanceType[],
): readonly Offering[] {
  const offerings: Offering[] = [];
  for (const type of known) {
    const byZone = types[type.name];
    if (!byZone) continue;
    const offer = (capacityType: CapacityType, zone: string, price: number | null): void => {
      if (price !== null && price > 0)
        offerings.push({
          id: offeringId(type.name, zone, capacityType),
          type,
          zone,
          capacityType,
          priceUsdPerHour: price,
        });
    };
    zones.forEach((zone, at) => {
      if ((byZone[at] ?? null) !== null) offer('on-demand', zone, type.onDemandUsdPerHour);
    });
    if (type.usageClasses.includes('spot'))
      zones.forEach((zone, at) => {
        offer('spot', zone, byZone[at] ?? null);
      });
  }
  return offerings;
}

// What EC2 said about offerings and spot prices at one moment, small enough to be one item of the store (some 15 KB):
// the scheduler asks EC2, the other functions read what it wrote.
import { gunzipSync, gzipSync } from 'node:zlib';
import { instanceTypes } from '../../core/catalog/index.ts';
import type { CapacityType, Offering } from '../../core/offering.ts';
import { offeringId } from '../../core/offering.ts';

export interface CatalogSnapshot {
  readonly atMs: number;
  /** In which zones the installation has subnets. */
  readonly zones: readonly string[];
  /** Per instance type, in the order of `zones`: null not offered there; otherwise the spot price, 0 where EC2 names none. */
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
  return { atMs, zones, types: JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as CatalogSnapshot['types'] };
}

/**
 * Every offering with a price, by type name, then capacity type, then zone. Facts and on-demand prices are the packaged
 * ones: a type that they lack is not bought, and one that EC2 does not name is not offered.
 */
export function offeringsOfSnapshot({ zones, types }: CatalogSnapshot): readonly Offering[] {
  const offerings: Offering[] = [];
  for (const type of instanceTypes) {
    const byZone = types[type.name];
    if (!byZone) continue;
    const offer = (capacityType: CapacityType, zone: string, price: number | null): void => {
      if (price !== null && price > 0) offerings.push({ id: offeringId(type.name, zone, capacityType), type, zone, capacityType, priceUsdPerHour: price });
    };
    zones.forEach((zone, at) => { if ((byZone[at] ?? null) !== null) offer('on-demand', zone, type.onDemandUsdPerHour); });
    zones.forEach((zone, at) => { offer('spot', zone, byZone[at] ?? null); });
  }
  return offerings;
}

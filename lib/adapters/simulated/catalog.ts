// The catalog port over the packaged catalog, at the simulated cloud's prices of the moment.
import { allOfferings, catalogInfo, instanceType } from '../../core/catalog/index.ts';
import type { InstanceType, Offering } from '../../core/values/offering.ts';
import type { Catalog, CatalogInfo } from '../../ports/catalog.ts';
import type { Prices } from './cloud/market/prices.ts';

/** At the catalog's own prices, which never change: one list for every world, and so is what is worked out of it. */
let packaged: readonly Offering[] | null = null;
/** Spot prices move slowly: offerings are worked out again once a minute at most. */
const cachedForMs = 60_000;

export class SimulatedCatalog implements Catalog {
  private readonly clock: { nowMs(): number };
  private readonly prices: Prices | null;
  private cached: { readonly offerings: readonly Offering[]; readonly atMs: number } | null = null;

  /** Without `prices`: the catalog's own, which never change. */
  constructor(clock: { nowMs(): number }, prices: Prices | null = null) {
    this.clock = clock;
    this.prices = prices;
  }

  async offerings(): Promise<readonly Offering[]> {
    const nowMs = this.clock.nowMs();
    if (this.cached && (this.prices === null || nowMs - this.cached.atMs < cachedForMs)) return this.cached.offerings;
    packaged ??= allOfferings();
    const { prices } = this;
    const offerings = prices === null ? packaged : packaged.map((offering) => priced(offering, prices, nowMs));
    this.cached = { offerings, atMs: nowMs };
    return offerings;
  }

  async instanceType(name: string): Promise<InstanceType | null> {
    return instanceType(name) ?? null;
  }

  async info(): Promise<CatalogInfo> {
    const asOfMs = this.cached?.atMs ?? this.clock.nowMs();
    return {
      offerings: { source: 'simulated', region: catalogInfo.region, asOfMs },
      onDemandPrices: { source: 'packaged', region: catalogInfo.region, asOfMs: Date.parse(catalogInfo.pricesAsOf) },
    };
  }
}

function priced(offering: Offering, prices: Prices, nowMs: number): Offering {
  const price = prices.at(offering.type.name, offering.zone, offering.capacityType, nowMs) ?? offering.priceUsdPerHour;
  return price === offering.priceUsdPerHour ? offering : { ...offering, priceUsdPerHour: price };
}

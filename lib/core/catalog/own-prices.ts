// A pool's own prices: what its owner pays where that is not what the catalog says (a private discount, a contract).
// Whatever is decided, quoted or counted for the pool is by them.
import type { CapacityType, Offering } from '../values/offering.ts';

/** Either `usdPerHour` or `discountPercent`. */
export interface OwnPrice {
  /** `c7g.xlarge`, or all types of a family: `c7g.*` */
  readonly instanceType: string;
  /** Absent: in every zone. */
  readonly zone?: string;
  /** Absent: spot and on demand. */
  readonly capacityType?: CapacityType;
  readonly usdPerHour?: number;
  /** Off the catalog's price, 0 to 99. */
  readonly discountPercent?: number;
}

export const ownPricesMax = 100;

/** The offerings at the pool's own prices, of which the first that matches counts. Without any: the same array. */
export function atOwnPrices(offerings: readonly Offering[], prices: readonly OwnPrice[] = []): readonly Offering[] {
  if (prices.length === 0) return offerings;
  return offerings.map((offering) => {
    const own = prices.find((one) => isPriceOf(one, offering));
    if (own === undefined) return offering;
    const { usdPerHour = offering.priceUsdPerHour * (1 - (own.discountPercent ?? 0) / 100) } = own;
    return { ...offering, priceUsdPerHour: usdPerHour, isOwnPrice: true };
  });
}

/** Whether a pattern of instance types (`c7g.xlarge`, `c7g.*`) names the type. */
export function namesType(pattern: string, type: Offering['type']): boolean {
  return pattern === type.name || pattern === `${type.family}.*`;
}

/** Whether it is of that offering. */
export function isPriceOf({ instanceType, zone, capacityType }: OwnPrice, offering: Offering): boolean {
  return (
    namesType(instanceType, offering.type)
    && (zone === undefined || zone === offering.zone)
    && (capacityType === undefined || capacityType === offering.capacityType)
  );
}

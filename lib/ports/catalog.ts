// What can be bought, at which price: instance types and offerings of the region.
import type { InstanceType, Offering } from '../core/values/offering.ts';

export interface Catalog {
  /** All offerings with a price, in a total order. Cheap to call again (cached by the adapter). */
  offerings(): Promise<readonly Offering[]>;
  instanceType(name: string): Promise<InstanceType | null>;
  /** Where the figures come from and how old they are; loads them if need be. */
  info(): Promise<CatalogInfo>;
}

export interface CatalogFigures {
  /** `packaged`: the figures that came with the program, which stand in for what AWS has not told yet. */
  readonly source: 'ec2' | 'price-list' | 'packaged' | 'simulated';
  readonly region: string;
  readonly asOfMs: number;
}

export interface CatalogInfo {
  /** What is offered where, and spot prices. */
  readonly offerings: CatalogFigures;
  readonly onDemandPrices: CatalogFigures;
}

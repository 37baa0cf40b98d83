// What can be bought, at which price: instance types and offerings of the region.
import type { InstanceType, Offering } from '../core/offering.ts';

export interface Catalog {
  /** All offerings with a price, in a total order. Cheap to call again (cached by the adapter). */
  offerings(): Promise<readonly Offering[]>;
  instanceType(name: string): Promise<InstanceType | null>;
}

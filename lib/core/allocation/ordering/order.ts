// What an ordering is: from the demand to the turns in which it is served.
import type { AllocationInput, Demand } from '../types.ts';

/** `count` tasks of the demand whose turn it is. A demand may have several turns. */
export interface Turn {
  readonly demand: Demand;
  readonly count: number;
}

export type Order = (
  input: Pick<AllocationInput, 'demand' | 'nowMs' | 'tenants' | 'pool' | 'bins' | 'passedOver'>,
) => Turn[];

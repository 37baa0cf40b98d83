// What decides about zones: the requirements of each demand, and the offerings that make the zones.
import type { Offering } from '../../values/offering.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { AllocationInput, Demand } from '../types.ts';

export interface ZoneContext {
  readonly requirementsOf: (demand: Demand) => Requirements;
  /** Offerings that the pool may buy, those out of capacity included: they make the zones. */
  readonly offerings: readonly Offering[];
  readonly input: AllocationInput;
  /** Tasks that are spread over zones as unevenly as their relation allows, so that they fill nodes; absent: none. */
  readonly uneven?: ReadonlySet<Demand>;
}

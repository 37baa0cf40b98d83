// What interruptions of spot nodes are expected to cost before anything was learned of them.
import type { Offering } from '../values/offering.ts';

/** Hours of work that one spot interruption is assumed to cost: half an hour redone. */
export const hoursLostPerInterruption = 0.5;
/** Middle of the spot advisor's bands, as interruptions per hour of one instance. */
const ofBand = [0.025, 0.075, 0.125, 0.175, 0.25].map((perMonth) => perMonth / 730);

/** As the catalog has it, per hour of one node; 0 on demand, and where it is not known. */
export function catalogInterruptionsPerHour({ capacityType, type }: Pick<Offering, 'capacityType' | 'type'>): number {
  return capacityType === 'spot' ? (ofBand[type.spotInterruptionBand ?? -1] ?? 0) : 0;
}

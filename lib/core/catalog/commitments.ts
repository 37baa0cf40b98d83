// What an account has paid for already, whether it is used or not. As long as it is not used up, another node of it
// costs nothing more: it is filled first (allocation/constraints/paid-first.ts).
import type { Offering } from '../values/offering.ts';

interface Named {
  /** Unique in its pool. */
  readonly name: string;
  /** From then on nothing is paid for; absent: not known. */
  readonly untilMs?: number;
}

/**
 * On-demand instances of a type: reserved instances, or an open capacity reservation, both of which EC2 applies to
 * whatever matches, without being named at the launch.
 */
export interface ReservedInstances extends Named {
  readonly kind: 'reserved-instances';
  readonly instanceType: string;
  /** Absent: of any zone. */
  readonly zone?: string;
  readonly count: number;
  /** What each costs, used or not; absent: what the type costs on demand. */
  readonly usdPerHour?: number;
}

/** On-demand use of any type, or of a family, at a discount, up to so many USD per hour after it. */
export interface SavingsPlan extends Named {
  readonly kind: 'savings-plan';
  readonly usdPerHour: number;
  /** Off the price on demand, 0 to 99. */
  readonly discountPercent: number;
  /** Absent: of any. */
  readonly instanceFamily?: string;
}

export type Commitment = ReservedInstances | SavingsPlan;

export const commitmentsMax = 50;
/** All of them together. */
export const reservedCountMax = 10_000;

export function isOver({ untilMs = Infinity }: Commitment, nowMs: number): boolean {
  return untilMs <= nowMs;
}

/** Whether it pays for instances of that type and zone, if they are on demand. */
export function paysFor(one: Commitment, instanceType: string, zone: string): boolean {
  return one.kind === 'reserved-instances'
    ? one.instanceType === instanceType && (one.zone === undefined || one.zone === zone)
    : one.instanceFamily === undefined || instanceType.startsWith(`${one.instanceFamily}.`);
}

export function paysForOffering(one: Commitment, { type, zone, capacityType }: Offering): boolean {
  return capacityType === 'on-demand' && paysFor(one, type.name, zone);
}

/** What is committed, in USD per hour on demand: as much use costs nothing more. */
export function coveredUsdPerHour({ usdPerHour, discountPercent }: SavingsPlan): number {
  return usdPerHour / (1 - discountPercent / 100);
}

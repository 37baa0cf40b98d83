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

/**
 * Instances that are had by naming it at the launch: a targeted On-Demand Capacity Reservation, or a Capacity Block,
 * whose instances EC2 ends before its own end. Its name is its id, `cr-…`.
 */
export interface NamedReservation extends Named {
  readonly kind: 'capacity-reservation' | 'capacity-block';
  readonly instanceType: string;
  readonly zone: string;
  readonly count: number;
  /** Before that nothing can be launched into it; absent: it has begun. */
  readonly fromMs?: number;
  /** What each costs, used or not; absent: what the type costs on demand. */
  readonly usdPerHour?: number;
}

export type Commitment = ReservedInstances | SavingsPlan | NamedReservation;

export const commitmentKinds = [
  'reserved-instances',
  'savings-plan',
  'capacity-reservation',
  'capacity-block',
] as const satisfies readonly Commitment['kind'][];

/** So long before a Capacity Block's end EC2 terminates its instances ("Capacity Blocks for ML"). */
const blockEndsEarlyMs = 30 * 60_000;
/** So long before its end nothing is launched into a block any more: it would drain a quarter of an hour later. */
export const blockClosesEarlyMs = 2 * blockEndsEarlyMs;

export const commitmentsMax = 50;
/** Instances of all of them together. */
export const reservedCountMax = 10_000;

export function isOver({ untilMs = Infinity }: Commitment, nowMs: number): boolean {
  return untilMs <= nowMs;
}

export function isNamed(one: Commitment): one is NamedReservation {
  return one.kind === 'capacity-reservation' || one.kind === 'capacity-block';
}

/** Whether it has begun and has not ended. */
export function isLive(one: Commitment, nowMs: number): boolean {
  return !isOver(one, nowMs) && !(isNamed(one) && (one.fromMs ?? 0) > nowMs);
}

/** When EC2 terminates what was launched into it; null: it does not, and what runs goes on as any other instance. */
export function endsInstancesAtMs({ kind, untilMs }: NamedReservation): number | null {
  return kind === 'capacity-block' && untilMs !== undefined ? untilMs - blockEndsEarlyMs : null;
}

/** Whether more may be launched as paid by it: of a live one, and of a block not when its end is near. */
export function isOpen(one: Commitment, nowMs: number): boolean {
  return (
    isLive(one, nowMs) && !(one.kind === 'capacity-block' && (one.untilMs ?? Infinity) - blockClosesEarlyMs <= nowMs)
  );
}

/** The declared one that this node was launched into; undefined: none, or one that is declared no more. */
export function reservationOf(
  { commitments = [] }: { readonly commitments?: readonly Commitment[] },
  id: string | undefined,
): NamedReservation | undefined {
  return id === undefined ? undefined : commitments.filter(isNamed).find((one) => one.name === id);
}

/** Whether it can pay for instances of that type and zone, if they are on demand (and in it, if it is named). */
export function paysFor(one: Commitment, instanceType: string, zone: string): boolean {
  return one.kind === 'savings-plan'
    ? one.instanceFamily === undefined || instanceType.startsWith(`${one.instanceFamily}.`)
    : one.instanceType === instanceType && (one.zone === undefined || one.zone === zone);
}

export function paysForOffering(one: Commitment, { type, zone, capacityType }: Offering): boolean {
  return capacityType === 'on-demand' && paysFor(one, type.name, zone);
}

/** What is committed, in USD per hour on demand: as much use costs nothing more. */
export function coveredUsdPerHour({ usdPerHour, discountPercent }: SavingsPlan): number {
  return usdPerHour / (1 - discountPercent / 100);
}

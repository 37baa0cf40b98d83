// Machines of claims fill what is paid for first, as nodes do (allocation/constraints/paid-first.ts): an offering that
// a commitment pays for, for all machines of the claim, goes before cheaper ones. What has to be named is launched into
// by its name. What is decided about tasks in the same decision has had its share already.
import { endsInstancesAtMs, isNamed, paysForOffering } from '../../catalog/commitments.ts';
import type { Commitment } from '../../catalog/commitments.ts';
import { weighedUsdPerHour } from '../../catalog/burstable.ts';
import { paidOf } from '../../costs/commitments.ts';
import type { PaidCapacity } from '../../allocation/types.ts';
import { isRefused, reservationRefusal } from '../../plan/capacity-memory.ts';
import type { ClaimRecord, MachineSpec } from '../../records/claim.ts';
import type { FrozenInstances } from '../../records/launch.ts';
import type { Offering } from '../../values/offering.ts';
import { isWarm } from '../documents.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';

/** Pools count and charge list prices, paid for or not: what is dearer than this many times the cheapest is left. */
const dearerMax = 2;
/** A machine is launched and granted within it: its lease begins then. */
const grantMs = 300_000;

type Left = PaidCapacity[number];

export interface PaidChoice {
  readonly offering: Offering;
  readonly commitment: Commitment;
  /** One sentence. */
  readonly reason: string;
  /** Of the frozen request. */
  readonly into: Pick<FrozenInstances, 'reservation'>;
}

export interface PaidQuestion {
  readonly claim: ClaimRecord;
  readonly spec: MachineSpec;
  readonly count: number;
  /** Offerings that fit it, refused ones among them. */
  readonly able: readonly Offering[];
}

export class PaidMachines {
  readonly #copy: ClaimWorkingCopy;
  #left: Left[] | null = null;

  constructor(copy: ClaimWorkingCopy) {
    this.#copy = copy;
  }

  /** All that would be paid for, as it is to be preferred: reserved instances before savings plans, then the price. */
  choices({ claim, spec, count, able }: PaidQuestion): readonly PaidChoice[] {
    const { memory } = this.#copy.seen;
    const weighed = (one: Offering): number => weighedUsdPerHour(one, spec.requirements.bursty === true);
    const dearest = dearerMax * Math.min(...able.filter((one) => !this.#isRefused(one)).map(weighed));
    return this.#lefts()
      .filter((one) => isForClaim(one.commitment, claim, spec, this.#copy.nowMs))
      .filter(({ commitment: one }) => !isNamed(one) || reservationRefusal(memory, one, this.#copy.nowMs) === null)
      .flatMap((by) => able.filter((one) => this.#isPaid(by, one, spec, count)).map((offering) => ({ by, offering })))
      .filter(({ offering }) => weighed(offering) <= dearest)
      .sort((a, b) => rank(a.by) - rank(b.by) || weighed(a.offering) - weighed(b.offering) || byName(a, b))
      .map(({ by, offering }) => ({
        ...{ offering, commitment: by.commitment, reason: reasonOf(by, offering) },
        into: isNamed(by.commitment) ? { reservation: { id: by.commitment.name, kind: by.commitment.kind } } : {},
      }));
  }

  /** So many machines are bought as paid by it. */
  take({ commitment, offering }: PaidChoice, count: number): void {
    this.#left = this.#lefts().map((one) =>
      one.commitment === commitment ? { ...one, left: one.left - amountOf(commitment, offering, count) } : one,
    );
  }

  #isPaid({ commitment, left }: Left, offering: Offering, spec: MachineSpec, count: number): boolean {
    return (
      paysForOffering(commitment, offering)
      && amountOf(commitment, offering, count) <= left
      // GPUs are for who wants one, and burstable types bill CPU credits, which nothing pays for.
      && (spec.needs.gpu > 0 || offering.type.gpu === 0)
      && (spec.requirements.bursty === true || !offering.type.isBurstable)
      // What is set aside is there when EC2 has nothing else of the type.
      && (isNamed(commitment) || !this.#isRefused(offering))
    );
  }

  #isRefused(offering: Offering): boolean {
    return isRefused(this.#copy.seen.memory, offering, this.#copy.nowMs);
  }

  #lefts(): Left[] {
    return (this.#left ??= leftIn(this.#copy));
  }
}

function leftIn(copy: ClaimWorkingCopy): Left[] {
  const { pool, aside, launches, machineLaunches } = copy.seen;
  if (pool.commitments === undefined) return [];
  const open = [...launches, ...machineLaunches].map((one) => one.record);
  const { left = [] } = paidOf(
    pool,
    {
      // As decided so far: what starts is paid for like what runs.
      nodes: [...copy.nodes(), ...(aside?.nodes ?? []).map((one) => one.record)],
      launches: [...open, ...copy.bought],
      claims: copy.claims(),
    },
    copy.nowMs,
  );
  return [...left];
}

/**
 * EC2 ends what is in a block, so only machines whose lease ends before are launched into one. What is kept warm is
 * launched into nothing that has to be named: nobody knows yet for whom, and for how long.
 */
function isForClaim(one: Commitment, claim: ClaimRecord, { leaseMs }: MachineSpec, nowMs: number): boolean {
  if (!isNamed(one)) return true;
  const endsMs = endsInstancesAtMs(one);
  return !isWarm(claim) && (endsMs === null || (leaseMs !== null && nowMs + grantMs + leaseMs <= endsMs));
}

function amountOf({ kind }: Commitment, { priceUsdPerHour }: Offering, count: number): number {
  return kind === 'savings-plan' ? count * priceUsdPerHour : count;
}

/** A plan pays for whatever else there is; of plans, those of one family go first. */
function rank({ commitment }: Left): number {
  if (commitment.kind !== 'savings-plan') return isNamed(commitment) ? 0 : 1;
  return commitment.instanceFamily === undefined ? 3 : 2;
}

interface Ranked {
  readonly by: Left;
  readonly offering: Offering;
}

function byName(a: Ranked, b: Ranked): number {
  const [one, other] = [a, b].map(({ by, offering }) => `${offering.id} ${by.commitment.name}`) as [string, string];
  return one < other ? -1 : 1;
}

function reasonOf({ commitment, used, of }: Left, { type }: Offering): string {
  const use =
    commitment.kind === 'savings-plan'
      ? `${used.toFixed(2)} of ${of.toFixed(2)} USD/h of it were in use`
      : `${String(used)} of its ${String(of)} were in use`;
  const what = isNamed(commitment) ? commitment.kind.replace('-', ' ') : 'commitment';
  return `${type.name} is paid for by ${what} ${commitment.name} (${use}), so it costs nothing more`;
}

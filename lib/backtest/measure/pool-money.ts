// What the nodes of a pool cost: own prices, commitments, and by which offerings they are priced again in hindsight.
import type { PaidNode } from '../../core/costs/commitments.ts';
import { paidOf } from '../../core/costs/commitments.ts';
import { coveredUsdPerHour, isNamed, paysForOffering } from '../../core/catalog/commitments.ts';
import type { Commitment } from '../../core/catalog/commitments.ts';
import { instanceType, offeringsFor } from '../../core/catalog/index.ts';
import { atOwnPrices } from '../../core/catalog/own-prices.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { Hindsight } from '../../core/costs/regret/regret.ts';
import type { Offering } from '../../core/values/offering.ts';
import { offeringId } from '../../core/values/offering.ts';

const hourMs = 3_600_000;

/** What a node is and costs an hour, before own prices. */
export type SoldNode = Omit<PaidNode, 'createdAtMs'>;

export class PoolMoney {
  readonly hindsight: Hindsight;
  readonly #pool: PoolSpec;
  readonly #running = new Map<string, PaidNode>();
  #usdPerHour = 0;
  #fromMs = 0;
  #coveredUsd = 0;

  constructor(pool: PoolSpec) {
    this.#pool = pool;
    this.hindsight = new Hindsight(offeringsFor(pool));
  }

  priceOf({ instanceType: name, zone, capacityType, priceUsdPerHour }: SoldNode): number {
    const type = instanceType(name);
    if (type === undefined) return priceUsdPerHour;
    const sold = { id: offeringId(name, zone, capacityType), type, zone, capacityType, priceUsdPerHour };
    return atOwnPrices([sold], this.#pool.prices)[0]?.priceUsdPerHour ?? priceUsdPerHour;
  }

  runs(node: SoldNode, nowMs: number): void {
    this.#changes(nowMs, () => this.#running.set(node.id, { ...node, createdAtMs: nowMs }));
  }

  ends(id: string, nowMs: number): void {
    this.#changes(nowMs, () => this.#running.delete(id));
  }

  /** What commitments have paid of the price of nodes, in USD, until the last change. */
  get coveredUsd(): number {
    return this.#coveredUsd;
  }

  #changes(nowMs: number, change: () => unknown): void {
    const { commitments = [] } = this.#pool;
    if (commitments.length === 0) return;
    this.#coveredUsd += (this.#usdPerHour * (nowMs - this.#fromMs)) / hourMs;
    this.#fromMs = nowMs;
    change();
    const nodes = [...this.#running.values()];
    const { shares } = paidOf({ commitments: lasting(commitments) }, { nodes, launches: [], claims: [] }, nowMs);
    this.#usdPerHour = nodes.reduce((sum, one) => sum + one.priceUsdPerHour * (shares.get(one.id) ?? 0), 0);
  }
}

/** A back-test is of another time: what a pool has now, it has for all of it. */
export function lasting(commitments: readonly Commitment[]): readonly Commitment[] {
  return commitments.map((one): Commitment => {
    if (!isNamed(one)) {
      const { untilMs: _ends, ...lasts } = one;
      return lasts;
    }
    // The cloud of a back-test has none to name.
    const { name, instanceType, zone, count, usdPerHour } = one;
    const price = usdPerHour === undefined ? {} : { usdPerHour };
    return { kind: 'reserved-instances', name, instanceType, zone, count, ...price };
  });
}

/** What all commitments cost, used or not, and the most use on demand that they pay for: USD per hour. */
export function committedUsdPerHour(pools: readonly PoolSpec[]): { readonly cost: number; readonly covers: number } {
  let [cost, covers] = [0, 0];
  for (const pool of pools) {
    if (pool.commitments === undefined) continue;
    const offerings = offeringsFor(pool);
    for (const one of pool.commitments) {
      const whole = one.kind === 'savings-plan' ? coveredUsdPerHour(one) : one.count * dearestOf(one, offerings);
      covers += whole;
      cost += one.kind === 'savings-plan' ? one.usdPerHour : one.usdPerHour ? one.count * one.usdPerHour : whole;
    }
  }
  return { cost, covers };
}

function dearestOf(one: Commitment, offerings: readonly Offering[]): number {
  return offerings.reduce(
    (most, offering) => (paysForOffering(one, offering) ? Math.max(most, offering.priceUsdPerHour) : most),
    0,
  );
}

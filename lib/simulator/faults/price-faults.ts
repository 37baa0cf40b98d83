// Spot prices that differ by zone and move while things run; in some runs one zone is much dearer than the others.
// Controllers see them as a catalog that is up to a minute old.
import type { Prices } from '../../adapters/simulated/cloud/market/prices.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { PriceChanges } from '../checkers/tasks/placeable.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import { everyMinute } from './every-minute.ts';
import type { FaultDraws } from './fault-draws.ts';

export interface PriceFaultsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly prices: Prices;
  /** Everything that the run may buy, at the prices of the packaged catalog. */
  readonly offerings: readonly Offering[];
}

const cachedForMs = 60_000;

export class PriceFaults {
  readonly #options: PriceFaultsOptions;
  /** Raised by every change. */
  #version = 0;
  #now: PriceChanges = new Map();
  #highest: PriceChanges = new Map();

  constructor(options: PriceFaultsOptions) {
    this.#options = options;
    const { draws } = options;
    if (draws.hits('dearZone')) this.#move(draws.of('dearZone'), Infinity);
    everyMinute(options, () => {
      if (draws.hits('priceMove')) this.#move(draws.of('priceMove'), draws.of('priceMove').logBetween(0.4, 2.5));
    });
  }

  /** What costs something else now than in the packaged catalog. */
  get now(): PriceChanges {
    return this.#now;
  }

  /** The highest price that each of them has had in this run. */
  get highest(): PriceChanges {
    return this.#highest;
  }

  calm(): void {
    for (const { id } of this.#options.offerings) this.#options.prices.set(id, null);
    this.#now = new Map();
    this.#version += 1;
  }

  /** What one process sees: offerings at the prices of some moment of the last minute. */
  catalogOf({ monotonicMs }: Pick<Clock, 'monotonicMs'>): () => readonly Offering[] {
    const { kernel, prices } = this.#options;
    let [seenVersion, seenAtMs, seen] = [0, 0, this.#options.offerings];
    return () => {
      if (seenVersion === this.#version || monotonicMs() - seenAtMs < cachedForMs) return seen;
      seen = this.#options.offerings.map((one) => {
        const price = prices.at(one.type.name, one.zone, one.capacityType, kernel.nowMs);
        return price === null || price === one.priceUsdPerHour ? one : { ...one, priceUsdPerHour: price };
      });
      [seenVersion, seenAtMs] = [this.#version, monotonicMs()];
      return seen;
    };
  }

  /** A spot price is never above the on-demand price of its type. */
  #move(stream: Stream, factor: number): void {
    const { kernel, trace, prices, offerings } = this.#options;
    const spot = offerings.filter((one) => one.capacityType === 'spot');
    const zone = stream.pick([...new Set(offerings.map((one) => one.zone))]);
    const family = factor === Infinity ? null : stream.pick([null, stream.pick(offerings).type.family]);
    const [now, highest] = [new Map(this.#now), new Map(this.#highest)];
    for (const { id, type, priceUsdPerHour } of spot.filter(
      (one) => one.zone === zone && (family === null || one.type.family === family),
    )) {
      const price = Math.min(priceUsdPerHour * factor, type.onDemandUsdPerHour ?? priceUsdPerHour);
      prices.set(id, price);
      now.set(id, price);
      highest.set(id, Math.max(price, priceUsdPerHour, highest.get(id) ?? 0));
    }
    [this.#now, this.#highest] = [now, highest];
    this.#version += 1;
    const text = factor === Infinity ? 'as dear as on-demand' : `${factor.toFixed(2)} times the usual`;
    trace.write(kernel.nowMs, 'market', `spot of ${family ?? 'all families'} in ${zone} costs ${text}`);
  }
}

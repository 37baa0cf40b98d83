// What is learned of a pool's demand for the time to come: a rolling back-test over its history, which goes on with
// every step. Kept in memory: who loses it learns it again from the history.
import { assert } from '../values/errors.ts';
import type { Resources } from '../values/resources.ts';
import type { DemandHistory } from './history.ts';
import { knownFromMs, valuesOf } from './history.ts';
import type { Score } from './rolling.ts';
import { Rolling } from './rolling.ts';

/** Steps of a minute, and where nodes take long to boot of five; so many days are looked back at. */
interface Grain {
  readonly stepMs: number;
  /** At first; what comes later is learned in addition, up to twice as much. */
  readonly daysBack: number;
}

const fine: Grain = { stepMs: 60_000, daysBack: 8 };
const coarse: Grain = { stepMs: 300_000, daysBack: 15 };
const fineLeadMs = 150_000;
const dayMs = 86_400_000;

export function grainOf(leadMs: number): Grain {
  return leadMs <= fineLeadMs ? fine : coarse;
}

/** Where no node has booted yet. */
export const leadMsDefault = 60_000;
/** Less says nothing. */
export const knownMsEnough = 2 * 3_600_000;

export interface Forecast {
  readonly method: string;
  /** How far off it was on average, in thousandths of a vCPU, and the same of the best naive method. */
  readonly errorMilli: number;
  readonly naive: { readonly method: string; readonly errorMilli: number };
  /** In thousandths of a vCPU, for the lead time ahead: in the mean, and at the quantile that was asked for. */
  readonly expectedMilli: number;
  readonly wantedMilli: number;
  readonly lowMilli: number;
  readonly quantile: number;
  readonly leadMs: number;
}

export type Known =
  | { readonly kind: 'forecast'; readonly forecast: Forecast }
  /** It knows so much. */
  | { readonly kind: 'too-little'; readonly knownMs: number };

export class Learning {
  readonly #grain: Grain;
  readonly #ahead: number;
  readonly #values: number[] = [];
  readonly #rolling: Rolling;
  /** The first step, counted from 1970. */
  readonly #from: number;

  /** As of a time; `leadMs`: how long a node takes to boot. */
  constructor(history: DemandHistory, nowMs: number, leadMs: number) {
    this.#grain = grainOf(leadMs);
    const { stepMs } = this.#grain;
    this.#ahead = aheadOf(leadMs);
    const end = Math.floor(nowMs / stepMs);
    const known = Math.ceil((knownFromMs(history) ?? nowMs) / stepMs);
    this.#from = Math.max(known, end - this.#stepsBack());
    this.#rolling = new Rolling(this.#values, dayMs / stepMs, this.#ahead);
    this.goOn(history, nowMs);
  }

  #stepsBack(): number {
    return (this.#grain.daysBack * dayMs) / this.#grain.stepMs;
  }

  /** Steps that are over. */
  #stepsAt(nowMs: number): number {
    return Math.floor(nowMs / this.#grain.stepMs) - this.#from;
  }

  /** Whether it is still to be used: another lead time, or twice as much as it began with, is learned anew. */
  isFor(leadMs: number, nowMs: number): boolean {
    const steps = this.#stepsAt(nowMs);
    const isSame = this.#grain === grainOf(leadMs) && this.#ahead === aheadOf(leadMs);
    return isSame && steps >= this.#values.length && steps <= 2 * this.#stepsBack();
  }

  /** What has come since is missing. */
  isBehind(nowMs: number): boolean {
    return this.#stepsAt(nowMs) > this.#values.length;
  }

  /** Learns what has come since. */
  goOn(history: DemandHistory, nowMs: number): void {
    const missing = this.#stepsAt(nowMs) - this.#values.length;
    if (missing <= 0) return;
    assert(this.#values.length + missing <= 2 * this.#stepsBack() + 1, 'more steps are learned than may be');
    const first = this.#values.length;
    const { stepMs } = this.#grain;
    const come = valuesOf(history, (this.#from + first) * stepMs, missing, stepMs);
    for (const [i, { cpuMilli }] of come.entries()) {
      this.#values.push(cpuMilli);
      this.#rolling.learn(first + i);
    }
  }

  scores(): readonly Score[] {
    return this.#rolling.scores();
  }

  /** What will be wanted at most until a lead time from now, with the demand of now, by the best method. */
  at(nowMs: number, demand: Resources, quantile: number, leadMs: number): Known {
    const { stepMs } = this.#grain;
    const steps = this.#values.length;
    const knownMs = steps * stepMs;
    const best = knownMs < knownMsEnough ? null : this.#rolling.best();
    if (best === null) return { kind: 'too-little', knownMs };
    const { chosen, naive } = best;
    // Values are means of their step: they stand for its middle.
    const place = (atMs: number): number => atMs / stepMs - this.#from - 0.5;
    const until = place(nowMs + leadMs);
    const now = place(nowMs);
    const expected = [now, (now + until) / 2, until].map((at) =>
      chosen.expectedAt(at, now, steps - 1, demand.cpuMilli),
    );
    const most = Math.max(...expected);
    return {
      kind: 'forecast',
      forecast: {
        method: chosen.base.name,
        errorMilli: Math.round(chosen.meanError()),
        naive: { method: naive.base.name, errorMilli: Math.round(naive.meanError()) },
        expectedMilli: Math.round(most),
        wantedMilli: Math.round(Math.max(0, most + chosen.offAt(quantile, most))),
        lowMilli: Math.round(Math.max(0, most + chosen.offAt(1 - quantile, most))),
        quantile,
        leadMs,
      },
    };
  }
}

function aheadOf(leadMs: number): number {
  return Math.max(1, Math.ceil(leadMs / grainOf(leadMs).stepMs));
}

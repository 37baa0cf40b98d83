// What is learned of a pool's demand for the time to come: a rolling back-test over its history, which goes on with
// every step. Kept in memory: who loses it learns it again from the history.
import { assert } from '../values/errors.ts';
import type { Resources } from '../values/resources.ts';
import type { DemandHistory } from './history.ts';
import { knownFromMs, valuesOf } from './history.ts';
import type { Score } from './rolling.ts';
import { Rolling } from './rolling.ts';

/** The step of what is learned. A lead time is rounded up to whole steps. */
export const stepMs = 300_000;
const stepsPerDay = 86_400_000 / stepMs;
/** Looked back at, at first; what comes later is learned in addition, up to twice as much. */
const stepsBack = 15 * stepsPerDay;
/** Where no node has booted yet. */
export const leadMsDefault = 60_000;
/** Fewer say nothing. */
export const stepsEnough = 24;

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
  /** It knows so many steps. */
  | { readonly kind: 'too-little'; readonly steps: number };

export class Learning {
  readonly ahead: number;
  readonly #values: number[] = [];
  readonly #rolling: Rolling;
  /** The first step, counted from 1970. */
  readonly #from: number;

  /** As of a time; `leadMs`: how long a node takes to boot. */
  constructor(history: DemandHistory, nowMs: number, leadMs: number) {
    this.ahead = aheadOf(leadMs);
    const end = Math.floor(nowMs / stepMs);
    const known = Math.ceil((knownFromMs(history) ?? nowMs) / stepMs);
    this.#from = Math.max(known, end - stepsBack);
    this.#rolling = new Rolling(this.#values, stepsPerDay, this.ahead);
    this.goOn(history, nowMs);
  }

  /** Whether it is still to be used: another lead time, or twice as much as it began with, is learned anew. */
  isFor(leadMs: number, nowMs: number): boolean {
    const steps = Math.floor(nowMs / stepMs) - this.#from;
    return this.ahead === aheadOf(leadMs) && steps >= this.#values.length && steps <= 2 * stepsBack;
  }

  /** What has come since is missing. */
  isBehind(nowMs: number): boolean {
    return Math.floor(nowMs / stepMs) - this.#from > this.#values.length;
  }

  /** Learns what has come since. */
  goOn(history: DemandHistory, nowMs: number): void {
    const missing = Math.floor(nowMs / stepMs) - this.#from - this.#values.length;
    if (missing <= 0) return;
    assert(this.#values.length + missing <= 2 * stepsBack + 1, 'more steps are learned than may be');
    const first = this.#values.length;
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
    const steps = this.#values.length;
    const best = steps < stepsEnough ? null : this.#rolling.best();
    if (best === null) return { kind: 'too-little', steps };
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
  return Math.max(1, Math.ceil(leadMs / stepMs));
}

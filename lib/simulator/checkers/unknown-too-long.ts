// What invariant 5 allows of things in EC2 that no record names: so many minutes in calm, and more while faults rage.
// While every process stands still, nobody could look.
import type { Truth } from '../truth.ts';

const everyMs = 10_000;
/** How closely it is measured when somebody could have looked. */
const lookMs = 1_000;
const boundBusyMs = 45 * 60_000;

/** Calls `violate` for each thing of `unknown` (by id) that has been unknown for longer than allowed. */
export class UnknownTooLong {
  readonly #truth: Truth;
  readonly #boundCalmMs: number;
  readonly #since = new Map<string, { readonly nowMs: number; readonly couldLookMs: number }>();
  #nextAtMs = 0;
  #lastMs = 0;
  #couldLookMs = 0;

  constructor(truth: Truth, boundCalmMs: number) {
    this.#truth = truth;
    this.#boundCalmMs = boundCalmMs;
  }

  step(unknown: () => readonly string[], violate: (id: string, minutes: string) => void): void {
    const { nowMs, steadySinceMs } = this.#truth;
    if (nowMs - this.#lastMs >= lookMs) {
      if (!this.#truth.isStandingStill()) this.#couldLookMs += nowMs - this.#lastMs;
      this.#lastMs = nowMs;
    }
    if (nowMs < this.#nextAtMs) return;
    this.#nextAtMs = nowMs + everyMs;
    const ids = new Set(unknown());
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id);
    for (const id of ids) {
      const since = this.#since.get(id) ?? { nowMs, couldLookMs: this.#couldLookMs };
      this.#since.set(id, since);
      const isTooLong =
        this.#couldLookMs - since.couldLookMs > boundBusyMs
        || nowMs - Math.max(since.nowMs, steadySinceMs) > this.#boundCalmMs;
      if (isTooLong) violate(id, String(Math.round((nowMs - since.nowMs) / 60_000)));
    }
  }
}

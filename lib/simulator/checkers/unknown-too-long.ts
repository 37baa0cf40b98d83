// What invariant 5 allows of things in EC2 that no record names: so many minutes in calm, and more while faults rage.
import type { Truth } from '../truth.ts';

const everyMs = 10_000;
const boundBusyMs = 45 * 60_000;

/** Calls `violate` for each thing of `unknown` (by id) that has been unknown for longer than allowed. */
export class UnknownTooLong {
  readonly #truth: Truth;
  readonly #boundCalmMs: number;
  readonly #sinceMs = new Map<string, number>();
  #nextAtMs = 0;

  constructor(truth: Truth, boundCalmMs: number) {
    this.#truth = truth;
    this.#boundCalmMs = boundCalmMs;
  }

  step(unknown: () => readonly string[], violate: (id: string, minutes: string) => void): void {
    const { nowMs, steadySinceMs } = this.#truth;
    if (nowMs < this.#nextAtMs) return;
    this.#nextAtMs = nowMs + everyMs;
    const ids = new Set(unknown());
    for (const id of this.#sinceMs.keys()) if (!ids.has(id)) this.#sinceMs.delete(id);
    for (const id of ids) {
      const sinceMs = this.#sinceMs.get(id) ?? nowMs;
      this.#sinceMs.set(id, sinceMs);
      if (nowMs - sinceMs > boundBusyMs || nowMs - Math.max(sinceMs, steadySinceMs) > this.#boundCalmMs)
        violate(id, String(Math.round((nowMs - sinceMs) / 60_000)));
    }
  }
}

// For how long tasks of a pool waited, by the reason that the control plane gives: limits, capacity, searching.
import type { Why } from '../../core/plan/plan.ts';

export interface WaitingReason {
  /** While at least one shape of tasks waited for it. */
  readonly seconds: number;
  /** What was said the first time. */
  readonly example: string;
}

/** Codes are few; a record of another program's would not be. */
const codesMax = 40;

export class WaitingReasons {
  readonly #sums = new Map<string, { ms: number; readonly example: string }>();
  /** By pool: the codes of now, and since when. */
  readonly #now = new Map<string, { readonly sinceMs: number; readonly codes: ReadonlySet<string> }>();

  set(pool: string, why: Pick<Why, 'byShape'>, nowMs: number): void {
    this.#count(pool, nowMs);
    const entries = Object.values(why.byShape);
    for (const { code, message } of entries)
      if (!this.#sums.has(code) && this.#sums.size < codesMax) this.#sums.set(code, { ms: 0, example: message });
    this.#now.set(pool, { sinceMs: nowMs, codes: new Set(entries.map((one) => one.code)) });
  }

  end(nowMs: number): void {
    for (const pool of [...this.#now.keys()]) this.#count(pool, nowMs);
    this.#now.clear();
  }

  /** By code. */
  get result(): Readonly<Record<string, WaitingReason>> {
    return Object.fromEntries(
      [...this.#sums]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, { ms, example }]) => [code, { seconds: Math.round(ms) / 1000, example }]),
    );
  }

  #count(pool: string, nowMs: number): void {
    const now = this.#now.get(pool);
    for (const code of now?.codes ?? []) {
      const sum = this.#sums.get(code);
      if (sum) sum.ms += nowMs - (now?.sinceMs ?? nowMs);
    }
  }
}

// A rolling back-test: each method is asked at every step what will be a lead time later, knowing only what had come by
// then, and judged by what came. The one with the smallest error of late is chosen.
import type { Base, BaseOf } from './methods.ts';
import { methods, naiveMethods } from './methods.ts';

/** What a method has shown so far. */
export interface Score {
  readonly name: string;
  readonly isNaive: boolean;
  /** The mean of its absolute errors, of late more than of old. */
  readonly error: number;
  readonly steps: number;
}

/** So many of the last errors make the band. */
const errorsMax = 576;
/** Errors grow with the square root of what is wanted, in thousandths of a vCPU; below this they do not shrink. */
const scaleFloor = 1_000;

function scaleOf(value: number): number {
  return Math.sqrt(Math.max(scaleFloor, value));
}

export class Judged {
  readonly base: Base;
  readonly isNaive: boolean;
  readonly #values: readonly number[];
  readonly #ahead: number;
  readonly #keeps: number;
  /** Of what was off a lead time ago, how much still was: by absolute differences, so that one peak says little. */
  #still = 0;
  #off = 0;
  error = 0;
  weight = 0;
  steps = 0;
  /** The last errors by their scale, the newest in place of the oldest. */
  readonly #errors: number[] = [];
  /** What it said of each step. */
  readonly said = new Map<number, number>();

  constructor(of: BaseOf, values: readonly number[], dayLength: number, ahead: number) {
    this.base = of(values, dayLength);
    this.isNaive = naiveMethods.includes(of);
    this.#values = values;
    this.#ahead = ahead;
    this.#keeps = 1 - 1 / Math.max(24, dayLength);
  }

  lasts(): number {
    return this.base.lasts ?? (this.#off > 0 ? Math.max(0, Math.min(1, this.#still / this.#off)) : 1);
  }

  /** Up to and with step `at`. */
  learn(at: number): void {
    const [value, before] = [this.#values[at] ?? 0, this.#values[at - this.#ahead]];
    const then = at - this.#ahead;
    const [usualThen, usualNow] = [this.base.at(then, then), this.base.at(at, then)];
    if (before !== undefined && usualThen !== null && usualNow !== null) {
      const off = before - usualThen;
      this.#still = this.#still * this.#keeps + Math.sign(off) * (value - usualNow);
      this.#off = this.#off * this.#keeps + Math.abs(off);
    }
    const said = this.said.get(at);
    if (said !== undefined) {
      this.#errors[this.steps % errorsMax] = (value - said) / scaleOf(said);
      this.error = this.error * this.#keeps + Math.abs(value - said);
      this.weight = this.weight * this.#keeps + 1;
      this.steps += 1;
      this.said.delete(at);
    }
  }

  meanError(): number {
    return this.weight === 0 ? 0 : this.error / this.weight;
  }

  /** By how much it was less than what came, in this share of the cases, where it says so much. */
  offAt(quantile: number, value: number): number {
    const sorted = [...this.#errors].sort((a, b) => a - b);
    const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(quantile * sorted.length) - 1));
    return (sorted[at] ?? 0) * scaleOf(value);
  }

  /** Between steps, from what is now; `known`: the last step that has come. */
  expectedAt(at: number, now: number, known: number, value: number): number {
    return Math.max(0, this.#baseAt(at, known) + this.lasts() * (value - this.#baseAt(now, known)));
  }

  #baseAt(at: number, known: number): number {
    const step = Math.floor(at);
    const [before, after] = [this.base.at(step, known) ?? 0, this.base.at(step + 1, known) ?? 0];
    return before + (at - step) * (after - before);
  }

  predict(at: number): number | null {
    const [then, now] = [this.base.at(at + this.#ahead, at), this.base.at(at, at)];
    if (then === null || now === null) return null;
    return Math.max(0, then + this.lasts() * ((this.#values[at] ?? 0) - now));
  }
}

export class Rolling {
  readonly #judged: readonly Judged[];
  readonly #ahead: number;
  readonly #least: number;

  /** `ahead`: the lead time in steps. */
  constructor(values: readonly number[], dayLength: number, ahead: number) {
    this.#judged = methods.map((of) => new Judged(of, values, dayLength, ahead));
    this.#ahead = ahead;
    this.#least = Math.max(12, Math.round(dayLength / 24));
  }

  /** Steps come one after the other. */
  learn(at: number): void {
    for (const one of this.#judged) {
      one.learn(at);
      const said = one.predict(at);
      if (said !== null) one.said.set(at + this.#ahead, said);
    }
  }

  /** What each says of the step a lead time after the last. */
  predictions(at: number): ReadonlyMap<string, number> {
    return new Map(
      this.#judged.flatMap((one) => {
        const said = one.said.get(at + this.#ahead);
        return said === undefined ? [] : [[one.base.name, said] as const];
      }),
    );
  }

  /** The method with the smallest error of late, and the naive one of the smallest; null: all know too little. */
  best(): { readonly chosen: Judged; readonly naive: Judged } | null {
    const smallest = (all: readonly Judged[]): Judged | null =>
      all.reduce<Judged | null>(
        (best, one) => (best === null || one.meanError() < best.meanError() ? one : best),
        null,
      );
    const known = this.#judged.filter((one) => one.steps >= this.#least && one.said.size > 0);
    const [chosen, naive] = [smallest(known), smallest(known.filter((one) => one.isNaive))];
    return chosen === null || naive === null ? null : { chosen, naive };
  }

  scores(): readonly Score[] {
    return this.#judged.map((one) => ({
      name: one.base.name,
      isNaive: one.isNaive,
      error: one.meanError(),
      steps: one.steps,
    }));
  }
}

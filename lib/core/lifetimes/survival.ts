/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// How long tasks last, as a survival curve over ages that grow by half an octave. What ended says, bucket by bucket,
// which part of those that reached an age ended in it; where few reached it, the curve above says it. A task that has
// run for a while is predicted anew from its age (as LAVA does: Ling et al., MLSys 2025).

/** Ages from 1 s to 34 days, each the square root of two times the one before; below 1 s is one bucket. */
export const bucketCount = 44;
const bucketsPerOctave = 2;
const ends = Float64Array.from({ length: bucketCount + 1 }, (_, at) =>
  at === 0 ? 0 : 1000 * 2 ** ((at - 1) / bucketsPerOctave),
);

/** The bucket that a duration (or age) lies in. */
export function bucketOf(ms: number): number {
  if (ms < 1000) return 0;
  return Math.min(bucketCount - 1, 1 + Math.floor(Math.log2(ms / 1000) * bucketsPerOctave));
}

/**
 * Before anything has ended: half of all tasks end within two minutes, and of those that have run for long, half run
 * for as long again (a Lomax curve of shape 1: heavy-tailed, as the lives of tasks and virtual machines are).
 */
const priorScaleMs = 120_000;

/** So many ends the curve above counts for, in each bucket. */
const priorWeight = 8;

export class Survival {
  /** The part that lasts to the end of each bucket and longer. */
  readonly #alive: Float64Array;
  /** The mean time spent from the beginning of each bucket on, of all tasks. */
  readonly #ahead = new Float64Array(bucketCount + 1);

  constructor(alive: Float64Array) {
    this.#alive = alive;
    for (let at = bucketCount - 1; at >= 0; at--)
      this.#ahead[at] = this.#ahead[at + 1]! + ((alive[at]! + alive[at + 1]!) / 2) * (ends[at + 1]! - ends[at]!);
  }

  /** The part of tasks that last longer. */
  aliveAt(ms: number): number {
    const at = bucketOf(ms);
    const part = Math.min(1, (ms - ends[at]!) / (ends[at + 1]! - ends[at]!));
    return this.#alive[at]! + part * (this.#alive[at + 1]! - this.#alive[at]!);
  }

  /** Of a task of this age: how long it goes on, on average. */
  remainingMs(ageMs: number): number {
    const at = bucketOf(ageMs);
    const alive = this.aliveAt(ageMs);
    const rest = Math.max(0, ends[at + 1]! - ageMs);
    return alive <= 0 ? rest : (((alive + this.#alive[at + 1]!) / 2) * rest + this.#ahead[at + 1]!) / alive;
  }

  /** Of a task of this age: how likely it ends within this time. */
  endsWithin(ageMs: number, ms: number): number {
    const alive = this.aliveAt(ageMs);
    return alive <= 0 ? 1 : 1 - this.aliveAt(ageMs + ms) / alive;
  }

  /** The age that this part of tasks has ended by. */
  quantileMs(part: number): number {
    for (let at = 0; at < bucketCount; at++) {
      const [before, after] = [this.#alive[at]!, this.#alive[at + 1]!];
      if (after > 1 - part) continue;
      const share = before > after ? (before - (1 - part)) / (before - after) : 1;
      return ends[at]! + share * (ends[at + 1]! - ends[at]!);
    }
    return ends[bucketCount]!;
  }

  /**
   * The same curve where `counts` ends (by bucket) were seen, and `running` tasks reached their age and go on. Those
   * count up to the middle of their bucket (Kaplan and Meier, by the actuaries' table).
   */
  refinedBy(counts: readonly number[], running: readonly number[] = []): Survival {
    const alive = new Float64Array(bucketCount + 1);
    alive[0] = 1;
    let reached = 0;
    for (const count of counts) reached += count;
    for (const count of running) reached += count;
    for (let at = 0; at < bucketCount; at++) {
      const before = this.#alive[at]!;
      const usual = before > 0 ? 1 - this.#alive[at + 1]! / before : 1;
      const ended = counts[at] ?? 0;
      const going = running[at] ?? 0;
      const part = Math.min(1, (ended + priorWeight * usual) / (reached - going / 2 + priorWeight));
      alive[at + 1] = alive[at]! * (1 - part);
      reached = Math.max(0, reached - ended - going);
    }
    return new Survival(alive);
  }
}

export const priorSurvival = new Survival(Float64Array.from(ends, (ms) => priorScaleMs / (priorScaleMs + ms)));

/**
 * How long until the last of so many new tasks has ended, on average; `aliveAt`: the part of them that lasts longer.
 * It grows with the number where lives differ, and hardly does where all last equally long.
 */
export function longestOfMs(aliveAt: (ms: number) => number, count: number): number {
  let sum = 0;
  let before = 1;
  for (let at = 1; at <= bucketCount; at++) {
    const after = 1 - (1 - aliveAt(ends[at]!)) ** count;
    sum += ((before + after) / 2) * (ends[at]! - ends[at - 1]!);
    before = after;
  }
  return sum;
}

// A level over time (USD per hour, vCPU), kept as its mean in each of a bounded number of equal intervals.

/** How often something happened in each interval; what comes after the end counts in the last one. */
export class Counts {
  readonly #binMs: number;
  readonly #counts: number[];

  /** @throws RangeError for no interval, or no time */
  constructor(endMs: number, bins: number) {
    this.#binMs = intervalOf(endMs, bins);
    this.#counts = new Array<number>(bins).fill(0);
  }

  add(nowMs: number): void {
    const at = Math.min(this.#counts.length - 1, Math.floor(nowMs / this.#binMs));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  get values(): readonly number[] {
    return this.#counts;
  }
}

/** @throws RangeError for no interval, or no time */
function intervalOf(endMs: number, bins: number): number {
  if (!(endMs > 0) || !Number.isInteger(bins) || bins < 1 || bins > 10_000)
    throw new RangeError(`a series of ${String(bins)} intervals up to ${String(endMs)} ms cannot be kept`);
  return endMs / bins;
}

export class Series {
  readonly #binMs: number;
  readonly #sums: Float64Array;
  #level = 0;
  #sinceMs = 0;
  /** Of the level, over the whole time: level times hours. */
  integral = 0;
  max = 0;

  /** @throws RangeError for no interval, or no time */
  constructor(endMs: number, bins: number) {
    this.#binMs = intervalOf(endMs, bins);
    this.#sums = new Float64Array(bins);
  }

  get level(): number {
    return this.#level;
  }

  set(nowMs: number, level: number): void {
    this.#add(nowMs);
    this.#level = level;
    if (level > this.max) this.max = level;
  }

  change(nowMs: number, by: number): void {
    this.set(nowMs, this.#level + by);
  }

  /** The mean of each interval; what comes after the end is in the integral only. */
  means(endMs: number): number[] {
    this.#add(endMs);
    return Array.from(this.#sums, (sum) => sum / this.#binMs);
  }

  #add(nowMs: number): void {
    const level = this.#level;
    let fromMs = this.#sinceMs;
    if (nowMs <= fromMs) return;
    this.#sinceMs = nowMs;
    if (level === 0) return;
    this.integral += (level * (nowMs - fromMs)) / 3_600_000;
    for (let bin = Math.floor(fromMs / this.#binMs); bin < this.#sums.length && fromMs < nowMs; bin += 1) {
      const untilMs = Math.min(nowMs, (bin + 1) * this.#binMs);
      this.#sums[bin] = (this.#sums[bin] ?? 0) + level * (untilMs - fromMs);
      fromMs = untilMs;
    }
  }
}

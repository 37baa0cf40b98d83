// How far runs side by side are, and for how long they will go on.

/** Below this share nothing is said: what has been done is too little to tell. */
const leastShare = 0.01;

/**
 * Work done per time over all runs, until the last time that any of them got on. Between two such times the time left
 * runs down, and never up: some runs (an oracle, the settings of a baseline) say nothing for a while.
 */
export class Progress {
  /** Part of each run that is done, 0 to 1. */
  readonly #done: number[];
  readonly #startedAtMs: number;
  #advancedAtMs: number;

  constructor(runs: number, startedAtMs: number) {
    this.#done = new Array<number>(runs).fill(0);
    this.#startedAtMs = startedAtMs;
    this.#advancedAtMs = startedAtMs;
  }

  /** @throws RangeError for a run that is not there, or no part */
  set(run: number, part: number, nowMs: number): void {
    const before = this.#done[run];
    if (before === undefined || !(part >= 0 && part <= 1))
      throw new RangeError(`run ${String(run)} cannot be done to ${String(part)}`);
    if (part <= before) return;
    this.#done[run] = part;
    this.#advancedAtMs = nowMs;
  }

  text(nowMs: number): string {
    const runs = this.#done.length;
    const share = this.#done.reduce((sum, one) => sum + one, 0) / Math.max(1, runs);
    return `${(100 * share).toFixed(0)} % of ${String(runs)} runs, ${this.#left(share, nowMs)}`;
  }

  #left(share: number, nowMs: number): string {
    if (share < leastShare) return 'time left unknown';
    const perShareMs = (this.#advancedAtMs - this.#startedAtMs) / share;
    const leftMs = perShareMs * (1 - share) - (nowMs - this.#advancedAtMs);
    return leftMs > 0 ? `${timeText(leftMs)} left` : 'longer than was foreseen';
  }
}

function timeText(ms: number): string {
  return ms < 90_000 ? `${(ms / 1000).toFixed(0)} s` : `${(ms / 60_000).toFixed(1)} minutes`;
}

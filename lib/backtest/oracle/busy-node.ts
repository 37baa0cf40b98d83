/* eslint-disable @typescript-eslint/no-non-null-assertion -- arrays indexed within their own bounds */
// A node of the oracle: its tasks, and what they use over time, as levels between moments of change.
import type { Item, Kind, Machine } from './market.ts';

/** EC2 bills so much at least, and whole seconds. */
const billedMsMin = 60_000;
/** A task may start at the very moment at which another ends; sums of doubles differ by less. */
const slackMs = 1e-6;

export function billedMs(runningMs: number): number {
  return Math.max(billedMsMin, Math.ceil(runningMs / 1000 - slackMs) * 1000);
}

/** What puts a task on a node takes about as long as so many comparisons of levels. */
const stepsOfAdding = 10;

/** Steps of all searches so far, as a measure of work that is the same on every machine. */
export interface Effort {
  steps: number;
}

export class BusyNode {
  readonly machine: Machine;
  readonly position: number;
  readonly items: Item[] = [];
  readonly #bootMs: number;
  readonly #tasksMax: number;
  readonly #effort: Effort;
  /** Moments of change; level `at` holds from moment `at` to the next. */
  readonly #moments: number[] = [];
  readonly #cpu: number[] = [];
  readonly #memory: number[] = [];
  readonly #gpu: number[] = [];
  readonly #tasks: number[] = [];
  #creditsUsd = 0;

  /** `position` of the machine in the market. */
  constructor(machine: Machine, position: number, bootMs: number, tasksMax: number, effort: Effort) {
    this.machine = machine;
    this.position = position;
    this.#bootMs = bootMs;
    this.#tasksMax = tasksMax;
    this.#effort = effort;
  }

  get firstMs(): number {
    return this.#moments[0] ?? Infinity;
  }

  get lastMs(): number {
    return this.#moments.at(-1) ?? -Infinity;
  }

  get usd(): number {
    return this.#spanUsd(this.firstMs, this.lastMs) + this.#creditsUsd;
  }

  /** What the node costs more with the task; Infinity where it has no room. */
  extraUsd({ startMs, endMs }: Item, { resources, isAllowed }: Kind): number {
    this.#effort.steps += 1;
    if (isAllowed[this.position] !== 1) return Infinity;
    const { capacity, paidMilli, usdPerMilliMs } = this.machine;
    const cpuMax = capacity.cpuMilli - resources.cpuMilli;
    const memoryMax = capacity.memoryMib - resources.memoryMib;
    const gpuMax = capacity.gpu - resources.gpu;
    let credits = 0;
    let coveredMs = 0;
    for (let at = this.#levelAt(startMs); at < this.#cpu.length && this.#moments[at]! < endMs; at += 1) {
      this.#effort.steps += 1;
      if (this.#cpu[at]! > cpuMax || this.#memory[at]! > memoryMax || this.#gpu[at]! > gpuMax) return Infinity;
      if (this.#tasks[at]! >= this.#tasksMax) return Infinity;
      if (usdPerMilliMs === 0) continue;
      const ms = Math.min(endMs, this.#moments[at + 1]!) - Math.max(startMs, this.#moments[at]!);
      const used = this.#cpu[at]!;
      credits += ms * (Math.max(0, used + resources.cpuMilli - paidMilli) - Math.max(0, used - paidMilli));
      coveredMs += ms;
    }
    credits += (endMs - startMs - coveredMs) * Math.max(0, resources.cpuMilli - paidMilli);
    const { firstMs, lastMs } = this;
    const spanUsd = this.#spanUsd(Math.min(firstMs, startMs), Math.max(lastMs, endMs));
    return spanUsd - this.#spanUsd(firstMs, lastMs) + credits * usdPerMilliMs;
  }

  add(item: Item, { resources }: Kind): void {
    this.items.push(item);
    this.#effort.steps += stepsOfAdding;
    const from = this.#cut(item.startMs);
    const to = this.#cut(item.endMs);
    for (let at = from; at < to; at += 1) {
      this.#cpu[at]! += resources.cpuMilli;
      this.#memory[at]! += resources.memoryMib;
      this.#gpu[at]! += resources.gpu;
      this.#tasks[at]! += 1;
    }
    if (this.machine.usdPerMilliMs > 0) this.#creditsUsd = this.#sumOfCredits();
  }

  #sumOfCredits(): number {
    const { paidMilli, usdPerMilliMs } = this.machine;
    let sum = 0;
    for (let at = 0; at < this.#cpu.length; at += 1)
      sum += Math.max(0, this.#cpu[at]! - paidMilli) * (this.#moments[at + 1]! - this.#moments[at]!);
    return sum * usdPerMilliMs;
  }

  #spanUsd(firstMs: number, lastMs: number): number {
    return firstMs > lastMs ? 0 : billedMs(this.#bootMs + lastMs - firstMs) * this.machine.usdPerMs;
  }

  /** The level that holds at this time; the first one where it is before all, their number where it is after all. */
  #levelAt(ms: number): number {
    let [low, high] = [0, this.#moments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#moments[middle]! <= ms) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Makes the time a moment of change; answers its position. */
  #cut(ms: number): number {
    const { length } = this.#moments;
    if (length === 0 || ms > this.#moments[length - 1]!) {
      this.#moments.push(ms);
      if (length > 0) this.#insertLevel(length - 1, null);
      return length;
    }
    if (ms < this.#moments[0]!) {
      this.#moments.unshift(ms);
      this.#insertLevel(0, null);
      return 0;
    }
    const at = this.#levelAt(ms);
    if (this.#moments[at] === ms) return at;
    this.#moments.splice(at + 1, 0, ms);
    this.#insertLevel(at + 1, at);
    return at + 1;
  }

  /** A copy of the level at `of`; null: nothing runs. */
  #insertLevel(at: number, of: number | null): void {
    for (const levels of [this.#cpu, this.#memory, this.#gpu, this.#tasks])
      levels.splice(at, 0, of === null ? 0 : levels[of]!);
  }
}

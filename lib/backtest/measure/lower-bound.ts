// The clairvoyant lower bound: over time, the price of the cheapest fleet for what would run if every task ran from its
// submission on, whatever a policy delays. It is a proof, not a plan: prices per task such that no node can carry more
// worth than it costs (weak duality), or the price of the dearest task that needs a node of its own, whichever is more.
// No boots, no minimum billing, nodes divisible: nothing that is bought can be cheaper, and what EC2 sells is dearer.
import { solveFluid } from '../../core/allocation/packing/fluid.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Offering } from '../../core/values/offering.ts';
import { poolOf } from '../traces/pool-of.ts';
import type { Trace, TraceTask } from '../traces/trace.ts';
import { boundProblem, shareProven } from './bound-problem.ts';
import type { BoundProblem } from './bound-problem.ts';
import type { Series } from './series.ts';

/** Rounding in sums of doubles is far below this share; the bound gives it away. */
const safety = 1e-9;
/** Moments at which prices are worked out; between them the best of these prices is as valid. */
const solvesMax = 2_000;
const pricesMax = 128;

interface Change {
  readonly atMs: number;
  readonly kind: number;
  readonly count: number;
}

/** Adds the bound of each pool's tasks to the series, in USD per hour. Answers it as a sum, in USD. */
export function addLowerBound(
  trace: Trace,
  pools: readonly PoolSpec[],
  series: Series,
  priced?: (offering: Offering) => Offering,
): number {
  const levels = pools.map((pool) =>
    levelsOf(
      trace.tasks.filter((task) => poolOf(task, pools) === pool),
      pool,
      priced,
    ),
  );
  const merged = levels.flatMap((all, pool) => all.map((one) => ({ ...one, pool })));
  merged.sort((a, b) => a.atMs - b.atMs || a.pool - b.pool);
  const present = pools.map(() => 0);
  for (const { atMs, pool, usdPerHour } of merged) {
    present[pool] = usdPerHour;
    series.set(
      atMs,
      present.reduce((sum, one) => sum + one, 0),
    );
  }
  return series.integral;
}

/** The bound from each moment on at which it changes. */
function levelsOf(
  tasks: readonly TraceTask[],
  pool: PoolSpec,
  priced: ((offering: Offering) => Offering) | undefined,
): readonly { readonly atMs: number; readonly usdPerHour: number }[] {
  const problem = boundProblem(tasks, pool, priced);
  const changes = changesOf(tasks, problem);
  const prices = new Prices(problem, changes);
  const present = new Dearest(problem.aloneUsdPerHour);
  const levels: { atMs: number; usdPerHour: number }[] = [];
  for (const { atMs, kind, count } of changes) {
    prices.change(kind, count);
    present.change(kind, count);
    const usdPerHour = Math.max(prices.bound, present.usdPerHour) * (1 - safety);
    const last = levels.at(-1);
    if (last?.atMs === atMs) last.usdPerHour = usdPerHour;
    else levels.push({ atMs, usdPerHour });
  }
  // Sums of many small changes leave a rest.
  const end = levels.at(-1);
  if (end) end.usdPerHour = 0;
  return levels;
}

function changesOf(tasks: readonly TraceTask[], { kindOf }: BoundProblem): readonly Change[] {
  const changes: Change[] = [];
  for (const [at, { submitMs, durationMs, count }] of tasks.entries()) {
    const kind = kindOf[at] ?? -1;
    if (kind < 0) continue;
    changes.push({ atMs: submitMs, kind, count }, { atMs: submitMs + durationMs, kind, count: -count });
  }
  return changes.sort((a, b) => a.atMs - b.atMs || a.count - b.count || a.kind - b.kind);
}

/** Sets of prices per task, each of them valid at every time; the best of them is the bound. */
class Prices {
  readonly #worths: readonly Float64Array[];
  readonly #values: Float64Array;

  constructor(problem: BoundProblem, changes: readonly Change[]) {
    const left = new Int32Array(problem.kinds);
    const found = new Map<string, Float64Array>();
    const every = Math.max(1, Math.ceil(changes.length / solvesMax));
    for (const [at, { kind, count }] of changes.entries()) {
      left[kind] = (left[kind] ?? 0) + count;
      if (at % every !== 0 || found.size >= pricesMax || left.every((one) => one === 0)) continue;
      const { worth, unitPrice } = solveFluid(problem, left);
      const share = shareProven(problem, unitPrice);
      const scaled = worth.map((one) => one * share);
      const key = Array.from(scaled, (one) => one.toPrecision(6)).join();
      if (!found.has(key)) found.set(key, scaled);
    }
    this.#worths = [...found.values()];
    this.#values = new Float64Array(this.#worths.length);
  }

  change(kind: number, count: number): void {
    for (const [at, worth] of this.#worths.entries())
      this.#values[at] = (this.#values[at] ?? 0) + (worth[kind] ?? 0) * count;
  }

  get bound(): number {
    return this.#values.reduce((best, one) => Math.max(best, one), 0);
  }
}

/** Of the kinds that are present: the one that is dearest alone. A heap, from which absent kinds are dropped late. */
class Dearest {
  readonly #alone: Float64Array;
  readonly #counts: Int32Array;
  readonly #isIn: Uint8Array;
  readonly #heap: number[] = [];

  constructor(alone: Float64Array) {
    this.#alone = alone;
    this.#counts = new Int32Array(alone.length);
    this.#isIn = new Uint8Array(alone.length);
  }

  change(kind: number, count: number): void {
    const before = this.#counts[kind] ?? 0;
    this.#counts[kind] = before + count;
    if (before + count > 0 && this.#isIn[kind] === 0) this.#push(kind);
  }

  get usdPerHour(): number {
    for (;;) {
      const [top] = this.#heap;
      if (top === undefined) return 0;
      if ((this.#counts[top] ?? 0) > 0) return this.#priceOf(top);
      this.#pop();
    }
  }

  #priceOf(kind: number | undefined): number {
    return kind === undefined ? -1 : (this.#alone[kind] ?? -1);
  }

  #push(kind: number): void {
    this.#isIn[kind] = 1;
    let at = this.#heap.push(kind) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#priceOf(this.#heap[parent]) >= this.#priceOf(this.#heap[at])) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    this.#swap(0, this.#heap.length - 1);
    const kind = this.#heap.pop();
    if (kind !== undefined) this.#isIn[kind] = 0;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let largest = at;
      for (const child of [left, right])
        if (this.#priceOf(this.#heap[child]) > this.#priceOf(this.#heap[largest])) largest = child;
      if (largest === at) return;
      this.#swap(at, largest);
      at = largest;
    }
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

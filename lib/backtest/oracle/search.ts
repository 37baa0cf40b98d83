// The oracle's search: nodes around the longest tasks first, then the nodes of a stretch of time are taken apart and
// built anew, over and over, and what is cheaper is kept. Its work is counted in steps and not in seconds, so that it
// ends with the same on every machine.
import { Stream } from '../../simulator/random.ts';
import type { BusyNode } from './busy-node.ts';
import type { Builder } from './builder.ts';

/** Steps of the search for each task, and of all: about 40 s of CPU, however long the trace is. */
const stepsPerTask = 30_000;
const stepsMax = 800_000_000;
const itemsTakenApart = 150;
const nodesTakenApart = 4;

interface Placed {
  readonly node: BusyNode;
  readonly taken: readonly number[];
}

export function search(builder: Builder, seed: number, steps?: number): readonly BusyNode[] {
  const placed = improved(
    constructed(builder),
    builder,
    seed,
    steps ?? Math.min(stepsMax, stepsPerTask * builder.items.length),
  );
  return placed.map(({ node }) => node);
}

function constructed(builder: Builder): Placed[] {
  const { items, bootMs } = builder;
  const length = (at: number): number => builder.itemAt(at).endMs - builder.itemAt(at).startMs;
  const longest = items.map((_, at) => at).sort((a, b) => length(b) - length(a) || a - b);
  const open = new OpenItems(items.length);
  const placed: Placed[] = [];
  for (const seed of longest) {
    if (!open.has(seed)) continue;
    open.take(seed);
    const { startMs, endMs } = builder.itemAt(seed);
    const near: number[] = [];
    // Nothing that is left is longer: what begins earlier than this has ended before.
    const fromMs = startMs - (endMs - startMs) - bootMs;
    for (let at = open.next(firstFrom(builder, fromMs)); at < items.length; at = open.next(at + 1)) {
      const item = builder.itemAt(at);
      if (item.startMs > endMs + bootMs) break;
      if (item.endMs >= startMs - bootMs) near.push(at);
    }
    near.sort((a, b) => length(b) - length(a) || a - b);
    const { node, taken } = builder.build(seed, near, 1);
    for (const at of taken) open.take(at);
    placed.push({ node, taken: [...taken] });
  }
  return placed;
}

/** The first item that starts then or later. */
function firstFrom(builder: Builder, ms: number): number {
  let [low, high] = [0, builder.items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (builder.itemAt(middle).startMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Items that are on no node yet; those that are taken are passed over in ever longer leaps. */
class OpenItems {
  readonly #next: Int32Array;

  constructor(length: number) {
    this.#next = Int32Array.from({ length: length + 1 }, (_, at) => at);
  }

  has(at: number): boolean {
    return this.#next[at] === at;
  }

  take(at: number): void {
    this.#next[at] = at + 1;
  }

  /** This one or the first open one after it; beyond the last where there is none. */
  next(from: number): number {
    let at = Math.min(from, this.#next.length - 1);
    while (this.#next[at] !== at) {
      const to = this.#next[at] ?? at;
      this.#next[at] = this.#next[to] ?? to;
      at = to;
    }
    return at;
  }
}

/** The nodes of a schedule, and on which of them each item is. */
class Fleet {
  readonly placed: Placed[] = [];
  readonly #nodeOf: Int32Array;

  constructor(items: number, placed: readonly Placed[]) {
    this.#nodeOf = new Int32Array(items);
    for (const one of placed) this.add(one);
  }

  add(one: Placed): void {
    for (const item of one.taken) this.#nodeOf[item] = this.placed.length;
    this.placed.push(one);
  }

  /** The last one takes its position. */
  remove(at: number): void {
    const last = this.placed.pop();
    if (last === undefined || at === this.placed.length) return;
    this.placed[at] = last;
    for (const item of last.taken) this.#nodeOf[item] = at;
  }

  nodeOf(item: number): number {
    return this.#nodeOf[item] ?? 0;
  }
}

function improved(constructed: readonly Placed[], builder: Builder, seed: number, steps: number): readonly Placed[] {
  const draws = new Stream(seed, 'oracle');
  const fleet = new Fleet(builder.items.length, constructed);
  const from = builder.effort.steps;
  let sinceGain = 0;
  while (builder.effort.steps - from < steps && sinceGain < 200 + 20 * fleet.placed.length) {
    sinceGain += 1;
    const apart = takenApart(fleet, builder, draws);
    const before = apart.reduce((sum, at) => sum + (fleet.placed[at]?.node.usd ?? 0), 0);
    const items = apart.flatMap((at) => fleet.placed[at]?.taken ?? []);
    const rebuilt = rebuild(items, builder, draws, before * (1 - 1e-9));
    if (rebuilt === null) continue;
    sinceGain = 0;
    // From the last on: positions before it stay.
    for (const at of apart.sort((a, b) => b - a)) fleet.remove(at);
    for (const one of rebuilt) fleet.add(one);
  }
  return fleet.placed;
}

/** Positions of one node and of some on which tasks start in the same stretch of time. */
function takenApart(fleet: Fleet, builder: Builder, draws: Stream): number[] {
  const first = Math.floor(draws.next() * fleet.placed.length);
  const chosen = [first];
  const node = fleet.placed[first]?.node;
  if (node === undefined) return chosen;
  const from = firstFrom(builder, node.firstMs - builder.bootMs);
  const to = firstFrom(builder, node.lastMs + builder.bootMs);
  const most = 1 + Math.ceil(draws.next() * nodesTakenApart);
  let items = node.items.length;
  for (let tries = 0; tries < 3 * most && chosen.length < most; tries += 1) {
    const at = fleet.nodeOf(from + Math.floor(draws.next() * (to - from)));
    const more = fleet.placed[at]?.taken.length ?? 0;
    if (chosen.includes(at) || items + more > itemsTakenApart) continue;
    items += more;
    chosen.push(at);
  }
  return chosen;
}

/** The items on other nodes; null where these do not cost less than that. */
function rebuild(items: readonly number[], builder: Builder, draws: Stream, underUsd: number): Placed[] | null {
  const noise = draws.next() < 0.3 ? 0 : 1.5 * draws.next();
  const keenness = 0.6 * 8 ** draws.next();
  const blur = draws.next() < 0.5 ? 0 : 0.3;
  const rank = new Map(
    items.map((at) => {
      const { startMs, endMs } = builder.itemAt(at);
      return [at, Math.log(1 + endMs - startMs) + noise * draws.next()];
    }),
  );
  let left = [...items].sort((a, b) => (rank.get(b) ?? 0) - (rank.get(a) ?? 0) || a - b);
  const rebuilt: Placed[] = [];
  let usd = 0;
  for (let [seed, ...others] = left; seed !== undefined; [seed, ...others] = left) {
    const { node, taken } = builder.build(seed, others, keenness, () => 1 + blur * draws.next());
    usd += node.usd;
    if (usd >= underUsd) return null;
    rebuilt.push({ node, taken: [...taken] });
    left = others.filter((at) => !taken.has(at));
  }
  return rebuilt;
}

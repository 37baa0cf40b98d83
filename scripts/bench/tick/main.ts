// What one tick of a large pool reads, writes and costs in CPU time and memory: the real control code, in a process of
// its own in which nothing else is. Nodes and running tasks were put into the store in memory, which is in another
// process, and a cloud lists them. For each of several sizes, and how fast the figures grow from one to the next.
//   node scripts/bench/tick/main.ts [nodes,…] [tasks per node] [ends] [arrivals] [MiB of the function, or any] [whole]
// `whole`: every tick reads everything, as without a copy of the pool.
import type { Counts } from './counted-store.ts';
import { TickDied, World } from './world.ts';
import type { Row, Scale } from './world.ts';

const [sizes = '1000', ...others] = process.argv.slice(2);
const [tasksPerNode = 10, ends = 100, arrivals = 100] = others.slice(0, 3).map(Number);
const memoryMib = Number(others[3] ?? 'any') || null;
const isWhole = others[4] === 'whole';
const usd = { readUnit: 0.125e-6, writeUnit: 0.625e-6 };
const ticksAMonth = 43_800;
/** More ticks are not waited for until a copy is written. */
const copyTicksMax = 100;

/** By what was measured: each figure by its name. */
type Figures = Map<string, Readonly<Record<string, number>>>;

function print(what: string, row: Row): void {
  const { rounds, cpuMs, pausesMs, peakMib, rssMib, counts } = row;
  const figures = [
    `${cpuMs.toFixed(0).padStart(6)} ms of CPU (pauses for garbage by the clock: ${pausesMs.toFixed(0)})`,
    `${String(rounds)} rounds`,
    `heap ${peakMib.toFixed(0)} MiB at most, process ${rssMib.toFixed(0)}`,
    `read: ${String(counts.items)} items (${String(counts.indexKeys)} keys of the index)`,
    `${String(counts.calls)} calls`,
    `${counts.readUnits.toFixed(0)} units`,
    `written: ${String(counts.writes)} items, ${String(counts.writeUnits)} units`,
    `copies: ${String(counts.copyWrites)} puts, ${String(counts.copyReads)} gets`,
    `${(counts.copyBytes / 2 ** 20).toFixed(1)} MiB`,
  ];
  process.stdout.write(`  ${what.padEnd(26)} ${figures.join(', ')}\n`);
}

class Play {
  readonly figures: Figures = new Map();
  readonly #world: World;
  readonly #isWhole: boolean;

  constructor(scale: Scale) {
    this.#world = new World(scale);
    this.#isWhole = scale.isWhole;
  }

  async all(): Promise<void> {
    await this.#world.fill();
    try {
      await this.#ofOneProcess();
      if (this.#isWhole) return;
      await this.#writeCopy();
      await this.#tick('cold, from a compact copy', 2_000, true);
      await this.#tick('warm after that', 2_000, true);
      await this.#stop('after a compact copy');
    } catch (error) {
      if (!(error instanceof TickDied)) throw error;
      process.stdout.write(`  ${error.message}\n`);
    } finally {
      await this.#world.stop();
    }
  }

  async #ofOneProcess(): Promise<void> {
    await this.#tick('cold, all is read', 0, true);
    for (const n of [1, 2, 3]) await this.#tick(`warm ${String(n)}`, 2_000, true);
    const { readUnits, writeUnits } = await this.#tick('quiet, a minute later', 60_000, false);
    process.stdout.write(
      '  a month of quiet ticks like this one, one a minute (beside heartbeats and what is read anew: docs/cost.md): '
        + `${(readUnits * ticksAMonth * usd.readUnit).toFixed(2)} USD of reads, `
        + `${(writeUnits * ticksAMonth * usd.writeUnit).toFixed(2)} USD of writes\n`,
    );
  }

  async #writeCopy(): Promise<void> {
    const world = this.#world;
    for (let n = 0; world.counted.manifests === 0 && n < copyTicksMax; n += 1) {
      world.nowMs += 20_000;
      // Of each node once a minute.
      if (n % 3 === 0) await world.heartbeats();
      await this.#tick(null, 0, false);
    }
    await this.#stop('after all was read');
  }

  /** `what`: null: it is not shown. */
  async #tick(what: string | null, sinceMs: number, hasNews: boolean): Promise<Counts> {
    this.#world.nowMs += sinceMs;
    if (hasNews) await this.#world.change();
    const row = await this.#world.tick();
    if (what === null) return row.counts;
    const { items, readUnits } = row.counts;
    this.figures.set(what, { CPU: row.cpuMs, items, 'read units': readUnits });
    print(what, row);
    return row.counts;
  }

  async #stop(what: string): Promise<void> {
    const heap = await this.#world.stop();
    this.figures.set(what, { heap });
    process.stdout.write(`  ${what.padEnd(26)} ${heap.toFixed(0).padStart(6)} MiB of heap without garbage\n`);
  }
}

/** 1: in proportion to the size; 0: not at all. */
function growth(before: Figures, now: Figures, ratio: number): void {
  for (const [what, figures] of now) {
    const less = before.get(what);
    if (less === undefined) continue;
    const exponents = Object.entries(figures).map(
      ([name, figure]) => `${name} ${(Math.log(figure / (less[name] ?? NaN)) / Math.log(ratio)).toFixed(2)}`,
    );
    process.stdout.write(`  grows with the power of: ${what.padEnd(26)} ${exponents.join(', ')}\n`);
  }
}

let last: { readonly nodeCount: number; readonly figures: Figures } | null = null;
for (const nodeCount of sizes.split(',').map(Number)) {
  const taskCount = nodeCount * tasksPerNode;
  process.stdout.write(`${String(nodeCount)} nodes, ${String(taskCount)} running tasks\n`);
  const play = new Play({ nodeCount, taskCount, ends, arrivals, isWhole, memoryMib });
  await play.all();
  if (last !== null) growth(last.figures, play.figures, nodeCount / last.nodeCount);
  last = { nodeCount, figures: play.figures };
}

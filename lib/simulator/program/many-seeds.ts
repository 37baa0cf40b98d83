// Many seeds in child processes, one seed at a time each: what fails is printed at once, progress with the time left
// now and then. A worker that ends by itself is a failure of the seed that it ran, and another takes its place.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from '../run/types.ts';
import { replayCommand } from './report.ts';
import { addTo, newTotals } from './totals.ts';
import type { SeedSummary, Totals } from './totals.ts';
import type { WorkerOrder } from './worker.ts';

const progressEveryMs = 30_000;
const program = fileURLToPath(new URL('worker.ts', import.meta.url));

export interface ManySeedsOptions {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  /** No seed begins after this time; Infinity: all of them run. */
  readonly forMs: number;
  readonly run: Omit<RunOptions, 'seed'>;
  readonly note: (line: string) => void;
  /** Somebody wants it to end early. */
  readonly isStopped: () => boolean;
}

export async function runManySeeds(options: ManySeedsOptions): Promise<{ totals: Totals; failures: number }> {
  const many = new ManySeeds(options);
  const timer = setInterval(() => many.noteProgress(), progressEveryMs);
  await Promise.all(Array.from({ length: Math.min(options.workers, options.seeds) }, () => many.work()));
  clearInterval(timer);
  return { totals: many.totals, failures: many.failures };
}

class ManySeeds {
  readonly totals = newTotals();
  failures = 0;
  readonly #options: ManySeedsOptions;
  readonly #startedAtMs = Date.now();
  #next: number;

  constructor(options: ManySeedsOptions) {
    this.#options = options;
    this.#next = options.from;
  }

  /** One worker after the other, until no seed is left. */
  async work(): Promise<void> {
    let child: ChildProcess | null = null;
    for (let seed = this.#take(); seed !== null; seed = this.#take()) {
      child ??= fork(program);
      const answer = await ask(child, this.#order(seed));
      if (typeof answer === 'string') {
        child = null;
        this.#fail(`seed ${String(seed)}: its worker ended by itself (${answer})\n${this.#replay(seed)}`);
      } else {
        addTo(this.totals, answer);
        if (answer.failure !== null) this.#fail(answer.failure);
      }
    }
    child?.disconnect();
  }

  noteProgress(): void {
    const { seeds, note } = this.#options;
    const done = this.totals.seeds;
    note(
      `${String(done)} of ${String(seeds)} seeds (${((100 * done) / seeds).toFixed(0)} %), `
        + `${String(this.failures)} violations, ${this.#timeLeft()}`,
    );
  }

  #timeLeft(): string {
    const { seeds, forMs } = this.#options;
    const passedMs = Date.now() - this.#startedAtMs;
    if (this.totals.seeds === 0) return 'time left unknown';
    const leftMs = Math.min((passedMs / this.totals.seeds) * (seeds - this.totals.seeds), forMs - passedMs);
    return `${(Math.max(0, leftMs) / 60_000).toFixed(1)} minutes left`;
  }

  #take(): number | null {
    const { from, seeds, forMs, isStopped } = this.#options;
    if (this.#next >= from + seeds || Date.now() - this.#startedAtMs >= forMs || isStopped()) return null;
    this.#next += 1;
    return this.#next - 1;
  }

  #order(seed: number): WorkerOrder {
    const { leftOut, ...run } = this.#options.run;
    return { options: { ...run, seed }, leftOut: leftOut ? [...leftOut] : null };
  }

  #replay(seed: number): string {
    return `replay: ${replayCommand({ ...this.#options.run, seed })}`;
  }

  #fail(report: string): void {
    this.failures += 1;
    this.#options.note(report);
  }
}

/** The summary of the seed, or how the worker ended without one. */
function ask(child: ChildProcess, order: WorkerOrder): Promise<SeedSummary | string> {
  return new Promise((resolve) => {
    const onExit = (code: number | null, signal: string | null): void => {
      child.off('message', onMessage);
      resolve(signal ?? `exit code ${String(code)}`);
    };
    const onMessage = (summary: SeedSummary): void => {
      child.off('exit', onExit);
      resolve(summary);
    };
    child.once('exit', onExit);
    child.once('message', onMessage);
    child.send(order);
  });
}

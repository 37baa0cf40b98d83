// Variants side by side, one child process for each core, with progress and the time that is left.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OracleResult } from '../oracle/index.ts';
import { withOracle } from '../results.ts';
import type { VariantResult } from '../results.ts';
import { Progress } from './progress.ts';
import type { RunOptions } from './run-variant.ts';
import type { Variant } from './variants.ts';
import type { Answer, Order } from './backtest-worker.ts';

/** Its source in a checkout; in a package its bundle, beside the one that this is in. */
const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'backtest-worker.ts' : './backtest-worker.mjs', import.meta.url),
);
const noteEveryMs = 5_000;

/** A variant could not be run to its end. */
export class VariantError extends Error {}

export interface SideBySide {
  readonly variants: readonly Variant[];
  readonly options: RunOptions;
  /** Each result beside the time-aware oracle for its pools. */
  readonly hasOracle: boolean;
  readonly workers: number;
  readonly note: (line: string) => void;
}

/** The figures of each variant, in their order. @throws VariantError of the first that fails; the others are ended. */
export async function runSideBySide(all: SideBySide): Promise<readonly VariantResult[]> {
  const runs = new Runs(all);
  const timer = setInterval(() => runs.noteProgress(), noteEveryMs);
  try {
    await Promise.all(Array.from({ length: Math.min(all.workers, runs.jobs) }, () => runs.work()));
    return runs.results();
  } finally {
    clearInterval(timer);
    runs.stop();
  }
}

interface Job {
  readonly variant: Variant;
  readonly isOracle: boolean;
}

type Ended = Extract<Answer, { readonly kind: 'result' | 'oracle' }>;

/** Pools that may buy the same and share the trace alike have one oracle. */
function marketKey({ pools }: Variant): string {
  return JSON.stringify(
    pools.map(({ name, requirements, maxNodeVcpu, tasksPerNode, accepts, priority }) => [
      name,
      requirements,
      maxNodeVcpu,
      tasksPerNode,
      accepts,
      priority,
    ]),
  );
}

class Runs {
  readonly #all: SideBySide;
  readonly #jobs: readonly Job[];
  readonly #results: (VariantResult | null)[];
  readonly #oracles = new Map<string, OracleResult | null>();
  readonly #progress: Progress;
  readonly #children = new Set<ChildProcess>();
  #next = 0;

  constructor(all: SideBySide) {
    this.#all = all;
    this.#results = all.variants.map(() => null);
    const distinct = new Map(all.variants.map((variant) => [marketKey(variant), variant]));
    this.#jobs = [
      ...all.variants.map((variant) => ({ variant, isOracle: false })),
      ...(all.hasOracle ? [...distinct.values()] : []).map((variant) => ({ variant, isOracle: true })),
    ];
    this.#progress = new Progress(this.#jobs.length, performance.now());
  }

  get jobs(): number {
    return this.#jobs.length;
  }

  async work(): Promise<void> {
    const child = fork(program, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#children.add(child);
    for (;;) {
      const at = this.#next;
      const job = this.#jobs[at];
      if (job === undefined) break;
      this.#next += 1;
      const answer = await this.#run(child, job, at);
      if (answer.kind === 'oracle') this.#oracles.set(marketKey(job.variant), answer.oracle);
      else this.#results[at] = answer.result;
      this.#progress.set(at, 1, performance.now());
    }
    this.#children.delete(child);
    child.disconnect();
  }

  results(): readonly VariantResult[] {
    return this.#results
      .filter((one) => one !== null)
      .map((result, at) => {
        const variant = this.#all.variants[at];
        return withOracle(result, (variant && this.#oracles.get(marketKey(variant))) ?? null);
      });
  }

  stop(): void {
    for (const child of this.#children) child.kill();
  }

  noteProgress(): void {
    this.#all.note(this.#progress.text(performance.now()));
  }

  #run(child: ChildProcess, { variant, isOracle }: Job, at: number): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        release();
        reject(new VariantError(`${variant.name}: ${why}`));
      };
      const onExit = (code: number | null, signal: string | null): void =>
        fail(`its process ended by itself (${signal ?? `exit code ${String(code)}`})`);
      const onMessage = (answer: Answer): void => {
        if (answer.kind === 'progress')
          this.#progress.set(at, answer.ended / Math.max(1, answer.tasks), performance.now());
        else if (answer.kind === 'error') fail(answer.message);
        else {
          release();
          resolve(answer);
        }
      };
      const release = (): void => {
        child.off('exit', onExit);
        child.off('message', onMessage);
      };
      child.once('exit', onExit);
      child.on('message', onMessage);
      child.send({ variant, isOracle, options: this.#all.options } satisfies Order);
    });
  }
}

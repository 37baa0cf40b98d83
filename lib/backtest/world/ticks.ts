// How ticks come about in a back-test: wakes reach the scheduler a moment later, one tick of a pool at a time, and the
// schedule looks for pools that are due. A tick acts at the end of the time that it takes: what comes before it acts
// is seen by it, what comes later is served by the next one.
import type { SchedulerUseCases } from '../../control/use-cases.ts';
import type { WakeBus } from '../../ports/bus.ts';
import type { Kernel } from '../../simulator/kernel.ts';

export interface TicksOptions {
  readonly kernel: Kernel;
  readonly scheduler: SchedulerUseCases;
  readonly wakeMs: number;
  readonly tickMs: number;
  readonly scheduleMs: number;
  readonly sweepMs: number;
}

interface Turn {
  /** A tick is to come. */
  isWaiting: boolean;
  /** The one before has ended by then. */
  freeAtMs: number;
}

export class Ticks implements WakeBus {
  readonly counts = { wakes: 0, ticks: 0, rounds: 0, actions: 0, sweeps: 0 };
  readonly #options: TicksOptions;
  readonly #turns = new Map<string, Turn>();

  constructor(options: TicksOptions) {
    this.#options = options;
    this.#every(options.scheduleMs, () => this.#schedule());
    this.#every(options.sweepMs, () => this.#sweep());
  }

  async wake(pool: string): Promise<void> {
    this.counts.wakes += 1;
    this.#soon(pool, this.#options.wakeMs);
  }

  #soon(pool: string, delayMs: number): void {
    const { kernel, tickMs } = this.#options;
    const turn = this.#turns.get(pool) ?? { isWaiting: false, freeAtMs: 0 };
    this.#turns.set(pool, turn);
    if (turn.isWaiting) return;
    turn.isWaiting = true;
    kernel.at(Math.max(kernel.nowMs + delayMs, turn.freeAtMs) + tickMs, () => {
      turn.isWaiting = false;
      turn.freeAtMs = kernel.nowMs;
      this.#tick(pool);
    });
  }

  #tick(pool: string): void {
    const { scheduler } = this.#options;
    this.counts.ticks += 1;
    this.#do(async () => {
      const report = await scheduler.runTick(pool);
      this.counts.rounds += report.rounds;
      this.counts.actions += report.actions;
    });
  }

  #schedule(): void {
    this.#do(async () => {
      for (const pool of await this.#options.scheduler.duePools()) this.#soon(pool, 0);
    });
  }

  #sweep(): void {
    this.counts.sweeps += 1;
    this.#do(async () => void (await this.#options.scheduler.sweep()));
  }

  #every(ms: number, run: () => void): void {
    const { kernel } = this.#options;
    kernel.after(ms, () => {
      this.#every(ms, run);
      run();
    });
  }

  /** An error of the control code ends the back-test: its figures would be worth nothing. */
  #do(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#options.kernel.fail(error));
  }
}

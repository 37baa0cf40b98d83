// What EventBridge is on AWS: hands wakes to the scheduler handler, one tick at a time, and asks regularly
// which pools are due, so that a lost wake costs a moment only.
import type { SchedulerHandler } from '../../../lambdas/scheduler/handler.ts';
import type { Log } from '../../ports/log.ts';

const scheduleEveryMs = 500;
const pauseMaxMs = 1_000;

export interface SchedulerLoopOptions {
  readonly handler: SchedulerHandler;
  readonly log: Log;
  readonly beforeTick: () => Promise<void>;
}

export class SchedulerLoop {
  readonly #options: SchedulerLoopOptions;
  readonly #waiting = new Set<string>();
  #isRunning = false;
  #isStopped = false;
  #schedule: NodeJS.Timeout | null = null;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: SchedulerLoopOptions) {
    this.#options = options;
  }

  start(): void {
    const again = async (): Promise<void> => {
      await this.#call({ 'detail-type': 'Scheduled Event' });
      if (!this.#isStopped)
        this.#schedule = setTimeout(() => {
          void again();
        }, scheduleEveryMs);
    };
    void again();
  }

  /** A wake for a pool that waits already is the same wake. */
  wake(pool: string): void {
    if (this.#isStopped) return;
    this.#waiting.add(pool);
    if (!this.#isRunning) this.#underWay = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    if (this.#schedule !== null) clearTimeout(this.#schedule);
    await this.#underWay;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (;;) {
      const [pool] = this.#waiting;
      if (pool === undefined) break;
      this.#waiting.delete(pool);
      const startedMs = performance.now();
      await this.#call({ pool }, this.#options.beforeTick);
      // One thread serves ticks and callers: a long tick leaves as much time to the others as it took.
      await new Promise((wake) => setTimeout(wake, Math.min(pauseMaxMs, performance.now() - startedMs)));
    }
    this.#isRunning = false;
  }

  async #call(event: unknown, before?: () => Promise<void>): Promise<void> {
    try {
      await before?.();
      await this.#options.handler(event, undefined as never);
    } catch (error) {
      // As on AWS: the handler has logged what it threw, the debt is in the store, and the next schedule finds it.
      this.#options.log.write('debug', 'the scheduler will try again', { event, error });
    }
  }
}

// How ticks come about: wakes over a bus that loses, delays, doubles and reorders them, and a schedule every
// minute that is late, doubled or left out. All of it only ever costs time. The minute's metrics come beside them.
import type { WakeBus } from '../../ports/bus.ts';
import type { Controllers } from './controllers.ts';
import { MetricsOutageError } from './ports.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';

const minuteMs = 60_000;

export interface WakesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly stream: Stream;
  readonly controllers: Controllers;
  readonly sweepEveryMs: number;
  /** How often due pools are looked for while faults rage: a minute on AWS, seconds on a laptop. */
  readonly scheduleEveryMs: number;
  readonly onError: (what: string, error: unknown) => void;
}

export class Wakes implements WakeBus {
  readonly #options: WakesOptions;
  readonly counts = { ticks: 0, ran: 0, faulted: 0, sweeps: 0, wakes: 0 };

  constructor(options: WakesOptions) {
    this.#options = options;
    this.#schedule();
    this.#scheduleSweeps();
    // Measuring reads much: only runs in which it can fail pay for it.
    if (options.draws.rates.metricsOutage > 0) this.#scheduleMetrics();
  }

  /** The bus itself; a process reaches it through its port. */
  async wake(pool: string): Promise<void> {
    const { draws, kernel, stream, trace } = this.#options;
    this.counts.wakes += 1;
    if (draws.hits('wakeLost')) {
      trace.write(kernel.nowMs, 'bus', `loses the wake for ${pool}`);
      return;
    }
    const copies = draws.hits('wakeDoubled') ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      const delayMs = draws.hits('wakeDelayed')
        ? draws.of('wakeDelayed').logBetween(500, 300_000)
        : stream.between(5, 80);
      kernel.after(delayMs, () => this.tick(pool));
    }
  }

  /** Two ticks at once are as common as wakes are: nothing here keeps them apart. */
  tick(pool: string): void {
    const { controllers, trace, kernel } = this.#options;
    this.counts.ticks += 1;
    if (!this.#options.draws.isCalm) this.counts.faulted += 1;
    controllers.invoke({
      role: 'scheduler',
      label: `tick ${pool}`,
      run: (control) => control.runTick(pool),
      onDone: (report) => {
        if (report.ran) this.counts.ran += 1;
        trace.write(
          kernel.nowMs,
          'tick',
          `${pool} `
            + (report.ran
              ? `ran ${String(report.rounds)} rounds, ${String(report.actions)} actions, due `
                + `${String(report.nextDueAtMs)}`
              : 'left it to the lock holder'),
        );
      },
      onError: (error) => this.#options.onError(`tick ${pool}`, error),
      onLost: () => undefined,
    });
  }

  #schedule(): void {
    const { kernel, draws } = this.#options;
    kernel.after(draws.isCalm ? minuteMs : this.#options.scheduleEveryMs, () => {
      this.#schedule();
      if (!draws.hits('scheduleDisturbed')) {
        this.#wakeDue();
        return;
      }
      const times = draws.of('scheduleDisturbed').integer(0, 2);
      for (let i = 0; i < times; i += 1)
        kernel.after(draws.of('scheduleDisturbed').between(0, 45_000), () => this.#wakeDue());
    });
  }

  #wakeDue(): void {
    this.#options.controllers.invoke({
      role: 'scheduler',
      label: 'due pools',
      run: (control) => control.duePools(),
      onDone: (pools) => {
        for (const pool of pools) this.tick(pool);
      },
      onError: (error) => this.#options.onError('due pools', error),
      onLost: () => undefined,
    });
  }

  #scheduleMetrics(): void {
    const { controllers, kernel, onError } = this.#options;
    kernel.after(minuteMs, () => {
      this.#scheduleMetrics();
      controllers.invoke({
        role: 'scheduler',
        label: 'metrics',
        run: (control) => control.publishMetrics(0),
        onDone: () => undefined,
        onError: (error) => {
          if (!(error instanceof MetricsOutageError)) onError('metrics', error);
        },
        onLost: () => undefined,
      });
    });
  }

  #scheduleSweeps(): void {
    const { kernel, stream, controllers, sweepEveryMs } = this.#options;
    kernel.after(sweepEveryMs * stream.between(0.9, 1.1), () => {
      this.#scheduleSweeps();
      const times = stream.chance(0.1) ? 2 : 1;
      for (let i = 0; i < times; i += 1) {
        this.counts.sweeps += 1;
        controllers.invoke({
          role: 'scheduler',
          label: 'sweep',
          run: (control) => control.sweep(),
          onDone: () => undefined,
          onError: (error) => this.#options.onError('sweep', error),
          onLost: () => undefined,
        });
      }
    });
  }
}

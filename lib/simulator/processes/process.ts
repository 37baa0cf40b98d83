// A controller process: memory that a crash takes away, a clock of its own, and calls to ports that each wait
// in the kernel until the run lets them happen. Every interleaving of controllers comes about here.
import type { Clock } from '../../ports/clock.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { Trace } from '../trace.ts';

/** What happens to one port call. */
export interface CallFault {
  readonly crash: 'before' | 'after' | null;
  /** Before the effect. */
  readonly delayMs: number;
  /** Between the effect and the answer. */
  readonly answerDelayMs: number;
  /** The whole process stands still from now on, for this long. */
  readonly pauseMs: number;
}

/** Decides what happens to every port call of every controller, in the order in which they are made. */
export type CallFaultOf = (process: Process, call: string) => CallFault;

interface Invocation {
  readonly onLost: () => void;
}

export class Process {
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #trace: Trace;
  readonly #callFaultOf: CallFaultOf;
  readonly #invocations = new Set<Invocation>();
  readonly #onCrash: () => void;
  #isAlive = true;
  #pausedUntilMs = 0;
  /** How far its wall clock is off. */
  clockOffsetMs = 0;
  /** Use cases that were begun here. */
  invoked = 0;

  constructor(name: string, kernel: Kernel, trace: Trace, callFaultOf: CallFaultOf, onCrash: () => void) {
    this.name = name;
    this.#kernel = kernel;
    this.#trace = trace;
    this.#callFaultOf = callFaultOf;
    this.#onCrash = onCrash;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  get invocations(): number {
    return this.#invocations.size;
  }

  readonly clock: Clock = {
    nowMs: () => Math.floor(epochMs + this.#kernel.nowMs + this.clockOffsetMs),
    monotonicMs: () => Math.floor(this.#kernel.nowMs),
    sleep: (ms) => new Promise((resolve) => this.#resumeAt(this.#kernel.nowMs + ms, resolve)),
  };

  /** Runs a use case in this process. `onLost`: the process died under it, and its caller sees the connection break. */
  invoke<T>(
    run: () => Promise<T>,
    onDone: (result: T) => void,
    onError: (error: unknown) => void,
    onLost: () => void,
  ): void {
    const invocation = { onLost };
    this.#invocations.add(invocation);
    this.invoked += 1;
    run()
      .then(
        (result) => {
          if (this.#invocations.delete(invocation)) onDone(result);
        },
        (error: unknown) => {
          if (this.#invocations.delete(invocation)) onError(error);
        },
      )
      .catch((error: unknown) => this.#kernel.fail(error));
  }

  /** One port call: it waits in the kernel, happens at one moment, and answers, unless the process dies first. */
  call<T>(name: string, effect: () => Promise<T>): Promise<T> {
    const fault = this.#callFaultOf(this, name);
    if (fault.pauseMs > 0) {
      this.#trace.write(
        this.#kernel.nowMs,
        this.name,
        `stands still for ${(fault.pauseMs / 1000).toFixed(0)} s before ${name}`,
      );
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#kernel.nowMs + fault.pauseMs);
    }
    return new Promise((resolve, reject) => {
      this.#resumeAt(this.#kernel.nowMs + fault.delayMs, () => {
        if (fault.crash === 'before') {
          this.crash(`before ${name}`);
          return;
        }
        const answer = (give: () => void): void => {
          if (fault.crash === 'after') this.crash(`after ${name}`);
          else if (fault.answerDelayMs > 0) this.#resumeAt(this.#kernel.nowMs + fault.answerDelayMs, give);
          else if (this.#isAlive) give();
        };
        effect().then(
          (result) => answer(() => resolve(result)),
          (error: unknown) =>
            answer(() => reject(error instanceof Error ? error : new TypeError(`a port threw ${String(error)}`))),
        );
      });
    });
  }

  /** Its memory is gone: nothing that waits in it goes on. */
  crash(when: string): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#trace.write(this.#kernel.nowMs, this.name, `CRASH ${when}`);
    for (const { onLost } of this.#invocations) onLost();
    this.#invocations.clear();
    this.#onCrash();
  }

  #resumeAt(atMs: number, go: () => void): void {
    this.#kernel.at(atMs, () => {
      if (!this.#isAlive) return;
      // Whoever stands still wakes up at one moment with all that it was waiting for.
      if (this.#pausedUntilMs > this.#kernel.nowMs) this.#resumeAt(this.#pausedUntilMs, go);
      else go();
    });
  }
}

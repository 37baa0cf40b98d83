// How applications of a run bear trouble: a refusal is an answer, everything else is tried again after a while,
// and what no application should ever see is a defect of the run.
import { BellowsError } from '../../core/values/errors.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';

export const triesMax = 25;

export interface ClientRetriesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly stream: Stream;
  readonly onDefect: (what: string, error: unknown) => void;
  /** Codes that are an answer. */
  readonly refusals: ReadonlySet<string>;
}

export class ClientRetries {
  readonly #options: ClientRetriesOptions;

  constructor(options: ClientRetriesOptions) {
    this.#options = options;
  }

  backoffMs(triesLeft: number): number {
    return this.#options.stream.between(0.5, 1) * Math.min(60_000, 400 * 2 ** (triesMax - triesLeft));
  }

  trouble(what: string, error: unknown, again: () => void, refused: () => void = () => undefined): void {
    const { kernel, trace, refusals, onDefect } = this.#options;
    if (error instanceof BellowsError && refusals.has(error.code)) refused();
    else if (error instanceof BellowsError && error.code !== 'assertion_failed') {
      trace.write(kernel.nowMs, 'client', `${what} has trouble: ${error.code}`);
      again();
    } else onDefect(what, error);
  }
}

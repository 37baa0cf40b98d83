// What an attempt is given comes over a network: it is asked for again, unless the answer says that this is no help.
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../../errors.ts';

interface Tries {
  readonly most: number;
  /** Before the next one; `done`: how many failed. */
  readonly pauseMs: (done: number) => number;
  readonly signal: AbortSignal;
  /** What is said of the last failure. */
  readonly sentence: (error: unknown) => string;
}

/**
 * `work` until it succeeds.
 * @throws LaunchError, at once where `work` throws one or an error that `isFinal`; also when aborted
 */
export async function askedAgain<T>({ most, pauseMs, signal, sentence }: Tries, work: () => Promise<T>): Promise<T> {
  for (let done = 1; ; done += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LaunchError) throw error;
      const isFinal = typeof error === 'object' && error !== null && 'isFinal' in error && error.isFinal === true;
      if (isFinal || done >= most) throw new LaunchError(sentence(error));
      await sleep(pauseMs(done), undefined, { signal });
    }
  }
}

// A limit for calls whose answer nothing depends on: a service that hangs must not hold a lock, or an answer.
import { BellowsError } from '../../core/values/errors.ts';
import type { Clock } from '../../ports/clock.ts';

export class NoAnswerError extends BellowsError {
  constructor(who: string, ms: number) {
    super('no_answer', `no answer from ${who} within ${String(ms)} ms`);
  }
}

const steps = 50;

/**
 * @throws NoAnswerError after `ms`; the call itself goes on. In steps, so that an answer that is
 *   there always counts.
 */
export async function withinMs<T>(clock: Pick<Clock, 'sleep'>, who: string, ms: number, work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = work.finally(() => {
    isSettled = true;
  });
  const tooLate = async (): Promise<T> => {
    for (let step = 0; step < steps && !isSettled; step += 1) await clock.sleep(ms / steps);
    if (isSettled) return settled;
    throw new NoAnswerError(who, ms);
  };
  return Promise.race([settled, tooLate()]);
}

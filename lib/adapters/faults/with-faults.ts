// Any port, with faults: each call of a method meets what a plan decides for it. For tests that want one port to
// misbehave around real code; the wrapped port is never changed, so its truth can be looked at next to it.
import { BellowsError } from '../../core/values/errors.ts';

export interface Call {
  /** Counts from 1 over all ports that share a {@link CallCounter}: names one moment of a run. */
  readonly seq: number;
  readonly port: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Fault =
  /** The call has no effect and fails: throttles, conflicts, broken connections. */
  | { readonly kind: 'fail'; readonly error: Error }
  /** The call has its effect, but its answer is lost. */
  | { readonly kind: 'lose-answer'; readonly error: Error }
  | { readonly kind: 'delay'; readonly beforeMs: number; readonly afterMs: number }
  /** Something on the way repeats the call; the caller gets the second answer. */
  | { readonly kind: 'duplicate' }
  /** The caller's process dies right before the effect, or right after it. */
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' };

/** Faults are for methods that answer promises; for others (a clock's, a log's) a plan answers null. */
export type FaultPlan = (call: Call) => Fault | null;

/** The process that calls was killed by a plan. */
export class CrashError extends BellowsError {
  constructor(call: Call, when: 'before' | 'after') {
    super('crashed', `the process died ${when} call ${String(call.seq)}, ${call.port}.${call.method}`);
  }
}

export interface CallerOptions {
  /**
   * What the code of a dead process sees. `hang`: nothing, as in life: no call ever answers again, so no handler
   * of errors runs on. `throw`: a {@link CrashError} from the fatal call and all others, for simple runners.
   */
  readonly afterCrash: 'hang' | 'throw';
  readonly onCrash?: ((error: CrashError) => void) | undefined;
}

/** One life of one process. Wrap all its ports with the same caller, and make a new one for the restart. */
export class Caller {
  readonly #options: CallerOptions;
  #crash: CrashError | null = null;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  get isDead(): boolean {
    return this.#crash !== null;
  }

  die(call: Call, when: 'before' | 'after'): void {
    if (this.#crash !== null) return;
    this.#crash = new CrashError(call, when);
    this.#options.onCrash?.(this.#crash);
  }

  /** Does not come back to the code of a dead process. */
  async stopIfDead(): Promise<void> {
    if (this.#crash === null) return;
    if (this.#options.afterCrash === 'throw') throw this.#crash;
    await new Promise<never>(() => undefined);
  }
}

export class CallCounter {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

export interface Surroundings {
  readonly plan: FaultPlan;
  readonly caller: Caller;
  readonly counter: CallCounter;
  readonly sleep: (ms: number) => Promise<void>;
}

/** `name` is the port's name in calls. */
export function withFaults<P extends object>(port: P, name: string, surroundings: Surroundings): P {
  return wrapped(port, name, surroundings.counter, (call, effect) => {
    const { plan, caller } = surroundings;
    const fault = plan(call);
    // Synchronous methods stay synchronous.
    if (fault === null && !caller.isDead) return guarded(effect(), caller);
    return suffer(fault, call, effect, surroundings);
  });
}

/** Lists each call in `calls`, and does nothing else. */
export function countCalls<P extends object>(
  port: P,
  name: string,
  calls: Call[],
  counter: CallCounter = new CallCounter(),
): P {
  return wrapped(port, name, counter, (call, effect) => {
    calls.push(call);
    return effect();
  });
}

async function suffer(
  fault: Fault | null,
  call: Call,
  effect: () => unknown,
  { caller, sleep }: Surroundings,
): Promise<unknown> {
  await caller.stopIfDead();
  if (fault?.kind === 'fail') throw fault.error;
  if (fault?.kind === 'crash' && fault.when === 'before') caller.die(call, 'before');
  await caller.stopIfDead();
  if (fault?.kind === 'delay') await sleep(fault.beforeMs);
  // It may have died elsewhere while this call was in flight: then the call still arrives, or it does
  // not; here it does not.
  await caller.stopIfDead();
  if (fault?.kind === 'duplicate') await settled(effect());
  if (fault?.kind === 'lose-answer') {
    await settled(effect());
    await caller.stopIfDead();
    throw fault.error;
  }
  try {
    return await effect();
  } finally {
    if (fault?.kind === 'delay') await sleep(fault.afterMs);
    if (fault?.kind === 'crash') caller.die(call, 'after');
    await caller.stopIfDead();
  }
}

/** An answer that arrives after the death of its caller is never seen. */
function guarded(answer: unknown, caller: Caller): unknown {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return answer;
  return Promise.resolve(answer).finally(() => (caller.isDead ? caller.stopIfDead() : undefined));
}

/** Whatever the first of two calls answers, or a lost answer says, nobody hears it. */
async function settled(answer: unknown): Promise<void> {
  await Promise.allSettled([answer]);
}

type Interceptor = (call: Call, effect: () => unknown) => unknown;

function wrapped<P extends object>(port: P, name: string, counter: CallCounter, intercept: Interceptor): P {
  return new Proxy(port, {
    get(target, property): unknown {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      // Called on the target: private fields are not reachable through a proxy.
      const method = value as (...args: readonly unknown[]) => unknown;
      return (...args: readonly unknown[]) =>
        intercept({ seq: counter.next(), port: name, method: property, args }, () => method.apply(target, [...args]));
    },
  });
}

// Plans for {@link withFaults}: what the store and cloud ports may do to a caller, at given rates and from a
// source of randomness (a seeded one repeats its run), and a crash at one numbered call.
import type { Random } from '../../ports/random.ts';
import { CloudThrottledError, CloudUnknownError } from '../../ports/cloud.ts';
import { ConflictError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';
import type { Fault, FaultPlan } from './with-faults.ts';

/** Chances per call, 0 to 1; together at most 1. Absent: never. */
export interface FaultRates {
  readonly throttle?: number;
  /** Stores only, writes only. */
  readonly conflict?: number;
  /** No effect, and no answer. */
  readonly loseRequest?: number;
  /** The effect, but no answer. */
  readonly loseAnswer?: number;
  readonly duplicate?: number;
  /** Up to {@link FaultRates.delayMsMax} before the effect, and again after it. */
  readonly delay?: number;
  readonly delayMsMax?: number;
  readonly crashBefore?: number;
  readonly crashAfter?: number;
}

type Kind = Exclude<keyof FaultRates, 'delayMsMax'>;

const kinds: readonly Kind[] = [
  'throttle',
  'conflict',
  'loseRequest',
  'loseAnswer',
  'duplicate',
  'delay',
  'crashBefore',
  'crashAfter',
];
const storeWrites: ReadonlySet<string> = new Set(['put', 'delete', 'transact']);

/** What the doc comments of the store port allow: reads are only ever throttled, late or cut off by a crash. */
export function storeFaults(random: Random, rates: FaultRates): FaultPlan {
  return ({ method }) => {
    const kind = draw(random, rates);
    const isWrite = storeWrites.has(method);
    switch (kind) {
      case null:
        return null;
      case 'throttle':
        return { kind: 'fail', error: new ThrottledError() };
      case 'conflict':
        return isWrite ? { kind: 'fail', error: new ConflictError() } : null;
      case 'loseRequest':
        return isWrite ? { kind: 'fail', error: new UnknownOutcomeError() } : null;
      case 'loseAnswer':
        return isWrite ? { kind: 'lose-answer', error: new UnknownOutcomeError() } : null;
      default:
        return commonFault(kind, random, rates);
    }
  };
}

export function cloudFaults(random: Random, rates: FaultRates): FaultPlan {
  return () => {
    const kind = draw(random, rates);
    switch (kind) {
      case null:
      case 'conflict':
        return null;
      case 'throttle':
        return { kind: 'fail', error: new CloudThrottledError('the request rate is exceeded; nothing happened') };
      case 'loseRequest':
      case 'loseAnswer':
        return {
          kind: kind === 'loseAnswer' ? 'lose-answer' : 'fail',
          error: new CloudUnknownError('no answer came; the call may or may not have had its effect'),
        };
      default:
        return commonFault(kind, random, rates);
    }
  };
}

/** For exhaustive runs: count the calls of an undisturbed run, then crash at each of them in turn. */
export function crashAt(seq: number, when: 'before' | 'after'): FaultPlan {
  return (call) => (call.seq === seq ? { kind: 'crash', when } : null);
}

function draw(random: Random, rates: FaultRates): Kind | null {
  let left = random.next();
  for (const kind of kinds) {
    left -= rates[kind] ?? 0;
    if (left < 0) return kind;
  }
  return null;
}

function commonFault(
  kind: 'duplicate' | 'delay' | 'crashBefore' | 'crashAfter',
  random: Random,
  rates: FaultRates,
): Fault {
  switch (kind) {
    case 'duplicate':
      return { kind: 'duplicate' };
    case 'delay': {
      const maxMs = rates.delayMsMax ?? 0;
      return { kind: 'delay', beforeMs: random.next() * maxMs, afterMs: random.next() * maxMs };
    }
    case 'crashBefore':
      return { kind: 'crash', when: 'before' };
    case 'crashAfter':
      return { kind: 'crash', when: 'after' };
  }
}

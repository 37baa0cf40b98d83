// Each fault does what its name says, at the right side of the effect, and a dead caller hears nothing more.
import { describe, expect, test } from '@jest/globals';
import { cloudFaults, crashAt, storeFaults } from '../../../lib/adapters/faults/plans.ts';
import { Caller, CallCounter, countCalls, CrashError, withFaults } from '../../../lib/adapters/faults/with-faults.ts';
import type { Call, CallerOptions, Fault, FaultPlan } from '../../../lib/adapters/faults/with-faults.ts';
import { CloudThrottledError, CloudUnknownError } from '../../../lib/ports/cloud.ts';
import { ConflictError, ThrottledError, UnknownOutcomeError } from '../../../lib/ports/store.ts';

class Tally {
  #value = 0;
  async add(by: number): Promise<number> {
    await Promise.resolve();
    this.#value += by;
    return this.#value;
  }
  async refuse(): Promise<never> {
    throw new RangeError('refused');
  }
  read(): number {
    return this.#value;
  }
  release: () => void = () => undefined;
  async claimed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
    this.#value += 100;
  }
}

interface Setting {
  readonly real: Tally;
  readonly tally: Tally;
  readonly caller: Caller;
  readonly slept: number[];
}

function setting(plan: FaultPlan, options: CallerOptions = { afterCrash: 'throw' }): Setting {
  const real = new Tally();
  const slept: number[] = [];
  const caller = new Caller(options);
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms, real.read());
  };
  return { real, caller, slept, tally: withFaults(real, 'tally', { plan, caller, counter: new CallCounter(), sleep }) };
}

const once =
  (fault: Fault): FaultPlan =>
  ({ seq }) =>
    seq === 1 ? fault : null;
const boom = new Error('boom');

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a fault', () => {
  test('none: results, errors, synchronous methods and private fields are as without a wrapper', async () => {
    const { tally } = setting(() => null);
    expect(await tally.add(2)).toBe(2);
    expect(tally.read()).toBe(2);
    await expect(tally.refuse()).rejects.toThrow('refused');
  });

  test('fail: no effect', async () => {
    const { real, tally } = setting(once({ kind: 'fail', error: boom }));
    await expect(tally.add(1)).rejects.toBe(boom);
    expect(real.read()).toBe(0);
    expect(await tally.add(1)).toBe(1);
  });

  test('lose-answer: the effect, and no answer', async () => {
    const { real, tally } = setting(once({ kind: 'lose-answer', error: boom }));
    await expect(tally.add(1)).rejects.toBe(boom);
    expect(real.read()).toBe(1);
  });

  test('lose-answer hides a refusal too', async () => {
    const { tally } = setting(once({ kind: 'lose-answer', error: boom }));
    await expect(tally.refuse()).rejects.toBe(boom);
  });

  test('duplicate: the effect twice, and the second answer', async () => {
    const { real, tally } = setting(once({ kind: 'duplicate' }));
    expect(await tally.add(1)).toBe(2);
    expect(real.read()).toBe(2);
  });

  test('delay: before the effect and after it', async () => {
    const { tally, slept } = setting(once({ kind: 'delay', beforeMs: 7, afterMs: 8 }));
    expect(await tally.add(1)).toBe(1);
    expect(slept).toEqual([7, 0, 8, 1]);
  });

  test.each(['before', 'after'] as const)(
    'crash %s: the effect accordingly, and every later call fails without one',
    async (when) => {
      const crashes: CrashError[] = [];
      const { real, tally, caller } = setting(crashAt(2, when), {
        afterCrash: 'throw',
        onCrash: (error) => {
          crashes.push(error);
        },
      });
      await tally.add(1);
      await expect(tally.add(1)).rejects.toBeInstanceOf(CrashError);
      await expect(tally.add(1)).rejects.toBeInstanceOf(CrashError);
      expect(real.read()).toBe(when === 'before' ? 1 : 2);
      expect(caller.isDead).toBe(true);
      expect(crashes.map((error) => error.message)).toEqual([`the process died ${when} call 2, tally.add`]);
    },
  );

  test('crash with hang: no handler, no finally, no call under way goes on', async () => {
    const { real, tally, caller } = setting(crashAt(2, 'after'), { afterCrash: 'hang' });
    const heard: string[] = [];
    const hear = (what: string) => (): void => {
      heard.push(what);
    };
    void tally.claimed().finally(hear('under way'));
    void tally.add(1).then(hear('answer'), hear('error'));
    await turns(3);
    expect(caller.isDead).toBe(true);
    real.release();
    void tally.add(1).finally(hear('later'));
    await turns(3);
    // The call under way was sent in time and arrives; the one made after the death does not.
    expect(real.read()).toBe(101);
    expect(heard).toEqual([]);
  });
});

test('countCalls lists each call of every port that shares the counter', async () => {
  const calls: Call[] = [];
  const counter = new CallCounter();
  const left = countCalls(new Tally(), 'left', calls, counter);
  const right = countCalls(new Tally(), 'right', calls, counter);
  await left.add(5);
  right.read();
  await expect(left.refuse()).rejects.toThrow('refused');
  expect(calls).toEqual([
    { seq: 1, port: 'left', method: 'add', args: [5] },
    { seq: 2, port: 'right', method: 'read', args: [] },
    { seq: 3, port: 'left', method: 'refuse', args: [] },
  ]);
});

describe('plans', () => {
  const call = (method: string): Call => ({ seq: 1, port: 'p', method, args: [] });
  const always = (value: number): { next: () => number; id: () => string } => ({ next: () => value, id: () => 'id' });
  const errorOf = (fault: Fault | null): unknown =>
    fault?.kind === 'fail' || fault?.kind === 'lose-answer' ? fault.error : fault;

  test('a store throttles everything; conflicts and lost answers are for writes', () => {
    for (const method of ['get', 'query', 'put', 'transact'])
      expect(errorOf(storeFaults(always(0), { throttle: 1 })(call(method)))).toBeInstanceOf(ThrottledError);
    for (const [rates, error] of [
      [{ conflict: 1 }, ConflictError],
      [{ loseRequest: 1 }, UnknownOutcomeError],
      [{ loseAnswer: 1 }, UnknownOutcomeError],
    ] as const) {
      for (const method of ['put', 'delete', 'transact'])
        expect(errorOf(storeFaults(always(0), rates)(call(method)))).toBeInstanceOf(error);
      for (const method of ['get', 'getMany', 'query', 'queryIndex'])
        expect(storeFaults(always(0), rates)(call(method))).toBeNull();
    }
  });

  test('the cloud has errors of its own', () => {
    expect(errorOf(cloudFaults(always(0), { throttle: 1 })(call('launch')))).toBeInstanceOf(CloudThrottledError);
    expect(cloudFaults(always(0), { loseAnswer: 1 })(call('launch'))).toMatchObject({
      kind: 'lose-answer',
      error: expect.any(CloudUnknownError) as unknown,
    });
    expect(cloudFaults(always(0), { loseRequest: 1 })(call('launch'))).toMatchObject({
      kind: 'fail',
      error: expect.any(CloudUnknownError) as unknown,
    });
  });

  test('rates are shares of the calls, in their order', () => {
    const rates = { throttle: 0.25, duplicate: 0.25, delay: 0.25, delayMsMax: 10 };
    const kinds = [0, 0.24, 0.25, 0.49, 0.5, 0.74, 0.75, 0.99].map(
      (value) => storeFaults(always(value), rates)(call('put'))?.kind ?? null,
    );
    expect(kinds).toEqual(['fail', 'fail', 'duplicate', 'duplicate', 'delay', 'delay', null, null]);
    expect(storeFaults(always(0.5), rates)(call('put'))).toEqual({ kind: 'delay', beforeMs: 5, afterMs: 5 });
    expect(storeFaults(always(0), { crashBefore: 1 })(call('get'))).toEqual({ kind: 'crash', when: 'before' });
    expect(cloudFaults(always(0), { crashAfter: 1 })(call('describe'))).toEqual({ kind: 'crash', when: 'after' });
  });
});

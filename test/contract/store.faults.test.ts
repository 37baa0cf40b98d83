// The store contract under faults: conflicts, throttles, lost requests and answers, doubled and late calls, short
// pages and late indexes below; control's own way of writing above. What the caller sees must still be the contract.
import { expect, test } from '@jest/globals';
import { storeFaults } from '../../lib/adapters/faults/plans.ts';
import type { FaultRates } from '../../lib/adapters/faults/plans.ts';
import { Caller, CallCounter, withFaults } from '../../lib/adapters/faults/with-faults.ts';
import type { Fault } from '../../lib/adapters/faults/with-faults.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { SqliteStore } from '../../lib/adapters/sqlite/store.ts';
import { asRandomPort, Streams } from '../../lib/simulator/random.ts';
import type { Store } from '../../lib/ports/store.ts';
import { storeContract } from './store.contract.ts';
import { firstSeed } from '../slice.ts';
import { TestClock } from './store.harness.ts';
import { retrying } from './store.retrying.ts';

// A write is tried 8 times, and a try fails with 0.11: about one write in 50 million gives up.
const rates: FaultRates = {
  throttle: 0.02,
  conflict: 0.02,
  loseRequest: 0.02,
  loseAnswer: 0.05,
  duplicate: 0.05,
  delay: 0.3,
  delayMsMax: 3,
};
const met = new Map<Fault['kind'], number>();

function disturbed(store: Store, opened: number): Store {
  const random = asRandomPort(new Streams(firstSeed + opened).named('faults'));
  const plan = storeFaults(random, rates);
  const faulty = withFaults(store, 'store', {
    plan: (call) => {
      const fault = plan(call);
      if (fault) met.set(fault.kind, (met.get(fault.kind) ?? 0) + 1);
      return fault;
    },
    caller: new Caller({ afterCrash: 'throw' }),
    counter: new CallCounter(),
    // Turns of the event loop instead of time, so that calls overtake each other and nothing expires meanwhile.
    sleep: turns,
  });
  const patient = { nowMs: () => 0, monotonicMs: () => 0, sleep: turns };
  return retrying(faulty, patient, random);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < Math.min(count, 3); turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

let opened = 0;

storeContract(
  `memory under faults, seed ${String(firstSeed)}`,
  async () => {
    const clock = new TestClock();
    const random = new Streams(firstSeed + (opened += 1)).named('memory');
    const store = new MemoryStore({
      clock,
      indexLagMs: () => random.between(0, 0.4),
      pageItemsMax: () => random.integer(0, 5),
    });
    return {
      store: disturbed(store, opened),
      clock,
      settleIndexes: async () => {
        clock.advance(0.5);
      },
    };
  },
  { isRetrying: true, modelRuns: 40 },
);

storeContract(
  `sqlite under faults, seed ${String(firstSeed)}`,
  async () => {
    const clock = new TestClock();
    const store = new SqliteStore({ path: ':memory:', clock });
    return {
      store: disturbed(store, (opened += 1)),
      clock,
      close: () => {
        store.close();
      },
    };
  },
  { isRetrying: true, modelRuns: 25 },
);

test('every kind of fault was met many times', () => {
  for (const kind of ['fail', 'lose-answer', 'delay', 'duplicate'] as const)
    expect(met.get(kind) ?? 0).toBeGreaterThan(50);
});

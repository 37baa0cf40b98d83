// EC2's API limits are the account's: all functions draw on one token bucket per action, kept in the store. A process
// leases a block of tokens with one conditional write and spends it without further writes.
import type { Clock } from '../../ports/clock.ts';
import type { ItemKey, Store } from '../../ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';
import type { Random } from '../../ports/random.ts';

export interface CallBudget {
  /** Of one of EC2's actions. false: the budget is spent; nothing may be sent now. */
  take(action: string): Promise<boolean>;
}

/** For tests and for who has the account to himself. */
export const unlimitedBudget: CallBudget = { take: async () => true };

interface Bucket {
  /** Most tokens at once. */
  readonly size: number;
  readonly perSecond: number;
  /** Leased at once. A process that stops loses what it had left: the account then uses a little less than it may. */
  readonly block: number;
}

/** Half of EC2's documented buckets: the account has other users. */
const mutating: Bucket = { size: 25, perSecond: 2.5, block: 5 };
const listing: Bucket = { size: 50, perSecond: 10, block: 20 };
/** Launches and starts have few, so none is leased that is not spent at once. */
const launching: Bucket = { size: 2, perSecond: 1, block: 1 };

function bucketOf(action: string): Bucket {
  if (action === 'RunInstances' || action === 'StartInstances') return launching;
  return action.startsWith('Describe') ? listing : mutating;
}

interface BudgetRecord {
  readonly tokens: number;
  readonly atMs: number;
}

const triesMax = 5;
/**
 * Beyond this the clock of who wrote last was wrong, or is: time counts anew from now, since an empty bucket would be
 * refilled only when that moment has come.
 */
const clocksApartMsMax = 10_000;

export class StoredCallBudget implements CallBudget {
  readonly #ports: { readonly store: Store; readonly clock: Clock; readonly random: Random };
  readonly #left = new Map<string, number>();
  readonly #leasing = new Map<string, Promise<number>>();

  constructor(ports: { readonly store: Store; readonly clock: Clock; readonly random: Random }) {
    this.#ports = ports;
  }

  async take(action: string): Promise<boolean> {
    for (;;) {
      const left = this.#left.get(action) ?? 0;
      if (left >= 1) {
        this.#left.set(action, left - 1);
        return true;
      }
      // Calls side by side share one lease.
      let leasing = this.#leasing.get(action);
      if (!leasing) {
        leasing = this.#lease(action).finally(() => this.#leasing.delete(action));
        leasing = leasing.then((leased) => {
          this.#left.set(action, (this.#left.get(action) ?? 0) + leased);
          return leased;
        });
        this.#leasing.set(action, leasing);
      }
      if ((await leasing) === 0) return false;
    }
  }

  /** As many tokens as a block takes and the bucket has. */
  async #lease(action: string): Promise<number> {
    const { store, clock, random } = this.#ports;
    const { size, perSecond, block } = bucketOf(action);
    const key: ItemKey = { pk: 'BUDGET#ec2', sk: action };
    for (let tries = 1; tries <= triesMax; tries += 1) {
      try {
        const item = await store.get<BudgetRecord>(key);
        const nowMs = clock.nowMs();
        const sinceMs = nowMs - (item?.data.atMs ?? nowMs);
        const refilled = item ? Math.min(size, item.data.tokens + (Math.max(0, sinceMs) / 1000) * perSecond) : size;
        const leased = Math.min(block, Math.floor(refilled));
        if (leased === 0 && sinceMs >= -clocksApartMsMax) return 0;
        await store.put({
          item: { ...key, data: { tokens: refilled - leased, atMs: nowMs } },
          condition: item?.version ?? 'absent',
          writeId: random.id(),
        });
        return leased;
      } catch (error) {
        // A lease whose answer was lost is not used: the account then gets a little less than it may.
        if (!(
          error instanceof ConditionFailedError
          || error instanceof ConflictError
          || error instanceof ThrottledError
          || error instanceof UnknownOutcomeError
        ))
          throw error;
        await clock.sleep(random.next() * 20 * 2 ** tries);
      }
    }
    // Other processes are taking shares at the same time, or the store does not answer: treat the budget as spent.
    return 0;
  }
}

// The shadow of a pool, at the end of its tick: what the rounds saw is brought into its record, and it decides for
// itself in what is left of the tick's time. Nothing of what it decides is done: it has no way to EC2, and writes its
// own record only, where something changed.
import { countingAll } from '../../../core/allocation/constraints/paid-first.ts';
import type { Allocate } from '../../../core/allocation/types.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import { poolRevision } from '../../../core/records/pool.ts';
import { absorb } from '../../../core/costs/shadow/absorb.ts';
import { advance } from '../../../core/costs/shadow/advance.ts';
import { stopShadow } from '../../../core/costs/shadow/bill.ts';
import { shadowSpec } from '../../../core/costs/shadow/policy.ts';
import type { ShadowRecord } from '../../../core/costs/shadow/record.ts';
import { isSame } from '../../../core/values/dictionary.ts';
import { jsonBytes } from '../../../core/values/json-bytes.ts';
import { itemBytesMax } from '../../../ports/store.ts';
import type { Item } from '../../../ports/store.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { offeringsOfPool } from '../../requests/pools.ts';
import { sizeOf } from '../../requests/record-size.ts';
import { keys } from '../../store/keys.ts';
import { reading, transact } from '../../store/store-retry.ts';
import type { Observed } from '../observe.ts';

/** Keys and names of an item, at most. */
const besideBytes = 2_000;

/** Of one tick. */
export class ShadowOfTick {
  readonly #ports: ControlPorts;
  readonly #settings: ControlSettings;
  readonly #lock: TickLock;
  #stored: Item<ShadowRecord> | null | undefined;
  #record: ShadowRecord | null = null;

  constructor(ports: ControlPorts, settings: ControlSettings, lock: TickLock) {
    this.#ports = ports;
    this.#settings = settings;
    this.#lock = lock;
  }

  /** After each look of the tick: an end is not to be seen in the next one. */
  async see({ pool, observation }: Pick<Observed, 'pool' | 'observation'>): Promise<void> {
    if (observation.pool.shadow === undefined || observation.isPoolDeleting) return;
    if (this.#stored === undefined) {
      this.#stored = await reading(this.#ports, () => this.#ports.store.get<ShadowRecord>(this.#key));
      this.#record = this.#stored?.data ?? null;
    }
    const before = this.#record;
    this.#record = this.#tried(before, observation.nowMs, () => absorb(before, observation, poolRevision(pool.data)));
  }

  /** Nothing for a pool without one. @throws FencedError */
  async keep(seen: Observation, specVersion: number): Promise<void> {
    const { shadow } = seen.pool;
    const record = this.#record;
    if (shadow === undefined || record === null) return;
    const pool = shadowSpec(seen.pool, shadow);
    const { limitAllocation: limited = (one: Allocate): Allocate => one } = this.#ports;
    const offerings = await offeringsOfPool(this.#ports, pool);
    const world = {
      ...{ seen, pool, offerings, settings: this.#settings.decisions },
      terms: { ...this.#settings, specVersion },
      allocate: limited(countingAll(this.#ports.allocate)),
      isTooLate: this.#timeLeft(),
    };
    const next = this.#tried(record, seen.nowMs, () => advance(record, world));
    if (next === null || this.#stored === undefined) return;
    const data = this.#fitting(next, seen.nowMs);
    if (this.#stored !== null && isSame(withoutTimes(this.#stored.data), withoutTimes(data))) return;
    const condition = this.#stored?.version ?? 'absent';
    await withFence(this.#lock, (fence) =>
      transact(this.#writing, [fence, { op: 'put', item: { ...this.#key, data }, condition }]),
    );
  }

  /** What one item of the store does not take is no fault of the tick's, which has done its work. */
  #fitting(record: ShadowRecord, nowMs: number): ShadowRecord {
    if (jsonBytes(record) + besideBytes <= itemBytesMax) return record;
    const bytes = sizeOf({ ...this.#key, data: record });
    if (bytes <= itemBytesMax) return record;
    const reason = `what is kept of it takes ${String(bytes)} bytes, more than the ${String(itemBytesMax)} of one item`;
    return stopShadow(record, reason, nowMs);
  }

  get #key(): ReturnType<typeof keys.shadow> {
    return keys.shadow(this.#lock.pool);
  }

  /** No id is drawn for a shadow: those of the pool are the same with and without it. A tick writes it once. */
  get #writing(): Pick<ControlPorts, 'store' | 'clock' | 'random'> {
    const { store, clock, random } = this.#ports;
    const { pool, epoch } = this.#lock;
    return { store, clock, random: { next: () => random.next(), id: () => `shadow ${pool} ${String(epoch)}` } };
  }

  /** Within the tick's time, and no longer than a plan may take. */
  #timeLeft(): () => boolean {
    const { clock } = this.#ports;
    const { tickBudgetMs, decisions } = this.#settings;
    const endsMs = Math.min(this.#lock.takenAtMs + tickBudgetMs, clock.monotonicMs() + decisions.allocationBudgetMs);
    return () => clock.monotonicMs() >= endsMs;
  }

  /** A fault of the shadow's stops the shadow, and not its pool. Nothing in it reads or writes. */
  #tried(record: ShadowRecord | null, nowMs: number, decided: () => ShadowRecord): ShadowRecord | null {
    try {
      return decided();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#ports.log.write('error', 'the shadow of this pool failed and begins anew later', {
        pool: this.#lock.pool,
        error: message,
      });
      return record && stopShadow(record, `it failed: ${message.slice(0, 500)}`, nowMs);
    }
  }
}

/**
 * Up to when it has decided, and when it looks again at what waits, are of themselves no reason to write: both move
 * with each tick. A later one looks from there on again, a few times at most.
 */
function withoutTimes({ atMs: _at, dueAtMs, ...rest }: ShadowRecord): unknown {
  return { ...rest, waits: dueAtMs !== null };
}

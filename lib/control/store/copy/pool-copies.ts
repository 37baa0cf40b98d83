// The copies of pools that one process keeps from tick to tick. A copy counts only for who held the previous epoch of
// the pool's lock: whatever another holder wrote checked the fence, and is in no change list.
import type { LeftOfLarge } from '../../coordination/lock.ts';
import type { ControlSettings } from '../../ports.ts';
import type { CopyPorts } from './catch-up.ts';
import { KeptCopy } from './catch-up.ts';
import type { Store } from '../../../ports/store.ts';

/** Records in all copies of a process together: the oldest go first. Some 2 KB of memory each. */
const recordsMax = 400_000;

/** What a copy has to know of the lock under which its tick runs. */
export interface LockOfTick {
  readonly pool: string;
  readonly epoch: number;
  readonly item: { readonly data: LeftOfLarge };
}

interface Kept {
  readonly epoch: number;
  readonly listedSinceMs: number;
  readonly copy: KeptCopy;
}

export class PoolCopies {
  readonly #kept = new Map<string, Kept>();

  /** What the tick under this lock reads from. It returns with {@link TickCopy.keep} when the tick went well. */
  begin(ports: CopyPorts, settings: ControlSettings, { pool, epoch, item }: LockOfTick): TickCopy {
    const kept = this.#kept.get(pool);
    this.#kept.delete(pool);
    const own = kept?.epoch === epoch - 1 ? kept : null;
    return new TickCopy({ ports, settings, pool, listedSinceMs: item.data.listedSinceMs }, own, (next) =>
      this.#keep(pool, { ...next, epoch }),
    );
  }

  #keep(pool: string, kept: Kept): void {
    this.#kept.set(pool, kept);
    let records = [...this.#kept.values()].reduce((sum, one) => sum + one.copy.copy.size, 0);
    for (const [name, { copy }] of this.#kept) {
      if (records <= recordsMax || name === pool) return;
      this.#kept.delete(name);
      records -= copy.copy.size;
    }
  }
}

type Current = Pick<Kept, 'listedSinceMs' | 'copy'>;

interface TickOfPool {
  readonly ports: CopyPorts;
  readonly settings: ControlSettings;
  readonly pool: string;
  /** As the lock's record had it when it was taken. */
  readonly listedSinceMs: number | undefined;
}

export class TickCopy {
  readonly #of: TickOfPool;
  readonly #onKeep: (current: Current) => void;
  #current: Current | null;

  constructor(of: TickOfPool, kept: Current | null, onKeep: (current: Current) => void) {
    this.#of = of;
    this.#current = kept;
    this.#onKeep = onKeep;
  }

  /**
   * What this round reads from: call it when the wakes are served, so that what they are about is in it. The store
   * itself where nothing lists the changes of this pool.
   */
  async storeOfRound(): Promise<Store> {
    const { ports, settings, pool, listedSinceMs } = this.#of;
    const { store, clock } = ports;
    if (listedSinceMs === undefined || clock.nowMs() - listedSinceMs < settings.listedSettleMs) {
      this.#current = null;
      return store;
    }
    if (this.#current?.listedSinceMs !== listedSinceMs || this.#current.copy.isOld || !(await this.#catchUp())) {
      this.#current = { listedSinceMs, copy: await KeptCopy.load(ports, settings, pool) };
      // Nobody has written anything in between that the list would not explain.
      if (!(await this.#catchUp())) {
        this.#current = null;
        return store;
      }
    }
    return this.#current.copy.store;
  }

  /** The tick went well and has released its lock: the next one of this process may go on from here. */
  keep(): void {
    if (this.#current) this.#onKeep(this.#current);
  }

  async #catchUp(): Promise<boolean> {
    return (await this.#current?.copy.catchUp()) ?? false;
  }
}

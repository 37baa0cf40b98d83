// The copies of pools that one process keeps from tick to tick. A copy counts for who held the previous epoch of the
// pool's lock; and also where others held it since, if each of them has left a note of what it wrote (ticks-writes.ts).
import { assert } from '../../../core/values/errors.ts';
import type { LeftOfLarge, NotedTicks } from '../../coordination/lock.ts';
import type { ControlSettings } from '../../ports.ts';
import type { CopyPorts } from './catch-up.ts';
import { KeptCopy } from './catch-up.ts';
import { noteWritten } from './change-list.ts';
import { doubtSample } from './copy-check.ts';
import type { TicksWrites } from './ticks-writes.ts';
import { writtenMax } from './ticks-writes.ts';
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
  begin(ports: CopyPorts, writes: TicksWrites, settings: ControlSettings, lock: LockOfTick): TickCopy {
    const { pool, epoch } = lock;
    const kept = this.#kept.get(pool);
    this.#kept.delete(pool);
    writes.begin(pool);
    return new TickCopy({ ports, writes, settings, lock }, kept ?? null, (next) => {
      this.#keep(pool, { ...next, epoch });
    });
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
  readonly writes: TicksWrites;
  readonly settings: ControlSettings;
  readonly lock: LockOfTick;
}

export class TickCopy {
  readonly #of: TickOfPool;
  readonly #onKeep: (current: Current) => void;
  /** As this process has it of an earlier tick; null: it has been looked at. */
  #before: Kept | null;
  #current: Current | null = null;

  constructor(of: TickOfPool, before: Kept | null, onKeep: (current: Current) => void) {
    this.#of = of;
    this.#before = before;
    this.#onKeep = onKeep;
  }

  /**
   * What this round reads from: call it when the wakes are served, so that what they are about is in it. The store
   * itself where nothing lists the changes of this pool.
   */
  async storeOfRound(): Promise<Store> {
    const { ports, settings, lock } = this.#of;
    const { listedSinceMs } = lock.item.data;
    const before = this.#before;
    this.#before = null;
    if (listedSinceMs === undefined || ports.clock.nowMs() - listedSinceMs < settings.listedSettleMs) {
      this.#current = null;
      return ports.store;
    }
    if (this.#current && (this.#current.copy.isOld || !(await this.#current.copy.catchUp()))) this.#current = null;
    else if (before?.listedSinceMs === listedSinceMs) this.#current = await this.#goneOn(before);
    this.#current ??= await this.#anew(listedSinceMs);
    return this.#current?.copy.store ?? ports.store;
  }

  /** Where this process was overtaken: from the notes of who held the lock since. */
  async #goneOn(before: Kept): Promise<Current | null> {
    const { lock, settings } = this.#of;
    const { copy, epoch } = before;
    if (copy.isOld) return null;
    if (epoch === lock.epoch - 1) return (await copy.catchUp()) ? before : null;
    if (!isNoted(lock.item.data.noted, epoch, lock.epoch)) return null;
    await copy.crossTicks();
    return (await copy.catchUp()) && (await this.#stands(copy, settings.copyCheckedMax)) ? before : null;
  }

  /** Other ticks have written since the copy was read: some of it is compared with the store. */
  async #stands(copy: KeptCopy, most: number): Promise<boolean> {
    return !(await doubtSample(this.#of.ports, copy, most)) || copy.catchUp();
  }

  /** null: somebody has written something in between that the list does not explain. */
  async #anew(listedSinceMs: number): Promise<Current | null> {
    const { ports, settings, lock } = this.#of;
    const copy = await KeptCopy.load(ports, settings, lock.pool);
    return (await copy.catchUp()) ? { listedSinceMs, copy } : null;
  }

  /** What the lock says of the copy when it is released: call it before that. `listedSinceMs`: from now on. */
  async leave({ listedSinceMs }: LeftOfLarge): Promise<Pick<LeftOfLarge, 'noted'>> {
    const { ports, writes, lock } = this.#of;
    const { pool, epoch } = lock;
    const written = writes.take(pool);
    if (listedSinceMs === undefined) return {};
    if (written === null) {
      ports.log.write('info', 'a tick wrote more than it notes; who ticks next and has no copy reads everything', {
        ...{ pool, epoch, writtenMax },
      });
      return {};
    }
    const entries = await noteWritten(ports, pool, epoch, written);
    this.#current?.copy.noteOwnEntries(entries);
    const { noted } = lock.item.data;
    assert(noted === undefined || noted.through < epoch, `epoch ${String(epoch)} has left its note already`);
    return { noted: { from: noted?.through === epoch - 1 ? noted.from : epoch, through: epoch } };
  }

  /** The tick went well and has released its lock: the next one of this process may go on from here. */
  keep(): void {
    if (this.#current) this.#onKeep(this.#current);
  }
}

/** Whether all ticks behind this epoch and before that one have left notes. */
export function isNoted(noted: NotedTicks | undefined, behind: number, before: number): boolean {
  return noted !== undefined && noted.from <= behind + 1 && noted.through === before - 1;
}

// The copies of pools that one process keeps from tick to tick. A copy counts for who held the previous epoch of the
// pool's lock; and also where others held it since, if each of them has left a note of what it wrote (ticks-writes.ts).
import { assert } from '../../../core/values/errors.ts';
import type { CompactAt, LeftOfLarge, NotedTicks, TickLock } from '../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { CopyPorts } from './catch-up.ts';
import { KeptCopy } from './catch-up.ts';
import { noteWritten } from './change-list.ts';
import { readCompact } from './compact/reader.ts';
import { doubtSample } from './copy-check.ts';
import type { RoundSight } from './round-sight.ts';
import type { TicksWrites } from './ticks-writes.ts';
import { writtenMax } from './ticks-writes.ts';
import type { Store } from '../../../ports/store.ts';

/** Records in all copies of a process together: the oldest go first. Some 2 KB of memory each. */
const recordsMax = 400_000;

export const compactLoadedMessage = 'a compact copy of the pool was loaded';
export const compactUnusedMessage = 'no compact copy of the pool is loaded; everything is read';

/** What a copy has to know of the lock under which its tick runs. */
export interface LockOfTick {
  readonly pool: string;
  readonly epoch: number;
  readonly fence: TickLock['fence'];
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
  begin(ports: TickOfPool['ports'], writes: TicksWrites, settings: ControlSettings, lock: LockOfTick): TickCopy {
    const { pool, epoch } = lock;
    const kept = this.#kept.get(pool);
    this.#kept.delete(pool);
    writes.begin(lock.fence);
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

/** `sight`: of the copy that the store is; null: it is none. */
export interface StoreOfRound {
  readonly store: Store;
  readonly sight: RoundSight | null;
}

type Current = Pick<Kept, 'listedSinceMs' | 'copy'>;

interface TickOfPool {
  readonly ports: CopyPorts & Pick<ControlPorts, 'compactCopies'>;
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
  /** What others have left counts; undefined: there is nothing, or it was of no use. */
  #compact: CompactAt | undefined;

  constructor(of: TickOfPool, before: Kept | null, onKeep: (current: Current) => void) {
    this.#of = of;
    this.#before = before;
    this.#onKeep = onKeep;
    this.#compact = of.lock.item.data.compact;
  }

  /**
   * What this round reads from: call it when the wakes are served, so that what they are about is in it. The store
   * itself where nothing lists the changes of this pool.
   */
  async storeOfRound(): Promise<StoreOfRound> {
    const { ports, settings, lock } = this.#of;
    const { listedSinceMs } = lock.item.data;
    if (listedSinceMs === undefined || ports.clock.nowMs() - listedSinceMs < settings.listedSettleMs) {
      this.#current = null;
      this.#forgetEarlier();
      return { store: ports.store, sight: null };
    }
    this.#current = this.#current ? await this.#caughtUp(this.#current) : await this.#begun(listedSinceMs);
    if (this.#current === null) this.#forgetEarlier();
    const { store, sight } = this.#current?.copy ?? { store: ports.store, sight: null };
    return { store, sight };
  }

  /** What this tick writes is in no note until it ends: what was left before it counts in its first round alone. */
  #forgetEarlier(): void {
    this.#before = null;
    this.#compact = undefined;
  }

  async #begun(listedSinceMs: number): Promise<Current | null> {
    const before = this.#before;
    this.#before = null;
    const own = before?.listedSinceMs === listedSinceMs ? await this.#goneOn(before) : null;
    return own ?? (await this.#ofOthers(listedSinceMs)) ?? (await this.#anew(listedSinceMs));
  }

  async #caughtUp(current: Current): Promise<Current | null> {
    if (!current.copy.isOld && (await current.copy.catchUp())) return current;
    if (!current.copy.isOld) this.#compact = undefined; // it may have the same fault
    return this.#anew(current.listedSinceMs);
  }

  /** Where this process was overtaken: from the notes of who held the lock since. */
  async #goneOn(before: Kept): Promise<Current | null> {
    const { lock } = this.#of;
    const { copy, epoch } = before;
    if (copy.isOld) return null;
    if (epoch === lock.epoch - 1) return (await copy.catchUp()) ? before : this.#distrusted();
    if (!isNoted(lock.item.data.noted, epoch, lock.epoch)) return null;
    await copy.crossTicks();
    return (await this.#stands(copy)) ? before : this.#distrusted();
  }

  /** From what another process has left. */
  async #ofOthers(listedSinceMs: number): Promise<Current | null> {
    const { ports, settings, lock } = this.#of;
    const unusable = (reason: string, level: 'info' | 'warn'): null => {
      this.#compact = undefined;
      ports.log.write(level, compactUnusedMessage, { pool: lock.pool, reason });
      return null;
    };
    const at = this.#compact;
    if (!ports.compactCopies || !at) return unusable('there is none that counts', 'info');
    if (ports.clock.nowMs() - at.readAnewAtMs >= settings.copyLifeMs) return unusable('it is too old', 'info');
    if (!isNoted(lock.item.data.noted, at.epoch - 1, lock.epoch))
      return unusable('a tick since then has left no note of what it wrote', 'info');
    const compact = await readCompact(ports.compactCopies, lock.pool, at);
    if ('reason' in compact) return unusable(compact.reason, 'warn');
    if (compact.listedSinceMs !== listedSinceMs) return unusable('changes were not listed all the time', 'warn');
    const copy = await KeptCopy.fromCompact(ports, settings, compact);
    if (!(await this.#stands(copy))) return unusable('the change list does not explain all that has changed', 'warn');
    ports.log.write('info', compactLoadedMessage, {
      ...{ pool: lock.pool, parts: compact.parts.length, records: copy.copy.size, changes: copy.changes },
      ageMs: ports.clock.nowMs() - compact.listFromMs,
    });
    return { listedSinceMs, copy };
  }

  /** Other ticks have written since the copy was made: some of it is compared with the store. */
  async #stands(copy: KeptCopy): Promise<boolean> {
    if (!(await copy.catchUp())) return false;
    return !(await doubtSample(this.#of.ports, copy, this.#of.settings.copyCheckedMax)) || copy.catchUp();
  }

  #distrusted(): null {
    this.#compact = undefined;
    return null;
  }

  /** null: somebody has written something in between that the list does not explain. */
  async #anew(listedSinceMs: number): Promise<Current | null> {
    const { ports, settings, lock } = this.#of;
    const copy = await KeptCopy.load(ports, settings, lock.pool);
    return (await copy.catchUp()) ? { listedSinceMs, copy } : null;
  }

  /**
   * What the lock says of the copy when it is released: call it before that. `listedSinceMs`: from now on. What is left
   * for others is begun when what this tick wrote is noted, so that its notes are among those that they need.
   */
  async leave({ listedSinceMs }: LeftOfLarge): Promise<Pick<LeftOfLarge, 'noted' | 'compact'>> {
    const { ports, writes, settings, lock } = this.#of;
    const { pool, epoch } = lock;
    const written = writes.take(lock.fence);
    if (listedSinceMs === undefined) return {};
    if (written === null) {
      ports.log.write('info', 'a tick wrote more than it notes; who ticks next and has no copy reads everything', {
        ...{ pool, epoch, writtenMax },
      });
      return {};
    }
    const entries = await noteWritten(ports, pool, epoch, written);
    const { noted: before } = lock.item.data;
    assert(before === undefined || before.through < epoch, `epoch ${String(epoch)} has left its note already`);
    const noted = { from: before?.through === epoch - 1 ? before.from : epoch, through: epoch };
    const current = this.#current;
    current?.copy.noteOwn(entries, written.length);
    const { compactCopies } = ports;
    if (!compactCopies) return { noted };
    const known = this.#compact && noted.from <= this.#compact.epoch ? this.#compact : undefined;
    const compact =
      current?.listedSinceMs === listedSinceMs
        ? await current.copy.compact.step(
            { ports, copies: compactCopies, settings, epoch, listedSinceMs },
            current.copy,
            known,
          )
        : known;
    return { noted, ...(compact && { compact }) };
  }

  /** The tick did not go well. */
  end(): void {
    this.#of.writes.forget(this.#of.lock.fence);
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

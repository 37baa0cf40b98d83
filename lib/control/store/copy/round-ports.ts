// What a round of a tick reads from: the copy that this process keeps of a large pool (store/copy), or the store. The
// copy lies below the checks of records, whose results are kept with it.
import type { Store } from '../../../ports/store.ts';
import type { LeftOfLarge } from '../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { LockOfTick, TickCopy } from './pool-copies.ts';
import { PoolCopies } from './pool-copies.ts';
import type { RoundSight } from './round-sight.ts';
import type { AnnouncingStore } from './announcing-store.ts';
import type { BadRecords } from '../../tick/set-aside.ts';
import { withCheckedRecords } from '../../tick/set-aside.ts';

/** Their store knows what ticks write. */
type PortsOfTicks = ControlPorts & { readonly store: AnnouncingStore };

/** Of one process. */
export class RoundPorts {
  readonly #ports: PortsOfTicks;
  readonly #bad: BadRecords;
  readonly #copies = new PoolCopies();
  readonly #checked = new WeakMap<Store, ControlPorts>();

  /** `ports`: without checks of records. */
  constructor(ports: PortsOfTicks, bad: BadRecords) {
    this.#ports = ports;
    this.#bad = bad;
  }

  begin(settings: ControlSettings, lock: LockOfTick): RoundCopy {
    const { ticksWrites } = this.#ports.store;
    return new RoundCopy(this.#copies.begin(this.#ports, ticksWrites, settings, lock), (store) => this.#over(store));
  }

  #over(store: Store): ControlPorts {
    const known = this.#checked.get(store);
    if (known) return known;
    const ports = Object.create(this.#ports, { store: { value: store, enumerable: true } }) as ControlPorts;
    const checked = withCheckedRecords(ports, this.#bad);
    this.#checked.set(store, checked);
    return checked;
  }
}

/** Of one tick. */
export class RoundCopy {
  readonly #copy: TickCopy;
  readonly #over: (store: Store) => ControlPorts;

  constructor(copy: TickCopy, over: (store: Store) => ControlPorts) {
    this.#copy = copy;
    this.#over = over;
  }

  /** Call it when the wakes are served, so that what they are about is seen. */
  async portsOfRound(): Promise<{ readonly ports: ControlPorts; readonly sight: RoundSight | null }> {
    const { store, sight } = await this.#copy.storeOfRound();
    return { ports: this.#over(store), sight };
  }

  /** Before a tick that went well releases its lock: what that says of the copy, `left` being the rest. */
  leave(left: LeftOfLarge): Promise<LeftOfLarge> {
    return this.#copy.leave(left);
  }

  /** After a tick that did not go well: it leaves nothing. */
  end(): void {
    this.#copy.end();
  }

  /** After a tick that went well: the next one goes on from here. */
  keep(): void {
    this.#copy.keep();
  }
}

/** Changes are listed from a size of the pool on, and no more when it has become half as large. */
export function listedFrom(
  { copiedFromRecords }: ControlSettings,
  { item }: LockOfTick,
  records: number,
  nowMs: number,
): Pick<LeftOfLarge, 'listedSinceMs'> {
  const { listedSinceMs } = item.data;
  if (listedSinceMs === undefined) return records >= copiedFromRecords ? { listedSinceMs: nowMs } : {};
  return records >= copiedFromRecords / 2 ? { listedSinceMs } : {};
}

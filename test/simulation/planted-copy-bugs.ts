// Bugs that tests plant into the copies that ticks keep of their pools (control/store/copy): a change that nobody
// lists, and a copy that is used though another process had the lock in between. All pools are copied from their first
// tick on, and nothing is read anew by itself.
import type { ControlSettings } from '../../lib/control/ports.ts';
import type { Item, ItemKey, PutItem, Store } from '../../lib/ports/store.ts';
import type { Tampering } from '../../lib/simulator/run/types.ts';
import type { PlantedBug } from './planted-bugs.ts';

const alwaysCopied = (settings: ControlSettings): ControlSettings => ({
  ...settings,
  copiedFromRecords: 0,
  copyLifeMs: 24 * 3_600_000,
});

type PutOf<T> = Parameters<Store['put']>[0] & { readonly item: PutItem<T> };

function replacingPut<P extends { readonly store: Store }>(
  ports: P,
  own: (write: PutOf<never>) => Promise<Item<never>> | null,
): P {
  const { store } = ports;
  const put = (write: PutOf<never>): Promise<Item<never>> => own(write) ?? store.put(write);
  return { ...ports, store: { ...store, put: put } };
}

/** The entry is lost on its way, and whoever writes it believes that it was stored. */
function losingEntries(): Tampering {
  return {
    settings: alwaysCopied,
    ports: (ports) =>
      replacingPut(ports, ({ item, writeId }) =>
        item.pk.startsWith('CHANGES#')
          ? Promise.resolve({ index: {}, expiresAtMs: null, ...item, version: 1, writeId })
          : null,
      ),
  };
}

/** Epochs as this process counts them: those of other holders are left out, so that its own follow one another. */
class OwnEpochs {
  readonly #last = new Map<string, number>();
  readonly #ahead = new Map<string, number>();

  seen<T>(item: Item<T> | null): Item<T> | null {
    if (item === null || !isOfEpochs(item)) return item;
    const pool = poolOf(item);
    const { epoch } = item.data as { readonly epoch: number };
    const last = this.#last.get(pool);
    if (item.pk.startsWith('LOCK#') && last !== undefined) this.#ahead.set(pool, epoch - last);
    return { ...item, data: { ...item.data, epoch: epoch - (this.#ahead.get(pool) ?? 0) } };
  }

  written<T>(item: PutItem<T>): PutItem<T> {
    const { epoch } = item.data as { readonly epoch: number };
    return { ...item, data: { ...item.data, epoch: epoch + (this.#ahead.get(poolOf(item)) ?? 0) } };
  }

  took(item: PutItem): void {
    if (item.pk.startsWith('LOCK#')) this.#last.set(poolOf(item), (item.data as { readonly epoch: number }).epoch);
  }
}

function isOfEpochs({ pk }: ItemKey): boolean {
  return pk.startsWith('LOCK#') || pk.startsWith('FENCE#');
}

function poolOf({ pk }: ItemKey): string {
  return pk.slice(pk.indexOf('#') + 1);
}

function keepingCopiesOverOthers(): Tampering {
  return {
    settings: alwaysCopied,
    ports: (ports) => {
      const { store } = ports;
      const epochs = new OwnEpochs();
      const changed = replacingPut(ports, (write) => {
        if (!isOfEpochs(write.item)) return null;
        return store.put({ ...write, item: epochs.written(write.item) }).then((item) => {
          epochs.took(write.item);
          return { ...item, data: write.item.data };
        });
      });
      const get: Store['get'] = async <T>(key: ItemKey) => epochs.seen(await store.get<T>(key));
      return { ...changed, store: { ...changed.store, get } };
    },
  };
}

/** What a tick leaves in the lock is that of the tick before. */
function figuresOfTheTickBefore(): Tampering {
  const before = new Map<string, unknown>();
  return {
    settings: alwaysCopied,
    ports: (ports) =>
      replacingPut(ports, ({ item, ...write }) => {
        const { present } = item.data as { readonly present?: unknown };
        if (!item.pk.startsWith('LOCK#') || present === undefined) return null;
        const late = before.get(item.pk) ?? present;
        if ((item.data as { readonly holder: unknown }).holder === null) before.set(item.pk, present);
        return ports.store.put({
          ...write,
          item: { ...item, data: { ...(item.data as object), present: late } as never },
        });
      }),
  };
}

export const plantedCopyBugs: readonly PlantedBug[] = [
  { name: 'a change is not listed', invariants: [7, 12, 14, 15], plant: losingEntries },
  { name: "a copy is kept over another holder's epoch", invariants: [3, 7, 12, 14], plant: keepingCopiesOverOthers },
  { name: 'figures of a pool are those of the tick before', invariants: [28], plant: figuresOfTheTickBefore },
];

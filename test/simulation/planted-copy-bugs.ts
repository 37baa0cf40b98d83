// Bugs that tests plant into the copies that ticks keep of their pools (control/store/copy): a change that nobody
// lists, and a copy that is used though another process had the lock in between; compact copies that are not what was
// left, or from before what nobody noted. All pools are copied from their first
// tick on, and nothing is read anew by itself.
import type { LockRecord } from '../../lib/control/coordination/lock.ts';
import type { ControlSettings } from '../../lib/control/ports.ts';
import { hashOf, packManifest, packPart } from '../../lib/control/store/copy/compact/format.ts';
import { unpackManifest, unpackPart } from '../../lib/control/store/copy/compact/format.ts';
import type { Item, ItemKey, PutItem, Store } from '../../lib/ports/store.ts';
import type { CompactCopies } from '../../lib/ports/store/compact-copies.ts';
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
    // What ticks have noted goes by the true epochs.
    const { noted: _noted, compact: _compact, ...data } = item.data as unknown as LockRecord;
    const { epoch } = data;
    const last = this.#last.get(pool);
    if (item.pk.startsWith('LOCK#') && last !== undefined) this.#ahead.set(pool, epoch - last);
    // The fence is raised over a lock in doubt alone, and may be of long ago.
    return { ...item, data: { ...data, epoch: Math.max(0, epoch - (this.#ahead.get(pool) ?? 0)) } as T };
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

/** A compact copy of each pool as often as anything has changed, of several parts, and all of it compared. */
const alwaysCompact = (settings: ControlSettings): ControlSettings => ({
  ...alwaysCopied(settings),
  ...{ compactEveryMs: 0, compactPartRecords: 20, copyCheckedMax: Infinity },
});

/** What a tick wrote is in no note, though the lock says that it is. */
function losingNotes(): Tampering {
  return {
    settings: alwaysCompact,
    ports: (ports) =>
      replacingPut(ports, ({ item, writeId }) =>
        item.pk.startsWith('CHANGES#') && (item.data as { readonly epoch?: number }).epoch !== undefined
          ? Promise.resolve({ index: {}, expiresAtMs: null, ...item, version: 1, writeId })
          : null,
      ),
  };
}

/** The lock as it is read. */
function replacingLock<P extends { readonly store: Store }>(ports: P, own: (lock: LockRecord) => LockRecord): P {
  const get: Store['get'] = async <T>(key: ItemKey) => {
    const item = await ports.store.get<T>(key);
    if (item === null || !key.pk.startsWith('LOCK#')) return item;
    return { ...item, data: own(item.data as LockRecord) as T };
  };
  return { ...ports, store: { ...ports.store, get } };
}

/** Whoever takes the lock believes that all ticks before have left notes, also those that died. */
function believingInNotes(): Tampering {
  return {
    settings: alwaysCompact,
    ports: (ports) =>
      replacingLock(ports, (lock) =>
        lock.compact === undefined ? lock : { ...lock, noted: { from: 0, through: lock.epoch } },
      ),
  };
}

/** Of each part the second half is lost on its way, and manifest and lock say that it is as it was written. */
function acceptingTornParts(): Tampering {
  const parts = new Map<string, string>();
  const manifests = new Map<string, string>();
  const half = <T>(all: readonly T[]): T[] => all.slice(0, all.length >> 1);
  const tornPart = (bytes: Uint8Array): Uint8Array => {
    const { rows, places, chunks } = unpackPart(bytes, hashOf(bytes), 0);
    return packPart({ rows: half(rows), places: half(places), chunks });
  };
  const tornManifest = (bytes: Uint8Array): Uint8Array => {
    const manifest = unpackManifest(bytes, hashOf(bytes));
    return packManifest({ ...manifest, parts: manifest.parts.map((hash) => parts.get(hash) ?? hash) });
  };
  return {
    settings: alwaysCompact,
    ports: (ports) => {
      const { compactCopies } = ports;
      const write: CompactCopies['write'] = async (name, bytes) => {
        const isManifest = name.endsWith('/manifest');
        const torn = isManifest ? tornManifest(bytes) : tornPart(bytes);
        (isManifest ? manifests : parts).set(hashOf(bytes), hashOf(torn));
        await compactCopies?.write(name, torn);
      };
      const read: CompactCopies['read'] = async (name) => (await compactCopies?.read(name)) ?? null;
      const believing = replacingLock(ports, (lock) => {
        const { compact } = lock;
        return compact ? { ...lock, compact: { ...compact, hash: manifests.get(compact.hash) ?? compact.hash } } : lock;
      });
      return { ...believing, compactCopies: { write, read } };
    },
  };
}

export const plantedCopyBugs: readonly PlantedBug[] = [
  { name: 'a change is not listed', invariants: [7, 12, 14, 15, 30], plant: losingEntries },
  {
    name: "a copy is kept over another holder's epoch",
    invariants: [3, 7, 12, 14, 30],
    plant: keepingCopiesOverOthers,
  },
  { name: 'a tick does not list what it wrote', invariants: [7, 12, 14, 15, 30], plant: losingNotes },
  {
    name: 'notes of ticks that died are believed in',
    invariants: [7, 12, 14, 15, 30],
    rates: { crashBefore: 0.01, crashAfter: 0.01 },
    plant: believingInNotes,
  },
  { name: 'a torn compact copy is loaded', invariants: [7, 12, 14, 15, 30], plant: acceptingTornParts },
  { name: 'figures of a pool are those of the tick before', invariants: [28], plant: figuresOfTheTickBefore },
];

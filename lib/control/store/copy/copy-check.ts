// Compares some of a copy with the store, after it was brought up to date over the ticks of others: what differs is
// read anew, and unless the change list names it by then, the copy is dropped.
import type { ItemKey } from '../../../ports/store.ts';
import { keyName } from '../../../ports/store/rules.ts';
import { keys } from '../keys.ts';
import { reading } from '../store-retry.ts';
import type { CopyPorts, KeptCopy } from './catch-up.ts';
import { poolOfRow } from './copied-keys.ts';
import type { PoolCopy } from './pool-copy.ts';

/** Of the index at a time. */
const pageKeys = 100;

/**
 * Looks at so many requests of the copy, by chance, and at as many of the index. Whether any is not as the store has
 * it: then `kept` has noted it, and {@link KeptCopy.catchUp} says whether that is explained.
 */
export async function doubtSample(ports: CopyPorts, kept: KeptCopy, most: number): Promise<boolean> {
  if (most === 0) return false;
  const known = kept.copy.someRequests(most, ports.random.next());
  const unknown = await unknownOfIndex(ports, kept.copy, most);
  const ids = [...known, ...unknown];
  const items = await reading(ports, () => ports.store.getMany(ids.map(keys.request)));
  let isDoubted = false;
  ids.forEach((id, at) => {
    const item = items[at] ?? null;
    const own = kept.copy.request(id);
    if (own.isEnded) return; // it goes by itself, and nobody lists that
    const place = item !== null && poolOfRow(item.data) === kept.copy.pool ? item.index.open : undefined;
    if (isSame(own.place, place) && (own.version === undefined || own.version === (item?.version ?? 0))) return;
    const key = keys.request(id);
    kept.overtaken.set(keyName(key), { key, version: own.version ?? Math.max(0, (item?.version ?? 1) - 1) });
    isDoubted = true;
  });
  return isDoubted;
}

function isSame(a: ItemKey | undefined, b: ItemKey | undefined): boolean {
  return a?.pk === b?.pk && a?.sk === b?.sk;
}

/** Open requests that the index shows, from some place of each partition on, and of which the copy knows nothing. */
async function unknownOfIndex(ports: CopyPorts, copy: PoolCopy, most: number): Promise<readonly string[]> {
  const all = [...keys.openShards(copy.pool), ...keys.asideShards(copy.pool)];
  const some = most >= copy.size ? all : [all[Math.floor(ports.random.next() * all.length)] ?? ''];
  const ids: string[] = [];
  for (const pk of some) {
    let seen = 0;
    let cursor: string | undefined;
    do {
      const at = cursor;
      const page = await reading(ports, () => ports.store.indexKeys('open', { pk, limit: pageKeys, cursor: at }));
      seen += page.keys.length;
      ids.push(...page.keys.map(keys.requestIdOf).filter((id) => copy.request(id).place === undefined));
      cursor = page.cursor;
    } while (cursor !== undefined && seen < most);
  }
  return ids;
}

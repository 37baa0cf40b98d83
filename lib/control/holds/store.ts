// Where requests that hold are kept, and how they are read for a tick: consistently, the index only says where.
import type { GroupRecord, HoldRecord, KeptVolume, MachineLaunch } from '../../core/holds/hold.ts';
import type { Versioned } from '../../core/observation.ts';
import type { Item, PutItem } from '../../ports/store.ts';
import { keys } from '../keys.ts';
import type { ControlPorts } from '../ports.ts';
import { queryAll, reading } from '../writing.ts';

export type ReadingPorts = Pick<ControlPorts, 'store' | 'clock' | 'random'>;

/** In the index of what is held until it has ended; in `by-time` while it is kept. */
export function holdItem(record: HoldRecord, ended: { readonly expiresAtMs: number } | null): PutItem<HoldRecord> {
  const byTime = keys.byTime(record.tenant, record.id, record.createdAtMs);
  return {
    ...keys.request(record.id), data: record,
    index: ended ? { 'by-time': byTime } : { open: keys.held(record.pool, record.id, record.createdAtMs), 'by-time': byTime },
    expiresAtMs: ended?.expiresAtMs ?? null,
  };
}

function versioned<T>(item: Item<T>): Versioned<T> {
  return { record: item.data, version: item.version };
}

async function idsOfShard(ports: ReadingPorts, pk: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor;
    const page = await reading(ports, () => ports.store.queryIndex<HoldRecord>('open', { pk, limit: 1_000, cursor: at }));
    ids.push(...page.items.map((item) => item.data.id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

/** How many requests of the pool hold something, as the index has it. */
export async function heldIds(ports: ReadingPorts, pool: string): Promise<string[]> {
  return (await Promise.all(keys.heldShards(pool).map((pk) => idsOfShard(ports, pk)))).flat();
}

/** The pool's requests that hold, oldest first; ended ones that the index shows still are left out. */
export async function readHolds(ports: ReadingPorts, pool: string): Promise<readonly Versioned<HoldRecord>[]> {
  const ids = await heldIds(ports, pool);
  if (ids.length === 0) return [];
  const items = await reading(ports, () => ports.store.getMany<HoldRecord>(ids.map((id) => keys.request(id))));
  return items.filter((item) => item !== null).filter((item) => item.data.endedAtMs === null).map(versioned)
    .sort((a, b) => a.record.createdAtMs - b.record.createdAtMs || (a.record.id < b.record.id ? -1 : 1));
}

/** Everything that the pool's requests hold. */
export async function readHeld(ports: ControlPorts, pool: string): Promise<Held> {
  if (!ports.resources) return { holds: [], groups: [], launches: [], kept: [] };
  const holds = await readHolds(ports, pool);
  return { holds, ...await readDocuments(ports, pool) };
}

export interface Held extends HoldDocuments {
  readonly holds: readonly Versioned<HoldRecord>[];
}

export interface HoldDocuments {
  readonly groups: readonly Versioned<GroupRecord>[];
  readonly launches: readonly Versioned<MachineLaunch>[];
  readonly kept: readonly Versioned<KeptVolume>[];
}

export async function readDocuments(ports: ControlPorts, pool: string): Promise<HoldDocuments> {
  const items = await queryAll<unknown>(ports, keys.holds(pool));
  const of = <T>(prefix: string): Versioned<T>[] => items.filter((item) => item.sk.startsWith(prefix)).map((item) => versioned(item as Item<T>));
  return { groups: of<GroupRecord>('GROUP#'), launches: of<MachineLaunch>('LAUNCH#'), kept: of<KeptVolume>('KEPT#') };
}

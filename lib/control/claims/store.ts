// Where requests that hold are kept, and how they are read for a tick: consistently, the index only says where.
import type { AnyRequest, ClaimRecord } from '../../core/records/claim.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { KeptVolume } from '../../core/records/volume.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { MachineLaunch } from '../../core/records/launch.ts';
import { refersToRequests } from '../../core/claims/network-rules.ts';
import { isWarm } from '../../core/claims/warm.ts';
import type { Versioned } from '../../core/plan/observation.ts';
import type { Item, ItemKey, PutItem } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import type { OpenLaunches } from '../store/launches.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { indexedKeys, queryAll, reading, versioned } from '../store/store-retry.ts';

/** In the index of what is held until it has ended; in `by-time` while it is kept. */
export function claimItem(record: ClaimRecord, ended: { readonly expiresAtMs: number } | null): PutItem<ClaimRecord> {
  // No request: no index leads to it, so that how many there are is read consistently.
  if (isWarm(record)) return { ...keys.warm(record.pool, record.id), data: record };
  const byTime = keys.byTime(record.tenant, record.id, record.createdAtMs);
  return {
    ...keys.request(record.id),
    data: record,
    index: ended
      ? { 'by-time': byTime }
      : { open: keys.claimed(record.pool, record.id, record.createdAtMs), 'by-time': byTime },
    expiresAtMs: ended?.expiresAtMs ?? null,
  };
}

export function claimKey(pool: string, id: string): ItemKey {
  return isWarm({ id }) ? keys.warm(pool, id) : keys.request(id);
}

/** How many requests of the pool hold something, as the index has it. */
export async function keptIds(ports: ReadingPorts, pool: string): Promise<string[]> {
  return (await Promise.all(keys.claimShards(pool).map((pk) => indexedKeys(ports, 'open', pk))))
    .flat()
    .map(keys.requestIdOf);
}

/** The pool's requests that hold, oldest first; ended ones that the index shows still are left out. */
export async function readOpenClaims(ports: ReadingPorts, pool: string): Promise<readonly Versioned<ClaimRecord>[]> {
  const ids = await keptIds(ports, pool);
  if (ids.length === 0) return [];
  const items = await reading(ports, () => ports.store.getMany<ClaimRecord>(ids.map((id) => keys.request(id))));
  return items
    .filter((item) => item !== null)
    .filter((item) => item.data.endedAtMs === null)
    .map(versioned)
    .sort(byAge);
}

/**
 * Everything that the pool's requests hold. `launches`: read before, so that one which is handed out between the two
 * reads does not look like one that was never made.
 */
export async function readClaims(
  ports: ControlPorts,
  pool: string,
  { machines: launches, unreadable }: OpenLaunches,
): Promise<Claims> {
  const { warm, ...read } = await readDocuments(ports, pool);
  const documents = { ...read, launches, unreadable: [...read.unreadable, ...unreadable] };
  const requests = await withNamed(ports, pool, await readOpenClaims(ports, pool), documents);
  const isStanding = ({ record }: Versioned<ClaimRecord>): boolean => record.endedAtMs === null;
  return {
    claims: [...requests, ...warm.filter(isStanding)],
    ...documents,
    warmFailed: warm.filter((one) => !isStanding(one)),
  };
}

/** An index that lags may delay a decision, never justify one: whom records and documents name is read by its key. */
async function withNamed(
  ports: ReadingPorts,
  pool: string,
  claims: readonly Versioned<ClaimRecord>[],
  documents: Pick<ClaimDocuments, 'groups' | 'launches'>,
): Promise<readonly Versioned<ClaimRecord>[]> {
  const known = new Set(claims.map(({ record }) => record.id));
  const named = new Set([
    ...claims.flatMap(({ record }) => namedBy(record)),
    ...documents.groups.flatMap(({ record }) => record.references),
    ...documents.launches.flatMap(({ record }) => record.members.map((one) => one.request)),
  ]);
  const found: Versioned<ClaimRecord>[] = [];
  // What is found names others in turn, and none of them may look as if it were gone.
  for (let unknown = [...named].filter((id) => !known.has(id) && !isWarm({ id })); unknown.length > 0;) {
    for (const id of unknown) known.add(id);
    const ids = unknown;
    const items = await reading(ports, () => ports.store.getMany<AnyRequest>(ids.map((id) => keys.request(id))));
    const more = items.flatMap((item) =>
      item !== null && isClaim(item.data) && item.data.pool === pool && item.data.endedAtMs === null
        ? [{ record: item.data, version: item.version }]
        : [],
    );
    found.push(...more);
    unknown = [...new Set(more.flatMap(({ record }) => namedBy(record)))].filter(
      (id) => !known.has(id) && !isWarm({ id }),
    );
  }
  return found.length === 0 ? claims : [...claims, ...found].sort(byAge);
}

function byAge(a: Versioned<ClaimRecord>, b: Versioned<ClaimRecord>): number {
  return a.record.createdAtMs - b.record.createdAtMs || (a.record.id < b.record.id ? -1 : 1);
}

export function namedBy({ spec, usedBy, wantedNetwork }: ClaimRecord): readonly string[] {
  const wish = spec.type === 'storage' ? null : spec.network;
  const own =
    spec.type === 'virtual_machine'
      ? [...spec.volumeRequests, ...spec.networkRequests]
      : spec.type === 'storage' && spec.attachTo !== null
        ? [spec.attachTo]
        : [];
  return [
    ...own,
    ...[wish, wantedNetwork].flatMap((one) => (one ? refersToRequests(one) : [])),
    ...(usedBy ? [usedBy.request] : []),
  ];
}

export interface Claims extends ClaimDocuments {
  /** Requests, and after them warm machines. */
  readonly claims: readonly Versioned<ClaimRecord>[];
}

export interface ClaimDocuments {
  readonly groups: readonly Versioned<GroupRecord>[];
  readonly launches: readonly Versioned<MachineLaunch>[];
  readonly kept: readonly Versioned<KeptVolume>[];
  readonly warmFailed: readonly Versioned<ClaimRecord>[];
  /** Sort keys of documents, and ids of launches, that cannot be read. */
  readonly unreadable: readonly string[];
}

export async function readDocuments(
  ports: ReadingPorts,
  pool: string,
): Promise<Omit<ClaimDocuments, 'warmFailed' | 'launches'> & { readonly warm: readonly Versioned<ClaimRecord>[] }> {
  const items = await queryAll<unknown>(ports, keys.claims(pool));
  const isUnreadable = ({ data }: Item): boolean => typeof (data as { error?: unknown }).error === 'string';
  const readable = items.filter((item) => !isUnreadable(item));
  const of = <T>(prefix: string): Versioned<T>[] =>
    readable.filter((item) => item.sk.startsWith(prefix)).map((item) => versioned(item as Item<T>));
  return {
    unreadable: items.filter(isUnreadable).map((item) => item.sk),
    groups: of<GroupRecord>('GROUP#'),
    kept: of<KeptVolume>('KEPT#'),
    warm: of<ClaimRecord>('WARM#'),
  };
}

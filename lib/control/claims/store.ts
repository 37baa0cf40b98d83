// How claims are stored: a row for the request, and a document for each machine, volume and group. All documents of a
// pool are in one partition, which a tick reads with one query. The index finds rows; the rows themselves are then read
// consistently.
import type { AnyRequest, AnyRow, ClaimRecord, ClaimRow } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { ClaimedMachine, WarmMachine } from '../../core/records/machine.ts';
import type { GroupRecord } from '../../core/records/security-group.ts';
import type { ClaimedVolume, KeptVolume } from '../../core/records/volume.ts';
import { assembled, assembledWarm, isWarm, rowOf, warmDocument } from '../../core/claims/documents.ts';
import type { Document, PartDocuments } from '../../core/claims/documents.ts';
import { namedBy } from '../../core/claims/networks/network-rules.ts';
import type { SeenClaims, Versioned } from '../../core/plan/observation.ts';
import type { DocumentName } from '../../core/records/document-name.ts';
import type { Item, ItemKey, PutItem } from '../../ports/store.ts';
import { keys } from '../store/keys.ts';
import type { OpenLaunches } from '../store/launches.ts';
import type { ReadingPorts } from '../ports.ts';
import { indexedKeys, inParallel, queryAll, reading, versioned } from '../store/store-retry.ts';

/** In the index of claims until it has ended; in `by-time` while it is kept. */
export function rowItem(record: ClaimRow, ended: { readonly expiresAtMs: number } | null): PutItem<ClaimRow> {
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

/** The row of a request; of a warm machine its one document, which no index leads to. */
export function claimItem(
  claim: ClaimRecord,
  ended: { readonly expiresAtMs: number } | null,
): PutItem<ClaimRow | WarmMachine> {
  const warm = isWarm(claim) ? warmDocument(claim) : null;
  return warm ? { ...documentKey(warm), data: warm } : rowItem(rowOf(claim), ended);
}

export function claimKey(pool: string, id: string): ItemKey {
  return isWarm({ id }) ? keys.machine(pool, id, 0) : keys.request(id);
}

export function documentKey(document: Document): ItemKey {
  if ('place' in document) return keys.volume(document.pool, document.claim, document.place);
  if (!('instanceId' in document)) return keys.kept(document.pool, document.id);
  return keys.machine(document.pool, document.claim ?? document.id, document.index);
}

export function pastKey(document: ClaimedMachine | ClaimedVolume): ItemKey {
  return 'place' in document
    ? keys.pastVolume(document.claim, document.place)
    : keys.pastMachine(document.claim, document.index);
}

/** The requests that are claims of the pool and have not ended, as the index has them. */
export async function openClaimIds(ports: ReadingPorts, pool: string): Promise<string[]> {
  return (await Promise.all(keys.claimShards(pool).map((pk) => indexedKeys(ports, 'open', pk))))
    .flat()
    .map(keys.requestIdOf);
}

export interface Claims extends SeenClaims {
  /** Of all documents, by sort key. */
  readonly versions: ReadonlyMap<string, number>;
  /** Sort keys of documents, and ids of launches, that cannot be read. */
  readonly unreadable: readonly string[];
}

/**
 * All claims of the pool with everything that they have. `launches`: read before, so that one which is handed out
 * between the two reads does not look like one that was never made. `named`: others name them, and must not take them
 * for gone.
 */
export async function readClaims(
  ports: ReadingPorts,
  pool: string,
  { machines: machineLaunches, unreadable }: OpenLaunches,
  named: readonly string[] = [],
): Promise<Claims> {
  const { parts, warm, ...read } = await readDocuments(ports, pool);
  const documents = { ...read, machineLaunches, unreadable: [...read.unreadable, ...unreadable] };
  const namedByThese = [
    ...parts.keys(),
    ...documents.groups.flatMap(({ record }) => record.references),
    ...machineLaunches.flatMap(({ record }) => record.members.map((one) => one.request)),
  ];
  const { rows, over, ended } = await readRows(ports, pool, [...named, ...namedByThese]);
  const claims = rows.map(({ record, version }) => {
    const { error, ...found } = parts.get(record.id) ?? noParts;
    const claim = assembled(record, found);
    // One of its documents is unreadable, so nothing is decided about it.
    return { version, record: error === null ? claim : { ...claim, quarantine: claim.quarantine ?? error } };
  });
  const isStanding = ({ record }: Versioned<ClaimRecord>): boolean => record.endedAtMs === null;
  return {
    ...documents,
    claims: [...claims, ...warm.filter(isStanding)],
    warmFailed: warm.filter((one) => !isStanding(one)),
    leftOver: [...parts.values()].flatMap((one) => (over.has(one.claim) ? one.names : [])),
    ...(ended.size === 0 ? {} : { ended }),
  };
}

interface Parts extends PartDocuments {
  readonly claim: string;
  readonly machines: ClaimedMachine[];
  readonly volumes: ClaimedVolume[];
  readonly names: DocumentName[];
  /** Of a document that cannot be read. */
  error: string | null;
}

const noParts = { machines: [], volumes: [], error: null };

interface ReadDocuments extends Pick<Claims, 'groups' | 'kept' | 'versions' | 'unreadable'> {
  readonly parts: ReadonlyMap<string, Parts>;
  readonly warm: readonly Versioned<ClaimRecord>[];
}

function errorIn({ data }: Item): string | null {
  const { error } = data as { readonly error?: unknown };
  return typeof error === 'string' ? error : null;
}

async function readDocuments(ports: ReadingPorts, pool: string): Promise<ReadDocuments> {
  const items = await queryAll<unknown>(ports, keys.resources(pool));
  const readable = items.filter((item) => errorIn(item) === null);
  const of = <T>(prefix: string): Versioned<T>[] =>
    readable.filter((item) => item.sk.startsWith(prefix)).map((item) => versioned(item as Item<T>));
  const parts = new Map<string, Parts>();
  const warm: Versioned<ClaimRecord>[] = [];
  for (const item of items) {
    const isMachine = item.sk.startsWith(keys.machinePrefix);
    const { owner, part } = keys.partOf(item);
    if (!(isMachine || item.sk.startsWith('VOLUME#')) || owner === keys.keptOwner) continue;
    const error = errorIn(item);
    if (isWarm({ id: owner })) {
      if (error === null) warm.push({ record: assembledWarm(item.data as WarmMachine), version: item.version });
      continue;
    }
    const own = parts.get(owner) ?? { claim: owner, machines: [], volumes: [], names: [], error: null };
    parts.set(owner, own);
    own.names.push(
      isMachine ? { kind: 'machine', owner, index: Number(part) } : { kind: 'volume', owner, place: part },
    );
    if (error !== null) own.error ??= error;
    else if (isMachine) own.machines.push(item.data as ClaimedMachine);
    else own.volumes.push(item.data as ClaimedVolume);
  }
  return {
    parts,
    warm,
    versions: new Map(items.map((item) => [item.sk, item.version])),
    unreadable: items.filter((item) => errorIn(item) !== null).map((item) => item.sk),
    groups: of<GroupRecord>('GROUP#'),
    kept: of<KeptVolume>(keys.kept(pool, '').sk),
  };
}

/**
 * The rows of the pool's open claims, oldest first, and who has ended of all that are named. The index lags, which may
 * delay a decision but must not cause a wrong one: requests that others name are read by their key.
 */
async function readRows(
  ports: ReadingPorts,
  pool: string,
  named: readonly string[],
): Promise<{
  readonly rows: readonly Versioned<ClaimRow>[];
  readonly over: ReadonlySet<string>;
  /** Of replicas of services. */
  readonly ended: ReadonlyMap<string, ClaimRow>;
}> {
  const over = new Set<string>();
  const ended = new Map<string, ClaimRow>();
  const found: Versioned<ClaimRow>[] = [];
  const known = new Set<string>();
  // Rows that are found name further requests. Each must be read by its key: the index may lack it, and a request that
  // seems to be gone would be treated as released.
  for (let unknown = unknownOf([...(await openClaimIds(ports, pool)), ...named], known); unknown.length > 0;) {
    for (const id of unknown) known.add(id);
    const ids = unknown;
    const items = await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((id) => keys.request(id))));
    const more = items.flatMap((item) =>
      item !== null && isClaim(item.data) && item.data.pool === pool && item.data.endedAtMs === null
        ? [{ record: item.data, version: item.version }]
        : [],
    );
    found.push(...more);
    for (const [n, id] of ids.entries()) {
      const row = items[n]?.data;
      if (!row || (row.endedAtMs !== null && row.isUnreadable !== true)) over.add(id);
      if (row && over.has(id) && isMachineReplica(row)) ended.set(id, row);
    }
    unknown = unknownOf(
      more.flatMap(({ record }) => namedBy(record)),
      known,
    );
  }
  return { rows: found.sort(byAge), over, ended };
}

function isMachineReplica(row: AnyRow): row is ClaimRow {
  return row.spec.type === 'virtual_machine' && row.spec.service !== undefined;
}

function unknownOf(ids: readonly string[], known: ReadonlySet<string>): readonly string[] {
  return [...new Set(ids)].filter((id) => !known.has(id) && !isWarm({ id }));
}

function byAge(a: Versioned<ClaimRow>, b: Versioned<ClaimRow>): number {
  return a.record.createdAtMs - b.record.createdAtMs || (a.record.id < b.record.id ? -1 : 1);
}

/** The documents of one claim: of one that has ended from beside its row. */
async function documentsOfOne(ports: ReadingPorts, row: ClaimRow, pk: string): Promise<readonly Item[]> {
  const read = (skPrefix: string): Promise<readonly Item[]> => queryAll(ports, pk, { skPrefix });
  switch (row.spec.type) {
    case 'network':
      return [];
    case 'storage':
      return read(keys.volumesOf(row.id));
    case 'virtual_machine': {
      const machines = read(keys.machinesOf(row.id));
      return [...(await machines), ...(row.spec.volumes.length === 0 ? [] : await read(keys.volumesOf(row.id)))];
    }
  }
}

/** Later documents count. */
function put(row: ClaimRow, items: readonly Item[]): ClaimRecord {
  const byKey = new Map(items.map((item) => [item.sk, item]));
  const error = items.map(errorIn).find((one) => one !== null) ?? null;
  const readable = [...byKey.values()].filter((item) => errorIn(item) === null);
  const claim = assembled(row, {
    machines: readable
      .filter((item) => item.sk.startsWith(keys.machinePrefix))
      .map((one) => one.data as ClaimedMachine),
    volumes: readable.filter((item) => !item.sk.startsWith(keys.machinePrefix)).map((one) => one.data as ClaimedVolume),
  });
  return error === null ? claim : { ...claim, quarantine: claim.quarantine ?? error };
}

/** One claim as it stands, for a change of it; `versions` of its documents by sort key. */
export interface ReadClaim extends Versioned<ClaimRecord> {
  readonly versions: ReadonlyMap<string, number>;
}

/** null: there is no such claim. */
export async function readClaim(ports: ReadingPorts, pool: string, id: string): Promise<ReadClaim | null> {
  const item = await reading(ports, () => ports.store.get<AnyRow | WarmMachine>(claimKey(pool, id)));
  if (item === null || errorIn(item) !== null) return null;
  if ('life' in item.data) return { record: assembledWarm(item.data), version: item.version, versions: new Map() };
  if (!isClaim(item.data)) return null;
  const isEnded = item.data.endedAtMs !== null;
  const documents = await documentsOfOne(ports, item.data, isEnded ? item.pk : keys.resources(pool));
  return {
    record: put(item.data, documents),
    version: item.version,
    versions: new Map(documents.map((one) => [one.sk, one.version])),
  };
}

const readsAtOnce = 10;

/**
 * Rows with the parts of those that are claims. A row that is open here may have ended by now (an index lags):
 * documents that have left the pool's are found beside the row then.
 */
export async function withParts(ports: ReadingPorts, rows: readonly AnyRow[]): Promise<readonly AnyRequest[]> {
  return inParallel(rows, readsAtOnce, async (row): Promise<AnyRequest> => {
    if (!isClaim(row)) return row;
    const past = (): Promise<readonly Item[]> => documentsOfOne(ports, row, keys.request(row.id).pk);
    if (row.endedAtMs !== null) return put(row, await past());
    const now = await documentsOfOne(ports, row, keys.resources(row.pool));
    const isComplete = row.state === 'pending' || now.length >= documentsExpected(row);
    return put(row, isComplete ? now : [...now, ...(await past())]);
  });
}

/** Of one that was granted. */
function documentsExpected({ spec }: ClaimRow): number {
  if (spec.type === 'virtual_machine') return spec.count * (1 + spec.volumes.length);
  return spec.type === 'storage' ? 1 : 0;
}

export async function withItsParts(ports: ReadingPorts, row: AnyRow): Promise<AnyRequest> {
  const [record] = await withParts(ports, [row]);
  if (!record) throw new TypeError('a row has no record');
  return record;
}

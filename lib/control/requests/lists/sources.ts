// From where a list of requests is read: partitions of the store that have all of them in order of time. Of those that
// are open the pools' own partitions know, however many others have ended; of some their named lists do (listed.ts);
// of all, and of what fits no shorter list, the tenant's partitions by time.
import type { RequestState } from '../../../core/records/request.ts';
import type { Item, Page, QueryOptions } from '../../../ports/store.ts';
import type { ReadingPorts } from '../../ports.ts';
import { keys, openGroupOf } from '../../store/keys.ts';
import { inParallel, reading } from '../../store/store-retry.ts';

/** One partition, or a part of one, whose entries all have a place in the list. */
export interface Source {
  readonly pk: string;
  /** The index; null: the table. */
  readonly index: 'by-time' | 'open' | null;
  /** What its sort keys begin with, and how much of that is before the place. */
  readonly prefix: string;
  readonly cut: number;
}

/** By what a list is read. A cursor is good for lists of its own kind alone: what is at one time has other places. */
export type ListKind = 'time' | 'listed' | 'ended' | 'open';

export interface Sources {
  readonly kind: ListKind;
  readonly all: readonly Source[];
}

/** Where many pools or many priorities have open requests, the list by time is the shorter way. */
const openPoolsMax = 20;
const openSourcesMax = 60;
/** Of one shard: two per priority, or so. */
const groupProbesMax = 24;
const probesAtOnce = 32;

const openStates: readonly RequestState[] = ['pending', 'running', 'active', 'releasing'];

function partitions(index: Source['index'], pks: readonly string[]): readonly Source[] {
  return pks.map((pk) => ({ pk, index, prefix: '', cut: 0 }));
}

export function sourcesOfAll(tenant: string): Sources {
  return { kind: 'time', all: partitions('by-time', keys.byTimeShards(tenant)) };
}

export function sourcesOfLists(tenant: string, lists: readonly string[]): Sources {
  return {
    kind: 'listed',
    all: partitions(
      null,
      lists.flatMap((list) => keys.listedShards(tenant, list)),
    ),
  };
}

/**
 * These lists of claims, and the pools' own open claims, which are found without entries; null: in too many places.
 * Claims come alone, so that their places are the same in both, and by time.
 */
export async function sourcesOfClaims(
  ports: ReadingPorts,
  pools: readonly string[],
  tenant: string,
  lists: readonly string[],
): Promise<Sources | null> {
  if (pools.length > openPoolsMax) return null;
  const open = await filledOf(ports, pools.flatMap(keys.claimShards));
  return open.length > openSourcesMax ? null : { kind: 'listed', all: [...sourcesOfLists(tenant, lists).all, ...open] };
}

/**
 * The list of those that ended like this, and those that ended and have not left the open requests yet (of so many
 * pools that these are not looked at: a tick later). Each is listed by itself, also one of a batch.
 */
export async function sourcesOfEnded(
  ports: ReadingPorts,
  pools: readonly string[],
  tenant: string,
  list: string,
): Promise<Sources> {
  const ending = pools.length > openPoolsMax ? [] : pools.flatMap(keys.openShards);
  const filled = await inParallel(ending, probesAtOnce, async (pk): Promise<readonly Source[]> => {
    const first = await firstFrom(ports, pk, '');
    return first !== null && openGroupOf(first) === '!' ? [{ pk, index: 'open', prefix: '!', cut: 1 }] : [];
  });
  return { kind: 'ended', all: [...sourcesOfLists(tenant, [list]).all, ...filled.flat()] };
}

export interface OpenWish {
  readonly tenant: string;
  readonly state?: RequestState | undefined;
  readonly type?: string | undefined;
}

/** Whether only requests are wanted that have not ended. */
export function isOpenList({ state }: OpenWish): boolean {
  return state !== undefined && openStates.includes(state);
}

/** Where the open requests of these pools are; null: in too many places. */
export async function sourcesOfOpen(
  ports: ReadingPorts,
  pools: readonly string[],
  { tenant, state, type }: OpenWish,
): Promise<Sources | null> {
  if (pools.length > openPoolsMax) return null;
  const mayBeTask = (type ?? 'task') === 'task' && (state === 'pending' || state === 'running');
  const mayBeClaim = type !== 'task' && state !== 'running';
  const groups = await inParallel(mayBeTask ? pools.flatMap(keys.openShards) : [], probesAtOnce, (pk) =>
    groupsOf(ports, pk, tenant),
  );
  const others = pools.flatMap((pool) => [
    ...(mayBeTask ? keys.asideShards(pool) : []),
    ...(mayBeClaim ? keys.claimShards(pool) : []),
  ]);
  const all = [...groups.flatMap((one) => one ?? []), ...(await filledOf(ports, others))];
  return groups.includes(null) || all.length > openSourcesMax ? null : { kind: 'open', all };
}

/** Those of the partitions of `open` in which something is. */
async function filledOf(ports: ReadingPorts, pks: readonly string[]): Promise<readonly Source[]> {
  const filled = await inParallel(partitions('open', pks), probesAtOnce, async (source) =>
    (await firstFrom(ports, source.pk, '')) === null ? [] : [source],
  );
  return filled.flat();
}

/**
 * The tenant's groups of one shard of a pool's open requests, and those of all tenants: what is to end, and entries
 * that were written before there were groups. null: too many.
 */
async function groupsOf(ports: ReadingPorts, pk: string, tenant: string): Promise<readonly Source[] | null> {
  const found: Source[] = [];
  let from = '';
  for (let probes = 0; probes < groupProbesMax; probes += 1) {
    const sk = await firstFrom(ports, pk, from);
    if (sk === null) return found;
    const group = openGroupOf(sk);
    const own = keys.openGroupOfTenant(group, tenant);
    // Behind a group: `~` comes after whatever its keys go on with.
    if (own === null) {
      found.push({ pk, index: 'open', prefix: group, cut: group === '!' ? 1 : 0 });
      from = `${group}~`;
    } else if (group === own) {
      found.push({ pk, index: 'open', prefix: `${own}#`, cut: own.length + 1 });
      from = `${group}~`;
    } else from = group < own ? own : `${group.slice(0, group.indexOf('.'))}~`;
  }
  return null;
}

/** The first sort key of the partition from there on. */
async function firstFrom(ports: ReadingPorts, pk: string, skFrom: string): Promise<string | null> {
  const options = { pk, limit: 1, ...(skFrom === '' ? {} : { skFrom }) };
  for (let cursor: string | undefined; ;) {
    const at = cursor;
    const page = await reading(ports, () => ports.store.indexKeys('open', { ...options, cursor: at }));
    const [sk] = page.indexSks;
    if (sk !== undefined) return sk;
    if (page.cursor === undefined) return null;
    cursor = page.cursor;
  }
}

/** The place of an entry in the list. */
export function placeIn({ index, cut }: Source, item: Item | undefined): string {
  const sk = index === null ? item?.sk : item?.index[index]?.sk;
  return sk?.slice(cut) ?? '';
}

/** One page of a source, from a place on; null: from the beginning. */
export async function readSource<T>(
  { store }: Pick<ReadingPorts, 'store'>,
  { pk, index, prefix, cut }: Source,
  from: string | null,
  rest: Pick<QueryOptions, 'limit' | 'cursor' | 'isDescending'>,
): Promise<Page<T>> {
  const options = {
    pk,
    ...rest,
    ...(prefix === '' ? {} : { skPrefix: prefix }),
    ...(from === null ? {} : { skFrom: `${prefix.slice(0, cut)}${from}` }),
  };
  return index === null ? store.query<T>(options) : store.queryIndex<T>(index, options);
}

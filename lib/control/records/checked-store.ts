// Every record that control reads comes through here: one that is not what its readers need (edited by hand, of
// another version, cut short) is replaced by what stands in for it (salvage.ts), or left out, and reported. So
// nobody else has to mistrust a record, and one bad record costs nothing but itself.
import type { Condition, Item, ItemKey, Page, Store } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { Check } from './checks.ts';
import {
  chunkFrom,
  costsFrom,
  emptyOf,
  lockFrom,
  nodeFrom,
  poolFrom,
  requestFrom,
  serviceFrom,
  targetsFrom,
  tenantFrom,
  totalsFrom,
  webhookFrom,
} from './salvage.ts';
import { isWarm } from '../../core/claims/documents.ts';
import { keys } from '../store/keys.ts';
import { schemaVersion } from '../../core/records/schema.ts';
import { StoreSchemaError } from '../errors.ts';
import * as archiveShapes from './archive-shapes.ts';
import { shadow } from './shadow-shapes.ts';
import * as metricShapes from './metric-shapes.ts';
import * as shapes from './shapes.ts';
import * as targetShapes from './target-shapes.ts';

export interface BadRecord {
  readonly key: ItemKey;
  readonly version: number;
  /** For people: which record, and what is wrong with it. */
  readonly error: string;
  /** It stands in the way of nothing, but what it says is not known: it is left out of what is read. */
  readonly isLeftOut: boolean;
}

interface Kind {
  readonly name: string;
  readonly check: Check;
  /** What the record says of itself that its key says as well. */
  readonly named?: (key: ItemKey) => Readonly<Record<string, string | number>>;
  /** What stands in for it is written in its place. */
  readonly isRewritten?: true;
  /** null: it is left out. */
  readonly salvage: ((item: Item, data: unknown, error: string) => unknown) | null;
}

const request: Kind = {
  name: 'request',
  salvage: requestFrom,
  named: ({ pk }) => ({ id: afterHash(pk) }),
  check: (data) =>
    typeof data === 'object'
    && data !== null
    && (data as { spec?: { type?: unknown } }).spec?.type !== 'task'
    && isClaim(data)
      ? shapes.claim(data)
      : shapes.taskRequest(data),
};

function isClaim(data: object): boolean {
  const type = (data as { spec?: { type?: unknown } }).spec?.type;
  return type === 'virtual_machine' || type === 'storage' || type === 'network';
}

const singletons: Readonly<Record<string, Kind>> = rewritten({
  MEMORY: { name: 'pool memory', check: shapes.memory, salvage: () => emptyOf.memory },
  WHY: { name: 'reasons', check: shapes.why, salvage: () => emptyOf.why },
  FLOOR: { name: 'headroom floor', check: shapes.floor, salvage: () => emptyOf.floor },
  SHADOW: { name: 'shadow', check: shadow, salvage: () => emptyOf.shadow },
  CLOUDWATCH: { name: 'metrics of CloudWatch', check: metricShapes.cloudWatch, salvage: () => emptyOf.cloudWatch },
  TOTALS: { name: 'totals', check: shapes.totals, salvage: (_, data) => totalsFrom(data) },
  WAKE: { name: 'wake', check: shapes.wake, salvage: () => emptyOf.wake },
  LOCK: { name: 'lock', check: shapes.lock, salvage: (_, data) => lockFrom(data) },
  FENCE: { name: 'fence', check: shapes.fence, salvage: () => emptyOf.fence },
  BATCH: {
    name: 'batch',
    check: shapes.batch,
    salvage: ({ pk }) => ({ id: pk.slice('BATCH#'.length), requestIds: [] }),
  },
  ORPHANS: { name: 'list of orphans', check: shapes.orphans, salvage: () => emptyOf.orphans },
});

/** The next write mends them. */
function rewritten(kinds: Readonly<Record<string, Kind>>): Readonly<Record<string, Kind>> {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, { ...kind, isRewritten: true }]));
}

const leftOut = (name: string, check: Check): Kind => ({ name, check, salvage: null });
const ofPool = ({ pk, sk }: ItemKey): Readonly<Record<string, string>> => ({ id: sk, pool: afterHash(pk) });
/** Kept as a mark that it is there: the sweep must not take what it names for nobody's. */
const marked = (name: string, check: Check, idOf = ({ sk }: ItemKey): string => afterHash(sk)): Kind => ({
  name,
  check,
  salvage: (key, _, error) => ({ id: idOf(key), error }),
  named: (key) => ({ id: idOf(key), pool: afterHash(key.pk) }),
});
/** A claim whose machines and volumes are not all known is set aside: nothing is bought in their place. */
const part = (
  name: string,
  check: Check,
  ownName: (part: string) => Readonly<Record<string, string | number>>,
): Kind => ({
  name,
  check,
  salvage: (_key, _data, error) => ({ error }),
  named: (key) => ({
    claim: keys.partOf(key).owner,
    ...ownName(keys.partOf(key).part),
    ...(key.pk.startsWith('REQUEST#') ? {} : { pool: afterHash(key.pk) }),
  }),
});
const group = marked('security group', shapes.group);
const kept = marked('kept volume', shapes.kept, (key) => keys.partOf(key).part);
const warm = marked('warm machine', shapes.warm, (key) => keys.partOf(key).owner);
const machine = part('machine', shapes.machine, (index) => ({ index: Number(index) }));
const volume = part('volume', shapes.volume, (place) => ({ place }));

function resourceKind(key: ItemKey): Kind | undefined {
  const { owner } = keys.partOf(key);
  switch (key.sk.split('#', 1)[0]) {
    case 'GROUP':
      return group;
    case 'MACHINE':
      return isWarm({ id: owner }) ? warm : machine;
    case 'VOLUME':
      return owner === keys.keptOwner ? kept : volume;
    default:
      return undefined;
  }
}
const byPartition: Readonly<Record<string, Kind>> = {
  NODES: { name: 'node', isRewritten: true, check: shapes.node, salvage: nodeFrom, named: ofPool },
  LAUNCHES: { ...marked('launch', shapes.launch), named: ofPool },
  EVENTS: leftOut('published events', shapes.events),
  'NODE-EVENTS': leftOut('published events', shapes.events),
  WEBHOOKS: leftOut('webhook', shapes.webhook),
  WEBHOOK: {
    name: 'state of a webhook',
    check: shapes.webhookState,
    isRewritten: true,
    salvage: (_key, _data, error) => webhookFrom(error),
  },
  'WEBHOOK-WAITING': leftOut('undelivered event', shapes.undelivered),
  'WEBHOOK-DEAD': leftOut('undelivered event', shapes.undelivered),
  ACTIVITY: leftOut('activity', shapes.activity),
  ENDED: leftOut('note of what has ended', archiveShapes.ended),
  ARCHIVE: leftOut('part of the archive', archiveShapes.archivePart),
  SHORTAGES: leftOut('hour of shortages', archiveShapes.shortageHour),
  HISTORY: leftOut('demand over time', metricShapes.history),
  'SERVICE-HISTORY': leftOut('what a service wanted over time', metricShapes.history),
  LISTED: leftOut('entry of a list', shapes.batch),
  POOLS: { name: 'pool', check: shapes.pool, salvage: poolFrom },
  SERVICES: {
    name: 'service',
    check: shapes.service,
    salvage: (key, _, error) => serviceFrom(key, error),
    named: ({ pk, sk }) => ({ pool: afterHash(pk), tenant: sk.slice(0, sk.lastIndexOf('#')), name: afterLast(sk) }),
  },
  TARGETS: {
    name: 'targets of a service',
    isRewritten: true,
    check: targetShapes.targets,
    salvage: targetsFrom,
    named: ({ pk, sk }) => ({ pool: afterHash(pk), service: sk.slice(0, sk.indexOf('#')), arn: afterHash(sk) }),
  },
  REPORTED: leftOut('reported metrics', metricShapes.reported),
  COSTS: { name: 'costs of a day', isRewritten: true, check: shapes.costs, salvage: ({ sk }) => costsFrom(sk) },
  TENANTS: {
    name: 'tenant',
    isRewritten: true,
    check: shapes.tenant,
    salvage: tenantFrom,
    named: ({ sk }) => ({ name: sk }),
  },
};

/** undefined: what other code reads, and checks itself. */
function kindOf({ pk, sk }: ItemKey): Kind | undefined {
  const [partition = ''] = pk.split('#', 1);
  switch (partition) {
    case 'REQUEST':
      return sk === 'ROW' ? request : sk.startsWith(keys.chunkPrefix) ? chunk : resourceKind({ pk, sk });
    case 'RESOURCES':
      return resourceKind({ pk, sk });
    case 'POOL':
    case 'PAST-POOLS':
    case 'WAKE':
    case 'LOCK':
    case 'FENCE':
    case 'BATCH':
    case 'SWEEP':
      return own(singletons, sk);
    default:
      return own(byPartition, partition);
  }
}

function afterLast(text: string): string {
  return text.slice(text.lastIndexOf('#') + 1);
}

function afterHash(text: string): string {
  return text.slice(text.indexOf('#') + 1);
}

const chunk: Kind = {
  name: 'part of an array',
  check: shapes.chunk,
  salvage: (key, _, error) => chunkFrom(key, error),
  named: ({ pk, sk }) => ({ requestId: afterHash(pk), chunk: Number(afterHash(sk)) }),
};

/** A record under another's key would be written in that one's place, or never. */
function misnamed({ named }: Kind, key: ItemKey, data: unknown): string | null {
  for (const [field, value] of Object.entries(named?.(key) ?? {})) {
    const own = (data as Record<string, unknown>)[field];
    if (own !== value) return `.${field} is ${JSON.stringify(own)}, and its key says ${JSON.stringify(value)}`;
  }
  return null;
}

function own(kinds: Readonly<Record<string, Kind>>, name: string): Kind | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/** All records are objects. */
function stamped<T>(data: T): T {
  return { ...data, schemaVersion };
}

function withoutStamp(data: object): object {
  const { schemaVersion: _stamp, ...own } = data as { readonly schemaVersion?: unknown };
  return own;
}

function stampOf({ data }: Item): unknown {
  return typeof data === 'object' && data !== null
    ? (data as { readonly schemaVersion?: unknown }).schemaVersion
    : null;
}

/**
 * What a newer Bellows wrote is left alone: what stands in for it is never written, and where something would be, the
 * read fails. @throws StoreSchemaError
 */
function newerProblem(kind: Kind, item: Item): string | null {
  const stamp = stampOf(item);
  if (typeof stamp !== 'number' || stamp <= schemaVersion) return null;
  const problem =
    `.schemaVersion is ${String(stamp)}, and this Bellows knows ${String(schemaVersion)}: a newer Bellows wrote it, `
    + 'and that one has to run again';
  if (kind.isRewritten === true)
    throw new StoreSchemaError(`the ${kind.name} at ${item.pk} / ${item.sk} is left alone: ${problem.slice(1)}`);
  return problem;
}

/** Whoever works with a store reads its pools first, so these stand for all of it. @throws StoreSchemaError */
function refuseOld(item: Item): void {
  if (stampOf(item) !== undefined) return;
  throw new StoreSchemaError(
    `this store was written by an earlier Bellows, whose records have no schemaVersion (pool ${item.sk}), and there is `
      + 'no upgrade of it: release what it holds with that version, then begin with an empty store (on a laptop: '
      + 'another BELLOWS_HOME)',
  );
}

/** `report` is called for each read of a bad record. */
export function checkedStore(store: Store, report: (bad: BadRecord) => void): Store {
  // A store in memory, and a copy of a pool, answer the same objects again and again: whoever works something out of a
  // record can keep it with the record as long as that is the same object.
  const known = new WeakMap<object, object>();
  const knownItems = new WeakMap<Item, Item>();
  const checked = <T>(item: Item<T> | null): Item<T> | null => {
    if (item === null) return null;
    const before = knownItems.get(item);
    if (before) return before as Item<T>;
    const now = checkedAnew(item);
    // What stands in for a record is reported at each read.
    if (now !== null && isSound(item, now)) knownItems.set(item, now);
    return now;
  };
  const isSound = (item: Item, now: Item): boolean =>
    typeof item.data === 'object' && item.data !== null && known.get(item.data) === now.data;
  const checkedAnew = <T>(item: Item<T>): Item<T> | null => {
    const { data } = item as Item;
    const isObject = typeof data === 'object' && data !== null;
    const before = isObject ? known.get(data) : undefined;
    if (before) return { ...item, data: before as T };
    const kind = kindOf(item);
    const own = isObject ? withoutStamp(data) : data;
    const problem = kind ? (newerProblem(kind, item) ?? kind.check(own) ?? misnamed(kind, item, own)) : null;
    if (!kind || problem === null) {
      if (kind === byPartition['POOLS']) refuseOld(item);
      if (isObject) known.set(data, own as object);
      return { ...item, data: own as T };
    }
    const error =
      `the stored record of this ${kind.name} cannot be read: `
      + `${problem.startsWith(' ') ? `it${problem}` : problem.slice(1)} (${item.pk} / ${item.sk}, version `
      + `${String(item.version)})`;
    report({ key: { pk: item.pk, sk: item.sk }, version: item.version, error, isLeftOut: kind.salvage === null });
    return kind.salvage === null ? null : { ...item, data: kind.salvage(item, own, error) as T };
  };
  const checkedPage = <T>(page: Page<T>): Page<T> => ({
    ...page,
    items: page.items.flatMap((item) => checked(item) ?? []),
  });
  return {
    get: async <T>(key: ItemKey) => checked(await store.get<T>(key)),
    getMany: async <T>(keys: readonly ItemKey[]) => (await store.getMany<T>(keys)).map(checked),
    query: async <T>(options: Parameters<Store['query']>[0]) => checkedPage(await store.query<T>(options)),
    queryIndex: async <T>(...given: Parameters<Store['queryIndex']>) =>
      checkedPage(await store.queryIndex<T>(...given)),
    indexKeys: (index, options) => store.indexKeys(index, options),
    put: async (write) => {
      const { data } = write.item;
      const item = await seeing(store.put({ ...write, item: { ...write.item, data: stamped(data) } }), checked);
      return { ...item, data };
    },
    delete: (key: ItemKey, condition: Condition & number) => store.delete(key, condition),
    transact: (writes, writeId) =>
      store.transact(
        writes.map((one) => (one.op === 'put' ? { ...one, item: { ...one.item, data: stamped(one.item.data) } } : one)),
        writeId,
      ),
  };
}

/** What a failed put says is there is a record like any other. */
async function seeing<T>(put: Promise<Item<T>>, checked: (item: Item | null) => Item | null): Promise<Item<T>> {
  try {
    return await put;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    throw new ConditionFailedError(error.key, checked(error.current) ?? error.current);
  }
}

// Where every record lives in the store, and nowhere else is a key put together.
import type { HistoryLevel } from '../../core/forecast/history.ts';
import type { ItemKey } from '../../ports/store.ts';

const shards = 4;

/** A small stable hash (FNV-1a, 32 bit) to spread index keys. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Which of so many parts it is in: always the same one. */
export function spreadOver(text: string, parts: number): number {
  return hashOf(text) % parts;
}

function shardOf(text: string): number {
  return spreadOver(text, shards);
}

/** Fixed width, so that text order is time order. */
function timeText(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(14, '0');
}

/**
 * What the place of a request among the open ones is made of. Nothing of it changes while it waits: a key that
 * moves costs two writes.
 */
export interface OpenKeyFields {
  readonly id: string;
  readonly tenant: string;
  readonly priority: number;
  readonly createdAtMs: number;
  readonly isEnding: boolean;
}

/** What names a service in the store. */
export interface ServiceName {
  readonly pool: string;
  readonly tenant: string;
  readonly name: string;
}

/** What names the targets of a service in one group. */
export interface TargetsName {
  readonly pool: string;
  readonly service: string;
  readonly arn: string;
}

const priorityMost = 1_000_000;

/** Fixed width; higher priorities first. Tenants of equal hash share a group, which costs nobody more than a turn. */
function openGroup(priority: number, tenant: string): string {
  const rank = Math.min(2 * priorityMost, Math.max(0, priorityMost - Math.round(priority)));
  return `p${String(rank).padStart(7, '0')}.${hashOf(tenant).toString(16).padStart(8, '0')}`;
}

/**
 * The group of an entry of `open`; entries written before there were groups are one by themselves,
 * and those to be ended.
 */
export function openGroupOf(sk: string): string {
  return sk.startsWith('p') ? sk.slice(0, sk.indexOf('#')) : sk.slice(0, 1);
}

/** From when on an entry of `open` has been waiting, and its priority: 0 where the entry does not say. */
export function openEntryOf(sk: string): { readonly createdAtMs: number; readonly priority: number } {
  if (sk.startsWith('p'))
    return {
      createdAtMs: Number(sk.slice(sk.indexOf('#') + 1).split('#')[0]),
      priority: priorityMost - Number(sk.slice(1, 8)),
    };
  return {
    createdAtMs: Number(sk.replace(/^!/, '').split('#')[0]),
    priority: sk.startsWith('!') ? priorityMost + 1 : 0,
  };
}

const keptOwner = '(kept)';

function machineKey(owner: string, index: number): string {
  return `MACHINE#${owner}#${String(index).padStart(6, '0')}`;
}

function volumeKey(owner: string, place: string): string {
  return `VOLUME#${owner}#${place}`;
}

export const keys = {
  request: (id: string): ItemKey => ({ pk: `REQUEST#${id}`, sk: 'ROW' }),
  requestIdOf: (key: Pick<ItemKey, 'pk'>): string => key.pk.slice('REQUEST#'.length),
  chunk: (id: string, chunk: number): ItemKey => ({
    pk: `REQUEST#${id}`,
    sk: `CHUNK#${String(chunk).padStart(6, '0')}`,
  }),
  chunkPrefix: 'CHUNK#',
  /** A small output of an array's task; of a single task it is in its row. */
  output: (id: string, index: number, attempt: number): ItemKey => ({
    pk: `REQUEST#${id}`,
    sk: `OUTPUT#${String(index).padStart(7, '0')}#${String(attempt)}`,
  }),
  pool: (name: string): ItemKey => ({ pk: 'POOLS', sk: name }),
  pools: 'POOLS',
  tenant: (name: string): ItemKey => ({ pk: 'TENANTS', sk: name }),
  tenants: 'TENANTS',
  /** Written with every change of a tenant: see requests/tenants.ts. */
  tenantsMark: { pk: 'TENANTS-MARK', sk: 'MARK' } satisfies ItemKey,
  service: ({ pool, tenant, name }: ServiceName): ItemKey => ({ pk: `SERVICES#${pool}`, sk: `${tenant}#${name}` }),
  services: (pool: string): string => `SERVICES#${pool}`,
  servicesOf: (tenant: string): string => `${tenant}#`,
  /** What the owner of a service reports. */
  reported: ({ pool, tenant, name }: ServiceName): ItemKey => ({ pk: `REPORTED#${pool}`, sk: `${tenant}#${name}` }),
  /** What is registered of a service, by its id, with a target group. */
  targets: ({ pool, service, arn }: TargetsName): ItemKey => ({ pk: keys.allTargets(pool), sk: `${service}#${arn}` }),
  allTargets: (pool: string): string => `TARGETS#${pool}`,
  targetsOf: (service: string): string => `${service}#`,
  /** Written with every declaration and deletion of a service: see services/services.ts. */
  servicesMark: { pk: 'SERVICES-MARK', sk: 'MARK' } satisfies ItemKey,
  wake: (pool: string): ItemKey => ({ pk: `WAKE#${pool}`, sk: 'WAKE' }),
  lock: (pool: string): ItemKey => ({ pk: `LOCK#${pool}`, sk: 'LOCK' }),
  fence: (pool: string): ItemKey => ({ pk: `FENCE#${pool}`, sk: 'FENCE' }),
  isFence: ({ pk }: ItemKey): boolean => pk.startsWith('FENCE#'),
  /** null: it is no lock's. */
  poolOfLock: ({ pk }: ItemKey): string | null => (pk.startsWith('LOCK#') ? pk.slice('LOCK#'.length) : null),
  memory: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'MEMORY' }),
  why: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'WHY' }),
  setAside: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'SET-ASIDE' }),
  floor: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'FLOOR' }),
  shadow: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'SHADOW' }),
  /** What was last read of CloudWatch for its policies and those of its services. */
  cloudWatch: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'CLOUDWATCH' }),
  /** What its tasks wanted over time, an item for each level (core/forecast/history.ts). */
  history: (pool: string, level: HistoryLevel): ItemKey => ({ pk: `HISTORY#${pool}`, sk: level }),
  /** The same of requests that are forecast though their pool is not (core/tasks/capacity/learning/styles.ts). */
  ownHistory: (pool: string, level: HistoryLevel): ItemKey => ({ pk: `HISTORY#${pool}`, sk: `own ${level}` }),
  histories: (pool: string): string => `HISTORY#${pool}`,
  /** What its policies wanted over time; by id, so that another one of its name begins with nothing. */
  serviceHistory: ({ pool, id }: { readonly pool: string; readonly id: string }, level: HistoryLevel): ItemKey => ({
    pk: `SERVICE-HISTORY#${pool}`,
    sk: `${id}#${level}`,
  }),
  /** Requests of tasks that have ended and are not in the archive yet. */
  ended: (pool: string, atMs: number, id: string): ItemKey => ({
    pk: keys.allEnded(pool),
    sk: `${timeText(atMs)}#${id}`,
  }),
  allEnded: (pool: string): string => `ENDED#${pool}`,
  /** What is kept of tasks that ran (core/forecast/archive.ts), by the first note of where it is from. */
  archive: (pool: string, note: ItemKey, number: number): ItemKey => ({
    pk: keys.archives(pool),
    sk: `${keys.archiveParts(note)}${String(number).padStart(6, '0')}`,
  }),
  archiveParts: ({ sk }: Pick<ItemKey, 'sk'>): string => `${sk}#`,
  archives: (pool: string): string => `ARCHIVE#${pool}`,
  /** What EC2 had no capacity for in the hour that begins then. */
  shortages: (pool: string, atMs: number): ItemKey => ({ pk: keys.allShortages(pool), sk: timeText(atMs) }),
  allShortages: (pool: string): string => `SHORTAGES#${pool}`,
  /** Of keys that begin with a time. */
  atMsOf: ({ sk }: Pick<ItemKey, 'sk'>): number => Number(sk.slice(0, sk.indexOf('#'))),
  /** Of pools that are gone. */
  pastTotals: { pk: 'PAST-POOLS', sk: 'TOTALS' } satisfies ItemKey,
  /** What a pool cost on a day since 1970; those of one month (UTC) together, in order of pool and day. */
  costs: (pool: string, day: number): ItemKey => ({
    pk: keys.costsOfMonth(day),
    sk: `${pool}#${new Date(day * 86_400_000).toISOString().slice(0, 10)}`,
  }),
  costsOfMonth: (day: number): string => `COSTS#${new Date(day * 86_400_000).toISOString().slice(0, 7)}`,
  totals: (pool: string): ItemKey => ({ pk: `POOL#${pool}`, sk: 'TOTALS' }),
  node: (pool: string, id: string): ItemKey => ({ pk: `NODES#${pool}`, sk: id }),
  nodes: (pool: string): string => `NODES#${pool}`,
  /** Open launches, of nodes and of machines. */
  launch: (pool: string, id: string): ItemKey => ({ pk: `LAUNCHES#${pool}`, sk: id }),
  launches: (pool: string): string => `LAUNCHES#${pool}`,
  /** Settled launches, kept for people and audits. */
  pastLaunch: (pool: string, id: string): ItemKey => ({ pk: `PAST-LAUNCHES#${pool}`, sk: id }),
  activity: (pool: string, atMs: number, id: string): ItemKey => ({
    pk: `ACTIVITY#${pool}`,
    sk: `${timeText(atMs)}#${id}`,
  }),
  activities: (pool: string): string => `ACTIVITY#${pool}`,
  /** Published events of one tenant's requests, or (null) of nodes, by when they were written: see events/log.ts. */
  eventLog: (tenant: string | null, atMs: number, place: string): ItemKey => ({
    pk: keys.eventLogs(tenant),
    sk: `${timeText(atMs)}#${place}`,
  }),
  /** What is declared of webhooks; few. */
  webhook: (tenant: string, name: string): ItemKey => ({ pk: 'WEBHOOKS', sk: `${tenant}#${name}` }),
  webhooks: 'WEBHOOKS',
  webhooksOf: (tenant: string): string => `${tenant}#`,
  /** Written with every declaration and deletion of a webhook. */
  webhooksMark: { pk: 'WEBHOOKS-MARK', sk: 'MARK' } satisfies ItemKey,
  /** By the id of its declaration. */
  webhookState: (id: string): ItemKey => ({ pk: `WEBHOOK#${id}`, sk: 'STATE' }),
  /** `place`: in the log. */
  webhookWaiting: (id: string, place: string): ItemKey => ({ pk: keys.webhookWaitings(id), sk: place }),
  webhookWaitings: (id: string): string => `WEBHOOK-WAITING#${id}`,
  webhookDead: (id: string, place: string): ItemKey => ({ pk: keys.webhookDeads(id), sk: place }),
  webhookDeads: (id: string): string => `WEBHOOK-DEAD#${id}`,
  eventLogs: (tenant: string | null): string => (tenant === null ? 'NODE-EVENTS' : `EVENTS#${tenant}`),
  /** Events that wait to be published, by the time at which they are due. */
  outbox: (pool: string, dueAtMs: number, id: string): ItemKey => ({
    pk: `OUTBOX#${pool}`,
    sk: `${timeText(dueAtMs)}#${id}`,
  }),
  outboxes: (pool: string): string => `OUTBOX#${pool}`,
  orphans: { pk: 'SWEEP', sk: 'ORPHANS' } satisfies ItemKey,
  /** Which records of the pool are about to change (store/copy/change-list.ts), by time. */
  changes: (pool: string, atMs: number, id: string): ItemKey => ({
    pk: `CHANGES#${pool}#${String(shardOf(id))}`,
    sk: `${timeText(atMs)}#${id}`,
  }),
  changeShards: (pool: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `CHANGES#${pool}#${String(i)}`),

  /**
   * Index `open`: requests that have not been collected, by pool, in groups (priority, then tenant), and by age
   * within each. `!` before all groups: what a tick has to end, whatever its turn.
   */
  open: (pool: string, { id, tenant, priority, createdAtMs, isEnding }: OpenKeyFields): ItemKey => ({
    pk: `OPEN#${pool}#${String(shardOf(id))}`,
    sk: `${isEnding ? '!' : `${openGroup(priority, tenant)}#`}${timeText(createdAtMs)}#${id}`,
  }),
  /** The tenant's group of the same priority; null: this one has none, and is of all tenants. */
  openGroupOfTenant: (group: string, tenant: string): string | null =>
    group.startsWith('p') ? openGroup(priorityMost - Number(group.slice(1, 8)), tenant) : null,
  openShards: (pool: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `OPEN#${pool}#${String(i)}`),
  /** Index `open` again: requests that were set aside, so that they are in nobody's way. */
  aside: (pool: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `ASIDE#${pool}#${String(shardOf(id))}`,
    sk: `${timeText(createdAtMs)}#${id}`,
  }),
  asideShards: (pool: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `ASIDE#${pool}#${String(i)}`),
  /** Index `open` again, in partitions of their own: claims, which the tasks' tick does not look at. */
  claimed: (pool: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `HELD#${pool}#${String(shardOf(id))}`,
    sk: `${timeText(createdAtMs)}#${id}`,
  }),
  claimShards: (pool: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `HELD#${pool}#${String(i)}`),
  /**
   * What claims of the pool have of EC2, a document each, read by one query: groups, machines, warm ones among them,
   * and volumes, kept ones among them.
   */
  group: (pool: string, id: string): ItemKey => ({ pk: `RESOURCES#${pool}`, sk: `GROUP#${id}` }),
  /** `owner`: the claim that has it; of a warm machine its own id. */
  machine: (pool: string, owner: string, index: number): ItemKey => ({
    pk: `RESOURCES#${pool}`,
    sk: machineKey(owner, index),
  }),
  machinePrefix: 'MACHINE#',
  machinesOf: (owner: string): string => `MACHINE#${owner}#`,
  volume: (pool: string, claim: string, place: string): ItemKey => ({
    pk: `RESOURCES#${pool}`,
    sk: volumeKey(claim, place),
  }),
  volumesOf: (claim: string): string => `VOLUME#${claim}#`,
  /** No request has such an id. */
  kept: (pool: string, id: string): ItemKey => ({ pk: `RESOURCES#${pool}`, sk: volumeKey(keptOwner, id) }),
  resources: (pool: string): string => `RESOURCES#${pool}`,
  /** Whose a machine's or volume's document is, and which of them it is. */
  partOf: ({ sk }: Pick<ItemKey, 'sk'>): { readonly owner: string; readonly part: string } => {
    const [, owner = '', part = ''] = sk.split('#');
    return { owner, part };
  },
  keptOwner,
  /** Of claims that have ended: beside their row, for as long as that is kept. */
  pastMachine: (claim: string, index: number): ItemKey => ({ pk: `REQUEST#${claim}`, sk: machineKey(claim, index) }),
  pastVolume: (claim: string, place: string): ItemKey => ({ pk: `REQUEST#${claim}`, sk: volumeKey(claim, place) }),

  /** Index `by-time`: all requests of a tenant, one by one or (behind `~`) by batch. */
  byTime: (tenant: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `REQUESTS#${String(shardOf(id))}#${tenant}`,
    sk: `${timeText(createdAtMs)}#${id}`,
  }),
  batchByTime: (tenant: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `REQUESTS#${String(shardOf(id))}#${tenant}`,
    sk: `${timeText(createdAtMs)}#~${id}`,
  }),
  byTimeShards: (tenant: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `REQUESTS#${String(i)}#${tenant}`),
  timeText,
  /**
   * Requests of a tenant that have a name, or one value of a label that is indexed: `listed` says which. By time, one
   * by one or (behind `~`) by batch.
   */
  listed: (tenant: string, listed: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `LISTED#${String(shardOf(id))}#${listed}#${tenant}`,
    sk: `${timeText(createdAtMs)}#${id}`,
  }),
  listedBatch: (tenant: string, listed: string, id: string, createdAtMs: number): ItemKey => ({
    pk: `LISTED#${String(shardOf(id))}#${listed}#${tenant}`,
    sk: `${timeText(createdAtMs)}#~${id}`,
  }),
  listedShards: (tenant: string, listed: string): readonly string[] =>
    Array.from({ length: shards }, (_, i) => `LISTED#${String(i)}#${listed}#${tenant}`),
  batch: (id: string): ItemKey => ({ pk: `BATCH#${id}`, sk: 'BATCH' }),
};

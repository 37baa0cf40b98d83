// Pools: declared, changed, deleted. A deleted pool stays as a tombstone, so that a request which was on its
// way when it went is still found and ended.
import { machineWithDefaults } from '../../core/allocation/requirement-defaults.ts';
import { isLive, isNamed, isOver, paysForOffering } from '../../core/catalog/commitments.ts';
import { reservationRefused } from '../../core/tasks/placing/refusal-reason.ts';
import { atOwnPrices, isPriceOf } from '../../core/catalog/own-prices.ts';
import { unmetOfPool } from '../../core/values/requirements.ts';
import { meanToday } from '../../core/costs/commitment-days.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import { ownValue } from '../../core/values/dictionary.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { Why } from '../../core/plan/plan.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { shadowSpec } from '../../core/costs/shadow/policy.ts';
import { floorNodes, hasFloor } from '../../core/scaling/alarms.ts';
import { carriesShape, declaredShape } from '../../core/scaling/recent-tasks.ts';
import type { Item, Write } from '../../ports/store.ts';
import { InvalidPoolError, PoolInUseError, PreconditionFailedError } from '../errors.ts';
import { poolRevision } from '../../core/records/pool.ts';
import { lowerFloor, readFloorRecord } from '../tick/scaling/headroom-floor.ts';
import { warmProblem } from '../claims/submit.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import type { CommitmentShown, ListedPage, ListOptions, PoolRecord, PoolShown } from '../use-cases.ts';
import { pageOf } from './listing.ts';
import { dueSinceMs } from '../coordination/due.ts';
import { raiseWake } from '../coordination/wake.ts';
import { indexedKeys, queryAll, reading, update } from '../store/store-retry.ts';

export type PoolItem = Item<PoolRecord>;

export async function readPool(ports: ControlPorts, name: string): Promise<PoolItem | null> {
  return reading(ports, () => ports.store.get<PoolRecord>(keys.pool(name)));
}

/** What is decided with the pool's limits is written only while it is declared as it was read. */
export function poolCheck(pool: PoolItem): Write {
  return { op: 'check', key: keys.pool(pool.data.spec.name), condition: pool.version };
}

/** Tombstones included. */
export async function readPools(ports: ReadingPorts): Promise<readonly PoolItem[]> {
  return queryAll<PoolRecord>(ports, keys.pools);
}

const offeringCache = new WeakMap<readonly Offering[], Map<string, readonly Offering[]>>();

/**
 * The catalog's offerings that the pool may buy, at its own prices: what its requirements name, and the generic types
 * that they allow. The same array for the same catalog and spec.
 */
export async function offeringsOfPool(
  ports: ControlPorts,
  pool: Pick<PoolSpec, 'requirements' | 'maxNodeVcpu' | 'prices'>,
): Promise<readonly Offering[]> {
  const all = await ports.catalog.offerings();
  let byKey = offeringCache.get(all);
  if (!byKey) {
    byKey = new Map<string, readonly Offering[]>();
    offeringCache.set(all, byKey);
  }
  const key = JSON.stringify([pool.requirements, pool.maxNodeVcpu, pool.prices]);
  let found = byKey.get(key);
  if (!found) {
    const sold = all.filter(
      (one) =>
        unmetOfPool(pool.requirements, one) === null
        && (pool.maxNodeVcpu === undefined || one.type.vcpu <= pool.maxNodeVcpu),
    );
    found = atOwnPrices(sold, pool.prices);
    byKey.set(key, found);
  }
  return found;
}

export async function putPool(
  ports: ControlPorts,
  given: PoolSpec,
  ifMatch: readonly string[] | null = null,
): Promise<PoolRecord> {
  const offerings = await offeringsOfPool(ports, given);
  const spec =
    given.warm === undefined
      ? given
      : { ...given, warm: { ...given.warm, ...machineWithDefaults(given.warm, offerings) } };
  if (offerings.length === 0) {
    throw new InvalidPoolError(
      `no offering of the catalog meets the requirements of pool ${spec.name}; loosen requirements or maxNodeVcpu`,
    );
  }
  await checkShadow(ports, spec);
  checkPrices(spec, offerings);
  checkCommitments(spec, offerings);
  const problem = warmProblem(spec, offerings);
  if (problem !== null) throw new InvalidPoolError(problem);
  const shape = spec.headroom && declaredShape(spec.headroom, offerings);
  if (shape && !offerings.some((one) => carriesShape(one, shape)))
    throw new InvalidPoolError(
      `no offering that pool ${spec.name} may buy carries a task as large as its headroom says; loosen requirements or `
        + 'maxNodeVcpu, or say less in headroom',
    );
  const nowMs = ports.clock.nowMs();
  if (spec.alarms) {
    // Before the write that makes its alarms count, so that a repeat after a crash in between begins at zero, too.
    const present = await readPool(ports, spec.name);
    if (!present?.data.spec.alarms || present.data.deletingSinceMs !== null) await lowerFloor(ports, spec.name);
  }
  const { item } = await update<PoolRecord>(ports, keys.pool(spec.name), (current) => {
    const before = current?.data;
    const revision = before && before.deletingSinceMs === null ? poolRevision(before) : 'none';
    if (ifMatch !== null && !ifMatch.includes(revision) && !(ifMatch.includes('*') && revision !== 'none'))
      throw new PreconditionFailedError(`pool ${spec.name}`, revision);
    if (before && before.deletingSinceMs === null && JSON.stringify(before.spec) === JSON.stringify(spec)) return null;
    return {
      ...keys.pool(spec.name),
      data: {
        spec,
        specVersion: (before?.specVersion ?? 0) + 1,
        createdAtMs: before?.createdAtMs ?? nowMs,
        updatedAtMs: nowMs,
        deletingSinceMs: null,
        // What is there already may have one that it does not know of.
        ...(before ? hasServicesOf(before) : { hasServices: false }),
        ...(before?.paused && before.deletingSinceMs === null ? { paused: before.paused } : {}),
      },
    };
  });
  // Also by a repeat that changes nothing: the first one may have stopped between its write and this.
  await raiseWake(ports, spec.name);
  if (!item) throw new InvalidPoolError(`pool ${spec.name} was not stored`);
  return item.data;
}

/** @throws InvalidPoolError for a shadow that could buy nothing */
async function checkShadow(ports: ControlPorts, pool: PoolSpec): Promise<void> {
  if (pool.shadow === undefined) return;
  if ((await offeringsOfPool(ports, shadowSpec(pool, pool.shadow))).length > 0) return;
  throw new InvalidPoolError(
    `no offering of the catalog meets the requirements of the shadow of pool ${pool.name}; loosen its requirements or `
      + 'maxNodeVcpu',
  );
}

/** @throws InvalidPoolError for an own price that is of nothing which the pool may buy: it is a slip of the pen */
function checkPrices({ name, prices = [] }: PoolSpec, offerings: readonly Offering[]): void {
  const at = prices.findIndex((own) => !offerings.some((one) => isPriceOf(own, one)));
  const { instanceType, zone = 'any zone', capacityType = 'spot or on demand' } = prices[at] ?? {};
  if (at >= 0)
    throw new InvalidPoolError(
      `prices.${String(at)} of pool ${name} is of ${instanceType ?? ''} in ${zone}, ${capacityType}: nothing that the `
        + 'pool may buy; correct it, or leave it out',
    );
}

/** @throws InvalidPoolError for one that could never pay for anything which the pool may buy */
function checkCommitments({ name, commitments = [] }: PoolSpec, offerings: readonly Offering[]): void {
  const never = commitments.find((one) => !offerings.some((offering) => paysForOffering(one, offering)));
  if (never === undefined) return;
  const what =
    never.kind === 'savings-plan'
      ? `family ${never.instanceFamily ?? '(any)'}`
      : `${never.instanceType}${never.zone === undefined ? '' : ` in ${never.zone}`}`;
  throw new InvalidPoolError(
    `commitment ${never.name} of pool ${name} is of ${what}, on demand: nothing that the pool may buy; correct it, `
      + 'leave it out, or let requirements allow it',
  );
}

function hasServicesOf({ hasServices, hasTargets }: PoolRecord): Pick<PoolRecord, 'hasServices' | 'hasTargets'> {
  return { ...(hasServices === undefined ? {} : { hasServices }), ...(hasTargets === undefined ? {} : { hasTargets }) };
}

/**
 * The pool, as it is from its first service on, and (`hasTargets`) from the first one with target groups on; from then
 * on whoever reads it looks for them.
 */
export function withServices(pool: PoolItem, hasTargets: boolean): Write {
  const isMarked = pool.data.hasTargets === true || !hasTargets;
  if (pool.data.hasServices === true && isMarked) return poolCheck(pool);
  const { pk, sk, data } = pool;
  const marks = { hasServices: true, ...(hasTargets ? { hasTargets: true as const } : {}) };
  return { op: 'put', item: { pk, sk, data: { ...data, ...marks } }, condition: pool.version };
}

/**
 * Costs nothing where there never was one. A service is written together with the pool that knows of it, and its wake
 * is raised after that: who read the pool before sees it in the tick of that wake.
 */
export async function readServices(
  ports: ControlPorts,
  { spec, hasServices }: PoolRecord,
  range: Parameters<typeof queryAll>[2] = {},
): Promise<readonly Item<ServiceRecord>[]> {
  return hasServices === false ? [] : queryAll<ServiceRecord>(ports, keys.services(spec.name), range);
}

/** With what is due for it, and with its headroom and warm nodes, which two more reads know where it may have any. */
export async function showPool(ports: ControlPorts, name: string): Promise<PoolShown | null> {
  const item = await readPool(ports, name);
  if (!item || item.data.deletingSinceMs !== null) return null;
  const { spec } = item.data;
  const used = spec.commitments === undefined ? {} : { commitmentUse: await readUse(ports, spec) };
  const shown = { ...item.data, ...used, dueSinceMs: (await dueSinceMs(ports, [name])).get(name) ?? null };
  if (!hasFloor(spec) && spec.warmNodes?.minStopped === undefined) return shown;
  const why = (await reading(ports, () => ports.store.get<Why>(keys.why(name))))?.data;
  const warm = why?.warmNodes === undefined ? {} : { warmLacking: why.warmNodes };
  if (!hasFloor(spec)) return { ...shown, ...warm };
  const record = await readFloorRecord(ports, name);
  const headroom = { record, floorNodes: floorNodes(record, spec), lacking: why?.headroom ?? null };
  return { ...shown, ...warm, headroom };
}

/** Reads the pool's memory, where ticks keep it. */
async function readUse(ports: ControlPorts, { name, commitments = [] }: PoolSpec): Promise<readonly CommitmentShown[]> {
  const nowMs = ports.clock.nowMs();
  const memory = (await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name))))?.data;
  const days = memory?.commitments ?? {};
  return commitments.map((one) => {
    const of = one.kind === 'savings-plan' ? one.usdPerHour : one.count;
    const known = isOver(one, nowMs) ? undefined : ownValue(days, one.name);
    const [used, mean] = known === undefined ? [0, 0] : [known.used, meanToday(known, nowMs)];
    const refused = memory && isNamed(one) && isLive(one, nowMs) ? reservationRefused(memory, one, nowMs) : null;
    const isRefused = refused === null ? {} : { refused };
    return { name: one.name, used, of, meanToday: mean, isOver: isOver(one, nowMs), ...isRefused };
  });
}

export async function listPools(ports: ControlPorts): Promise<readonly PoolRecord[]> {
  return (await readPools(ports)).map((item) => item.data).filter((pool) => pool.deletingSinceMs === null);
}

/** With the use of commitments, which the memories of pools that have some know: a read for each of these. */
export async function pageOfPools(ports: ControlPorts, options: ListOptions): Promise<ListedPage<PoolShown>> {
  const page = await pageOf<PoolRecord>(ports, keys.pools, options);
  const items: PoolShown[] = [];
  for (const pool of page.items) {
    if (pool.deletingSinceMs !== null) continue;
    const { commitments } = pool.spec;
    items.push(commitments === undefined ? pool : { ...pool, commitmentUse: await readUse(ports, pool.spec) });
  }
  return { ...page, items };
}

export async function deletePool(ports: ControlPorts, name: string): Promise<PoolRecord | null> {
  const before = await readPool(ports, name);
  if (!before) return null;
  if (before.data.deletingSinceMs !== null) {
    await raiseWake(ports, name);
    return null;
  }
  const refuseWithServices = async (): Promise<void> => {
    if ((await readServices(ports, before.data)).length > 0)
      throw new PoolInUseError(`pool ${name} has services; delete them first`);
  };
  for (const pk of [...keys.openShards(name), ...keys.asideShards(name), ...keys.claimShards(name)]) {
    if ((await indexedKeys(ports, 'open', pk, 1)).length === 0) continue;
    // Replicas that are cancelled come back.
    await refuseWithServices();
    throw new PoolInUseError(`pool ${name} has requests that have not ended; cancel them or wait, then delete it`);
  }
  await refuseWithServices();
  const { item } = await update<PoolRecord>(ports, keys.pool(name), (current) => {
    if (!current || current.data.deletingSinceMs !== null) return null;
    const nowMs = ports.clock.nowMs();
    return {
      ...keys.pool(name),
      data: { ...current.data, deletingSinceMs: nowMs, updatedAtMs: nowMs, specVersion: current.data.specVersion + 1 },
    };
  });
  await raiseWake(ports, name);
  return item?.data ?? null;
}

// What a pool and its tenants have spent since the day and the month began, where budgets bound it: the days that are
// stored, and what nodes and claims have cost since they passed on something.
import { unbilledOfClaim, unbilledOfKept } from '../../core/claims/spent.ts';
import { dayOf, unbilled } from '../../core/costs/bills.ts';
import type { Spent, SpentBudgets } from '../../core/costs/budgets.ts';
import type { CostDay, CostEntry } from '../../core/costs/days.ts';
import { noCosts, withCosts } from '../../core/costs/days.ts';
import { nanoPerUsd } from '../../core/costs/meter.ts';
import { rowsOf } from '../../core/plan/rows/seen-rows.ts';
import type { OpenRequest, SeenClaims, Versioned } from '../../core/plan/observation.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { dictionary, ownValue } from '../../core/values/dictionary.ts';
import { readClaims } from '../claims/store.ts';
import type { ControlPorts } from '../ports.ts';
import { readPools } from '../requests/pools.ts';
import type { TenantMemory } from '../requests/tenants.ts';
import { readBudgets } from '../requests/tenants.ts';
import { monthOf, readCosts } from './costs.ts';
import { keys } from './keys.ts';
import { readLaunches } from './launches.ts';
import { queryAll } from './store-retry.ts';

type Costing = Pick<SeenClaims, 'claims' | 'kept'> & { readonly nodes: readonly Versioned<NodeRecord>[] };

/** By day, what is in the documents and not in the pool's days yet. */
export function openDays(
  pool: string,
  { nodes, claims, kept }: Costing,
  labelKeys: readonly string[],
  nowMs: number,
): readonly CostDay[] {
  const entries: CostEntry[] = [
    ...nodes.flatMap(({ record }) => unbilled(record, nowMs)),
    ...claims.flatMap(({ record }) => unbilledOfClaim(record, labelKeys, nowMs)),
    ...kept.flatMap(({ record }) => unbilledOfKept(record, nowMs)),
  ];
  return [...Map.groupBy(entries, (one) => one.day)].map(([day, all]) => withCosts(noCosts(pool, day), all));
}

/** {@link openDays}, of a pool that is not observed. */
export async function readOpenDays(
  ports: ControlPorts,
  pool: string,
  labelKeys: readonly string[],
  nowMs: number,
): Promise<readonly CostDay[]> {
  const nodes = (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map(({ data, version }) => ({
    record: data,
    version,
  }));
  const { claims, kept } = await readClaims(ports, pool, await readLaunches(ports, pool));
  return openDays(pool, { nodes, claims, kept }, labelKeys, nowMs);
}

/**
 * What a decision about the pool has to know; undefined: no budget is to be kept. Other pools are read only where a
 * tenant with a budget waits for something.
 */
export async function readSpent(
  ports: ControlPorts,
  pool: PoolSpec,
  seen: Costing & { readonly requests: readonly OpenRequest[] },
  memory: TenantMemory,
): Promise<SpentBudgets | undefined> {
  const waiting = new Set<string>();
  const { unsettled, settledTenants } = rowsOf(seen);
  for (const { record } of unsettled) if (record.endedAtMs === null) waiting.add(record.tenant);
  for (const tenant of settledTenants) waiting.add(tenant);
  const declared = waiting.size === 0 ? dictionary<never>() : await readBudgets(ports, memory);
  const names = [...waiting].filter((name) => ownValue(declared, name) !== undefined);
  if (pool.budget === undefined && names.length === 0) return undefined;
  const nowMs = ports.clock.nowMs();
  const month = monthOf(nowMs);
  const own = openDays(pool.name, seen, [], nowMs);
  const stored = await readCosts(ports, month, names.length === 0 ? pool.name : null);
  const others: CostDay[] = [];
  if (names.length > 0)
    for (const { sk } of await readPools(ports))
      if (sk !== pool.name) others.push(...(await readOpenDays(ports, sk, [], nowMs)));
  const all = [...stored, ...own, ...others].filter(({ day }) => day >= month.fromDay);
  const ofPool = all.filter((one) => one.pool === pool.name);
  const tenants = dictionary<NonNullable<SpentBudgets['tenants']>[string]>();
  for (const name of names) {
    const budget = ownValue(declared, name);
    if (budget) tenants[name] = { budget, spent: spentOf(all, nowMs, (one) => ownValue(one.tenants, name) ?? 0) };
  }
  return {
    ...(pool.budget === undefined ? {} : { pool: spentOf(ofPool, nowMs, (one) => one.nodes + one.claims) }),
    ...(names.length === 0 ? {} : { tenants }),
  };
}

function spentOf(days: readonly CostDay[], nowMs: number, figure: (day: CostDay) => number): Spent {
  const today = dayOf(nowMs);
  const usd = (all: readonly CostDay[]): number => all.reduce((sum, one) => sum + figure(one), 0) / nanoPerUsd;
  return { usdPerDay: usd(days.filter(({ day }) => day === today)), usdPerMonth: usd(days) };
}

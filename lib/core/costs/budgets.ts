// Budgets: what a pool, or a tenant over all pools, may cost in a day and in a month (UTC). Where one is spent nothing
// more of it starts until the next day or month begins; what runs goes on. What a pool may still spend also bounds how
// fast it may spend it: it buys no more than it could pay for an hour.
import type { BoundLimits, Budget, PoolSpec } from '../records/pool.ts';
import { dictionary, ownValue } from '../values/dictionary.ts';
import { dayMs } from './regret/sums.ts';

export const budgetKeys = ['usdPerDay', 'usdPerMonth'] as const satisfies readonly (keyof Budget)[];
export type BudgetKey = (typeof budgetKeys)[number];

/** What was spent since the day and the month began. */
export type Spent = Readonly<Record<BudgetKey, number>>;

/** Which budget holds back: plain data, shown by {@link stopText}. */
export interface BudgetStop {
  readonly budget: BudgetKey;
  readonly usd: number;
  /** At least; in steps of a tenth of the budget, so that it is not written anew with each cent. */
  readonly spentUsd: number;
  readonly untilMs: number;
}

/** Of a pool, and of the tenants that have a budget and something that waits. */
export interface SpentBudgets {
  readonly pool?: Spent;
  readonly tenants?: Readonly<Record<string, { readonly budget: Budget; readonly spent: Spent }>>;
}

/** Whose budget is spent. */
export interface BudgetStops {
  readonly pool?: BudgetStop;
  readonly tenants?: Readonly<Record<string, BudgetStop>>;
}

/** When the next day or month begins. */
export function nextBeginMs(key: BudgetKey, nowMs: number): number {
  const now = new Date(nowMs);
  return key === 'usdPerDay'
    ? (Math.floor(nowMs / dayMs) + 1) * dayMs
    : Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

/** The budget that holds back longest; null: none does. */
export function budgetStop(budget: Budget, spent: Spent, nowMs: number): BudgetStop | null {
  for (const key of ['usdPerMonth', 'usdPerDay'] as const) {
    const usd = budget[key];
    if (usd === undefined || spent[key] < usd) continue;
    const steps = usd === 0 ? 0 : Math.floor((spent[key] / usd) * 10) / 10;
    return { budget: key, usd, spentUsd: Number((steps * usd).toFixed(6)), untilMs: nextBeginMs(key, nowMs) };
  }
  return null;
}

/** `whose`: "pool nightly", "tenant search". */
export function stopText({ budget, usd, spentUsd, untilMs }: BudgetStop, whose: string): string {
  const [time, next] = budget === 'usdPerDay' ? ['today', 'day'] : ['this month', 'month'];
  return (
    `budget.${budget} of ${whose} is ${String(usd)} USD, and ${String(spentUsd)} USD or more are spent ${time} (UTC): `
    + `nothing more starts until the next ${next} begins at ${new Date(untilMs).toISOString()}; raise the budget to `
    + 'start it earlier'
  );
}

/** Of what is left a twentieth of the budget is the smallest step. */
const steps = 20;

/**
 * USD per hour that the pool may come to by buying: what is left, over an hour, and of which part of the budget.
 * Undefined: no budget bounds it. In steps, so that a reason that names it does not change with each cent.
 */
export function affordable(
  budget: Budget,
  spent: Spent,
): { readonly usdPerHour: number; readonly key: BudgetKey; readonly usd: number } | undefined {
  const left = budgetKeys.flatMap((key) => {
    const usd = budget[key];
    if (usd === undefined) return [];
    const usdPerHour = usd === 0 ? 0 : (Math.max(0, Math.floor(((usd - spent[key]) / usd) * steps)) / steps) * usd;
    return [{ usdPerHour, key, usd }];
  });
  return left.sort((a, b) => a.usdPerHour - b.usdPerHour)[0];
}

/** The pool with no more than its budget can pay. */
export function withBudget(pool: PoolSpec, spent: Spent | undefined): PoolSpec {
  const left = spent && pool.budget && affordable(pool.budget, spent);
  if (left === undefined || left.usdPerHour >= (pool.limits.usdPerHour ?? Infinity)) return pool;
  const { usdPerHour, ...usdOfBudget } = left;
  const limits: BoundLimits = { ...pool.limits, usdPerHour, usdOfBudget };
  return { ...pool, limits };
}

/** Whom a budget stops now; undefined: nobody. */
export function budgetStops(pool: PoolSpec, spent: SpentBudgets | undefined, nowMs: number): BudgetStops | undefined {
  if (spent === undefined) return undefined;
  const ofPool = spent.pool && pool.budget && budgetStop(pool.budget, spent.pool, nowMs);
  const tenants = dictionary<BudgetStop>();
  for (const [name, one] of Object.entries(spent.tenants ?? {})) {
    const stop = budgetStop(one.budget, one.spent, nowMs);
    if (stop !== null) tenants[name] = stop;
  }
  const hasTenants = Object.keys(tenants).length > 0;
  return ofPool || hasTenants ? { ...(ofPool ? { pool: ofPool } : {}), ...(hasTenants ? { tenants } : {}) } : undefined;
}

/** What holds a tenant's tasks back; undefined: nothing. */
export function stopOf(stops: BudgetStops | undefined, tenant: string): BudgetStop | undefined {
  return stops?.pool ?? (stops?.tenants && ownValue(stops.tenants, tenant));
}

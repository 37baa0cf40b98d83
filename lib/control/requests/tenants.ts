// Tenants: what operators declare of them, an item each. They change rarely and ticks read them often: a mark is
// written with every change, and its version says whether what a process has read of them is still so.
import type { TenantRecord, TenantWeights } from '../../core/records/tenant.ts';
import { tenantsMax } from '../../core/records/tenant.ts';
import { dictionary, isSame } from '../../core/values/dictionary.ts';
import type { Budget } from '../../core/records/pool.ts';
import type { Item, Write } from '../../ports/store.ts';
import { TooManyTenantsError } from '../errors.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { queryAll, reading, updateWith } from '../store/store-retry.ts';

/** By name. */
export type TenantBudgets = Readonly<Record<string, Budget>>;

/** What a process remembers of them. */
export class TenantMemory {
  version: number | null = null;
  weights: TenantWeights = dictionary<number>();
  budgets: TenantBudgets = dictionary<Budget>();
}

export async function readWeights(ports: ReadingPorts, memory: TenantMemory): Promise<TenantWeights> {
  await refresh(ports, memory);
  return memory.weights;
}

/** Of those who have one. */
export async function readBudgets(ports: ReadingPorts, memory: TenantMemory): Promise<TenantBudgets> {
  await refresh(ports, memory);
  return memory.budgets;
}

/** One read of a small item, unless something was changed since the last one. */
async function refresh(ports: ReadingPorts, memory: TenantMemory): Promise<void> {
  // Before the tenants: what is written in between is read again the next time.
  const version = (await reading(ports, () => ports.store.get(keys.tenantsMark)))?.version ?? null;
  if (version !== memory.version) {
    const weights = dictionary<number>();
    const budgets = dictionary<Budget>();
    for (const { name, weight, budget } of await listTenants(ports)) {
      weights[name] = weight;
      if (budget !== undefined) budgets[name] = budget;
    }
    memory.weights = weights;
    memory.budgets = budgets;
    memory.version = version;
  }
}

/** By name. No more than {@link tenantsMax}, which {@link putTenant} sees to. */
export async function listTenants(ports: ReadingPorts): Promise<readonly TenantRecord[]> {
  return (await queryAll<TenantRecord>(ports, keys.tenants)).map((item) => item.data);
}

export async function getTenant(ports: ReadingPorts, name: string): Promise<TenantRecord | null> {
  return (await reading(ports, () => ports.store.get<TenantRecord>(keys.tenant(name))))?.data ?? null;
}

/** Creates or replaces. @throws TooManyTenantsError */
export async function putTenant(
  ports: ControlPorts,
  spec: Pick<TenantRecord, 'name' | 'weight' | 'budget'>,
): Promise<TenantRecord> {
  const nowMs = ports.clock.nowMs();
  return change(ports, spec.name, async (before) => {
    if (before && before.data.weight === spec.weight && isSame(before.data.budget, spec.budget))
      return { answer: before.data, write: null };
    // The mark's version keeps this count true until the write: all changes of tenants write it.
    if (before === null && (await listTenants(ports)).length >= tenantsMax) throw new TooManyTenantsError(tenantsMax);
    const data = { ...spec, createdAtMs: before?.data.createdAtMs ?? nowMs, updatedAtMs: nowMs };
    const item = { ...keys.tenant(spec.name), data };
    return { answer: data, write: { op: 'put', item, condition: before?.version ?? 'absent' } };
  });
}

/** It has the default of everything again; its requests stay. null: nobody declared it. */
export async function deleteTenant(ports: ControlPorts, name: string): Promise<TenantRecord | null> {
  return change(ports, name, async (before) => ({
    answer: before?.data ?? null,
    write: before && { op: 'delete', key: keys.tenant(name), condition: before.version },
  }));
}

async function change<T>(
  ports: ControlPorts,
  name: string,
  decide: (before: Item<TenantRecord> | null) => Promise<{ readonly answer: T; readonly write: Write | null }>,
): Promise<T> {
  let answer = null as T;
  const data = { changedAtMs: ports.clock.nowMs() };
  await updateWith<object>(ports, keys.tenantsMark, async () => {
    const decided = await decide(await reading(ports, () => ports.store.get<TenantRecord>(keys.tenant(name))));
    ({ answer } = decided);
    return decided.write && { item: { ...keys.tenantsMark, data }, others: [decided.write] };
  });
  return answer;
}

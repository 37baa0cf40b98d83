// What a pool cost on one day (UTC), by who pays: bounded, whatever names requests have.
import { tenantsMax } from '../records/tenant.ts';
import { dictionary } from '../values/dictionary.ts';

/** A part of what something cost on a day. `node`: the whole of a node; `task`: what of it an attempt pays for. */
export interface CostEntry {
  readonly kind: 'node' | 'task' | 'claim';
  readonly day: number;
  readonly nanoUsd: number;
  /** Absent: of a node. */
  readonly tenant?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** All in nano-USD. What nodes cost and no task pays for is idle: booting, headroom, room that nobody asked for. */
export interface CostDay {
  readonly pool: string;
  readonly day: number;
  readonly nodes: number;
  readonly tasks: number;
  /** Machines and volumes of claims. */
  readonly claims: number;
  readonly tenants: Readonly<Record<string, number>>;
  /** By {@link labelName}: of each tenant's, of the keys that the installation declares. */
  readonly labels: Readonly<Record<string, number>>;
}

/**
 * Names of a day; the sums of all others are one. As many tenants as can be declared: what one without a name has spent
 * is not held against its budget.
 */
export const costTenantsMax = tenantsMax;
export const costLabelsMax = 400;

export function noCosts(pool: string, day: number): CostDay {
  return { pool, day, nodes: 0, tasks: 0, claims: 0, tenants: {}, labels: {} };
}

/** With these, which are of that day. */
export function withCosts(before: CostDay, entries: readonly CostEntry[]): CostDay {
  let { nodes, tasks, claims } = before;
  const tenants = copied(before.tenants);
  const labels = copied(before.labels);
  for (const { kind, nanoUsd, tenant, labels: its = {} } of entries) {
    if (kind === 'node') nodes += nanoUsd;
    if (kind === 'task') tasks += nanoUsd;
    if (kind === 'claim') claims += nanoUsd;
    if (tenant === undefined) continue;
    add(tenants, tenant, nanoUsd, costTenantsMax, '(others)');
    for (const [key, value] of Object.entries(its))
      add(labels, labelName(tenant, key, value), nanoUsd, costLabelsMax, labelName('', key, '(others)'));
  }
  return { ...before, nodes, tasks, claims, tenants, labels };
}

/** No tenant, key or value has a line break. */
export function labelName(tenant: string, key: string, value: string): string {
  return `${tenant}\n${key}\n${value}`;
}

export function labelParts(name: string): { readonly tenant: string; readonly key: string; readonly value: string } {
  const [tenant = '', key = '', value = ''] = name.split('\n');
  return { tenant, key, value };
}

/** Names come from outside: never looked up in a prototype. */
function copied(sums: Readonly<Record<string, number>>): Record<string, number> {
  const all = dictionary<number>();
  for (const [name, nanoUsd] of Object.entries(sums)) all[name] = nanoUsd;
  return all;
}

function add(sums: Record<string, number>, name: string, nanoUsd: number, max: number, others: string): void {
  const own = name in sums || Object.keys(sums).length < max ? name : others;
  sums[own] = (sums[own] ?? 0) + nanoUsd;
}

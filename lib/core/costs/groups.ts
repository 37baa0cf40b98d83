// The days of all pools by what a reader asks for: pool, tenant, or the values of one label.
import type { CostDay } from './days.ts';
import { labelParts } from './days.ts';
import { othersName } from './bills.ts';

export type CostsBy =
  | { readonly by: 'pool' }
  /** `reader`: others are not named to him; null: an operator. */
  | { readonly by: 'tenant'; readonly reader: string | null }
  | { readonly by: 'label'; readonly key: string; readonly reader: string | null };

export interface GroupedDay {
  readonly day: number;
  /** Of all, in nano-USD: the groups together. */
  readonly nanoUsd: number;
  readonly idle: number;
  readonly groups: ReadonlyMap<string, number>;
}

/** Groups with a name of their own; what others cost is one. */
export const costGroupsMax = 50;

export const idleName = '(idle)';
export const noneName = '(none)';

/** In order of day. Of more than {@link costGroupsMax} groups those that cost most are named. */
export function groupedDays(days: readonly CostDay[], by: CostsBy): readonly GroupedDay[] {
  const grouped = [...Map.groupBy(days, (one) => one.day)].map(([day, all]): GroupedDay => {
    const groups = new Map<string, number>();
    for (const one of all) for (const [name, nanoUsd] of groupsOf(one, by)) add(groups, name, nanoUsd);
    return {
      day,
      nanoUsd: all.reduce((sum, one) => sum + one.nodes + one.claims, 0),
      idle: all.reduce((sum, one) => sum + idleOf(one), 0),
      groups,
    };
  });
  const sums = new Map<string, number>();
  for (const { groups } of grouped) for (const [name, nanoUsd] of groups) add(sums, name, nanoUsd);
  const named = new Set(
    [...sums]
      .sort(([x, a], [y, b]) => b - a || (x < y ? -1 : 1))
      .slice(0, costGroupsMax)
      .map(([name]) => name),
  );
  return grouped.map((one) => ({ ...one, groups: onlyNamed(one.groups, named) })).sort((a, b) => a.day - b.day);
}

/** Booting, headroom, and room that no task asked for. */
function idleOf({ nodes, tasks }: CostDay): number {
  return nodes - tasks;
}

function groupsOf(day: CostDay, by: CostsBy): readonly (readonly [string, number])[] {
  if (by.by === 'pool') return [[day.pool, day.nodes + day.claims]];
  const paid = by.by === 'tenant' ? tenantsOf(day, by.reader) : labelsOf(day, by.key, by.reader);
  const left = day.tasks + day.claims - paid.reduce((sum, [, nanoUsd]) => sum + nanoUsd, 0);
  const rest: readonly [string, number] = [by.by === 'tenant' || by.reader !== null ? othersName : noneName, left];
  return [...paid, rest, [idleName, idleOf(day)] as const].filter(([, nanoUsd]) => nanoUsd !== 0);
}

function tenantsOf({ tenants }: CostDay, reader: string | null): readonly (readonly [string, number])[] {
  return Object.entries(tenants).filter(([tenant]) => reader === null || tenant === reader);
}

/** What of a tenant has no such label is not told apart from what others pay. */
function labelsOf({ labels }: CostDay, key: string, reader: string | null): readonly (readonly [string, number])[] {
  return Object.entries(labels).flatMap(([name, nanoUsd]) => {
    const part = labelParts(name);
    return part.key === key && (reader === null || part.tenant === reader) ? [[part.value, nanoUsd] as const] : [];
  });
}

function onlyNamed(groups: ReadonlyMap<string, number>, named: ReadonlySet<string>): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const [name, nanoUsd] of groups) add(all, named.has(name) ? name : othersName, nanoUsd);
  return all;
}

function add(sums: Map<string, number>, name: string, nanoUsd: number): void {
  sums.set(name, (sums.get(name) ?? 0) + nanoUsd);
}

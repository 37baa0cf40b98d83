// What the installation cost by day and by who pays: the days that are stored, and what nodes, claims and kept volumes
// have cost since they passed on something.
import { dayOf } from '../../../core/costs/bills.ts';
import type { CostDay } from '../../../core/costs/days.ts';
import type { CostsBy } from '../../../core/costs/groups.ts';
import { groupedDays } from '../../../core/costs/groups.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { readCosts } from '../../store/costs.ts';
import { readOpenDays } from '../../store/spent.ts';
import type { CostQuestion, Costs } from '../../use-cases.ts';
import { readPools } from '../pools.ts';

const defaultDays = 7;
const daysMax = 366;

/** null: the installation does not declare that label. */
export async function costsBy(
  ports: ControlPorts,
  settings: Pick<ControlSettings, 'labelKeys'>,
  { by, sinceMs, pool, reader }: CostQuestion,
): Promise<Costs | null> {
  const how = costsOrder(by, reader, settings.labelKeys);
  if (how === null) return null;
  const atMs = ports.clock.nowMs();
  const wanted = sinceMs === null ? dayOf(atMs) - defaultDays + 1 : dayOf(sinceMs);
  const fromDay = Math.max(wanted, dayOf(atMs) - daysMax + 1);
  return { atMs, fromDay, days: groupedDays(await costsOf(ports, settings, fromDay, pool), how) };
}

function costsOrder(by: string, reader: string | null, labelKeys: readonly string[]): CostsBy | null {
  if (by === 'pool') return { by };
  if (by === 'tenant') return { by, reader };
  const key = by.slice('label.'.length);
  return by.startsWith('label.') && labelKeys.includes(key) ? { by: 'label', key, reader } : null;
}

/** From that day (since 1970, UTC) until now, by day and pool. `pool` null: of all, those that are gone too. */
export async function costsOf(
  ports: ControlPorts,
  settings: Pick<ControlSettings, 'labelKeys'>,
  fromDay: number,
  pool: string | null,
): Promise<readonly CostDay[]> {
  const nowMs = ports.clock.nowMs();
  // What is not billed yet first: what passes on meanwhile is read twice rather than not at all.
  const pools = pool === null ? (await readPools(ports)).map((one) => one.sk) : [pool];
  const open = new Map<string, CostDay>();
  for (const name of pools)
    for (const one of await readOpenDays(ports, name, settings.labelKeys, nowMs)) open.set(keyOf(one), one);
  const stored = await readCosts(ports, { fromDay, toDay: dayOf(nowMs) }, pool);
  const all = new Map(stored.map((one) => [keyOf(one), one]));
  for (const [key, one] of open) if (one.day >= fromDay) all.set(key, together(all.get(key), one));
  return [...all.values()].sort((a, b) => a.day - b.day || (a.pool < b.pool ? -1 : 1));
}

function keyOf({ pool, day }: CostDay): string {
  return `${String(day)} ${pool}`;
}

function together(a: CostDay | undefined, b: CostDay): CostDay {
  if (a === undefined) return b;
  const sums = (x: CostDay['tenants'], y: CostDay['tenants']): CostDay['tenants'] => {
    const all = new Map(Object.entries(x));
    for (const [name, nanoUsd] of Object.entries(y)) all.set(name, (all.get(name) ?? 0) + nanoUsd);
    return Object.fromEntries(all);
  };
  return {
    ...a,
    nodes: a.nodes + b.nodes,
    tasks: a.tasks + b.tasks,
    claims: a.claims + b.claims,
    tenants: sums(a.tenants, b.tenants),
    labels: sums(a.labels, b.labels),
  };
}

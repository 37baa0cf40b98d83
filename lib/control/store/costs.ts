// What each pool cost by day: an item for each, written only with what makes the fact (a node that is gone, a day of
// one that is over), and kept so long that two years can be compared.
import type { CostDay, CostEntry } from '../../core/costs/days.ts';
import { noCosts, withCosts } from '../../core/costs/days.ts';
import { dayOf } from '../../core/costs/bills.ts';
import type { Write } from '../../ports/store.ts';
import type { ReadingPorts } from '../ports.ts';
import { keys } from './keys.ts';
import { queryAll, reading } from './store-retry.ts';

const dayMs = 86_400_000;
/** Days for which they are kept. */
export const costDaysMax = 800;

/** The days of the pool with these, each under the condition that nobody else added to it meanwhile. */
export async function costWrites(ports: ReadingPorts, pool: string, costs: readonly CostEntry[]): Promise<Write[]> {
  if (costs.length === 0) return [];
  const days = [...Map.groupBy(costs, (one) => one.day)];
  const stored = await reading(ports, () => ports.store.getMany<CostDay>(days.map(([day]) => keys.costs(pool, day))));
  return days.map(([day, entries], n): Write => {
    const before = stored[n] ?? null;
    const data = withCosts(before?.data ?? noCosts(pool, day), entries);
    const expiresAtMs = (day + costDaysMax) * dayMs;
    return { op: 'put', item: { ...keys.costs(pool, day), data, expiresAtMs }, condition: before?.version ?? 'absent' };
  });
}

/** From that day on until today, of all pools or of one, in order of day. */
export async function readCosts(
  ports: ReadingPorts,
  { fromDay, toDay }: { readonly fromDay: number; readonly toDay: number },
  pool: string | null,
): Promise<readonly CostDay[]> {
  const months = new Set<string>();
  for (let day = fromDay; day <= toDay; day += 1) months.add(keys.costsOfMonth(day));
  const all: CostDay[] = [];
  for (const month of months) {
    const range = pool === null ? {} : { skPrefix: `${pool}#` };
    for (const { data } of await queryAll<CostDay>(ports, month, range)) all.push(data);
  }
  return all.filter(({ day }) => day >= fromDay && day <= toDay).sort((a, b) => a.day - b.day);
}

/** Of the month (UTC) in which that time is, and how many days of it begin before then. */
export function monthOf(atMs: number): { readonly fromDay: number; readonly toDay: number } {
  const at = new Date(atMs);
  return { fromDay: dayOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)), toDay: dayOf(atMs) };
}

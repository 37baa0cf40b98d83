// What the installation cost by day and by who pays, as the API shows it.
import * as z from 'zod';
import { nanoPerUsd } from '../../../core/costs/meter.ts';
import type { GroupedDay } from '../../../core/costs/groups.ts';
import { costGroupsMax, idleName, noneName } from '../../../core/costs/groups.ts';
import { othersName } from '../../../core/costs/bills.ts';
import { dayMs } from '../../../core/costs/regret/sums.ts';
import { poolName, time } from '../values.ts';

/** So far back a call may ask. */
export const costDaysAtOnceMax = 366;

const by = z
  .string()
  .regex(/^(pool|tenant|label\.[A-Za-z0-9][A-Za-z0-9._/-]{0,62})$/, 'must be pool, tenant, or label.KEY');

export const costsQuery = z.strictObject({
  by: by
    .default('pool')
    .meta({ description: '`pool`, `tenant`, or `label.KEY` of a declared label.', example: 'label.team' }),
  since: time
    .optional()
    .meta({
      description: `From the day (UTC) of this time on, ${String(costDaysAtOnceMax)} days at most. Absent: 7 days.`,
    }),
  pool: poolName.optional().meta({ description: 'Only of this pool; one that is gone, too.' }),
});

const usd = z.number().meta({ description: 'USD at list prices.' });
const group = z.object({
  name: z
    .string()
    .meta({
      description:
        `A pool, a tenant, or a value of the label. ${idleName}: nodes that booted, were kept as headroom, or had room `
        + `that no task asked for; ${noneName}: without this label; ${othersName}: of whom the caller may not know, or `
        + `beyond the first ${String(costGroupsMax)}.`,
      example: 'search',
    }),
  usd,
});

export const costsView = z
  .object({
    by: z.string(),
    since: z.iso.date(),
    until: time.meta({ description: 'When it was summed up: what runs is counted until then.' }),
    usd: usd.meta({ description: 'All groups of all days together.' }),
    idleUsd: usd.meta({ description: 'Of that, what no task asked for.' }),
    groups: z.array(group).meta({ description: 'Of all days, the dearest first.' }),
    days: z
      .array(z.object({ day: z.iso.date(), usd, idleUsd: usd, groups: z.array(group) }))
      .meta({ description: 'Days (UTC) on which something cost, the oldest first. The groups of a day are its sum.' }),
  })
  .meta({ id: 'Costs' });
export type CostsView = z.output<typeof costsView>;

const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
const usdOf = (nanoUsd: number): number => nanoUsd / nanoPerUsd;

export function presentCosts(
  by: string,
  fromDay: number,
  { atMs, days }: { readonly atMs: number; readonly days: readonly GroupedDay[] },
): CostsView {
  const sums = new Map<string, number>();
  for (const { groups } of days) for (const [name, nanoUsd] of groups) sums.set(name, (sums.get(name) ?? 0) + nanoUsd);
  const sumOf = (figure: (day: GroupedDay) => number): number => usdOf(days.reduce((sum, one) => sum + figure(one), 0));
  return {
    by,
    since: dateOf(fromDay),
    until: new Date(atMs).toISOString(),
    usd: sumOf((one) => one.nanoUsd),
    idleUsd: sumOf((one) => one.idle),
    groups: presentGroups(sums),
    days: days.map((one) => ({
      day: dateOf(one.day),
      usd: usdOf(one.nanoUsd),
      idleUsd: usdOf(one.idle),
      groups: presentGroups(one.groups),
    })),
  };
}

function presentGroups(groups: ReadonlyMap<string, number>): CostsView['groups'] {
  return [...groups]
    .sort(([x, a], [y, b]) => b - a || (x < y ? -1 : 1))
    .map(([name, nanoUsd]) => ({ name, usd: usdOf(nanoUsd) }));
}

// What ended nodes cost that, in hindsight, was not needed, as the API shows it.
import * as z from 'zod';
import { dayMs, paidUsd } from '../../../core/costs/regret/sums.ts';
import type { RegretByDay, RegretPart, RegretSum } from '../../../core/costs/regret/sums.ts';
import { poolName } from '../values.ts';

const usd = z.number().min(0);
/** What a live installation does not know of its tasks; the part is missing. */
const notKnown = ['request'] as const satisfies readonly RegretPart[];

const sum = {
  nodes: z.int().min(0).meta({ description: 'That ended.' }),
  notPriced: z.int().min(0).meta({ description: 'Of these: records or types that could not be read. In no sum.' }),
  usd: z.object({
    paid: usd.meta({ description: 'The parts below together.' }),
    boot: usd,
    unused: usd.meta({ description: 'Of nodes on which nothing ran, after their boot.' }),
    idleHead: usd.meta({ description: 'Ready, and the first task had not started.' }),
    idleTail: usd.meta({ description: 'The last task had ended.' }),
    size: usd.meta({ description: 'A cheaper type of the pool would have carried all; at least so much.' }),
    lifetime: usd.meta({ description: 'Two nodes, one for what ended early, were cheaper; at least so much.' }),
    billing: usd.meta({ description: 'EC2 bills whole seconds, and 60 at least.' }),
    needed: usd.meta({ description: 'What the best node of hindsight costs while tasks ran.' }),
  }),
};

export const regretQuery = z.strictObject({ pool: poolName.optional() });

export const regretView = z
  .object({
    pools: z.array(
      z.object({
        pool: z.string().nullable().meta({ description: 'null: pools that are gone.' }),
        days: z.array(z.object({ day: z.iso.date(), ...sum })).meta({ description: 'The last that had ends, in UTC.' }),
        before: z.object(sum).meta({ description: 'All earlier days.' }),
      }),
    ),
    notKnown: z
      .array(z.enum(notKnown))
      .readonly()
      .meta({ description: 'Parts that need what tasks used, which nobody measures. They are in `needed`.' }),
  })
  .meta({ id: 'Regret' });
export type RegretView = z.output<typeof regretView>;

export function presentRegret(
  pools: readonly { readonly pool: string | null; readonly regret: RegretByDay }[],
): RegretView {
  return {
    pools: pools.map(({ pool, regret }) => ({
      pool,
      days: Object.entries(regret.byDay).map(([day, one]) => ({
        day: new Date(Number(day) * dayMs).toISOString().slice(0, 10),
        ...presentSum(one),
      })),
      before: presentSum(regret.before),
    })),
    notKnown,
  };
}

function presentSum(one: RegretSum): RegretView['pools'][number]['before'] {
  const of = (part: RegretPart): number => (one.microUsd[part] ?? 0) / 1e6;
  return {
    nodes: one.nodes,
    notPriced: one.notPriced,
    usd: {
      paid: paidUsd(one),
      boot: of('boot'),
      unused: of('unused'),
      idleHead: of('idleHead'),
      idleTail: of('idleTail'),
      size: of('size'),
      lifetime: of('lifetime'),
      billing: of('billing'),
      needed: of('needed'),
    },
  };
}

// What a pool's owner pays that the catalog does not know: own prices, and commitments.
import * as z from 'zod';
import { commitmentsMax, reservedCountMax } from '../../../core/catalog/commitments.ts';
import type { Commitment } from '../../../core/catalog/commitments.ts';
import { ownPricesMax } from '../../../core/catalog/own-prices.ts';
import type { OwnPrice } from '../../../core/catalog/own-prices.ts';
import type { PoolSpec } from '../../../core/records/pool.ts';
import { compact, time, timeOf, wholeNumber } from '../values.ts';

const usdMax = 1_000;

const typeOrFamily = z
  .string()
  .regex(/^[a-z0-9-]{1,32}\.(\*|[a-z0-9-]{1,32})$/, 'must be an instance type or all of a family, e.g. "c7g.xlarge"')
  .meta({ description: 'An instance type, or all of a family: "c7g.*".', example: 'c7g.*' });

const instanceType = z
  .string()
  .regex(/^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$/, 'must be an instance type, e.g. "c7g.xlarge"');

const instanceFamily = z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be a family, e.g. "c7g"');

const zone = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be an availability zone, e.g. "us-east-1a"')
  .meta({ description: 'Every zone unless given.' });

const discountPercent = z
  .number('must be a percentage')
  .min(0, 'must not be negative')
  .max(99, 'must be at most 99')
  .meta({ description: 'Off the price that would be paid otherwise.' });

const usdPerHour = (most: number): z.ZodNumber =>
  z
    .number('must be a number of USD per hour')
    .min(0.0001, 'must be at least 0.0001')
    .max(most, `must be at most ${String(most)}`);

const price = z
  .strictObject({
    instanceType: typeOrFamily,
    zone: zone.optional(),
    capacityType: z.enum(['spot', 'on-demand'], 'must be "spot" or "on-demand"').optional(),
    usdPerHour: usdPerHour(usdMax).optional(),
    discountPercent: discountPercent.optional(),
  })
  .refine(
    (one) => (one.usdPerHour === undefined) !== (one.discountPercent === undefined),
    'must have either usdPerHour or discountPercent, and not both',
  );

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a name of letters, digits, ".", "_" and "-", at most 64 long')
  .meta({ description: 'Unique in the pool, e.g. the id that EC2 gave it.' });
const until = time.exactOptional().meta({ description: 'When it ends: from then on it is ignored.' });

const commitment = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('reserved-instances'),
    name,
    instanceType,
    zone: zone.exactOptional(),
    count: wholeNumber(1, reservedCountMax),
    usdPerHour: usdPerHour(usdMax)
      .exactOptional()
      .meta({ description: 'What each costs, used or not; what the type costs on demand unless given.' }),
    until,
  }),
  z.strictObject({
    kind: z.literal('savings-plan'),
    name,
    usdPerHour: usdPerHour(1_000_000).meta({ description: 'What is committed, after the discount.' }),
    discountPercent,
    instanceFamily: instanceFamily.exactOptional().meta({ description: 'Any unless given.' }),
    until,
  }),
]);
type CommitmentBody = z.output<typeof commitment>;

function reservedCountOf(all: readonly CommitmentBody[]): number {
  return all.reduce((sum, one) => sum + (one.kind === 'reserved-instances' ? one.count : 0), 0);
}

export const paidFields = {
  prices: z
    .array(price)
    .max(ownPricesMax)
    .optional()
    .meta({
      description:
        'What the owner pays where that is not what the catalog says; of several that match the first counts. All '
        + 'decisions, limits, quotes and costs of the pool are by these prices (docs/cost.md).',
    }),
  commitments: z
    .array(commitment)
    .max(commitmentsMax)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'must name each commitment once')
    .refine(
      (all) => reservedCountOf(all) <= reservedCountMax,
      `must have at most ${String(reservedCountMax)} reserved instances, all commitments together`,
    )
    .optional()
    .meta({
      description:
        'What is paid for whether it is used or not: it is filled before anything is bought (docs/elastic-fleet.md).',
    }),
};

type Paid = { readonly [Key in keyof typeof paidFields]?: z.output<(typeof paidFields)[Key]> };

export function paidSpecOf({ prices = [], commitments = [] }: Paid) {
  return {
    prices: prices.length > 0 ? prices.map((one): OwnPrice => compact(one)) : undefined,
    commitments: commitments.length > 0 ? commitments.map(commitmentOf) : undefined,
  };
}

function commitmentOf({ until: end, ...body }: CommitmentBody): Commitment {
  return end === undefined ? body : { ...body, untilMs: Date.parse(end) };
}

const useView = z.object({
  name: z.string(),
  used: z.number().meta({ description: 'Instances, or USD per hour after the discount, as of the last tick.' }),
  of: z.number(),
  meanToday: z.number().meta({ description: 'The same, on average since midnight (UTC).' }),
  ended: z.boolean().meta({ description: 'It has ended, and is ignored.' }),
});

export const paidView = {
  prices: z
    .array(
      z.object({
        instanceType: z.string(),
        zone: z.string().exactOptional(),
        capacityType: z.enum(['spot', 'on-demand']).exactOptional(),
        usdPerHour: z.number().exactOptional(),
        discountPercent: z.number().exactOptional(),
      }),
    )
    .readonly()
    .exactOptional(),
  commitments: z.array(commitment).readonly().exactOptional(),
  commitmentUse: z
    .array(useView)
    .readonly()
    .exactOptional()
    .meta({ description: 'Where it has commitments: how far each is used.' }),
};

/** How far a commitment is used. */
export interface UseState {
  readonly name: string;
  readonly used: number;
  readonly of: number;
  readonly meanToday: number;
  readonly isOver: boolean;
}

export function presentPaid(
  { prices, commitments }: { readonly [Key in 'prices' | 'commitments']?: PoolSpec[Key] | undefined },
  uses: readonly UseState[] | undefined,
): { readonly [Key in keyof typeof paidView]?: z.output<(typeof paidView)[Key]> } {
  return compact({
    prices,
    commitments: commitments?.map(({ untilMs, ...one }) =>
      untilMs === undefined ? one : { ...one, until: timeOf(untilMs) },
    ),
    commitmentUse: uses?.map(({ isOver, ...one }) => ({ ...one, ended: isOver })),
  });
}

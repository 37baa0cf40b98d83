// What a pool's owner pays that the catalog does not know: own prices.
import * as z from 'zod';
import { ownPricesMax } from '../../../core/catalog/own-prices.ts';
import type { OwnPrice } from '../../../core/catalog/own-prices.ts';
import { compact } from '../values.ts';

const usdMax = 1_000;

const typeOrFamily = z
  .string()
  .regex(/^[a-z0-9-]{1,32}\.(\*|[a-z0-9-]{1,32})$/, 'must be an instance type or all of a family, e.g. "c7g.xlarge"')
  .meta({ description: 'An instance type, or all of a family: "c7g.*".', example: 'c7g.*' });

const zone = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be an availability zone, e.g. "us-east-1a"')
  .meta({ description: 'Every zone unless given.' });

const discountPercent = z
  .number('must be a percentage')
  .min(0, 'must not be negative')
  .max(99, 'must be at most 99')
  .meta({ description: "Off the catalog's price." });

const price = z
  .strictObject({
    instanceType: typeOrFamily,
    zone: zone.optional(),
    capacityType: z.enum(['spot', 'on-demand'], 'must be "spot" or "on-demand"').optional(),
    usdPerHour: z
      .number('must be a number of USD per hour')
      .min(0.0001, 'must be at least 0.0001')
      .max(usdMax, `must be at most ${String(usdMax)}`)
      .optional(),
    discountPercent: discountPercent.optional(),
  })
  .refine(
    (one) => (one.usdPerHour === undefined) !== (one.discountPercent === undefined),
    'must have either usdPerHour or discountPercent',
  );

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
};

type Paid = { readonly [Key in keyof typeof paidFields]?: z.output<(typeof paidFields)[Key]> };

export function paidOf({ prices }: Paid) {
  return { prices: prices && prices.length > 0 ? prices.map((one): OwnPrice => compact(one)) : undefined };
}

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
};

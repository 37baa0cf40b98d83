// What a pool's owner pays that the catalog does not know: own prices, and commitments.
import * as z from 'zod';
import { blockClosesEarlyMs, commitmentsMax, isNamed, reservedCountMax } from '../../../core/catalog/commitments.ts';
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

const oneZone = z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be an availability zone, e.g. "us-east-1a"');
const zone = oneZone.meta({ description: 'Every zone unless given.' });

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

const reservationId = z
  .string()
  .regex(/^cr-[0-9a-f]{8,17}$/, 'must be the id of a capacity reservation, e.g. "cr-0123456789abcdef0"')
  .meta({ description: 'As EC2 gave it; unique in the pool.', example: 'cr-0123456789abcdef0' });

const instances = {
  instanceType,
  count: wholeNumber(1, reservedCountMax),
  usdPerHour: usdPerHour(usdMax)
    .exactOptional()
    .meta({ description: 'What each costs, used or not; what the type costs on demand unless given.' }),
};

const reservation = z
  .strictObject({
    kind: z.literal('capacity-reservation'),
    id: reservationId,
    ...instances,
    zone: oneZone,
    from: time.exactOptional().meta({ description: 'When it begins, of one that has not.' }),
    until,
  })
  .refine(({ from, until: end }) => endsAfter(from, end), 'must have an until after its from');

const block = z
  .strictObject({
    kind: z.literal('capacity-block'),
    id: reservationId,
    ...instances,
    zone: oneZone,
    from: time.meta({ description: 'When it begins.' }),
    until: time.meta({
      description:
        'When it ends. EC2 terminates what is in it half an hour before; nothing is launched in its last hour.',
    }),
  })
  .refine(
    ({ from, until: end }) => endsAfter(from, end, blockClosesEarlyMs),
    'must have an until more than an hour after its from',
  );

function endsAfter(from: string | undefined, end: string | undefined, leastMs = 0): boolean {
  return from === undefined || end === undefined || Date.parse(end) - Date.parse(from) > leastMs;
}

const commitment = z.discriminatedUnion('kind', [
  reservation,
  block,
  z.strictObject({ kind: z.literal('reserved-instances'), name, ...instances, zone: zone.exactOptional(), until }),
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
  return all.reduce((sum, one) => sum + (one.kind === 'savings-plan' ? 0 : one.count), 0);
}

function nameOf(one: CommitmentBody): string {
  return 'id' in one ? one.id : one.name;
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
    .refine((all) => new Set(all.map(nameOf)).size === all.length, 'must name each commitment once')
    .refine(
      (all) => reservedCountOf(all) <= reservedCountMax,
      `must have at most ${String(reservedCountMax)} instances, all commitments together`,
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
  const ends = end === undefined ? {} : { untilMs: Date.parse(end) };
  if (!('id' in body)) return { ...body, ...ends };
  const { id, from, ...rest } = body;
  return { ...rest, name: id, ...(from === undefined ? {} : { fromMs: Date.parse(from) }), ...ends };
}

function commitmentBody(one: Commitment): CommitmentBody {
  const { untilMs, ...rest } = one;
  const ends = untilMs === undefined ? {} : { until: timeOf(untilMs) };
  if (!isNamed(one)) return { ...rest, ...ends } as CommitmentBody;
  const { name: id, fromMs, untilMs: _ends, ...named } = one;
  return { ...named, id, ...(fromMs === undefined ? {} : { from: timeOf(fromMs) }), ...ends } as CommitmentBody;
}

const useView = z.object({
  name: z.string().meta({ description: 'Of a capacity reservation or block: its id.' }),
  used: z.number().meta({ description: 'Instances, or USD per hour after the discount, as of the last tick.' }),
  of: z.number(),
  meanToday: z.number().meta({ description: 'The same, on average since midnight (UTC).' }),
  ended: z.boolean().meta({ description: 'It has ended, and is ignored.' }),
  refused: z.string().exactOptional().meta({ description: 'Why EC2 launches nothing into it now, and the cure.' }),
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
  readonly refused?: string;
}

export function presentPaid(
  { prices, commitments }: { readonly [Key in 'prices' | 'commitments']?: PoolSpec[Key] | undefined },
  uses: readonly UseState[] | undefined,
): { readonly [Key in keyof typeof paidView]?: z.output<(typeof paidView)[Key]> } {
  return compact({
    prices,
    commitments: commitments?.map(commitmentBody),
    commitmentUse: uses?.map(({ isOver, ...one }) => ({ ...one, ended: isOver })),
  });
}

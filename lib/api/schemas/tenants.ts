// Tenants as the API takes and shows them.
import * as z from 'zod';
import type { TenantRecord } from '../../core/records/tenant.ts';
import { defaultWeight } from '../../core/records/tenant.ts';
import { limits } from '../limits.ts';
import { budget, budgetView, time, timeOf } from './values.ts';

/** In paths: a gateway takes an encoded slash for a part of the path, and IAM has no colon in names. */
export const tenantName = z
  .string()
  .regex(
    /^[A-Za-z0-9_+=,.@-][A-Za-z0-9_+=,.@:-]{0,127}$/,
    'must be the name of a tenant, of at most 128 letters, digits and _+=,.@-; of an IAM user it is user:NAME',
  )
  .transform((name) => name.replaceAll(':', '/'));

export const tenantBody = z
  .strictObject({
    weight: z
      .number('must be a number')
      .min(limits.weightMin, `must be at least ${String(limits.weightMin)}`)
      .max(limits.weightMax, `must be at most ${String(limits.weightMax)}`)
      .default(defaultWeight)
      .meta({ description: 'In pools with fair shares, who has twice the weight has twice the share.' }),
    budget: budget
      .optional()
      .meta({
        description:
          'What the tenant may spend over all pools. Where it is spent nothing more of it starts until the next day or '
          + 'month (UTC) begins; what runs goes on.',
      }),
  })
  .meta({ id: 'Tenant' });

export const tenantView = z
  .object({
    name: z.string(),
    weight: z.number(),
    budget: budgetView.exactOptional(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'TenantView' });
export type TenantView = z.output<typeof tenantView>;

export const tenantListView = z.object({ items: z.array(tenantView) }).meta({ id: 'TenantList' });

export function presentTenant({ name, weight, budget: spec, createdAtMs, updatedAtMs }: TenantRecord): TenantView {
  return {
    name,
    weight,
    ...(spec === undefined ? {} : { budget: spec }),
    createdAt: timeOf(createdAtMs),
    updatedAt: timeOf(updatedAtMs),
  };
}

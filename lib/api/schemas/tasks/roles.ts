// Roles of tasks as the API takes and shows them.
import * as z from 'zod';
import { roleGrantsMax } from '../../../core/access/roles.ts';
import type { RoleGrant } from '../../../core/access/roles.ts';
import { compact, tenantsField, tenantsView } from '../values.ts';

const arn = 'arn:aws[a-z-]*:iam::\\d{12}:role/';

export const role = z
  .string()
  .max(2_048)
  .regex(new RegExp(`^${arn}[A-Za-z0-9_+=,.@/-]{1,600}$`), 'must be the ARN of a role')
  .meta({
    description:
      'The ARN of a role whose temporary credentials the task has, of those that its pool allows (docs/identity.md).',
  });

export const roleGrants = z
  .array(
    z.strictObject({
      role: z
        .string()
        .max(2_048)
        .regex(
          new RegExp(`^${arn}[A-Za-z0-9_+=,.@/-]{0,600}\\*?$`),
          'must be the ARN of a role, or its beginning and "*"',
        )
        .meta({ description: 'Its ARN, or the beginning of some and "*".' }),
      tenants: tenantsField("Whose tasks; everybody's unless given."),
    }),
  )
  .max(roleGrantsMax);

export const roleGrantsView = z.array(z.object({ role: z.string(), tenants: tenantsView })).readonly();

export function roleGrantsOf(grants: z.output<typeof roleGrants>): readonly RoleGrant[] {
  return grants.map((one) => compact({ role: one.role, tenants: one.tenants }));
}

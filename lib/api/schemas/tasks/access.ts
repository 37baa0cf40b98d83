// Of a pool: whose requests it takes, and what their tasks may have of roles and secrets.
import * as z from 'zod';
import { roleGrants, roleGrantsOf, roleGrantsView } from './roles.ts';
import { grantsOf, secretGrants, secretGrantsView } from './secrets.ts';

export const accessFields = {
  tenants: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "Whose requests it takes; everybody's unless given. What it has taken stays." }),
  nodesServe: z
    .enum(['one-tenant', 'any-tenant'], 'must be "one-tenant" or "any-tenant"')
    .optional()
    .meta({
      description:
        'Whose tasks may share a node: those of one tenant at a time (the default), or of any (docs/identity.md).',
    }),
  roles: roleGrants
    .optional()
    .meta({ description: 'Which roles its tasks may have, and whose tasks; none unless given (docs/identity.md).' }),
  secrets: secretGrants
    .optional()
    .meta({ description: 'Which secrets its tasks may use, and whose tasks; none unless given (docs/secrets.md).' }),
};

export const accessView = {
  tenants: z.array(z.string()).readonly().exactOptional(),
  nodesServe: z.enum(['one-tenant', 'any-tenant']),
  roles: roleGrantsView.exactOptional(),
  secrets: secretGrantsView.exactOptional(),
};

type Access = { readonly [Key in keyof typeof accessFields]?: z.output<(typeof accessFields)[Key]> };

export function accessOf({ tenants, nodesServe, roles, secrets }: Access) {
  const shared = nodesServe === 'any-tenant' ? nodesServe : undefined;
  return { tenants, nodesServe: shared, roles: roles && roleGrantsOf(roles), secrets: secrets && grantsOf(secrets) };
}

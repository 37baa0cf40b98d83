// Of a pool: whose requests it takes, and what they may have of roles, secrets and target groups.
import * as z from 'zod';
import { isGranted } from '../../../core/access/roles.ts';
import { tenantsField, tenantsView } from '../values.ts';
import { role, roleGrants, roleGrantsOf, roleGrantsView } from './roles.ts';
import { targetGroupGrants, targetGroupGrantsOf, targetGroupGrantsView } from './serving/target-groups.ts';
import { grantsOf, secretGrants, secretGrantsView } from './secrets.ts';

export const accessFields = {
  tenants: tenantsField("Whose requests it takes; everybody's unless given. What it has taken stays."),
  nodesServe: z
    .enum(['one-tenant', 'any-tenant'], 'must be "one-tenant" or "any-tenant"')
    .optional()
    .meta({
      description:
        'Whose tasks may share a node: those of one tenant at a time (the default), or of any (docs/identity.md).',
    }),
  role: role
    .optional()
    .meta({
      description:
        'The role of its tasks that name none, where `roles` grants it to their tenant; none unless given. The '
        + 'templates of services are tasks, too, and take it when they are declared.',
    }),
  roles: roleGrants
    .optional()
    .meta({ description: 'Which roles its tasks may have, and whose tasks; none unless given (docs/identity.md).' }),
  secrets: secretGrants
    .optional()
    .meta({ description: 'Which secrets its tasks may use, and whose tasks; none unless given (docs/secrets.md).' }),
  targetGroups: targetGroupGrants
    .optional()
    .meta({
      description:
        'Which target groups its services may be registered with, and whose services; none unless given '
        + '(docs/services.md).',
    }),
};

export const accessView = {
  tenants: tenantsView,
  nodesServe: z.enum(['one-tenant', 'any-tenant']),
  role: z.string().exactOptional(),
  roles: roleGrantsView.exactOptional(),
  secrets: secretGrantsView.exactOptional(),
  targetGroups: targetGroupGrantsView.exactOptional(),
};

type Access = { readonly [Key in keyof typeof accessFields]?: z.output<(typeof accessFields)[Key]> };

/** Of a pool's body. A default that no grant of its own has would never be anybody's. */
export function isDefaultRoleGranted(body: Access): boolean {
  return body.role === undefined || isGranted(roleGrantsOf(body.roles ?? []), body.role);
}

export const defaultRoleRule = {
  path: ['role'],
  message: 'must be granted by the pool itself: add {"role": …} to roles, for the tenants whose tasks shall have it',
};

export function accessOf({ tenants, nodesServe, role: byDefault, roles, secrets, targetGroups }: Access) {
  return {
    tenants,
    nodesServe: nodesServe === 'any-tenant' ? nodesServe : undefined,
    role: byDefault,
    roles: roles && roleGrantsOf(roles),
    secrets: secrets && grantsOf(secrets),
    targetGroups: targetGroups && targetGroupGrantsOf(targetGroups),
  };
}

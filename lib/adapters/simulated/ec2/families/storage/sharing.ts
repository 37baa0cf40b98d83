// Who else may use an image or a snapshot: permissions that are added and removed, in either of EC2's two forms.
import { Ec2Error } from '../../../cloud/errors.ts';
import { list, notModelled, oneOf, struct, text } from '../../protocol/fields.ts';
import type { Wire } from '../../protocol/xml.ts';

/** `all`, or an account of 12 digits. */
export type Sharer = string;

const permission = struct({
  Group: oneOf('all'),
  UserId: text({ pattern: /^\d{12}$/, why: 'It must be an account ID of 12 digits' }),
  OrganizationArn: notModelled(),
  OrganizationalUnitArn: notModelled(),
});
export const permissionChange = struct({ Add: list(permission), Remove: list(permission) });
type Change = ReturnType<typeof permissionChange.parse>;
type Named = NonNullable<Change>['Add'];

/** The flat form: what to do with all that are named. */
export const flatFields = {
  OperationType: oneOf('add', 'remove'),
  UserGroup: list(oneOf('all')),
  UserId: list(text({ pattern: /^\d{12}$/, why: 'It must be an account ID of 12 digits' })),
} as const;

const accountsMax = 1000;

function namesOf(named: Named): readonly Sharer[] {
  return named.flatMap((one) => one?.Group ?? one?.UserId ?? []);
}

/** Those who may after the change. @throws Ec2Error where there are too many */
export function changed(
  before: readonly Sharer[],
  change: Change,
  flat: {
    readonly OperationType: 'add' | 'remove' | undefined;
    readonly UserGroup: readonly ('all' | undefined)[];
    readonly UserId: readonly (string | undefined)[];
  },
): readonly Sharer[] {
  const named = [...flat.UserGroup, ...flat.UserId].filter((one) => one !== undefined);
  const gone = new Set([...namesOf(change?.Remove ?? []), ...(flat.OperationType === 'remove' ? named : [])]);
  const added = [...namesOf(change?.Add ?? []), ...(flat.OperationType === 'add' ? named : [])];
  const after = [...new Set([...before, ...added])].filter((one) => !gone.has(one));
  if (after.length > accountsMax)
    throw new Ec2Error('ResourceLimitExceeded', `At most ${String(accountsMax)} accounts can share one resource`);
  return after;
}

export function sharersWire(sharers: readonly Sharer[]): Wire {
  return sharers.map((one) => (one === 'all' ? { group: 'all' } : { userId: one }));
}

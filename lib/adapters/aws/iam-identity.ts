// Who calls, as API Gateway's IAM authorizer found out from the signature. Which routes a principal may call at all
// is IAM's decision (execute-api:Invoke per route), made before a function runs.
import * as z from 'zod';
import type { IdentifyCaller, IdentifyNode, Permission } from '../../ports/access/identity.ts';

const authorized = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string(), userId: z.string() }) }) });

const allPermissions: ReadonlySet<Permission> = new Set(['read', 'request', 'pool-admin']);

interface Principal {
  readonly accountId: string;
  readonly kind: 'role' | 'user' | 'root';
  /** Without a path: an assumed role's ARN does not show it. */
  readonly name: string;
}

/** `arn:aws:sts::1:assumed-role/Name/session`, `arn:aws:iam::1:role/path/Name`, `…:user/path/name`, `…:root` */
export function principalOf(arn: string): Principal | null {
  const [, accountId, what] = /^arn:[^:]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(arn) ?? [];
  if (accountId === undefined || what === undefined) return null;
  if (what === 'root') return { accountId, kind: 'root', name: 'root' };
  const [kind, ...path] = what.split('/');
  const name = kind === 'assumed-role' ? path[0] : path.at(-1);
  if (name === undefined || name === '') return null;
  return kind === 'assumed-role' || kind === 'role'
    ? { accountId, kind: 'role', name }
    : kind === 'user'
      ? { accountId, kind: 'user', name }
      : null;
}

/** With the session of an assumed role, which names the person: `Admin/alice`, `user/bob`, `root`. */
function callerText(arn: string): string {
  return arn.replace(/^arn:[^:]+:(?:iam|sts)::\d{12}:(?:assumed-role\/)?/, '');
}

function labelOf({ accountId, kind, name }: Principal): string {
  return `${accountId}/${kind}/${name}`;
}

/**
 * Each role is a tenant by its name and each user by `user/name`, unless `tenants` (by ARN, sessions and paths aside)
 * says otherwise. An unsigned call, and one of an unknown kind, has no caller.
 */
export function identifyIamCaller(tenants: Readonly<Record<string, string>>): IdentifyCaller {
  const byPrincipal = new Map<string, string>();
  for (const [arn, tenant] of Object.entries(tenants)) {
    const principal = principalOf(arn);
    if (!principal)
      throw new RangeError(`the tenants name ${JSON.stringify(arn)}, which is no ARN of an IAM role or user`);
    byPrincipal.set(labelOf(principal), tenant);
  }
  return async (event) => {
    const parsed = authorized.safeParse(event.requestContext);
    const principal = parsed.success ? principalOf(parsed.data.authorizer.iam.userArn) : null;
    if (!principal) return null;
    // A user and a role may have the same name; they must not meet in one tenant.
    const own =
      principal.kind === 'role' ? principal.name : principal.kind === 'user' ? `user/${principal.name}` : 'root';
    const tenant = byPrincipal.get(labelOf(principal)) ?? own;
    return {
      tenant,
      principal: callerText(parsed.data?.authorizer.iam.userArn ?? ''),
      permissions: allPermissions,
      ...(principal.kind === 'root' ? { isOperator: true } : {}),
    };
  };
}

/**
 * A node speaks with its instance profile: EC2 names the session of that role after the instance, and nobody else can
 * assume the role. `roleId` is the role's unique id (`AROA…`): a role made later under the same name is another.
 */
export function identifyIamNode(roleId: string): IdentifyNode {
  return async (event) => {
    const parsed = authorized.safeParse(event.requestContext);
    if (!parsed.success) return null;
    const [id, session, ...more] = parsed.data.authorizer.iam.userId.split(':');
    if (id !== roleId || session === undefined || more.length > 0 || !/^i-[0-9a-f]{8,17}$/.test(session)) return null;
    return { nodeId: session };
  };
}

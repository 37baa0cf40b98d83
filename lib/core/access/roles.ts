// Roles of AWS that tasks may act as: what a task names, and who may name which. Credentials are in no record.

/** Of one pool. */
export const roleGrantsMax = 100;

/** A pool's word on whose tasks may have which role. */
export interface RoleGrant {
  /** Its ARN, or the beginning of some and a `*`. */
  readonly role: string;
  /** Absent: every tenant. */
  readonly tenants?: readonly string[];
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

export function mayHaveRole(grants: readonly RoleGrant[], tenant: string, role: string): boolean {
  return grants.some((grant) => (grant.tenants?.includes(tenant) ?? true) && isMeant(grant.role, role));
}

function isMeant(pattern: string, role: string): boolean {
  return pattern.endsWith('*') ? role.startsWith(pattern.slice(0, -1)) : pattern === role;
}

/** Of a pool: what a task of this tenant has that names no role; null where the pool's own grants have none for it. */
export function roleByDefault(
  pool: { readonly role?: string; readonly roles?: readonly RoleGrant[] },
  tenant: string,
): string | null {
  const { role, roles = [] } = pool;
  return role !== undefined && mayHaveRole(roles, tenant, role) ? role : null;
}

/** Whether a pool's default is a role that somebody's tasks may have there; else it would be nobody's. */
export function isGranted(grants: readonly RoleGrant[], role: string): boolean {
  return grants.some((grant) => isMeant(grant.role, role));
}

export function roleRefusedText(pool: string, tenant: string, role: string): string {
  return (
    `pool ${pool} does not let tasks of ${tenant} have the role ${role}; an operator allows it with a grant in the `
    + `pool's roles, e.g. {"role": "${role}", "tenants": ["${tenant}"]}`
  );
}

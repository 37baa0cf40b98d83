// Target groups: whose services may be registered with which. Else whoever may declare a service could take requests
// that are meant for another tenant's.

/** Of one pool. */
export const targetGroupGrantsMax = 100;

/** The code of a refusal, in answers and in what is shown of a service. */
export const targetGroupRefused = 'target_group_refused';

/** A pool's word on whose services may be registered with which groups. */
export interface TargetGroupGrant {
  /** Its ARN, or the beginning of some and a `*`. */
  readonly arn: string;
  /** Absent: every tenant. */
  readonly tenants?: readonly string[];
}

export function mayUseTargetGroup(grants: readonly TargetGroupGrant[], tenant: string, arn: string): boolean {
  return grants.some(
    (grant) =>
      (grant.tenants?.includes(tenant) ?? true)
      && (grant.arn.endsWith('*') ? arn.startsWith(grant.arn.slice(0, -1)) : grant.arn === arn),
  );
}

/** The first of them that this tenant may not use; undefined: none. */
export function targetGroupNotAllowed(
  uses: readonly { readonly arn: string }[],
  grants: readonly TargetGroupGrant[] = [],
  tenant: string,
): { readonly arn: string } | undefined {
  return uses.find(({ arn }) => !mayUseTargetGroup(grants, tenant, arn));
}

export function targetGroupRefusedText(pool: string, tenant: string, arn: string): string {
  return (
    `pool ${pool} does not let services of ${tenant} be registered with the target group ${arn}; an operator allows it `
    + `with a grant in the pool's targetGroups, e.g. {"arn": "${arn}", "tenants": ["${tenant}"]}`
  );
}

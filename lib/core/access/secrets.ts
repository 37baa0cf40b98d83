// Secrets by reference: what a task names, where it is kept, and who may use which. Values are in no record.

/** Where secrets are kept; the word before the ":" of a reference. `env` and `file` are the server's own. */
export const secretStores = ['aws-secret', 'ssm', 'env', 'file', 'vault', 'k8s'] as const;
export type SecretStore = (typeof secretStores)[number];

/** Of one task. */
export const secretsMax = 32;
/** Of one pool. */
export const secretGrantsMax = 100;
/** Of one value, in UTF-8: what Secrets Manager takes. */
export const secretBytesMax = 65_536;

export interface SecretRef {
  /** Of the environment variable or the file. */
  readonly name: string;
  /** `STORE:PLACE`, with `#KEY` for one field of what is kept there. */
  readonly from: string;
  readonly as: 'env' | 'file';
}

/** A pool's word on who may use which secrets. */
export interface SecretGrant {
  /** A reference, or the beginning of some and a `*`. */
  readonly from: string;
  /** Absent: every tenant. */
  readonly tenants?: readonly string[];
}

/** What the store is asked for; null: it names no store. */
export function partsOf(from: string): { readonly store: SecretStore; readonly place: string } | null {
  const at = from.indexOf(':');
  const store = secretStores.find((one) => one === from.slice(0, at));
  return store === undefined ? null : { store, place: from.slice(at + 1) };
}

export function mayUseSecret(grants: readonly SecretGrant[], tenant: string, from: string): boolean {
  return grants.some((grant) => (grant.tenants?.includes(tenant) ?? true) && isMeant(grant.from, from));
}

/** Who may have all of a secret may have each field of it. */
function isMeant(pattern: string, from: string): boolean {
  if (pattern.endsWith('*')) return from.startsWith(pattern.slice(0, -1));
  return pattern === from || pattern === from.split('#')[0];
}

/** Those of them that this tenant may not use. */
export function secretsRefused(
  secrets: readonly SecretRef[],
  grants: readonly SecretGrant[],
  tenant: string,
): readonly SecretRef[] {
  return secrets.filter((one) => !mayUseSecret(grants, tenant, one.from));
}

export function refusedText(pool: string, tenant: string, refused: readonly SecretRef[]): string {
  const names = refused.map((one) => `${one.name} (${one.from})`).join(', ');
  return (
    `pool ${pool} does not let ${tenant} use ${names}; an operator allows it with a grant in the pool's secrets, e.g. `
    + `{"from": "${refused[0]?.from ?? ''}", "tenants": ["${tenant}"]}`
  );
}

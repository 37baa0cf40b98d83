// Who calls. The composition root decides how that is known (an authorizer on AWS, one local tenant on a
// laptop); handlers only ask. The tenant comes from here and never from a body.

/**
 * `read`: look at what is there. `request`: ask for things and cancel them. `pool-admin`: declare, pause and delete
 * pools, and order their nodes.
 */
export type Permission = 'read' | 'request' | 'pool-admin';

export interface Caller {
  readonly tenant: string;
  /** Who it is, for people who read what was done. */
  readonly principal: string;
  readonly permissions: ReadonlySet<Permission>;
  /**
   * Sees other tenants by name; absent: no. Which routes may be called says nothing of that: IAM
   * decides it elsewhere.
   */
  readonly isOperator?: boolean;
}

/** What of an HTTP request may tell who sends it. Header names are in lower case. */
export interface IdentityEvent {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The gateway's context, e.g. with the claims of an authorizer. */
  readonly requestContext: unknown;
}

/** null: not known, which is answered with 401. */
export type IdentifyCaller = (event: IdentityEvent) => Promise<Caller | null>;

/** Which node's agent calls; null: not known, which is answered with 401. */
export type IdentifyNode = (event: IdentityEvent) => Promise<{ readonly nodeId: string } | null>;

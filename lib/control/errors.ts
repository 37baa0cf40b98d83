// What can go wrong for a caller of control. Each has one stable code, which the HTTP API answers as a problem.
import { BellowsError } from '../core/values/errors.ts';

/** The same idempotency key came with another body. */
export class IdempotencyConflictError extends BellowsError {
  constructor(requestId: string) {
    super(
      'idempotency_conflict',
      `this Idempotency-Key was used for request ${requestId} with another body; use a new key for a new `
        + 'request, or repeat the same body',
    );
  }
}

/** The store's records are of another version: nothing is done with them. */
export class StoreSchemaError extends BellowsError {
  constructor(message: string) {
    super('store_schema', message);
  }
}

/** No offering of the pool could ever carry the task. */
export class UnsatisfiableError extends BellowsError {
  readonly excluded: readonly { readonly constraint: string; readonly offerings: number }[];
  constructor(message: string, excluded: UnsatisfiableError['excluded']) {
    super('unsatisfiable', message);
    this.excluded = excluded;
  }
}

/** The pool that it names, or every pool, takes requests of other tenants only. */
export class PoolRefusedError extends UnsatisfiableError {
  constructor(message: string) {
    super(message, []);
  }
}

/** No pool that could carry the task lets its tenant have the role that it names. */
export class RoleRefusedError extends UnsatisfiableError {
  constructor(message: string) {
    super(message, []);
  }
}

/** No pool that could carry the task lets its tenant use the secrets that it names. */
export class SecretRefusedError extends UnsatisfiableError {
  constructor(message: string) {
    super(message, []);
  }
}

/** The pool does not let services of the tenant be registered with the target group. */
export class TargetGroupRefusedError extends UnsatisfiableError {
  constructor(message: string) {
    super(message, []);
  }
}

/** The named pool does not exist, or no pool accepts the request. */
export class NoPoolError extends BellowsError {
  constructor(message: string) {
    super('unknown_pool', message);
  }
}

/** The pool's spec contradicts itself or the catalog. */
export class InvalidPoolError extends BellowsError {
  constructor(message: string) {
    super('invalid_pool', message);
  }
}

/** The pool still has requests that have not ended. */
export class PoolInUseError extends BellowsError {
  constructor(message: string) {
    super('pool_in_use', message);
  }
}

export class TooManyTenantsError extends BellowsError {
  constructor(most: number) {
    super(
      'too_many_tenants',
      `${String(most)} tenants are declared, which is the most there can be; delete those whose weight is as good as 1`,
    );
  }
}

/** The pool has as many as a tick can look after. */
export class TooManyServicesError extends BellowsError {
  constructor(message: string) {
    super('too_many_services', `${message}; delete or scale down what is not needed, or use another pool`);
  }
}

/** The address of a webhook is none that may be called. */
export class WebhookUrlError extends BellowsError {
  readonly problem: string;
  constructor(problem: string) {
    super('invalid_webhook', `url ${problem}`);
    this.problem = problem;
  }
}

export class TooManyWebhooksError extends BellowsError {
  constructor(most: number, whose: string) {
    super('too_many_webhooks', `${whose} has ${String(most)} webhooks, which is the most there can be; delete one`);
  }
}

/** The request's type or present state does not allow what was asked of it. */
export class NotPossibleError extends BellowsError {
  constructor(message: string) {
    super('not_possible', message);
  }
}

/** The caller's If-Match names another state than the present one. */
export class PreconditionFailedError extends BellowsError {
  constructor(what: string, revision: string) {
    super(
      'precondition_failed',
      `${what} was changed since: its ETag is ${JSON.stringify(revision)} now, and If-Match names another one; `
        + 'read it again, and change what it has become',
    );
  }
}

/** An edit that nothing guards would take back what an earlier one changed. */
export class EditConflictError extends BellowsError {
  constructor(message: string) {
    super('edit_conflict', message);
  }
}

/** What the request names belongs to somebody else. */
export class ForbiddenError extends BellowsError {
  constructor(message: string) {
    super('forbidden', message);
  }
}

/** A sync that is older than one already answered: late or doubled. It changes nothing. */
export class StaleSyncError extends BellowsError {
  constructor(nodeId: string, seq: number) {
    super(
      'stale_sync',
      `node ${nodeId} has already had an answer to a later sync than ${String(seq)}; send the next `
        + 'one with a higher seq',
    );
  }
}

// From what was thrown to the problem that a caller gets. What is not known here is a defect: it is logged by the
// handler and answered without details.
import {
  EditConflictError,
  ForbiddenError,
  IdempotencyConflictError,
  InvalidPoolError,
  NoPoolError,
  NotPossibleError,
  PoolInUseError,
  PreconditionFailedError,
  PoolRefusedError,
  RoleRefusedError,
  SecretRefusedError,
  StoreSchemaError,
  TargetGroupRefusedError,
  TooManyServicesError,
  TooManyTenantsError,
  TooManyWebhooksError,
  UnsatisfiableError,
  WebhookUrlError,
} from '../../lib/control/errors.ts';
import { ConflictError, InvalidCursorError, ThrottledError, UnknownOutcomeError } from '../../lib/ports/store.ts';
import { RoleUnavailableError } from '../../lib/ports/access/roles.ts';
import { SecretUnreadableError } from '../../lib/ports/access/secrets.ts';
import { ProblemError } from '../../lib/api/problems.ts';

const retryAfter = { 'retry-after': '1' };

export function problemErrorOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const refusal = refusalOf(error);
  if (refusal !== null) return refusal;
  if (error instanceof IdempotencyConflictError)
    return new ProblemError('idempotency_conflict', error.message, [
      { path: 'Idempotency-Key', message: 'was used with another body' },
    ]);
  if (error instanceof RoleUnavailableError)
    return error.isTransient
      ? new ProblemError('unavailable', error.message, [], retryAfter)
      : new ProblemError('role_unavailable', error.message);
  if (error instanceof UnsatisfiableError) {
    const errors = error.excluded.map((one) => ({
      path: one.constraint,
      message: `excludes ${String(one.offerings)} offering${one.offerings === 1 ? '' : 's'}`,
    }));
    return new ProblemError('unsatisfiable', error.message, errors);
  }
  if (error instanceof SecretUnreadableError)
    return error.problem === 'unavailable'
      ? new ProblemError('unavailable', error.message, [], retryAfter)
      : new ProblemError('secret_unreadable', error.message);
  if (error instanceof NoPoolError) return new ProblemError('unknown_pool', error.message);
  if (error instanceof InvalidPoolError) return new ProblemError('invalid_pool', error.message);
  if (error instanceof WebhookUrlError)
    return new ProblemError('invalid_webhook', error.message, [{ path: 'url', message: error.problem }]);
  if (error instanceof TooManyWebhooksError) return new ProblemError('too_many_webhooks', error.message);
  if (error instanceof NotPossibleError) return new ProblemError('not_possible', error.message);
  if (error instanceof PreconditionFailedError)
    return new ProblemError('precondition_failed', error.message, [
      { path: 'If-Match', message: 'does not name the present ETag' },
    ]);
  if (error instanceof EditConflictError) return new ProblemError('edit_conflict', error.message);
  if (error instanceof ForbiddenError) return new ProblemError('forbidden', error.message);
  if (error instanceof PoolInUseError) return new ProblemError('pool_in_use', error.message);
  if (error instanceof TooManyServicesError) return new ProblemError('too_many_services', error.message);
  if (error instanceof TooManyTenantsError) return new ProblemError('too_many_tenants', error.message);
  if (error instanceof InvalidCursorError)
    return new ProblemError('invalid_cursor', error.message, [
      { path: 'cursor', message: 'was not made by this list; start without one' },
    ]);
  if (error instanceof StoreSchemaError) return new ProblemError('unavailable', error.message);
  if (error instanceof ThrottledError || error instanceof ConflictError) {
    return new ProblemError('unavailable', 'nothing was changed; repeat the call in a moment', [], retryAfter);
  }
  if (error instanceof UnknownOutcomeError) {
    return new ProblemError(
      'unavailable',
      'whether the call had its effect is not known; repeat it with the same Idempotency-Key',
      [],
      retryAfter,
    );
  }
  return new ProblemError('internal', 'the error is in the log of the service; repeat the call or tell its operator');
}

/** What the pool does not let the caller have. */
function refusalOf(error: unknown): ProblemError | null {
  if (error instanceof PoolRefusedError)
    return new ProblemError('pool_refused', error.message, [{ path: 'pool', message: 'is not for you' }]);
  if (error instanceof RoleRefusedError)
    return new ProblemError('role_refused', error.message, [{ path: 'role', message: 'is not allowed' }]);
  if (error instanceof SecretRefusedError)
    return new ProblemError('secret_refused', error.message, [{ path: 'secrets', message: 'is not allowed' }]);
  if (error instanceof TargetGroupRefusedError)
    return new ProblemError('target_group_refused', error.message, [
      { path: 'targetGroups', message: 'is not allowed' },
    ]);
  return null;
}

// DynamoDB's errors as the store port's. Its order of checks matters: a transaction lists a reason per item.
import { AssertionError } from '../../core/errors.ts';
import type { ItemKey } from '../../ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';
import { fromAttributes, unexpired } from './dynamodb-items.ts';
import { AwsNoAnswerError, AwsServiceError } from './json-client.ts';

const throttles: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException', 'ProvisionedThroughputExceeded', 'ThrottlingException', 'ThrottlingError', 'Throttling', 'RequestLimitExceeded',
]);

/** `keys`: of the writes, in their order; empty for reads. */
export function storeError(error: unknown, keys: readonly ItemKey[], nowMs: number): unknown {
  if (error instanceof AwsNoAnswerError) return new UnknownOutcomeError(`${error.message}; a write may or may not have happened`);
  if (!(error instanceof AwsServiceError)) return error;
  const { awsCode, status, body } = error;
  if (awsCode === 'ConditionalCheckFailedException') return conditionFailed(keys[0], body['Item'], nowMs);
  if (awsCode === 'TransactionConflictException') return new ConflictError();
  if (awsCode === 'TransactionCanceledException') return canceled(error, keys, nowMs);
  if (throttles.has(awsCode)) return new ThrottledError(error.message);
  // The first sending of this very transaction is still being worked on.
  if (awsCode === 'TransactionInProgressException' || status >= 500) return new UnknownOutcomeError(error.message);
  return error;
}

function canceled(error: AwsServiceError, keys: readonly ItemKey[], nowMs: number): unknown {
  const reasons = error.body['CancellationReasons'];
  if (!Array.isArray(reasons)) return error;
  const codes = reasons.map((reason: { readonly Code?: unknown }) => reason.Code);
  // A failed condition is an answer, whatever else went wrong beside it.
  const failed = codes.indexOf('ConditionalCheckFailed');
  if (failed >= 0) return conditionFailed(keys[failed], (reasons[failed] as { readonly Item?: unknown }).Item, nowMs);
  if (codes.includes('TransactionConflict')) return new ConflictError();
  if (codes.some((code) => typeof code === 'string' && throttles.has(code))) return new ThrottledError(error.message);
  return error;
}

function conditionFailed(key: ItemKey | undefined, stored: unknown, nowMs: number): ConditionFailedError {
  if (key === undefined) throw new AssertionError('DynamoDB reports a failed condition on a call that has none');
  const current = stored === undefined || stored === null || Object.keys(stored).length === 0 ? null : unexpired(fromAttributes(stored), nowMs);
  return new ConditionFailedError({ pk: key.pk, sk: key.sk }, current);
}

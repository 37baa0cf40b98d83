// DynamoDB's errors as the store port's. Its order of checks matters: a transaction lists a reason per item.
import type {
  CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { AssertionError } from '../../../core/values/errors.ts';
import type { ItemKey } from '../../../ports/store.ts';
import { ConditionFailedError, ConflictError, ThrottledError, UnknownOutcomeError } from '../../../ports/store.ts';
import { fromAttributes, unexpired } from './items.ts';
import { AwsNoAnswerError, AwsServiceError } from '../sdk.ts';

const throttles: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'Throttling',
  'RequestLimitExceeded',
]);

/** `keys`: of the writes, in their order; empty for reads. */
export function storeError(error: unknown, keys: readonly ItemKey[], nowMs: number): unknown {
  if (error instanceof AwsNoAnswerError)
    return new UnknownOutcomeError(`${error.message}; a write may or may not have happened`);
  if (!(error instanceof AwsServiceError)) return error;
  const { awsCode, status, cause } = error;
  const { Item, CancellationReasons = [] } = cause as Partial<
    ConditionalCheckFailedException & TransactionCanceledException
  >;
  if (awsCode === 'ConditionalCheckFailedException') return conditionFailed(keys[0], Item, nowMs);
  if (awsCode === 'TransactionConflictException') return new ConflictError();
  if (awsCode === 'TransactionCanceledException') return canceled(error, CancellationReasons, keys, nowMs);
  if (throttles.has(awsCode)) return new ThrottledError(error.message);
  // The first sending of this very transaction is still being worked on.
  if (awsCode === 'TransactionInProgressException' || status >= 500) return new UnknownOutcomeError(error.message);
  return error;
}

function canceled(
  error: AwsServiceError,
  reasons: readonly CancellationReason[],
  keys: readonly ItemKey[],
  nowMs: number,
): unknown {
  const codes = reasons.map((reason) => reason.Code);
  // A failed condition is an answer, whatever else went wrong beside it.
  const failed = codes.indexOf('ConditionalCheckFailed');
  if (failed >= 0) return conditionFailed(keys[failed], reasons[failed]?.Item, nowMs);
  if (codes.includes('TransactionConflict')) return new ConflictError();
  if (codes.some((code) => code !== undefined && throttles.has(code))) return new ThrottledError(error.message);
  return error;
}

function conditionFailed(key: ItemKey | undefined, stored: unknown, nowMs: number): ConditionFailedError {
  if (key === undefined) throw new AssertionError('DynamoDB reports a failed condition on a call that has none');
  const current =
    stored === undefined || stored === null || Object.keys(stored).length === 0
      ? null
      : unexpired(fromAttributes(stored), nowMs);
  return new ConditionFailedError({ pk: key.pk, sk: key.sk }, current);
}

// EC2's errors as the compute port's: who said no, about what, and whether anything can have happened.
import { BellowsError } from '../../../core/values/errors.ts';
import {
  ComputeThrottledError,
  ComputeUnknownError,
  LaunchRefusedError,
  TokenUsedError,
} from '../../../ports/compute.ts';
import type { LaunchFault } from '../../../ports/compute.ts';
import { CarrierError, isThrottle, scopeOf } from '../../../ports/ec2-errors.ts';

/** A call other than a launch that EC2 refused for good: a missing permission, an invalid parameter. */
export class Ec2RefusedError extends BellowsError {
  readonly awsCode: string;
  constructor(action: string, awsCode: string, message: string) {
    super('ec2_refused', `EC2 refused ${action}: ${awsCode}: ${message}`);
    this.awsCode = awsCode;
  }
}

/** No override is to blame, and it is no shortage. */
export function isAboutTheWhole(fault: LaunchFault): boolean {
  return fault.about === null && fault.scope !== 'offering';
}

interface SdkError {
  readonly code: string;
  readonly message: string;
  /** undefined: no answer came. */
  readonly status: number | undefined;
}

function readSdkError(error: unknown): SdkError | null {
  if (!(error instanceof Error)) return null;
  const { $metadata: metadata, $response: response } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly statusCode?: number };
  };
  return { code: error.name, message: error.message, status: metadata?.httpStatusCode ?? response?.statusCode };
}

/** What the SDK threw, as an error of the port; `refused` makes the error of a clear no. */
export function computeError(action: string, error: unknown, refused: (code: string, message: string) => Error): Error {
  if (error instanceof BellowsError) return error;
  if (error instanceof CarrierError) return error.cause as Error;
  const read = readSdkError(error);
  if (!read || read.status === undefined)
    return new ComputeUnknownError(`${action}: no answer from EC2 (${read?.message ?? String(error)})`, {
      cause: error,
    });
  const { code, message, status } = read;
  if (isThrottle(code) || status === 429) return new ComputeThrottledError(`${action}: ${message}`);
  if (code === 'IdempotentParameterMismatch' || code === 'IdempotentInstanceTerminated')
    return new TokenUsedError(code, message);
  // Capacity errors come with 500 where a whole call meets them.
  if (status >= 500 && scopeOf(code, message) === 'request')
    return new ComputeUnknownError(`${action}: ${code}: ${message}`, { cause: error });
  // Below 400 EC2 did it, and what it answered could not be read.
  if (status < 400)
    return new ComputeUnknownError(`${action}: the answer could not be read: ${message}`, { cause: error });
  return refused(code, message);
}

export function launchRefused(code: string, message: string): LaunchRefusedError {
  return new LaunchRefusedError({ code, scope: scopeOf(code, message), about: null, message });
}

// Converts the SDK's errors to those of the cloud port: refused, throttled, or unknown whether the call had an effect.
import { BellowsError } from '../../../core/values/errors.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError, TokenUsedError } from '../../../ports/cloud.ts';
import type { LaunchFault } from '../../../ports/cloud.ts';
import { CarrierError, isThrottle, isTokenUsed, scopeOf } from '../../../ports/ec2/errors.ts';

/** The error is about the whole call, not about one override. */
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

/** What the SDK threw, as an error of the port. */
export function cloudError(action: string, error: unknown): Error {
  if (error instanceof BellowsError) return error;
  if (error instanceof CarrierError) return error.cause as Error;
  const read = readSdkError(error);
  if (!read || read.status === undefined)
    return new CloudUnknownError(`${action}: no answer from EC2 (${read?.message ?? String(error)})`, { cause: error });
  const { code, message, status } = read;
  if (isThrottle(code) || status === 429) return new CloudThrottledError(`${action}: ${message}`);
  if (isTokenUsed(code)) return new TokenUsedError(code, message);
  // Capacity errors come with 500 where a whole call meets them.
  if (status >= 500 && scopeOf(code, message) === 'request')
    return new CloudUnknownError(`${action}: ${code}: ${message}`, { cause: error });
  // Below 400 EC2 did it, and what it answered could not be read.
  if (status < 400)
    return new CloudUnknownError(`${action}: the answer could not be read: ${message}`, { cause: error });
  // EC2 does not say whether a refusal used the token up, so it is taken as unused.
  return new CloudRefusedError({ code, scope: scopeOf(code, message), about: null, message });
}

// EC2's error codes as every adapter (AWS, the EC2 Query protocol, the simulated cloud) sorts them. What a refusal is
// about is capacity memory's table; what passes by itself is here.
export { scopeOf, scopeOfOverride } from '../../core/plan/capacity-memory.ts';

const throttles: ReadonlySet<string> = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'EC2ThrottledException',
  'SlowDown',
  'BandwidthLimitExceeded',
]);

/** Nothing happened; the same call may be sent again later. */
export function isThrottle(code: string): boolean {
  return throttles.has(code);
}

/** What failed is whoever carries the calls in this process, not AWS: `cause` is passed on as it is. */
export class CarrierError extends Error {
  constructor(cause: unknown) {
    super('the call was not carried', { cause });
  }
}

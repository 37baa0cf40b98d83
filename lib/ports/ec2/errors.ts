// EC2's error codes for every adapter (AWS, the EC2 Query protocol, the simulated cloud), and the error of a transport
// that failed in this process.
export { isThrottle, isTokenUsed, scopeOf, scopeOfOverride } from '../../core/values/ec2-error-codes.ts';

/** The transport of the calls failed in this process, not AWS: `cause` is passed on as it is. */
export class CarrierError extends Error {
  constructor(cause: unknown) {
    super('the call was not carried', { cause });
  }
}

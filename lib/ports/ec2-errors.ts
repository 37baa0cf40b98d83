// EC2's error codes by what they are about: the one table behind every port that speaks of EC2, so that all adapters
// (AWS, the EC2 Query protocol, the simulated cloud) sort a refusal alike.
import type { ErrorScope } from './compute.ts';

/** Everything else is `request`: sending it elsewhere or later does not help. */
const scopes: Readonly<Record<string, ErrorScope>> = {
  InsufficientInstanceCapacity: 'offering', InsufficientCapacity: 'offering', InsufficientHostCapacity: 'offering', UnfulfillableCapacity: 'offering',
  Unsupported: 'offering', UnsupportedOperation: 'offering', SpotMaxPriceTooLow: 'offering',
  InsufficientFreeAddressesInSubnet: 'subnet', 'InvalidSubnetID.NotFound': 'subnet',
  VcpuLimitExceeded: 'account', MaxSpotInstanceCountExceeded: 'account', InstanceLimitExceeded: 'account', VolumeLimitExceeded: 'account',
  MaxIOPSLimitExceeded: 'account', InsufficientAddressCapacity: 'account', UnauthorizedOperation: 'account', AuthFailure: 'account',
  'AuthFailure.ServiceLinkedRoleCreationNotPermitted': 'account', OptInRequired: 'account', PendingVerification: 'account', Blocked: 'account',
  InvalidClientTokenId: 'account', AccountDisabled: 'account',
};

export function scopeOf(code: string, message: string): ErrorScope {
  // Seen of fleets: "Your requested instance type (…) is not supported in your requested Availability Zone (…)".
  if (code === 'InvalidFleetConfiguration' && /not supported in your requested Availability Zone/i.test(message)) return 'offering';
  return scopes[code] ?? 'request';
}

const throttles: ReadonlySet<string> = new Set([
  'RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException',
  'TooManyRequestsException', 'EC2ThrottledException', 'SlowDown', 'BandwidthLimitExceeded',
]);

/** Nothing happened; the same call may be sent again later. */
export function isThrottle(code: string): boolean {
  return throttles.has(code);
}

// EC2's error codes: one table for each question that is asked about a code.

// ---- what does a refusal exclude? -----------------------------------------------------------------------

/**
 * What a refusal is about, and so what it excludes: `offering` one type in one zone; `zone` a zone for one
 * capacity type; `subnet` a zone altogether (its addresses are out); `quota` one bucket: all families that EC2
 * counts together, for one capacity type; `capacity-type` all spot (or all on-demand); `account` everything;
 * `request` the call itself: the offerings that it named, as nobody knows which.
 */
export type RefusalScope = 'offering' | 'zone' | 'subnet' | 'quota' | 'capacity-type' | 'account' | 'request';

/** What a refusal with this code excludes. */
const scopes: ReadonlyMap<string, RefusalScope> = new Map(
  Object.entries<readonly string[]>({
    offering: [
      'InsufficientInstanceCapacity',
      'InsufficientCapacity',
      'InsufficientHostCapacity',
      'InsufficientReservedInstanceCapacity',
      'ReservationCapacityExceeded',
      'UnfulfillableCapacity',
      'Unsupported',
      'UnsupportedOperation',
      'SpotMaxPriceTooLow',
      'SpotInstanceTermination',
    ],
    zone: ['InsufficientVolumeCapacity'],
    subnet: ['InsufficientFreeAddressesInSubnet', 'InvalidSubnetID.NotFound'],
    quota: ['VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded', 'InstanceLimitExceeded'],
    'capacity-type': ['AuthFailure.ServiceLinkedRoleCreationNotPermitted', 'SpotInstanceRequestLimitExceeded'],
    account: [
      'VolumeLimitExceeded',
      'MaxIOPSLimitExceeded',
      'InsufficientAddressCapacity',
      'UnauthorizedOperation',
      'AuthFailure',
      'OptInRequired',
      'PendingVerification',
      'Blocked',
      'InvalidClientTokenId',
      'AccountDisabled',
    ],
  } satisfies Partial<Record<RefusalScope, readonly string[]>>).flatMap(([scope, codes]) =>
    codes.map((code): [string, RefusalScope] => [code, scope as RefusalScope]),
  ),
);

export function hasKnownScope(code: string): boolean {
  return scopes.has(code);
}

/** Unknown codes are `request`: sending the very same again later, or to another place, is not known to help. */
export function scopeOf(code: string, message: string): RefusalScope {
  // Seen of fleets: "Your requested instance type (…) is not supported in your requested Availability Zone (…)".
  if (code === 'InvalidFleetConfiguration' && /not supported in your requested Availability Zone/i.test(message))
    return 'offering';
  return scopes.get(code) ?? 'request';
}

/**
 * The scope of an error that EC2 ties to one override: whatever its code, it is no more than that offering's,
 * unless the code is known to be wider.
 */
export function scopeOfOverride(code: string, message: string): RefusalScope {
  const scope = scopeOf(code, message);
  return scope === 'request' || scope === 'account' ? 'offering' : scope;
}

/** Lack of capacity: it passes by itself, and says nothing about other offerings. */
export const shortages: ReadonlySet<string> = new Set([
  'InsufficientInstanceCapacity',
  'InsufficientCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'ReservationCapacityExceeded',
  'UnfulfillableCapacity',
  'SpotMaxPriceTooLow',
  'SpotInstanceTermination',
  'InsufficientVolumeCapacity',
  'InsufficientFreeAddressesInSubnet',
]);

// ---- may the same call succeed later? -------------------------------------------------------------------

/** Why a claim waits and its call is repeated with pauses; null: waiting does not help. By the form of the code. */
export function waitReason(code: string): 'no_capacity' | 'account_limit' | null {
  if (/^Insufficient\w*Capacity/.test(code)) return 'no_capacity';
  return code.endsWith('LimitExceeded') ? 'account_limit' : null;
}

/** The resource is not yet, or no longer, in the state that the call needs: the next tick sees the new state. */
const otherStates: ReadonlySet<string> = new Set([
  'IncorrectState',
  'IncorrectInstanceState',
  'VolumeInUse',
  'DependencyViolation',
  'InvalidPermission.Duplicate',
  'InvalidPermission.NotFound',
  'InvalidGroup.Duplicate',
  'InvalidGroup.NotFound',
  'InvalidVolume.NotFound',
  'InvalidInstanceID.NotFound',
  'IncorrectModificationState',
  'InsufficientInstanceCapacity',
  'VolumeModificationRateExceeded',
  'SnapshotCreationPerVolumeRateExceeded',
  'InvalidGroup.InUse',
  'InvalidGroupId.NotFound',
]);

/** The call is not refused for good: the next tick decides again. */
export function passesByItself(code: string): boolean {
  return otherStates.has(code);
}

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

// ---- was the launch token used already? -----------------------------------------------------------------

export function isTokenUsed(code: string): code is 'IdempotentParameterMismatch' | 'IdempotentInstanceTerminated' {
  return code === 'IdempotentParameterMismatch' || code === 'IdempotentInstanceTerminated';
}

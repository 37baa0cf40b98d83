// EC2's error codes: what a refusal excludes, and whether the same call may succeed later.
import { describe, expect, test } from '@jest/globals';
import {
  hasKnownScope,
  isThrottle,
  isTokenUsed,
  passesByItself,
  scopeOf,
  scopeOfOverride,
  shortages,
  waitReason,
} from '../../../lib/core/values/ec2-error-codes.ts';

describe('the scope of a code', () => {
  test.each([
    ['InsufficientInstanceCapacity', 'offering', 'offering'],
    ['Unsupported', 'offering', 'offering'],
    ['InsufficientVolumeCapacity', 'zone', 'zone'],
    ['InsufficientFreeAddressesInSubnet', 'subnet', 'subnet'],
    ['VcpuLimitExceeded', 'quota', 'quota'],
    ['SpotInstanceRequestLimitExceeded', 'capacity-type', 'capacity-type'],
    ['UnauthorizedOperation', 'account', 'offering'],
    ['SomethingNew', 'request', 'offering'],
    ['constructor', 'request', 'offering'],
  ])('%s: %s; of one override %s', (code, scope, ofOverride) => {
    expect(scopeOf(code, '')).toBe(scope);
    expect(scopeOfOverride(code, '')).toBe(ofOverride);
    expect(hasKnownScope(code)).toBe(scope !== 'request');
  });

  test('is in the words where the code says nothing', () => {
    const words = 'Your requested instance type (x) is not supported in your requested Availability Zone (y)';
    expect(scopeOf('InvalidFleetConfiguration', words)).toBe('offering');
    expect(scopeOf('InvalidFleetConfiguration', 'other')).toBe('request');
    expect(scopeOf('SomethingNew', words)).toBe('request');
  });
});

describe('the same call later', () => {
  test.each([
    ['InsufficientInstanceCapacity', 'no_capacity'],
    ['InsufficientVolumeCapacity', 'no_capacity'],
    ['InsufficientCapacity', 'no_capacity'],
    ['VolumeLimitExceeded', 'account_limit'],
    ['NotInsufficientCapacity', null],
    ['VolumeLimitExceededNot', null],
    ['InvalidParameterValue', null],
  ])('%s is %j', (code, reason) => {
    expect(waitReason(code)).toBe(reason);
  });

  test.each([
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
  ])('%s passes by itself', (code) => {
    expect(passesByItself(code)).toBe(true);
  });

  test.each(['InvalidParameterValue', 'UnauthorizedOperation', 'constructor', ''])('%s does not', (code) => {
    expect([passesByItself(code), isThrottle(code), isTokenUsed(code), shortages.has(code)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test.each([
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
  ])('%s had no effect', (code) => {
    expect(isThrottle(code)).toBe(true);
  });

  test.each(['IdempotentParameterMismatch', 'IdempotentInstanceTerminated'])('%s: the token was used', (code) => {
    expect(isTokenUsed(code)).toBe(true);
  });

  test('a shortage has a scope that is narrower than the account', () => {
    for (const code of shortages) expect(['offering', 'zone', 'subnet']).toContain(scopeOf(code, ''));
  });
});

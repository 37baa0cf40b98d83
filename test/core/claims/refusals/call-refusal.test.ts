// Refusals that pass by themselves: pauses that grow, what stands in the way, and which quota to raise.
import { describe, expect, test } from '@jest/globals';
import {
  nextRefusal,
  quotaCure,
  standingRefusal,
  wholeAccount,
} from '../../../../lib/core/claims/refusals/call-refusal.ts';
import { withoutRefusals } from '../../../../lib/core/claims/lifecycle.ts';
import type { CallRefusal } from '../../../../lib/core/records/claim.ts';
import { nowMs, storage } from '../../builders.ts';

const atText = (ms: number): string => new Date(ms).toISOString();
const refusal = (about: string, nextTryAtMs: number, times = 1): CallRefusal => ({
  about,
  times,
  nextTryAtMs,
  reason: 'no_capacity',
  message: about,
});

describe('a refusal that passes by itself', () => {
  const refused = { about: 'za', reason: 'no_capacity', what: 'make it', why: 'full', cure: '' } as const;

  test.each([
    [0, 5_000],
    [1, 10_000],
    [5, 160_000],
    [6, 300_000],
    [99, 300_000],
  ])('after %d times in a row pauses for %d ms', (times, pauseMs) => {
    const { refusal: next } = nextRefusal(times === 0 ? [] : [refusal('za', 1, times)], refused, nowMs);
    expect(next).toMatchObject({ about: 'za', times: times + 1, nextTryAtMs: nowMs + pauseMs });
  });

  test('says when it is asked again, and what a person can do', () => {
    const at = atText(nowMs + 5_000);
    expect(nextRefusal(undefined, refused, nowMs).refusal.message).toBe(
      `EC2 does not make it now (full); it is asked again at ${at}`,
    );
    const long = { ...refused, why: 'x'.repeat(400), cure: 'Do this' };
    expect(nextRefusal(undefined, long, nowMs).refusal.message).toBe(
      `EC2 does not make it now (${'x'.repeat(300)}); it is asked again at ${at}. Do this`,
    );
  });

  test('takes the place of the one before; the oldest of too many go', () => {
    const zb = refusal('zb', 1);
    const { refusals, refusal: next } = nextRefusal([refusal('za', 1), zb], refused, nowMs);
    expect(refusals).toEqual([zb, next]);
    const many = Array.from({ length: 20 }, (_, n) => refusal(`i-${String(n)}`, 1));
    expect(nextRefusal(many, refused, nowMs).refusals.map((one) => one.about)).toEqual([
      ...many.slice(1).map((one) => one.about),
      'za',
    ]);
  });

  test('stands in the way of the same thing, or of all, until its time', () => {
    const [za, all] = [refusal('za', nowMs + 2), refusal(wholeAccount, nowMs + 1)];
    expect(standingRefusal(undefined, 'za', nowMs)).toBeNull();
    expect(standingRefusal([za], 'za', nowMs)).toBe(za);
    expect(standingRefusal([za], 'zb', nowMs)).toBeNull();
    expect(standingRefusal([za], 'za', nowMs + 2)).toBeNull();
    expect(standingRefusal([za, all], 'zb', nowMs)).toBe(all);
    expect(standingRefusal([za, all], 'za', nowMs)).toBe(za);
    expect(standingRefusal([all, za], 'za', nowMs)).toBe(za);
    expect(withoutRefusals({ ...storage('s', 'za'), refusals: [za] })).not.toHaveProperty('refusals');
  });

  test.each([
    ['VolumeLimitExceeded', 'st1', /"Storage for Throughput Optimized HDD \(st1\) volumes.*or delete volumes/],
    ['VolumeLimitExceeded', null, /"Storage for General Purpose SSD \(gp3\)/],
    ['MaxIOPSLimitExceeded', 'io2', /"IOPS for Provisioned IOPS SSD.*ask for less iops/],
    ['SecurityGroupLimitExceeded', null, /"VPC security groups per Region".*delete groups/],
    ['RulesPerSecurityGroupLimitExceeded', null, /"Inbound or outbound rules per security group"/],
    ['AttachmentLimitExceeded', null, /^The limit is that of the instance/],
    ['VcpuLimitExceeded', null, /^Ask AWS for more of that quota/],
    ['InsufficientVolumeCapacity', 'gp3', /^$/],
  ] as const)('%s of %s has a cure', (code, type, cure) => {
    expect(quotaCure(code, type && { type })).toMatch(cure);
  });
});

test('no pause is longer than the longest: a clock that was far ahead wrote it', () => {
  expect(standingRefusal([refusal('za', nowMs + 300_000)], 'za', nowMs)).not.toBeNull();
  expect(standingRefusal([refusal('za', nowMs + 3_600_000)], 'za', nowMs)).toBeNull();
});

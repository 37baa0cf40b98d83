// Why EC2 sells nothing that would carry what waits, in words for people: the code, its scope, until when, the cure.
import { describe, expect, test } from '@jest/globals';
import type { CapacityMemory } from '../../../../lib/core/plan/capacity-memory.ts';
import { emptyCapacityMemory, neverCalled } from '../../../../lib/core/plan/capacity-memory.ts';
import { isPlain, refusalReason } from '../../../../lib/core/tasks/placing/refusal-reason.ts';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import { nowMs, offer, typeOf } from '../../builders.ts';

describe('the words', () => {
  const small = typeOf('c7.large', 2, 4, 0.1);
  const gpu = offer(typeOf('g6.xlarge', 4, 16, 0.9, { gpu: 1 }), 'za', 'on-demand');
  const [a, b, c, d] = ['za', 'zb', 'zc', 'zd'].map((zone) => offer(small, zone, 'on-demand')) as [
    Offering,
    Offering,
    Offering,
    Offering,
  ];
  const why = (refusals: CapacityMemory['refusals'], of: readonly Offering[], isGpuWanted = false) =>
    refusalReason({ ...emptyCapacityMemory, refusals }, of, nowMs, isGpuWanted);
  const until = nowMs + 60_000;
  const stamp = new Date(until).toISOString();
  const short = { untilMs: until, waitMs: 1, code: 'InsufficientInstanceCapacity' };

  test('are of one offering, or of how many', () => {
    expect(why({ [a.id]: short }, [a])).toEqual({
      code: 'no_capacity',
      message: `EC2 refuses c7.large (on-demand) in za: InsufficientInstanceCapacity; not asked again before ${stamp}.`,
      nextTryAtMs: until,
    });
    expect(why({ [a.id]: short, [b.id]: short }, [a, b])?.message).toMatch(
      /^EC2 refuses 2 offerings, c7.large .* among them: /,
    );
  });

  test('are none while one offering may be asked for, or there is none', () => {
    expect(why({ [a.id]: short }, [a, b])).toBeNull();
    expect(why({}, [])).toBeNull();
  });

  test.each<[string, string, string, RegExp]>([
    [
      '*/*/*',
      'PendingVerification',
      'account_limit',
      /^EC2 refuses whatever this pool asks for: PendingVerification: it is so; not asked/,
    ],
    ['*/*/on-demand', 'X', 'launch_refused', /^EC2 refuses all on-demand capacity of this account/],
    [
      '*/za/*',
      'InsufficientFreeAddressesInSubnet',
      'no_capacity',
      /^EC2 refuses what is in za: .* The subnet has no free addresses\.$/,
    ],
    [
      'quota standard/on-demand',
      'VcpuLimitExceeded',
      'account_limit',
      /^EC2 refuses all on-demand instances of Standard .*Ask AWS for .* quota .* \(L-1216C47A\) in Service Quotas\.$/,
    ],
    ['*/*/*', 'UnauthorizedOperation', 'account_limit', /preflight tells which\.$/],
    ['*/*/*', 'AuthFailure.ServiceLinkedRoleCreationNotPermitted', 'account_limit', /create-service-linked-role/],
  ])('%s %s', (key, code, sort, message) => {
    const found = why({ [key]: { untilMs: until, waitMs: 1, code, message: 'it is so. ' } }, [a]);
    expect(found?.code).toBe(sort);
    expect(found?.message).toMatch(message);
  });

  test('say that nodes never called, and until when none is bought', () => {
    expect(why({ '*/*/*': { ...short, code: neverCalled } }, [a])?.message).toBe(
      `Nodes came and never called. Not asked again before ${stamp}.`,
    );
  });

  test('name three groups, the largest first, and how many more there are; the first end is the next try', () => {
    const refusals = {
      [a.id]: { ...short, code: 'A' },
      [b.id]: { ...short, code: 'B' },
      [c.id]: { ...short, code: 'C', untilMs: until - 9 },
      [d.id]: { ...short, code: 'D' },
      'm7.large/za/on-demand': { ...short, code: 'D' },
    };
    const other = offer(typeOf('m7.large', 2, 8, 0.1), 'za', 'on-demand');
    const found = why(refusals, [a, b, c, d, other]);
    expect(found?.message).toMatch(/^EC2 refuses 2 offerings.*: D; .* A; .* B; .* Further refusals: 1\.$/);
    expect(found?.nextTryAtMs).toBe(until - 9);
  });

  test('leave out what GPUs are refused for where none is wanted', () => {
    const refusals = { [gpu.id]: { ...short, code: 'Unsupported' }, [a.id]: short };
    expect(why(refusals, [gpu, a])?.message).not.toMatch(/Unsupported/);
    expect(why(refusals, [gpu, a], true)?.message).toMatch(/Unsupported/);
    expect(why(refusals, [gpu])?.message).toMatch(/Unsupported/);
    expect([isPlain(a), isPlain(gpu), isPlain(offer(typeOf('inf2.xlarge', 4, 16, 0.7), 'za', 'spot'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('say whose quota and whose role it is, as the code says', () => {
    const quota = (code: string, offering: Offering) =>
      why({ [`*/*/${offering.capacityType}`]: { ...short, code } }, [offering], true)?.message;
    for (const code of ['VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded', 'InstanceLimitExceeded']) {
      const asks = /Ask AWS for more of the on-demand quota "G and VT" \(L-DB2E81BA\) in Service Quotas\.$/;
      expect(quota(code, gpu)).toMatch(asks);
    }
    expect(quota('MaxSpotInstanceCountExceeded', { ...a, capacityType: 'spot' })).toMatch(
      /all spot capacity of this account: .* more of the spot quota "Standard [^"]*" \(L-34B43A08\)/,
    );
    expect(quota('Other', a)).toMatch(/\.000Z\.$/);
  });

  test('say above which size a quota leaves no room', () => {
    const above = (aboveVcpu: number) => why({ 'quota standard/on-demand': { ...short, aboveVcpu } }, [a])?.message;
    expect(above(1)).toMatch(/instances of Standard \(.*\) of more than 1 vCPU: /);
    // What is smaller is not refused.
    expect(above(8)).toBeUndefined();
  });

  test('are of as many offerings as are short, with the first that may be asked for again as the example', () => {
    const refusals = { [a.id]: { ...short, untilMs: until + 5 }, [b.id]: short, [c.id]: short };
    const found = why(refusals, [a, b, c]);
    expect(found?.message).toBe(
      'EC2 refuses 3 offerings, c7.large (on-demand) in zb among them: InsufficientInstanceCapacity; not asked again '
        + `before ${stamp}.`,
    );
    expect(found?.nextTryAtMs).toBe(until);
    // Refusals of a wider scope are told apart by it.
    const wide = why({ '*/za/*': short, '*/zb/*': short }, [a, b])?.message;
    expect(wide).toMatch(/^EC2 refuses what is in za: .* EC2 refuses what is in zb: /);
  });
});

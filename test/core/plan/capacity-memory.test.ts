// What each refusal excludes, for how long, and what people read of it.
import { describe, expect, test } from '@jest/globals';
import {
  emptyCapacityMemory,
  isRefused,
  pruned,
  refusalsMax,
  rememberBoots,
  rememberNews,
  reservationRefusal,
} from '../../../lib/core/plan/capacity-memory.ts';
import { refusalReason } from '../../../lib/core/tasks/placing/refusal-reason.ts';
import type { CapacityMemory, LaunchFault, LaunchNews } from '../../../lib/core/plan/capacity-memory.ts';
import type { RefusalScope } from '../../../lib/core/values/ec2-error-codes.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { offeringId } from '../../../lib/core/values/offering.ts';
import type { CapacityType } from '../../../lib/core/values/offering.ts';
import { awsDecisionSettings as timing } from '../../../lib/core/values/settings.ts';

const nowMs = 1_800_000_000_000;
const everything = offeringsOf({});
const a = { instanceType: 'c7i.large', zone: 'us-east-1a' };
const b = { instanceType: 'm7i.large', zone: 'us-east-1b' };
const news = (part: Partial<LaunchNews>): LaunchNews => ({
  capacityType: 'spot',
  asked: [a, b],
  launched: [],
  count: 1,
  gangs: [],
  faults: [],
  ...part,
});
const fault = (code: string, scope: RefusalScope, about: LaunchFault['about'] = null): LaunchFault => ({
  code,
  scope,
  about,
  message: 'no',
});
const after = (
  faults: readonly LaunchFault[],
  part: Partial<LaunchNews> = {},
  memory = emptyCapacityMemory,
): CapacityMemory => rememberNews(memory, [news({ faults, ...part })], nowMs, timing);
const isOut = (
  memory: CapacityMemory,
  instanceType: string,
  zone: string,
  capacityType: CapacityType,
  atMs = nowMs,
): boolean => {
  const offering = everything.find((one) => one.id === offeringId(instanceType, zone, capacityType));
  if (!offering) throw new RangeError(`the catalog lacks ${instanceType}`);
  return isRefused(memory, offering, atMs);
};

describe('a refusal of a capacity reservation', () => {
  const reservation = 'cr-0123456789abcdef0';
  const named = { capacityType: 'on-demand', asked: [a], reservation } as const;
  const at = { name: reservation, zone: a.zone };

  test('excludes that one alone, whatever its code and however often, until something was launched into it', () => {
    for (const code of [
      'ReservationCapacityExceeded',
      'InvalidCapacityReservationId.NotFound',
      'UnauthorizedOperation',
      'VcpuLimitExceeded',
    ]) {
      let memory = after([fault(code, code === 'UnauthorizedOperation' ? 'account' : 'request')], named);
      for (let time = 0; time < 5; time += 1) memory = after([fault(code, 'request')], named, memory);
      expect(Object.keys(memory.refusals)).toEqual([`reservation ${reservation}`]);
      expect(memory.failedCalls).toBe(0);
      expect(everything.some((one) => isRefused(memory, one, nowMs))).toBe(false);
      expect(reservationRefusal(memory, at, nowMs)?.code).toBe(code);
      expect(reservationRefusal(memory, { ...at, name: 'cr-1' }, nowMs)).toBeNull();
      expect(reservationRefusal(after([], { ...named, launched: [a] }, memory), at, nowMs)).toBeNull();
    }
  });

  test('is not that EC2 is short of its type, or a quota used up; what is wrong with its zone is', () => {
    const plain = { capacityType: 'on-demand', asked: [a] } as const;
    for (const [code, scope] of [
      ['InsufficientInstanceCapacity', 'offering'],
      ['VcpuLimitExceeded', 'quota'],
    ] as const)
      expect(reservationRefusal(after([fault(code, scope)], plain), at, nowMs)).toBeNull();
    for (const [code, scope] of [
      ['InsufficientFreeAddressesInSubnet', 'subnet'],
      ['UnauthorizedOperation', 'account'],
    ] as const)
      expect(reservationRefusal(after([fault(code, scope)], plain), at, nowMs)?.code).toBe(code);
  });
});

describe('what is excluded', () => {
  test("an offering's refusal excludes it and nothing else", () => {
    for (const code of ['InsufficientInstanceCapacity', 'InvalidParameterCombination', 'SomethingNew']) {
      const memory = after([fault(code, 'offering', a)], { launched: [b] });
      expect(isOut(memory, 'c7i.large', 'us-east-1a', 'spot')).toBe(true);
      expect([
        isOut(memory, 'c7i.large', 'us-east-1b', 'spot'),
        isOut(memory, 'c7i.large', 'us-east-1a', 'on-demand'),
        isOut(memory, 'm7i.large', 'us-east-1b', 'spot'),
      ]).toEqual([false, false, false]);
    }
  });

  test.each(['VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded'])(
    '%s closes the bucket that met it: families that count together, for one capacity type',
    (code) => {
      const memory = after([fault(code, 'quota', { instanceType: 'g6.xlarge', zone: 'us-east-1a' })]);
      expect([
        isOut(memory, 'g6.2xlarge', 'us-east-1b', 'spot'),
        isOut(memory, 'g4dn.xlarge', 'us-east-1a', 'spot'),
      ]).toEqual([true, true]);
      expect([
        isOut(memory, 'g6.xlarge', 'us-east-1a', 'on-demand'),
        isOut(memory, 'p4d.24xlarge', 'us-east-1a', 'spot'),
        isOut(memory, 'c7i.large', 'us-east-1a', 'spot'),
      ]).toEqual([false, false, false]);
    },
  );

  test.each([
    ['MaxSpotInstanceCountExceeded', 'quota'],
    ['AuthFailure.ServiceLinkedRoleCreationNotPermitted', 'capacity-type'],
  ] as const)('%s of a whole call closes spot, not on-demand', (code, scope) => {
    const memory = after([fault(code, scope)]);
    expect([
      isOut(memory, 'g6.xlarge', 'us-east-1b', 'spot'),
      isOut(memory, 'c7i.large', 'us-east-1a', 'spot'),
    ]).toEqual([true, true]);
    expect(isOut(memory, 'c7i.large', 'us-east-1a', 'on-demand')).toBe(false);
  });

  test('a subnet without addresses closes its zone for both capacity types; an account closes all', () => {
    const zone = after([fault('InsufficientFreeAddressesInSubnet', 'subnet', a)]);
    expect([
      isOut(zone, 'm7i.large', 'us-east-1a', 'on-demand'),
      isOut(zone, 'm7i.large', 'us-east-1b', 'spot'),
    ]).toEqual([true, false]);
    const account = after([fault('PendingVerification', 'account')]);
    expect(everything.every((one) => isRefused(account, one, nowMs))).toBe(true);
  });

  test(
    'a refusal of the whole call for no known reason excludes what it named; only the third in a '
      + 'row holds up the pool',
    () => {
      let memory = after([fault('SomethingNew', 'request')]);
      expect([
        isOut(memory, 'c7i.large', 'us-east-1a', 'spot'),
        isOut(memory, 'm7i.large', 'us-east-1b', 'spot'),
        isOut(memory, 'm7i.large', 'us-east-1a', 'spot'),
      ]).toEqual([true, true, false]);
      memory = after([fault('SomethingNew', 'request')], {}, memory);
      expect(isOut(memory, 'r7i.large', 'us-east-1a', 'spot')).toBe(false);
      memory = after([fault('SomethingNew', 'request')], {}, memory);
      expect(isOut(memory, 'r7i.large', 'us-east-1a', 'spot')).toBe(true);
      // Never for ever, and one launch that works forgets the row.
      expect(isOut(memory, 'r7i.large', 'us-east-1a', 'spot', nowMs + timing.accountPauseMs)).toBe(false);
      expect(after([], { launched: [a] }, memory).failedCalls).toBe(0);
    },
  );

  test('shortages in a row hold up nothing but themselves', () => {
    let memory = emptyCapacityMemory;
    for (let n = 0; n < 10; n += 1)
      memory = after(
        [fault('InsufficientInstanceCapacity', 'offering', a), fault('UnfulfillableCapacity', 'offering', b)],
        {},
        memory,
      );
    expect(everything.filter((one) => isRefused(memory, one, nowMs))).toHaveLength(2);
  });
});

describe('a quota of vCPUs', () => {
  const over = (name: string): LaunchFault => fault('VcpuLimitExceeded', 'quota', { instanceType: name, zone: null });
  const sizes = ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'];
  const left = (memory: CapacityMemory): string[] =>
    sizes.filter((size) => !isOut(memory, `c7g.${size}`, 'us-east-1a', 'spot'));

  test('that is too small for what was asked for may have room for half of it, and so on', () => {
    let memory = after([over('c7g.2xlarge')]);
    expect(left(memory)).toEqual(['medium', 'large', 'xlarge']);
    memory = after([over('c7g.xlarge')], {}, memory);
    expect(left(memory)).toEqual(['medium', 'large']);
    // What is asked for at the same time, and larger, says nothing new.
    expect(left(after([over('c7g.4xlarge')], {}, memory))).toEqual(['medium', 'large']);
    memory = after([over('c7g.large')], {}, memory);
    expect(left(memory)).toEqual(['medium']);
    memory = after([over('c7g.medium')], {}, memory);
    expect(left(memory)).toEqual([]);
    expect(left(after([over('c7g.4xlarge')], {}, memory))).toEqual([]);
    expect(Object.values(memory.refusals).map((one) => one.waitMs)).toEqual([60_000]);
  });

  test('is still too small for more where less has come, and is forgotten where more has', () => {
    const memory = after([over('c7g.2xlarge')]);
    const come = (name: string) => after([], { launched: [{ instanceType: name, zone: 'us-east-1a' }] }, memory);
    expect(left(come('c7g.xlarge'))).toEqual(['medium', 'large', 'xlarge']);
    expect(left(come('c7g.2xlarge'))).toEqual(sizes);
  });

  test('that is said of the whole call is of the smallest that was asked for', () => {
    const asked = ['c7g.4xlarge', 'c7g.xlarge'].map((name) => ({ instanceType: name, zone: 'us-east-1a' }));
    const plain = { code: 'MaxSpotInstanceCountExceeded', scope: 'quota', about: null, message: 'no' } as const;
    expect(left(after([plain], { asked }))).toEqual(['medium', 'large']);
    expect(left(after([{ ...plain, code: 'InstanceLimitExceeded' }], { asked }))).toEqual([]);
  });
});

describe('how long', () => {
  test('longer each time, up to the most; a launch that works begins anew', () => {
    let memory = emptyCapacityMemory;
    const waits: number[] = [];
    let atMs = nowMs;
    for (let n = 0; n < 6; n += 1) {
      memory = pruned(
        rememberNews(memory, [news({ faults: [fault('InsufficientInstanceCapacity', 'offering', a)] })], atMs, timing),
        atMs,
        timing,
      );
      const { untilMs = 0 } = memory.refusals[offeringId(a.instanceType, a.zone, 'spot')] ?? {};
      waits.push((untilMs - atMs) / 60_000);
      atMs = untilMs;
    }
    expect(waits).toEqual([4, 6, 9, 9, 9, 9]);
    memory = rememberNews(memory, [news({ launched: [a] })], atMs, timing);
    expect(memory.refusals).toEqual({});
  });

  test('a part that came does not make the refusal of the rest a first one', () => {
    const one = after([fault('VcpuLimitExceeded', 'quota', a)], { launched: [a] });
    const two = rememberNews(
      one,
      [news({ faults: [fault('VcpuLimitExceeded', 'quota', a)], launched: [a] })],
      nowMs + 60_000,
      timing,
    );
    expect(Object.values(two.refusals).map((entry) => entry.waitMs)).toEqual([120_000]);
  });

  test('what is remembered is bounded, whatever is out, and fits an item of the store', () => {
    const memory = (['spot', 'on-demand'] as const).reduce(
      (sum, capacityType) =>
        rememberNews(
          sum,
          [
            news({
              capacityType,
              faults: ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((zone) =>
                everything
                  .filter((one) => one.zone === 'us-east-1a' && one.capacityType === capacityType)
                  .map((one) => ({
                    ...fault('InvalidParameterCombination', 'offering', {
                      instanceType: one.type.name,
                      zone: `us-east-1${zone}`,
                    }),
                    message: 'x'.repeat(5_000),
                  })),
              ),
            }),
          ],
          nowMs,
          timing,
        ),
      emptyCapacityMemory,
    );
    expect(Object.keys(memory.refusals).length).toBeLessThanOrEqual(refusalsMax);
    expect(JSON.stringify(memory).length).toBeLessThan(350_000);
    const shown = everything.filter((one) => isRefused(memory, one, nowMs)).length / everything.length;
    expect(shown).toBeGreaterThan(0.9);
  });
});

describe('nodes that never call', () => {
  const node = (zone: string, instanceType: string, part: { readyAtMs?: number; failed?: string }) => ({
    instanceType,
    zone,
    capacityType: 'on-demand' as const,
    createdAtMs: nowMs - 900_000,
    readyAtMs: part.readyAtMs ?? null,
    failure: part.failed === undefined ? null : { atMs: nowMs - 1_000, message: part.failed },
  });

  test(
    'are of their type where others of the zone call, of their zone where the type calls elsewhere, '
      + 'else of both together',
    () => {
      const type = rememberBoots(
        emptyCapacityMemory,
        [
          node('us-east-1a', 'a1.large', { failed: 'x' }),
          node('us-east-1a', 'c7g.large', { readyAtMs: nowMs - 800_000 }),
        ],
        nowMs,
        timing,
      );
      expect(Object.keys(type.refusals)).toEqual(['a1.large/*/*']);
      const zone = rememberBoots(
        emptyCapacityMemory,
        [
          node('us-east-1a', 'c7g.large', { failed: 'x' }),
          node('us-east-1b', 'c7g.large', { readyAtMs: nowMs - 800_000 }),
        ],
        nowMs,
        timing,
      );
      expect(Object.keys(zone.refusals)).toEqual(['*/us-east-1a/*']);
      expect(
        Object.keys(
          rememberBoots(emptyCapacityMemory, [node('us-east-1a', 'c7g.large', { failed: 'x' })], nowMs, timing)
            .refusals,
        ),
      ).toEqual(['c7g.large/us-east-1a/*']);
    },
  );

  test('are counted once; the third in a row holds up the pool, and one that calls ends that', () => {
    const nodes = ['a', 'b', 'c'].map((zone) =>
      node(`us-east-1${zone}`, 'c7g.large', { failed: `i-${zone}: Server.InternalError: Internal error on launch` }),
    );
    const memory = rememberBoots(emptyCapacityMemory, nodes, nowMs, timing);
    expect(memory.boots?.failed).toBe(3);
    expect(rememberBoots(memory, nodes, nowMs + 1_000, timing)).toBe(memory);
    expect(refusalReason(memory, everything, nowMs, false)?.message).toMatch(
      /^3 nodes came and never called; look at .* i-c: Server.InternalError/,
    );
    const mended = rememberBoots(
      memory,
      [node('us-east-1a', 'm7g.large', { readyAtMs: nowMs + 5_000 })],
      nowMs + 6_000,
      timing,
    );
    expect([mended.boots, mended.refusals['*/*/*']]).toEqual([null, undefined]);
  });

  test('spot that is taken before they boot is a shortage', () => {
    const memory = rememberBoots(
      emptyCapacityMemory,
      [
        node('us-east-1a', 'c7g.large', {
          failed: 'EC2 says terminated (Server.SpotInstanceTermination: Spot instance termination)',
        }),
      ],
      nowMs,
      timing,
    );
    expect(memory.boots?.failed).toBe(0);
    expect(memory.refusals).toMatchObject({ 'c7g.large/us-east-1a/on-demand': { code: 'SpotInstanceTermination' } });
  });
});

describe('the reason', () => {
  test('names code, bucket, until when, and the quota to raise', () => {
    const memory = after([fault('VcpuLimitExceeded', 'quota', { instanceType: 'g6.xlarge', zone: 'us-east-1a' })], {
      capacityType: 'on-demand',
    });
    const carriers = everything.filter((one) => one.type.family === 'g6' && one.capacityType === 'on-demand');
    expect(refusalReason(memory, carriers, nowMs, true)).toEqual({
      code: 'account_limit',
      nextTryAtMs: nowMs + 60_000,
      message:
        'EC2 refuses all on-demand instances of G and VT of more than 2 vCPUs: VcpuLimitExceeded: no; not asked again '
        + 'before 2027-01-15T08:01:00.000Z. Ask AWS for more of the on-demand quota "G and VT" '
        + '(L-DB2E81BA) in Service Quotas.',
    });
  });

  test('is not of GPUs where none is wanted, and there is none while something may be asked for', () => {
    const memory = after([
      fault('VcpuLimitExceeded', 'quota', { instanceType: 'g6.xlarge', zone: 'us-east-1a' }),
      fault('InsufficientInstanceCapacity', 'offering', a),
    ]);
    const carriers = everything.filter(
      (one) =>
        (one.type.family === 'g6' || one.id === offeringId('c7i.large', 'us-east-1a', 'spot'))
        && one.capacityType === 'spot',
    );
    const reason = refusalReason(memory, carriers, nowMs, false);
    expect(reason).toMatchObject({ code: 'no_capacity' });
    expect(reason?.message).not.toMatch(/Vcpu|G and VT/);
    expect(refusalReason(memory, everything, nowMs, false)).toBeNull();
  });
});

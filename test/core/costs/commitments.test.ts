// Which instances commitments pay for, what is left of them, and how far they were used in a day.
import { describe, expect, test } from '@jest/globals';
import type { Bin } from '../../../lib/core/allocation/types.ts';
import type { Commitment } from '../../../lib/core/catalog/commitments.ts';
import { afterUse, meanToday } from '../../../lib/core/costs/commitment-days.ts';
import type { CommitmentDays } from '../../../lib/core/costs/commitment-days.ts';
import { paidBeside, paidOf } from '../../../lib/core/costs/commitments.ts';
import type { PaidFor } from '../../../lib/core/costs/commitments.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { launch, machineLaunch, machineThere, machines, node, nowMs, offer, smallType } from '../builders.ts';

const reserved = (name: string, count: number, more: Partial<Commitment> = {}): Commitment =>
  ({ kind: 'reserved-instances', name, instanceType: 'c7.large', count, ...more }) as Commitment;
const saved = (name: string, usdPerHour: number, more: Partial<Commitment> = {}): Commitment =>
  ({ kind: 'savings-plan', name, usdPerHour, discountPercent: 50, ...more }) as Commitment;
const on = (id: string, more: Partial<NodeRecord> = {}): NodeRecord =>
  node({ id, capacityType: 'on-demand', zone: 'za', priceUsdPerHour: 0.1, createdAtMs: Number(id.slice(1)), ...more });

function paid(commitments: readonly Commitment[], records: Partial<PaidFor>) {
  return paidOf({ commitments }, { nodes: [], launches: [], claims: [], ...records }, nowMs);
}

const sharesOf = (found: ReturnType<typeof paid>): object => Object.fromEntries(found.shares);
const usesOf = (found: ReturnType<typeof paid>): readonly object[] =>
  found.uses.map(({ commitment: { name }, used, of }) => ({ name, used: Number(used.toFixed(6)), of }));

describe('reserved instances', () => {
  test('pay for the oldest of their type, on demand, until they have ended', () => {
    const nodes = [on('i3'), on('i1'), on('i2'), on('i0', { capacityType: 'spot' }), on('i4', { instanceType: 'x.y' })];
    const found = paid([reserved('r', 2)], { nodes });
    expect(sharesOf(found)).toEqual({ i1: 1, i2: 1 });
    expect(usesOf(found)).toEqual([{ name: 'r', used: 2, of: 2 }]);
    expect(found.left).toBeUndefined();
    expect(paid([reserved('r', 2, { untilMs: nowMs })], { nodes })).toMatchObject({ uses: [], left: undefined });
    expect(paid([reserved('r', 5, { untilMs: nowMs + 1 })], { nodes }).left).toMatchObject([{ left: 2, used: 3 }]);
  });

  test('of a zone come first, and leave those of any zone to others', () => {
    const nodes = [on('i1'), on('i2', { zone: 'zb' })];
    const found = paid([reserved('any', 1), reserved('za', 1, { zone: 'za' })], { nodes });
    expect(usesOf(found)).toEqual([
      { name: 'any', used: 1, of: 1 },
      { name: 'za', used: 1, of: 1 },
    ]);
  });

  test('count what a launch may make, for each that it may be of, and machines of claims that run', () => {
    const request = {
      call: 'fleet',
      capacityType: 'on-demand',
      templateVersion: '1',
      count: 2,
      overrides: ['za', 'zb'].map((zone) => ({ instanceType: 'c7.large', zone, priceUsdPerHour: 0.1 })),
      tags: {},
    } as const;
    const launches = [launch('l', { request }, 2)];
    const both = [reserved('a', 9, { zone: 'za' }), reserved('b', 9, { zone: 'zb' })];
    expect(usesOf(paid(both, { launches }))).toMatchObject([{ used: 2 }, { used: 2 }]);
    const claim = machines('c');
    const [part] = claim.machines;
    if (!part) throw new Error('a claim without a machine');
    const there = machineThere(part, 'i-m', { instanceType: 'c7.large', zone: 'za', capacityType: 'on-demand' });
    const claims = [{ ...claim, machines: [there] }];
    expect(usesOf(paid([reserved('r', 3)], { claims }))).toMatchObject([{ used: 1 }]);
    const stopped = [{ ...claim, machines: [{ ...there, stoppedSinceMs: 1 }] }];
    expect(usesOf(paid([reserved('r', 3)], { claims: stopped }))).toMatchObject([{ used: 0 }]);
  });
});

describe('named reservations', () => {
  const hour = 3_600_000;
  const cr = (count: number, more: Partial<Commitment> = {}): Commitment =>
    ({
      kind: 'capacity-reservation',
      name: 'cr-1',
      instanceType: 'c7.large',
      zone: 'za',
      count,
      ...more,
    }) as Commitment;
  const inIt = (id: string): NodeRecord => on(id, { reservation: 'cr-1' });

  test('count machines of claims that were launched into them, stopped ones too, and their launches', () => {
    const claim = machines('c');
    const [part] = claim.machines;
    if (!part) throw new Error('a claim without a machine');
    const there = machineThere(part, 'i-m', { instanceType: 'c7.large', zone: 'za', reservation: 'cr-1' });
    const claims = [{ ...claim, machines: [{ ...there, stoppedSinceMs: 1 }] }];
    expect(usesOf(paid([cr(3)], { claims }))).toMatchObject([{ used: 1 }]);
    const one = machineLaunch('l', 'm', {});
    const request = { ...one.request, zone: 'za', instanceType: 'c7.large' };
    const into = {
      ...one,
      request: { ...request, reservation: { id: 'cr-1', kind: 'capacity-reservation' } as const },
    };
    expect(usesOf(paid([cr(3)], { launches: [into] }))).toMatchObject([{ used: 1 }]);
    expect(usesOf(paid([cr(3)], { launches: [{ ...one, request }] }))).toMatchObject([{ used: 0 }]);
  });

  test('pay for what was launched into them, and that is paid for by nothing else', () => {
    const nodes = [on('i1'), inIt('i2'), inIt('i3')];
    const found = paid([reserved('r', 5), cr(3)], { nodes });
    expect(sharesOf(found)).toEqual({ i1: 1, i2: 1, i3: 1 });
    expect(usesOf(found)).toEqual([
      { name: 'r', used: 1, of: 5 },
      { name: 'cr-1', used: 2, of: 3 },
    ]);
    expect(found.left).toMatchObject([{ left: 4 }, { left: 1 }]);
  });

  test('count open launches that name them, and pay for no more than there are', () => {
    const request = {
      call: 'fleet',
      capacityType: 'on-demand',
      templateVersion: '1',
      count: 2,
      overrides: [{ instanceType: 'c7.large', zone: 'za', priceUsdPerHour: 0.1 }],
      tags: {},
    } as const;
    const reservation = { id: 'cr-1', kind: 'capacity-reservation' } as const;
    const into = launch('l', { request: { ...request, reservation } }, 2);
    expect(usesOf(paid([cr(4)], { launches: [into, launch('m', { request }, 2)] }))).toMatchObject([{ used: 2 }]);
    const lowered = paid([cr(1)], { nodes: [inIt('i1'), inIt('i2')] });
    expect(sharesOf(lowered)).toEqual({ i1: 1 });
    expect(lowered.left).toBeUndefined();
  });

  test('are live between their times; into a block nothing is launched in its last hour', () => {
    expect(paid([cr(1, { fromMs: nowMs + 1 })], {})).toMatchObject({ uses: [], left: undefined });
    expect(paid([cr(1, { fromMs: nowMs })], {}).left).toHaveLength(1);
    const block = (untilMs: number): Commitment => cr(1, { kind: 'capacity-block', fromMs: 0, untilMs });
    expect(paid([block(nowMs + hour + 1)], {}).left).toHaveLength(1);
    const closing = paid([block(nowMs + hour)], { nodes: [inIt('i1')] });
    expect(closing.left).toBeUndefined();
    expect(sharesOf(closing)).toEqual({ i1: 1 });
    // What goes on after a reservation is an instance as any other.
    const over = paid([cr(1, { untilMs: nowMs }), reserved('r', 1)], { nodes: [inIt('i1')] });
    expect(usesOf(over)).toEqual([{ name: 'r', used: 1, of: 1 }]);
  });
});

test('a launch that may be of several types counts for each commitment that it may be of, and no others', () => {
  const request = {
    call: 'fleet',
    capacityType: 'on-demand',
    templateVersion: '1',
    count: 1,
    overrides: ['c7.large', 'm7.large'].map((instanceType) => ({ instanceType, zone: 'za', priceUsdPerHour: 0.1 })),
    tags: {},
  } as const;
  const one = launch('l', { request }, 1);
  const launches = [{ ...one, reserved: { ...one.reserved, usdPerHour: 0.1 } }];
  const both = paid([reserved('r', 2), saved('s', 1)], { launches });
  expect(usesOf(both)).toMatchObject([{ used: 1 }, { used: 0.05 }]);
  expect(sharesOf(both)).toEqual({ 'l#0': 1 });
  // If it comes out as the other type, nothing pays for it.
  expect(sharesOf(paid([reserved('r', 2)], { launches }))).toEqual({});
  const ofEach = [saved('c', 1, { instanceFamily: 'c7' }), saved('m', 1, { instanceFamily: 'm7' }), saved('s', 1)];
  expect(usesOf(paid(ofEach, { launches }))).toMatchObject([{ used: 0.05 }, { used: 0.05 }, { used: 0 }]);
});

describe('savings plans', () => {
  test('pay after reserved instances, in part for the last one, and next for what that leaves', () => {
    const nodes = [on('i1'), on('i2'), on('i3')];
    const found = paid([saved('s', 0.075), reserved('r', 1), saved('t', 1)], { nodes });
    expect(sharesOf(found)).toEqual({ i1: 1, i2: 1, i3: 1 });
    expect(usesOf(found)).toEqual([
      { name: 's', used: 0.075, of: 0.075 },
      { name: 'r', used: 1, of: 1 },
      { name: 't', used: 0.025, of: 1 },
    ]);
    expect(found.left).toMatchObject([{ commitment: { name: 't' } }]);
    expect(found.left?.[0]?.left).toBeCloseTo(1.95, 9);
    expect(paid([saved('s', 0.075)], { nodes }).shares.get('i2')).toBeCloseTo(0.5, 9);
  });

  test('of a family pay for that one', () => {
    const nodes = [on('i1'), on('i2', { instanceType: 'c7g.large' })];
    expect(sharesOf(paid([saved('s', 1, { instanceFamily: 'c7' })], { nodes }))).toEqual({ i1: 1 });
  });
});

describe('what runs', () => {
  const there = (more: Parameters<typeof machineThere>[2] = {}) => {
    const claim = machines('c');
    const [part] = claim.machines;
    if (!part) throw new Error('a claim without a machine');
    const place = { instanceType: 'c7.large', zone: 'za', capacityType: 'on-demand' } as const;
    return [{ ...claim, machines: [machineThere(part, 'i-m', { ...place, ...more })] }];
  };

  test('is no node that is stopped, and no spot instance', () => {
    const request = { ...launch('l').request, capacityType: 'spot' } as const;
    const nodes = [on('i1', { state: 'stopped' }), on('i2', { capacityType: 'spot' })];
    const records = { nodes, claims: there({ capacityType: 'spot' }), launches: [launch('l', { request })] };
    expect(sharesOf(paid([reserved('r', 9)], records))).toEqual({});
  });

  test('is paid for in the order in which it came, of one time by its id', () => {
    const nodes = [on('i3', { createdAtMs: 3 }), on('i2', { createdAtMs: 3 })];
    expect(sharesOf(paid([reserved('r', 1)], { nodes }))).toEqual({ i2: 1 });
    expect(sharesOf(paid([reserved('r', 1)], { nodes: nodes.toReversed() }))).toEqual({ i2: 1 });
    expect(sharesOf(paid([reserved('r', 2)], { nodes, claims: there({ thereSinceMs: 4 }) }))).toEqual({ i2: 1, i3: 1 });
    expect(sharesOf(paid([reserved('r', 1)], { nodes, claims: there({ thereSinceMs: 2 }) }))).toEqual({ 'i-m': 1 });
  });

  test('is paid for by instances before USD, and by the plan of a family before that of all', () => {
    const nodes = [on('i1')];
    const declared = [saved('all', 1), saved('family', 1, { instanceFamily: 'c7' }), reserved('r', 1)];
    const usedOf = (commitments: readonly Commitment[]) =>
      paid(commitments, { nodes })
        .uses.filter(({ used }) => used > 0)
        .map(({ commitment }) => commitment.name);
    expect(usedOf(declared)).toEqual(['r']);
    expect(usedOf(declared.slice(0, 2))).toEqual(['family']);
    expect(usedOf([reserved('any', 1), reserved('za', 1, { zone: 'za' })])).toEqual(['za']);
  });

  test('of a launch costs its part of the whole', () => {
    const two = launch('l', {}, 2);
    const launches = [{ ...two, reserved: { ...two.reserved, usdPerHour: 0.4 } }];
    expect(usesOf(paid([saved('s', 9)], { launches }))).toMatchObject([{ used: 0.2 }]);
    expect(paid([saved('s', 0.1)], { launches }).shares).toEqual(new Map([['l#0', 1]]));
  });
});

test('nothing is paid for in a pool without commitments', () => {
  expect(paidOf({}, { nodes: [on('i1')], launches: [], claims: [] }, nowMs)).toEqual(paid([], {}));
  expect(paid([], {})).toEqual({ shares: new Map(), uses: [], left: undefined });
});

test('beside nodes that are made up is left what they do not use', () => {
  const bin = { id: 'b', offering: offer(smallType, 'za', 'on-demand') } as Bin;
  const beside = (count: number, bins: readonly Bin[] = [bin]) =>
    paidBeside({ commitments: [reserved('r', count)] }, bins, nowMs);
  expect(beside(2)).toMatchObject({ paid: [{ left: 1, used: 1, of: 2 }] });
  expect(beside(1)).toEqual({});
  expect(beside(1, [])).toMatchObject({ paid: [{ left: 1 }] });
  expect(paidBeside({ commitments: [saved('s', 0.5)] }, [bin], nowMs)).toMatchObject({ paid: [{ used: 0.05 }] });
  expect(paidBeside({}, [bin], nowMs)).toEqual({});
});

describe('the use of a day', () => {
  const day = 24 * 3_600_000;
  const hour = 3_600_000;
  const used = (before: CommitmentDays | undefined, amount: number, atMs: number): CommitmentDays =>
    afterUse(before, [{ commitment: reserved('r', 9), used: amount, of: 9 }], atMs);
  const mean = (days: CommitmentDays, atMs: number): number => meanToday(days['r'] ?? (undefined as never), atMs);

  test('is the mean since midnight, or since it was first seen', () => {
    const first = used(undefined, 4, 10 * hour);
    expect(mean(first, 10 * hour)).toBe(4);
    const second = used(first, 1, 11 * hour);
    expect(mean(second, 13 * hour)).toBeCloseTo((4 + 2) / 3, 9);
    expect(mean(second, day + hour)).toBe(1);
    const third = used(second, 7, day + hour);
    expect(mean(third, day + 3 * hour)).toBeCloseTo((1 + 14) / 3, 9);
  });

  test('is the same object while nothing changes, over midnight too', () => {
    const first = used(undefined, 4, 10 * hour);
    expect(used(first, 4, day + 10 * hour)['r']).toBe(first['r']);
  });

  test('is kept by any name', () => {
    const uses = [{ commitment: reserved('constructor', 1), used: 1, of: 1 }];
    expect(afterUse({}, uses, 5)).toEqual({ constructor: { used: 1, atMs: 5, fromMs: 5, sum: 0 } });
  });
});

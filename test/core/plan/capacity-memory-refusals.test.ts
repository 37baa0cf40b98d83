// What each scope excludes, and gangs of which a part came: the edges of capacity memory that capacity-memory.test.ts
// does not walk.
import { describe, expect, test } from '@jest/globals';
import type { CapacityMemory, LaunchFault, LaunchNews, Refusal } from '../../../lib/core/plan/capacity-memory.ts';
import {
  buysOneAtATime,
  claimGangs,
  emptyCapacityMemory,
  gangsMax,
  hasRefusals,
  pruned,
  refusalOf,
  refusalTimes,
  refusalsMax,
  rememberBoots,
  rememberNews,
  reservationRefusal,
  tryingReason,
} from '../../../lib/core/plan/capacity-memory.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';
import { awsDecisionSettings as timing } from '../../../lib/core/values/settings.ts';
import { nowMs, offerings } from '../builders.ts';

const asked = [
  { instanceType: 'c7i.large', zone: 'za' },
  { instanceType: 'g6.xlarge', zone: 'zb' },
];
const news = (more: Partial<LaunchNews> = {}): LaunchNews => ({
  capacityType: 'spot',
  asked,
  launched: [],
  count: 2,
  faults: [],
  gangs: [],
  ...more,
});
const fault = (code: string, scope: LaunchFault['scope'], about: LaunchFault['about'] = null): LaunchFault => ({
  code,
  scope,
  about,
  message: 'no',
});
const after = (memory: CapacityMemory, more: Partial<LaunchNews>, atMs = nowMs): CapacityMemory =>
  rememberNews(memory, [news(more)], atMs, timing);
const keysOf = (one: LaunchFault): string[] =>
  Object.keys(after(emptyCapacityMemory, { faults: [one] }).refusals).sort();

test('a refused reservation is left alone, however much else is refused', () => {
  const many = Array.from({ length: refusalsMax + 1 }, (_, n) => ({ instanceType: `c${String(n)}.large`, zone: 'za' }));
  const reservation = 'cr-0123456789abcdef0';
  const full = news({
    capacityType: 'on-demand',
    reservation,
    faults: [fault('ReservationCapacityExceeded', 'offering')],
  });
  const memory = rememberNews(
    emptyCapacityMemory,
    [full, news({ asked: many, faults: [fault('Unsupported', 'offering')] })],
    nowMs,
    timing,
  );
  expect(Object.keys(memory.refusals)).toHaveLength(refusalsMax);
  expect(reservationRefusal(memory, { name: reservation, zone: 'za' }, nowMs)?.code).toBe(
    'ReservationCapacityExceeded',
  );
});

describe('what a fault excludes', () => {
  const about = (instanceType: string | null, zone: string | null): LaunchFault['about'] => ({ instanceType, zone });
  test.each<[string, LaunchFault, readonly string[]]>([
    ['its offering', fault('Unsupported', 'offering', about('c7i.large', 'za')), ['c7i.large/za/spot']],
    [
      'its type where no zone is known',
      fault('Unsupported', 'offering', about('c7i.large', null)),
      ['c7i.large/*/spot'],
    ],
    ['all that was asked for where nothing is', fault('X', 'request'), ['c7i.large/za/spot', 'g6.xlarge/zb/spot']],
    ['nor its type', fault('X', 'request', about(null, 'za')), ['c7i.large/za/spot', 'g6.xlarge/zb/spot']],
    ['its zone', fault('InsufficientVolumeCapacity', 'zone', about(null, 'zb')), ['*/zb/spot']],
    ['the zones that were asked for', fault('InsufficientVolumeCapacity', 'zone'), ['*/za/spot', '*/zb/spot']],
    ['its subnet, whatever it costs', fault('InvalidSubnetID.NotFound', 'subnet', about(null, 'za')), ['*/za/*']],
    ['its bucket', fault('VcpuLimitExceeded', 'quota', about('g6.xlarge', null)), ['quota g/spot']],
    ['the buckets that were asked for', fault('VcpuLimitExceeded', 'quota'), ['quota g/spot', 'quota standard/spot']],
    ['all of spot', fault('MaxSpotInstanceCountExceeded', 'quota'), ['*/*/spot']],
    ['everything', fault('InstanceLimitExceeded', 'quota'), ['*/*/*']],
    ['its capacity type', fault('SpotInstanceRequestLimitExceeded', 'capacity-type'), ['*/*/spot']],
    ['the account', fault('OptInRequired', 'account'), ['*/*/*']],
  ])('%s', (_what, one, keys) => {
    expect(keysOf(one)).toEqual(keys);
  });

  test.each<[string, LaunchFault, number]>([
    ['a shortage', fault('InsufficientInstanceCapacity', 'offering'), timing.outOfCapacityMs],
    ['a fault of its own', fault('Unsupported', 'offering'), timing.ownFaultMs],
    ['a fault of the call', fault('X', 'request'), timing.ownFaultMs],
    ['a quota', fault('VcpuLimitExceeded', 'quota'), timing.accountPauseMs],
  ])('for as long as %s is', (_what, one, waitMs) => {
    for (const refusal of Object.values(after(emptyCapacityMemory, { faults: [one] }).refusals))
      expect(refusal).toMatchObject({ waitMs, untilMs: nowMs + waitMs, code: one.code });
  });

  test('a shortage half as long again, a quota twice as long, up to the most; news of the same time count once', () => {
    const grown = (one: LaunchFault) => {
      let memory = emptyCapacityMemory;
      let atMs = nowMs;
      const waits: number[] = [];
      for (let n = 0; n < 9; n += 1) {
        memory = after(after(memory, { faults: [one] }, atMs), { faults: [one] }, atMs);
        const [refusal] = Object.values(memory.refusals);
        waits.push((refusal?.waitMs ?? 0) / 60_000);
        atMs = refusal?.untilMs ?? 0;
      }
      return waits;
    };
    expect(grown(fault('InsufficientVolumeCapacity', 'zone', { instanceType: null, zone: 'za' })).slice(0, 5)).toEqual([
      4, 6, 9, 9, 9,
    ]);
    expect(grown(fault('VcpuLimitExceeded', 'quota', { instanceType: 'g6.xlarge', zone: null })).slice(0, 6)).toEqual([
      1, 2, 4, 8, 15, 15,
    ]);
  });

  test('EC2’s words are kept, cut, but for shortages, whose code says it all', () => {
    const [kept] = Object.values(
      after(emptyCapacityMemory, { faults: [{ ...fault('X', 'account'), message: 'y'.repeat(400) }] }).refusals,
    );
    expect(kept?.message).toBe('y'.repeat(300));
    const [short] = Object.values(
      after(emptyCapacityMemory, { faults: [fault('InsufficientInstanceCapacity', 'offering')] }).refusals,
    );
    expect(short).not.toHaveProperty('message');
  });
});

describe('a launch that works', () => {
  const refusals = (...keys: string[]): CapacityMemory => ({
    ...emptyCapacityMemory,
    failedCalls: 2,
    refusals: Object.fromEntries(keys.map((key) => [key, { untilMs: nowMs + 1, waitMs: 1, code: 'X' }])),
  });
  const all = [
    'c7i.large/za/spot',
    'quota standard/spot',
    '*/za/spot',
    '*/*/spot',
    'c7i.large/zb/spot',
    '*/zb/spot',
    '*/*/*',
  ];

  test('forgets what it disproves, and nothing else', () => {
    const memory = after(refusals(...all), { launched: asked.slice(0, 1) });
    expect(Object.keys(memory.refusals)).toEqual(['c7i.large/zb/spot', '*/zb/spot', '*/*/*']);
    expect(memory.failedCalls).toBe(0);
  });

  test('does not forget what was refused in the same call', () => {
    const faults = [fault('VcpuLimitExceeded', 'quota', { instanceType: 'c7i.large', zone: null })];
    expect(Object.keys(after(refusals(...all), { launched: asked.slice(0, 1), faults }).refusals)).toContain(
      'quota standard/spot',
    );
  });

  test('calls that come to nothing for no known reason are counted; a shortage or a quota is a known one', () => {
    expect(after(refusals(), { faults: [fault('X', 'request')] }).failedCalls).toBe(3);
    expect(after(refusals(), { faults: [fault('InsufficientInstanceCapacity', 'offering')] }).failedCalls).toBe(2);
    expect(after(refusals(), { faults: [fault('VcpuLimitExceeded', 'quota')] }).failedCalls).toBe(2);
    expect(Object.keys(after(refusals(), { faults: [fault('X', 'request')] }).refusals)).toContain('*/*/*');
  });
});

describe('a gang', () => {
  const gangs = (memory: CapacityMemory, more: Partial<LaunchNews>) => after(memory, { gangs: ['g'], ...more }).gangs;

  test('of which all or none came is not remembered', () => {
    expect(gangs(emptyCapacityMemory, { launched: asked })).toEqual({});
    expect(gangs(emptyCapacityMemory, {})).toEqual({});
    expect(after(emptyCapacityMemory, { launched: asked.slice(1) }).gangs).toEqual({});
  });

  test('of which a part came is; what comes later of the same try counts towards the whole', () => {
    const part = gangs(emptyCapacityMemory, { launched: asked.slice(1) });
    expect(part).toEqual({ g: { came: 1, of: 2, waitMs: timing.ownFaultMs, untilMs: null } });
    expect(gangs({ ...emptyCapacityMemory, gangs: part }, { launched: asked.slice(1), count: 1 })).toEqual({
      g: { came: 2, of: 2, waitMs: timing.ownFaultMs, untilMs: null },
    });
  });

  test('over several launches is summed, and waits twice as long the next time, up to the most', () => {
    const two = rememberNews(
      emptyCapacityMemory,
      [news({ gangs: ['g'], launched: asked }), news({ gangs: ['g'] })],
      nowMs,
      timing,
    ).gangs;
    expect(two['g']).toMatchObject({ came: 2, of: 4 });
    const again = (waitMs: number) =>
      gangs({ ...emptyCapacityMemory, gangs: { g: { came: 1, of: 2, waitMs, untilMs: 5 } } }, {});
    expect(again(timing.ownFaultMs)['g']).toEqual({ came: 0, of: 2, waitMs: 2 * timing.ownFaultMs, untilMs: null });
    expect(again(timing.ownFaultMaxMs)['g']?.waitMs).toBe(timing.ownFaultMaxMs);
  });

  test('is one of two hundred at most, the newest', () => {
    const ids = Array.from({ length: gangsMax + 1 }, (_, at) => `g${String(at)}`);
    const memory = after(emptyCapacityMemory, { gangs: ids, launched: asked.slice(1) });
    expect(Object.keys(memory.gangs)).toEqual(ids.slice(1));
  });

  test('waits from when its rest cannot be had, and is forgotten when it waits no more', () => {
    const part = { came: 1, of: 2, waitMs: 7, untilMs: null };
    const claimed = (gang: typeof part | { untilMs: number }, lacking: readonly string[], waiting = ['g']) =>
      claimGangs({ g: { ...part, ...gang } }, new Set(lacking), new Set(waiting), nowMs)['g']?.untilMs;
    expect(claimed(part, ['g'])).toBe(nowMs + 7);
    expect(claimed(part, [])).toBeNull();
    expect(claimed({ untilMs: 5 }, ['g'])).toBe(5);
    expect(claimed({ ...part, came: 2 }, ['g'])).toBeNull();
    expect(claimed(part, ['g'], [])).toBeUndefined();
  });
});

describe('what is remembered', () => {
  const refusal = (more: Partial<Refusal> = {}): Refusal => ({ untilMs: nowMs + 5, waitMs: 1, code: 'X', ...more });
  const [first, second] = offerings as [Offering, Offering];

  test('is told by its widest key, while it lasts', () => {
    const memory = {
      refusals: { [first.id]: refusal(), '*/za/*': refusal({ code: 'Y' }), '*/*/*': refusal({ untilMs: nowMs }) },
    };
    expect(refusalOf(memory, first, nowMs)).toEqual({ key: '*/za/*', refusal: refusal({ code: 'Y' }) });
    expect(refusalOf(memory, second, nowMs)).toBeNull();
    expect([hasRefusals(memory, nowMs), hasRefusals(memory, nowMs + 4), hasRefusals(memory, nowMs + 5)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('has the times at which something may be asked for again', () => {
    const gangs = {
      g: { came: 1, of: 2, waitMs: 1, untilMs: nowMs + 9 },
      h: { came: 1, of: 2, waitMs: 1, untilMs: null },
    };
    const refusals = { a: refusal(), b: refusal({ untilMs: nowMs }) };
    expect(refusalTimes({ refusals, gangs }, nowMs)).toEqual([nowMs + 5, nowMs + 9]);
  });

  test('is kept beyond its end, so that the next is longer: shortages for less long', () => {
    const refusals = { b: refusal({ untilMs: 0, code: 'UnfulfillableCapacity' }), a: refusal({ untilMs: 0 }) };
    const left = (atMs: number) => Object.keys(pruned({ ...emptyCapacityMemory, refusals }, atMs, timing).refusals);
    expect(left(0)).toEqual(['a', 'b']);
    expect(left(timing.outOfCapacityMaxMs - 1)).toEqual(['a', 'b']);
    expect(left(timing.outOfCapacityMaxMs)).toEqual(['a']);
    expect(left(timing.ownFaultMaxMs)).toEqual([]);
  });

  test('makes the next no longer once it is long past, though it may still be written down', () => {
    const waits = (pastMs: number): number | undefined => {
      const before = refusal({ untilMs: nowMs - pastMs, waitMs: 600_000, code: 'Unsupported' });
      const memory = { ...emptyCapacityMemory, refusals: { 'c7i.large/za/spot': before } };
      const faults = [fault('Unsupported', 'offering', { instanceType: 'c7i.large', zone: 'za' })];
      return after(memory, { faults }).refusals['c7i.large/za/spot']?.waitMs;
    };
    const first = waits(timing.ownFaultMaxMs);
    expect(waits(timing.ownFaultMaxMs + 1e9)).toBe(first);
    expect(waits(timing.ownFaultMaxMs - 1)).toBeGreaterThan(first ?? Infinity);
  });
});

describe('nodes that never call', () => {
  const boots = (failed: number): CapacityMemory => ({
    ...emptyCapacityMemory,
    boots: { failed, countedToMs: 5, last: 'i-1: x' },
  });

  test('are bought one at a time from the third in a row on, which is said', () => {
    expect([buysOneAtATime(emptyCapacityMemory), buysOneAtATime(boots(2)), buysOneAtATime(boots(3))]).toEqual([
      false,
      false,
      true,
    ]);
    expect(tryingReason(boots(2))).toBeNull();
    expect(tryingReason(boots(3))).toBe(
      '3 nodes came and never called; look at their image, their agent and their way to the control plane. '
        + 'The last: i-1: x. One is bought at a time to see whether that has passed.',
    );
    expect(tryingReason({ boots: { failed: 4, countedToMs: 5, last: '' } })).toMatch(/control plane\. One is bought/);
  });

  test('change nothing where nothing is new', () => {
    const node = {
      instanceType: 'c7i.large',
      zone: 'za',
      capacityType: 'spot',
      createdAtMs: 0,
      readyAtMs: null,
    } as const;
    const memory = boots(1);
    expect(rememberBoots(memory, [], nowMs, timing)).toBe(memory);
    expect(rememberBoots(memory, [{ ...node, failure: { atMs: 5, message: 'x' } }], nowMs, timing)).toBe(memory);
    expect(rememberBoots(memory, [{ ...node, failure: { atMs: 6, message: 'x' } }], nowMs, timing).boots).toEqual({
      failed: 2,
      countedToMs: 6,
      last: 'x',
    });
    expect(rememberBoots(memory, [{ ...node, readyAtMs: 5, failure: null }], nowMs, timing)).toBe(memory);
    expect(rememberBoots(memory, [{ ...node, readyAtMs: 6, failure: null }], nowMs, timing).boots).toBeNull();
  });

  test('begin to be counted anew where one of their time called', () => {
    const node = { instanceType: 'c7i.large', zone: 'za', capacityType: 'spot', createdAtMs: 10 } as const;
    const failed = { ...node, readyAtMs: null, failure: { atMs: 20, message: 'x' } };
    const called = (readyAtMs: number) => ({
      ...node,
      zone: 'zb',
      instanceType: 'm7i.large',
      readyAtMs,
      failure: null,
    });
    const failedOf = (readyAtMs: number) =>
      rememberBoots(emptyCapacityMemory, [failed, called(readyAtMs)], nowMs, timing).boots?.failed;
    expect([failedOf(9), failedOf(10)]).toEqual([1, 0]);
  });
});

describe('what was asked for and not mentioned', () => {
  const [small, large] = [asked[0] ?? null, asked[1] ?? null];
  const key = 'c7i.large/za/spot';
  const refused = (code: string) => after(emptyCapacityMemory, { faults: [fault(code, 'offering', small)] });
  const came = (memory: CapacityMemory, more: Partial<LaunchNews> = {}) =>
    Object.keys(after(memory, { launched: large ? [large] : [], ...more }).refusals);

  test('is short no more where something came', () => {
    expect(Object.keys(refused('InsufficientInstanceCapacity').refusals)).toEqual([key]);
    expect(came(refused('InsufficientInstanceCapacity'))).toEqual([]);
  });

  test('stays refused where nothing came, it is refused again, was not asked for, or has another reason', () => {
    const short = refused('InsufficientInstanceCapacity');
    expect(came(short, { launched: [] })).toEqual([key]);
    expect(came(short, { faults: [fault('InsufficientInstanceCapacity', 'offering', small)] })).toEqual([key]);
    expect(came(short, { asked: large ? [large] : [] })).toEqual([key]);
    expect(came(refused('Unsupported')).length).toBe(1);
  });
});

describe('a shortage of all that a shape may have', () => {
  const short = fault('InsufficientInstanceCapacity', 'offering', asked[0] ?? null);
  const droughts = (more: Partial<LaunchNews>, memory = emptyCapacityMemory) =>
    Object.keys(after(memory, { shapes: ['x'], ...more }).droughts?.byShape ?? {});

  test('is remembered by its shape, where every fault is one and nothing came', () => {
    expect(droughts({ faults: [short] })).toEqual(['x']);
    expect(droughts({ faults: [short, fault('Unsupported', 'offering', asked[1] ?? null)] })).toEqual([]);
    expect(droughts({ faults: [] })).toEqual([]);
    expect(droughts({ faults: [short], launched: asked.slice(1) })).toEqual([]);
    expect(droughts({ faults: [short], shapes: [] })).toEqual([]);
  });

  test('is over once something came for it', () => {
    const memory = after(emptyCapacityMemory, { shapes: ['x'], faults: [short] });
    expect(droughts({ launched: asked }, memory)).toEqual([]);
    expect(droughts({ faults: [], launched: [] }, memory)).toEqual(['x']);
  });

  test('is none of a launch into a reservation', () => {
    expect(droughts({ faults: [short], reservation: 'cr-0123456789abcdef0' })).toEqual([]);
  });
});

describe('what is to blame for a node that did not come up', () => {
  const base = { capacityType: 'spot' as const, createdAtMs: nowMs - 1_000 };
  const failed = {
    ...{ ...base, id: 'i-1', instanceType: 'c7i.large', zone: 'za', readyAtMs: null },
    failure: { atMs: nowMs, message: 'it did not call' },
  };
  const ready = (instanceType: string, zone: string, readyAtMs = nowMs) => ({
    ...{ ...base, id: `i-${instanceType}-${zone}`, instanceType, zone, readyAtMs, failure: null },
  });
  const blamed = (...others: readonly ReturnType<typeof ready>[]) =>
    rememberBoots(emptyCapacityMemory, [failed, ...others], nowMs, timing).refusals;

  test.each<[string, readonly ReturnType<typeof ready>[], string]>([
    ['its type in its zone, where nothing tells', [], 'c7i.large/za/*'],
    ['its type, where others came up in its zone since', [ready('m7i.large', 'za')], 'c7i.large/*/*'],
    ['its zone, where its type came up elsewhere since', [ready('c7i.large', 'zb')], '*/za/*'],
    ['the two together, where both did', [ready('c7i.large', 'zb'), ready('m7i.large', 'za')], 'c7i.large/za/*'],
    ['the two together, where its type came up there too', [ready('c7i.large', 'za')], 'c7i.large/za/*'],
    ['nothing that came up before it was launched', [ready('m7i.large', 'za', nowMs - 1_001)], 'c7i.large/za/*'],
    ['what came up in the moment of its launch counts', [ready('m7i.large', 'za', nowMs - 1_000)], 'c7i.large/*/*'],
  ])('%s', (_what, others, key) => {
    expect(Object.keys(blamed(...others))).toEqual([key]);
  });

  test('is left alone for longer than what has a fault of its own', () => {
    expect(blamed()['c7i.large/za/*']?.waitMs).toBeGreaterThan(timing.ownFaultMs);
  });

  test('a node that EC2 took while it booted is a shortage of its offering, and no failure in a row', () => {
    const taken = { ...failed, failure: { atMs: nowMs, message: 'Server.SpotInstanceTermination: taken' } };
    const memory = rememberBoots(emptyCapacityMemory, [taken], nowMs, timing);
    expect([Object.keys(memory.refusals), memory.boots?.failed]).toEqual([['c7i.large/za/spot'], 0]);
  });
});

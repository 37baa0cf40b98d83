// What is asked of EC2 while it has nothing for some shape of tasks: when again, of which type, and how much in a call.
import { describe, expect, test } from '@jest/globals';
import type { Demand, PlannedLaunch } from '../../../../lib/core/allocation/types.ts';
import type { CapacityMemory, LaunchNews } from '../../../../lib/core/plan/capacity-memory.ts';
import { emptyCapacityMemory, isRefused, rememberNews } from '../../../../lib/core/plan/capacity-memory.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { noUsage } from '../../../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../../../lib/core/records/request.ts';
import type { Purchase } from '../../../../lib/core/tasks/capacity/long-shortage.ts';
import {
  droughtKey,
  inShortage,
  liveDroughts,
  overridesMax,
  withDroughts,
} from '../../../../lib/core/tasks/capacity/long-shortage.ts';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import { awsDecisionSettings as timing } from '../../../../lib/core/values/settings.ts';
import { nowMs, observation, offer, request, taskSpec, typeOf } from '../../builders.ts';

const minute = 60_000;
/** Types of 2, 4, 8, … vCPU, dearer each, in two zones, both ways. */
const types = Array.from({ length: 5 }, (_, n) => typeOf(`c7.${String(n)}xl`, 2 ** (n + 1), 2 ** (n + 2), 2 ** n / 10));
const offerings = types.flatMap((type) =>
  ['za', 'zb'].flatMap((zone) => [offer(type, zone, 'on-demand'), offer(type, zone, 'spot')]),
);
const onDemand = offerings.filter((one) => one.capacityType === 'on-demand');
const spot = offerings.filter((one) => one.capacityType === 'spot');
const key = droughtKey(taskSpec, 'us-east-1a');

function refused(asked: readonly Offering[], memory: CapacityMemory = emptyCapacityMemory, atMs = nowMs, more = {}) {
  const overrides = asked.map((one) => ({ instanceType: one.type.name, zone: one.zone }));
  const faults = overrides.map((about) => ({
    code: 'InsufficientInstanceCapacity',
    scope: 'offering' as const,
    about,
    message: 'none',
  }));
  const capacityType = asked[0]?.capacityType ?? 'spot';
  const news: LaunchNews = { capacityType, asked: overrides, launched: [], count: 1, faults, gangs: [], shapes: [key] };
  return rememberNews(memory, [{ ...news, ...more }], atMs, timing);
}
/** All that there is, at one moment. */
const dry = refused(spot, refused(onDemand));

function kept(memory: CapacityMemory, atMs = nowMs, requests = [request('r')]): CapacityMemory {
  return withDroughts(observation({ memory: { ...emptyMemory, ...memory }, offerings, nowMs: atMs, requests }), timing);
}
const openAt = (memory: CapacityMemory, atMs: number): readonly Offering[] =>
  offerings.filter((one) => !isRefused(memory, one, atMs));

describe('when it is asked again', () => {
  test('at one time for all of the shape, spot and on-demand in turns, later each time up to the most', () => {
    let memory = kept(dry);
    let atMs = nowMs;
    const asked: [number, string][] = [];
    for (let n = 0; n < 5; n += 1) {
      const untilMs = memory.droughts?.byShape[key]?.untilMs ?? 0;
      expect(openAt(memory, untilMs - 1)).toEqual([]);
      const open = openAt(memory, untilMs + 1);
      expect(open.length).toBe(onDemand.length);
      asked.push([(untilMs - atMs) / minute, open[0]?.capacityType ?? '']);
      atMs = untilMs + 1;
      memory = kept(refused(open, memory, atMs), atMs);
    }
    expect(asked.map(([waited]) => Math.round(waited))).toEqual([4, 8, 9, 9, 9]);
    expect(new Set(asked.map(([, type]) => type)).size).toBe(2);
    for (let n = 1; n < 5; n += 1) expect(asked[n]?.[1]).not.toBe(asked[n - 1]?.[1]);
  });

  test('what was never refused is asked at once, and what no waiting task needs is left as it is', () => {
    const some = kept(refused(onDemand.slice(0, 2)));
    expect(openAt(some, nowMs)).toHaveLength(offerings.length - 2);
    const large = request('r', { resources: { cpuMilli: 30_000, memoryMib: 1_000, gpu: 0 } });
    expect(kept(dry, nowMs, [large]).refusals).toEqual(dry.refusals);
  });

  test('a call about what was not asked for before moves nothing', () => {
    const known = refused(onDemand.slice(0, 2));
    const more = refused(onDemand.slice(2, 4), known, nowMs + 5_000);
    expect(more.droughts).toEqual(known.droughts);
  });

  test('a node that came ends it, and with it what was known of others in the call', () => {
    const launched = [{ instanceType: types[1]?.name ?? '', zone: 'za' }];
    const after = refused(onDemand, dry, nowMs + 20 * minute, { launched, faults: [] });
    expect(after.droughts).toBeUndefined();
    expect(Object.keys(after.refusals).filter((id) => id.endsWith('on-demand'))).toEqual([]);
    expect(Object.keys(after.refusals)).toHaveLength(spot.length);
  });

  test('other faults, and shapes that nobody waits for, are none', () => {
    const fault = { code: 'VcpuLimitExceeded', scope: 'quota' as const, about: null, message: 'no' };
    expect(refused(onDemand, emptyCapacityMemory, nowMs, { faults: [fault] }).droughts).toBeUndefined();
    expect(liveDroughts(dry.droughts, [request('r')])).toEqual({ droughts: dry.droughts });
    expect(liveDroughts(dry.droughts, [])).toEqual({});
  });
});

describe('what a call names', () => {
  const demandOf = (more: Partial<Demand> = {}): Demand => ({
    id: 'r',
    tenant: 't',
    count: 1,
    resources: taskSpec.resources,
    requirements: {},
    priority: 0,
    createdAtMs: 0,
    expectedDurationMs: null,
    ...more,
  });
  const launchOf = (first: Offering | undefined, more: Partial<PlannedLaunch> = {}): PlannedLaunch => ({
    offerings: first ? [first] : [],
    count: 3,
    tasks: [{ demandId: 'r', count: 1 }],
    reason: 'cheapest',
    ...more,
  });
  const buy = (planned: readonly PlannedLaunch[], more: Partial<Purchase> = {}): readonly PlannedLaunch[] =>
    inShortage(planned, {
      memory: emptyCapacityMemory,
      offerings,
      nowMs,
      limits: {},
      usage: noUsage,
      demand: [demandOf()],
      specOf: (): TaskSpec => taskSpec,
      ...more,
    });

  test('what was planned, while nothing is out; with the shape that it is for', () => {
    expect(buy([launchOf(onDemand[0])])).toEqual([{ ...launchOf(onDemand[0]), shapes: [key] }]);
  });

  test('on demand all that can carry it once some is out, cheapest first', () => {
    const memory = refused(onDemand.slice(0, 2));
    const [launch] = buy([launchOf(onDemand[2])], { memory });
    expect(launch?.count).toBe(3);
    expect(launch?.offerings.map((one) => one.id)).toEqual(onDemand.map((one) => one.id));
  });

  test('nothing that was learned to be worse than what was planned, and each offering once', () => {
    const learned = { factor: 1.5, hopeful: 1, because: '' };
    const marked = offerings.map((one) => (one === onDemand[0] ? { ...one, learned } : one));
    const memory = refused(onDemand.slice(1, 2));
    const [launch] = buy([launchOf(onDemand[2])], { memory, offerings: marked });
    expect(launch?.offerings.map((one) => one.id)).toEqual(onDemand.slice(1).map((one) => one.id));
    const nearly = { factor: 1.04, hopeful: 1, because: '' };
    const list = onDemand.map((one) => ({ ...one, learned: nearly }));
    const first = onDemand.slice(2, 3).map((one) => ({ ...one, learned: { ...nearly, isTrial: true as const } }))[0];
    const ids = buy([launchOf(first)], { memory, offerings: list })[0]?.offerings.map((one) => one.id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toHaveLength(onDemand.length);
  });

  test('of spot nothing of more than twice the price, before it is known that there is none', () => {
    const memory = refused(spot.slice(0, 2));
    const [launch] = buy([launchOf(spot[2])], { memory });
    const dearest = Math.max(...(launch?.offerings ?? []).map((one) => one.priceUsdPerHour));
    expect(dearest).toBeCloseTo(2 * (spot[2]?.priceUsdPerHour ?? 0));
  });

  test('asked again: one node of the shape, in one call, of anything', () => {
    const atMs = (dry.droughts?.byShape[key]?.untilMs ?? 0) + 1;
    const launches = buy([launchOf(spot[0]), launchOf(spot[2])], { memory: dry, nowMs: atMs });
    expect(launches).toHaveLength(1);
    expect(launches[0]).toMatchObject({ count: 1, shapes: [key] });
    expect(launches[0]?.offerings).toHaveLength(spot.length);
    const gang = buy([launchOf(spot[0])], { memory: dry, nowMs: atMs, demand: [demandOf({ gang: true })] });
    expect(gang[0]?.count).toBe(3);
  });

  test('into a reservation as many as were planned, beside what is asked again', () => {
    const atMs = (dry.droughts?.byShape[key]?.untilMs ?? 0) + 1;
    const reservation = { id: 'cr-0123456789abcdef0', kind: 'capacity-block' as const };
    const into = launchOf(onDemand[0], { paidBy: reservation.id, reservation });
    const launches = buy([into, launchOf(spot[0])], { memory: dry, nowMs: atMs });
    expect(launches[0]).toEqual(into);
    expect(launches[1]?.count).toBe(1);
  });

  test('nothing that passes a limit, breaks a relation, or does not meet what is asked', () => {
    const memory = refused(onDemand.slice(0, 1));
    const ids = (more: Partial<Purchase>): readonly string[] =>
      buy([launchOf(onDemand[2], { count: 1 })], { memory, ...more })[0]?.offerings.map((one) => one.id) ?? [];
    expect(ids({ limits: { vcpu: 8 } }).every((id) => !/c7\.[34]xl/.test(id))).toBe(true);
    expect(ids({ limits: { vcpu: 8 } })).toHaveLength(6);
    expect(ids({ demand: [demandOf({ group: 'g' })] }).every((id) => id.includes('/za/'))).toBe(true);
    expect(ids({ demand: [demandOf({ requirements: { zone: ['za'] } })] })).toHaveLength(5);
  });

  test('at most as many as EC2 takes: the cheapest each time, the others in turns', () => {
    const many = Array.from({ length: 700 }, (_, n) =>
      offer(typeOf(`c7.n${String(n)}`, 2, 4, 1 + n / 1_000), 'za', 'on-demand'),
    );
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn += 1) {
      const base = refused(many);
      const memory = { ...base, droughts: { turn, byShape: base.droughts?.byShape ?? {} } };
      const atMs = nowMs + 20 * minute;
      const ids = buy([launchOf(many[0])], { memory, nowMs: atMs, offerings: many })[0]?.offerings ?? [];
      expect(ids).toHaveLength(overridesMax);
      expect(ids.slice(0, 150).map((one) => one.id)).toEqual(many.slice(0, 150).map((one) => one.id));
      for (const one of ids) seen.add(one.id);
    }
    expect(seen.size).toBe(many.length);
  });
});

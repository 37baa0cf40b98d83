// What an adaptive pool learns of what it buys: refusals at once, nodes when they are gone, and nothing in others.
import { describe, expect, test } from '@jest/globals';
import type { LearnedOfferings } from '../../../../../lib/core/lifetimes/offerings.ts';
import { nothingLearned } from '../../../../../lib/core/lifetimes/offerings.ts';
import type { LaunchFault, LaunchNews } from '../../../../../lib/core/plan/capacity-memory.ts';
import { emptyMemory } from '../../../../../lib/core/plan/observation.ts';
import {
  learnedOfferings,
  offeringsAfter,
  rememberRefused,
} from '../../../../../lib/core/tasks/capacity/learning/learn-offerings.ts';
import { localDecisionSettings } from '../../../../../lib/core/values/settings.ts';
import { decided, node, nowMs, observation, offerings, pool } from '../../../builders.ts';

const adaptive = pool({ learningStyle: 'adaptive' });
const [first = '', second = ''] = offerings.map((one) => one.id);

describe('of launches', () => {
  const fault = (more: Partial<LaunchFault>): LaunchFault => ({
    ...{ code: 'InsufficientInstanceCapacity', scope: 'offering', about: null, message: '' },
    ...more,
  });
  const news = (...faults: readonly LaunchFault[]): LaunchNews => ({
    ...{ capacityType: 'on-demand', launched: [], count: 1, gangs: [], faults },
    asked: offerings.map((one) => ({ instanceType: one.type.name, zone: one.zone })),
  });
  const refused = (learned: LearnedOfferings = {}): readonly (readonly [string, number])[] =>
    Object.entries(learned).map(([id, sums]) => [id, sums.refused]);
  const after = (one: LaunchNews, of = adaptive): LearnedOfferings | undefined =>
    rememberRefused({}, of, [one], nowMs).offerings;

  test('what EC2 named counts, and all that was asked for where it named nothing, each once', () => {
    const named = fault({ about: { instanceType: offerings[0]?.type.name ?? '', zone: 'za' } });
    expect(refused(after(news(named, named)))).toEqual([[first, 1]]);
    expect(refused(after(news(fault({}))))).toEqual([
      [first, 1],
      [second, 1],
    ]);
  });

  test('a full reservation says nothing of its type; a call that is made once more counts at its last', () => {
    const full = fault({ code: 'ReservationCapacityExceeded' });
    expect(after({ ...news(full), reservation: 'cr-0123456789abcdef0' })).toBeUndefined();
    expect(after({ ...news(fault({})), isAskedAgain: true })).toBeUndefined();
  });

  test('what is no shortage of an offering does not count, and neither does anything in another pool', () => {
    expect(after(news(fault({ code: 'VcpuLimitExceeded', scope: 'quota' })))).toBeUndefined();
    expect(after(news(fault({})), pool({ learningStyle: 'predictive' }))).toBeUndefined();
  });
});

describe('of nodes', () => {
  const gone = node({ createdAtMs: nowMs - 3_600_000, readyAtMs: nowMs - 3_540_000 });
  const known: LearnedOfferings = { [second]: { ...nothingLearned, refused: 3, atMs: nowMs } };
  const learned = (of = adaptive): LearnedOfferings | undefined =>
    offeringsAfter(
      decided(
        (_seen, copy) => copy.forget(gone, 'gone'),
        observation({ pool: of, memory: { ...emptyMemory, offerings: known } }),
      ),
    );

  test('each counts when it is gone', () => {
    expect(learned()).toMatchObject({ [first]: { booted: 1, bootSeconds: 60, hours: 1 }, [second]: { refused: 3 } });
  });

  test('a pool that has learned something goes on; one that never was adaptive learns nothing', () => {
    expect(learned(pool())).toEqual(learned());
    const never = observation({ memory: emptyMemory });
    expect(offeringsAfter(decided((_seen, copy) => copy.forget(gone, 'gone'), never))).toBeUndefined();
  });

  test('without news what is known stays as it is', () => {
    const seen = observation({ pool: adaptive, memory: { ...emptyMemory, offerings: known } });
    expect(offeringsAfter(decided(() => undefined, seen))).toBe(known);
  });
});

test('only an adaptive pool chooses by it', () => {
  const bad = { ...nothingLearned, booted: 10, bootSeconds: 600, bootLogs: 40, hours: 10, failed: 20, atMs: nowMs };
  const memory = { ...emptyMemory, offerings: { [first]: bad } };
  const marked = learnedOfferings(observation({ pool: adaptive, memory }), localDecisionSettings);
  expect(marked.map((one) => (one.learned?.factor ?? 1) > 1)).toEqual([true, false]);
  const seen = observation({ memory });
  expect(learnedOfferings(seen, localDecisionSettings)).toBe(seen.offerings);
});

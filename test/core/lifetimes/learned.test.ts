// What a pool learns from ends: by class, bounded, fading, and no more often than is worth a write.
import { describe, expect, test } from '@jest/globals';
import type { Ended, Lifetimes } from '../../../lib/core/lifetimes/learned.ts';
import {
  allTasks,
  classesOf,
  learnedClasses,
  lifetimeClassesMax,
  runningOf,
  sumOf,
  survivalOf,
  weightOfRunning,
  withEnds,
} from '../../../lib/core/lifetimes/learned.ts';
import { priorSurvival } from '../../../lib/core/lifetimes/survival.ts';
import { request } from '../builders.ts';

const r = request('r');
const [all = '', ofTenant = '', ofShape = ''] = classesOf(r);

function ends(count: number, lastedMs: number, classes = classesOf(r)): Ended[] {
  return Array.from({ length: count }, () => ({ classes, lastedMs }));
}

function learned(count: number, lastedMs: number, before?: Lifetimes): Lifetimes {
  const after = withEnds(before, ends(count, lastedMs), (before?.learnedAtMs ?? 0) + 60_000);
  if (!after) throw new RangeError('nothing was learned');
  return after;
}

describe('learning', () => {
  test('counts an end for all tasks, its tenant and its shape', () => {
    const { classes } = learned(3, 5_000);
    expect(Object.keys(classes)).toEqual([ofShape, all, ofTenant]);
    expect(Object.values(classes).map(sumOf)).toEqual([3, 3, 3]);
  });

  test('nothing ended: the same object, so that nothing is written', () => {
    const before = learned(3, 5_000);
    expect(withEnds(before, [], 1e9)).toBe(before);
    expect(withEnds(undefined, [], 1e9)).toBeUndefined();
  });

  test('of many, a sample is enough: not again before half a minute', () => {
    const before = learned(200, 5_000);
    expect(withEnds(before, ends(1, 5_000), before.learnedAtMs + 29_999)).toBe(before);
    expect(withEnds(before, ends(1, 5_000), before.learnedAtMs + 30_000)).not.toBe(before);
    const few = learned(10, 5_000);
    expect(withEnds(few, ends(1, 5_000), few.learnedAtMs + 1)).not.toBe(few);
  });

  test('old ends fade: what changed is believed after as many ends as were seen before', () => {
    let lifetimes = learned(500, 5_000);
    for (let round = 0; round < 20; round++) lifetimes = learned(50, 600_000, lifetimes);
    expect(sumOf(lifetimes.classes[allTasks] ?? [])).toBeLessThanOrEqual(513);
    expect(survivalOf(lifetimes, classesOf(r)).quantileMs(0.5)).toBeGreaterThan(400_000);
  });

  test('a name is a class of its own, the narrowest', () => {
    const nightly = request('n', { name: 'nightly | a' });
    const both = withEnds(learned(100, 5_000), ends(100, 3_600_000, classesOf(nightly)), 1e9);
    expect(survivalOf(both, classesOf(nightly)).quantileMs(0.5)).toBeGreaterThan(2_000_000);
    expect(learnedClasses(both, null).at(-1)).toMatchObject({ tenant: 't', shape: null, name: 'nightly | a' });
  });

  test('where classes are many, one of which nothing ends any more makes room for one that is alive', () => {
    const shape = (cpuMilli: number): readonly string[] =>
      classesOf(request('r', { resources: { cpuMilli, memoryMib: 1, gpu: 0 } })).slice(2);
    const old = Array.from({ length: lifetimeClassesMax }, (_, at) => ends(3, 5_000, shape(at + 1))).flat();
    let lifetimes = withEnds(undefined, old, 0);
    for (let round = 1; round < 200; round++)
      lifetimes = withEnds(lifetimes, ends(1, 5_000, shape(999)), round * 60_000);
    expect(Object.keys(lifetimes?.classes ?? {})).toContain(shape(999)[0]);
  });

  test('the heaviest classes are kept, up to a bound', () => {
    const heavy = learned(5, 5_000);
    const others = Array.from({ length: 100 }, (_, at) => ({
      classes: classesOf(request('r', {}, { tenant: `t${String(at)}` })),
      lastedMs: 1_000,
    }));
    const after = withEnds(heavy, others, 1e9);
    expect(Object.keys(after?.classes ?? {})).toHaveLength(lifetimeClassesMax);
    expect(Object.keys(after?.classes ?? {})).toEqual(expect.arrayContaining([all, ofTenant, ofShape]));
    expect(JSON.stringify(after).length).toBeLessThan(20_000);
  });
});

describe('predicting', () => {
  test('nothing learned: the prior', () => {
    expect(survivalOf(undefined, classesOf(r))).toBe(priorSurvival);
  });

  test('a shape that was seen often has a life of its own; one that was not goes by its tenant', () => {
    const large = request('l', { resources: { cpuMilli: 8_000, memoryMib: 1, gpu: 0 } });
    const both = withEnds(learned(100, 5_000), ends(100, 3_600_000, classesOf(large)), 1e9);
    expect(survivalOf(both, classesOf(r)).quantileMs(0.5)).toBeLessThan(8_000);
    expect(survivalOf(both, classesOf(large)).quantileMs(0.5)).toBeGreaterThan(2_000_000);
    const unseen = request('u', { resources: { cpuMilli: 3_000, memoryMib: 1, gpu: 0 } });
    expect(survivalOf(both, classesOf(unseen)).endsWithin(0, 10_000)).toBeCloseTo(0.5, 1);
  });
});

describe('what is shown', () => {
  test('widest first; to a tenant only what is its own', () => {
    const other = request('o', {}, { tenant: 'other' });
    const both = withEnds(learned(5, 5_000), ends(2, 9_000, classesOf(other)), 1e9);
    expect(learnedClasses(both, null).map(({ tenant, shape, ends: seen }) => [tenant, shape, seen])).toEqual([
      [null, null, 7],
      ['t', null, 5],
      ['other', null, 2],
      ['t', '1000m 1000Mi 0gpu', 5],
      ['other', '1000m 1000Mi 0gpu', 2],
    ]);
    expect(learnedClasses(both, 'other').map(({ tenant }) => tenant)).toEqual([null, 'other', 'other']);
    expect(learnedClasses(undefined, null)).toEqual([]);
  });
});

describe('what runs', () => {
  const hours = Array.from({ length: 20 }, () => ({ classes: classesOf(r), ageMs: 7_200_000 }));
  const p90 = (lifetimes: Lifetimes | undefined): number =>
    survivalOf(lifetimes, classesOf(r), runningOf(hours, weightOfRunning(lifetimes))).quantileMs(0.9);

  test('tells of long tasks while every end is counted, by class', () => {
    const young = learned(100, 60_000);
    expect(survivalOf(young, classesOf(r)).quantileMs(0.9)).toBeLessThan(120_000);
    expect(p90(young)).toBeGreaterThan(3_600_000);
    const other = request('o', {}, { tenant: 'other' });
    const elsewhere = runningOf(
      hours.map((one) => ({ ...one, classes: classesOf(other).slice(1) })),
      1,
    );
    expect(survivalOf(young, classesOf(r), elsewhere).quantileMs(0.9)).toBeLessThan(120_000);
    expect(p90(undefined)).toBeGreaterThan(priorSurvival.quantileMs(0.9));
  });

  test('counts less and less from there on, and nothing where ends are a sample or have faded', () => {
    const weights = [0, 200, 228, 256, 512].map((seen) => weightOfRunning(seen === 0 ? undefined : learned(seen, 1)));
    expect(weights).toEqual([1, 1, 0.5, 0, 0]);
    expect(p90(learned(256, 60_000))).toBeLessThan(120_000);
  });
});

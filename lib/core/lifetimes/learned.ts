// What a pool has learned of how long its tasks last: counts of ends by age, for classes of tasks. Bounded in classes
// and buckets, and old ends fade as new ones come.
import type { RequestRecord } from '../records/request.ts';
import { assert } from '../values/errors.ts';
import { ownValue } from '../values/dictionary.ts';
import { bucketCount, bucketOf, priorSurvival } from './survival.ts';
import type { Survival } from './survival.ts';

export interface Lifetimes {
  /** By class (see {@link classesOf}): ends by bucket, up to the last bucket that has any. */
  readonly classes: Readonly<Record<string, readonly number[]>>;
  readonly learnedAtMs: number;
}

/** A task that ended after it had started. */
export interface Ended {
  readonly classes: readonly string[];
  readonly lastedMs: number;
}

/** 48 classes with 44 counts of 7 characters at most fit beside what else a pool remembers. */
export const lifetimeClassesMax = 48;
/** When a class has seen so many, all that it has seen counts half. */
const endsHalvedAt = 512;
/** From here on every end is a sample of many: ends are looked at again only after this time. */
const endsForSamples = 200;
const learnAgainMs = 30_000;
/** A class that has seen fewer says so, and goes mostly by the class above it. */
export const endsEnough = 20;

export const allTasks = 'all';

/** From the widest to the narrowest; what the narrower has not seen enough of, the wider says. */
export function classesOf({ tenant, spec }: Pick<RequestRecord, 'tenant' | 'spec'>): readonly string[] {
  const { cpuMilli, memoryMib, gpu } = spec.resources;
  const shape = `${String(cpuMilli)}m ${String(memoryMib)}Mi ${String(gpu)}gpu`;
  const all = [allTasks, `${tenantAlone}|${tenant}`, `${shape}|${tenant}`];
  return spec.name === undefined ? all : [...all, `${named}${encodeURIComponent(spec.name)}|${tenant}`];
}

const tenantAlone = 'tenant';
const named = 'name ';

/** Whose tasks a class is of, of which shape, and with which name; null: of all. */
function partsOf(key: string): Pick<LearnedClass, 'tenant' | 'shape' | 'name'> {
  const bar = key.indexOf('|');
  if (bar < 0) return { tenant: null, shape: null, name: null };
  const [before, tenant] = [key.slice(0, bar), key.slice(bar + 1)];
  if (before.startsWith(named)) return { tenant, shape: null, name: decodeURIComponent(before.slice(named.length)) };
  return { tenant, shape: before === tenantAlone ? null : before, name: null };
}

/** The same object where nothing is learned, so that nothing is written. */
export function withEnds(before: Lifetimes | undefined, ended: readonly Ended[], nowMs: number): Lifetimes | undefined {
  if (ended.length === 0) return before;
  const seen = sumOf(before?.classes[allTasks] ?? []);
  if (before && seen >= endsForSamples && nowMs - before.learnedAtMs < learnAgainMs) return before;
  const classes = new Map(Object.entries(before?.classes ?? {}).map(([key, counts]) => [key, [...counts]]));
  for (const one of ended) {
    const bucket = bucketOf(one.lastedMs);
    for (const key of one.classes) {
      const counts = classes.get(key) ?? [];
      while (counts.length <= bucket) counts.push(0);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      classes.set(key, sumOf(counts) > endsHalvedAt ? halved(counts) : counts);
    }
  }
  const now = new Set(ended.flatMap((one) => one.classes));
  return { classes: Object.fromEntries(heaviest(classes, now)), learnedAtMs: nowMs };
}

/** What is left of a class of which nothing ended now, where there are too many: so that new ones come in some day. */
const leftOfUnseen = 0.98;

/** Those that have seen most are kept, in the order of their names. */
function heaviest(
  classes: ReadonlyMap<string, readonly number[]>,
  now: ReadonlySet<string>,
): [string, readonly number[]][] {
  const isFull = classes.size > lifetimeClassesMax;
  const all = [...classes].map(([key, before]) => {
    const counts =
      isFull && !now.has(key) ? before.map((count) => Math.round(count * leftOfUnseen * 100) / 100) : before;
    return { key, counts, seen: sumOf(counts) };
  });
  const kept = all
    .sort((a, b) => b.seen - a.seen || (a.key < b.key ? -1 : 1))
    .slice(0, lifetimeClassesMax)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  assert(
    kept.every(({ counts }) => counts.length <= bucketCount),
    'a class of tasks has more buckets than there are',
  );
  return kept.map(({ key, counts }) => [key, counts]);
}

function halved(counts: readonly number[]): number[] {
  return counts.map((count) => Math.round(count * 50) / 100);
}

export function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * What goes on at the moment, by class: how many tasks have reached which age (by bucket). While few have ended, the
 * long ones among all that started are mostly these.
 */
export type Running = Readonly<Record<string, readonly number[]>>;

/** From here on what runs says nothing: the ends that are counted are a sample, or faded, and no longer go with it. */
const endsForRunningMax = 256;

/** How much each running task counts, in a pool that has seen so many ends: all of it while every end is counted. */
export function weightOfRunning(lifetimes: Lifetimes | undefined): number {
  const seen = sumOf(lifetimes?.classes[allTasks] ?? []);
  return Math.max(0, Math.min(1, (endsForRunningMax - seen) / (endsForRunningMax - endsForSamples)));
}

/** Tasks of the same classes whose ages are in the same bucket. */
export interface Going {
  readonly classes: readonly string[];
  readonly ageMs: number;
  /** So many; absent: one. */
  readonly tasks?: number;
}

export function runningOf(going: readonly Going[], weight: number): Running {
  const running = new Map<string, number[]>();
  for (const { classes, ageMs, tasks = 1 } of going) {
    const bucket = bucketOf(ageMs);
    for (const key of classes) {
      const counts = running.get(key) ?? new Array<number>(bucketCount).fill(0);
      // One by one: the sum is the same, to the last bit, however they are put together.
      for (let n = 0; n < tasks; n += 1) counts[bucket] = (counts[bucket] ?? 0) + weight;
      running.set(key, counts);
    }
  }
  return Object.fromEntries(running);
}

/** By what was learned, then by the classes' names: many tasks of one tick have the same. */
const survivals = new WeakMap<Lifetimes, Map<string, Survival>>();

/** How long tasks of these classes (widest first) last. Nothing learned and nothing runs: the prior. */
export function survivalOf(lifetimes: Lifetimes | undefined, classes: readonly string[], running?: Running): Survival {
  if (running !== undefined)
    return classes.reduce((survival, key) => {
      const [counts, going] = [ownValue(lifetimes?.classes ?? {}, key), ownValue(running, key)];
      return counts === undefined && going === undefined ? survival : survival.refinedBy(counts ?? [], going);
    }, priorSurvival);
  if (lifetimes === undefined) return priorSurvival;
  const known = survivals.get(lifetimes) ?? new Map<string, Survival>();
  survivals.set(lifetimes, known);
  let survival = priorSurvival;
  let path = '';
  for (const key of classes) {
    const counts = ownValue(lifetimes.classes, key);
    if (counts === undefined) continue;
    path = `${path}\n${key}`;
    let refined = known.get(path);
    if (refined === undefined) {
      refined = survival.refinedBy(counts);
      known.set(path, refined);
    }
    survival = refined;
  }
  return survival;
}

/** A class as people see it. */
export interface LearnedClass {
  readonly tenant: string | null;
  readonly shape: string | null;
  readonly name: string | null;
  /** Old ends count less, so this is not how many there were. */
  readonly ends: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly meanMs: number;
}

/** How long a pool's tasks last, as far as it has learned. */
export interface ShownLifetimes {
  readonly isOff: boolean;
  readonly prior: Pick<LearnedClass, 'p50Ms' | 'p90Ms' | 'meanMs'>;
  readonly classes: readonly LearnedClass[];
}

/** Widest first; `reader`: classes of other tenants are not shown to him; null: an operator. */
export function learnedClasses(lifetimes: Lifetimes | undefined, reader: string | null): readonly LearnedClass[] {
  const shown = Object.entries(lifetimes?.classes ?? {})
    .map(([key, counts]) => ({ key, counts, ...partsOf(key) }))
    .filter(({ tenant }) => tenant === null || reader === null || tenant === reader);
  const rank = (one: (typeof shown)[number]): number =>
    one.tenant === null ? 0 : one.shape !== null ? 2 : one.name !== null ? 3 : 1;
  return shown
    .sort((a, b) => rank(a) - rank(b) || sumOf(b.counts) - sumOf(a.counts) || (a.key < b.key ? -1 : 1))
    .map(({ key, counts, tenant, shape, name }) => {
      const wider = tenant === null ? [] : [allTasks, `${tenantAlone}|${tenant}`].filter((one) => one !== key);
      const survival = survivalOf(lifetimes, [...wider, key]);
      return { tenant, shape, name, ends: Math.round(sumOf(counts)), ...figuresOf(survival) };
    });
}

export function figuresOf(survival: Survival): Pick<LearnedClass, 'p50Ms' | 'p90Ms' | 'meanMs'> {
  return { p50Ms: survival.quantileMs(0.5), p90Ms: survival.quantileMs(0.9), meanMs: survival.remainingMs(0) };
}

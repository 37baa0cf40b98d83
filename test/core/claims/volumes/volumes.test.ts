// Volumes: what they have cost, what a resize makes of them, and the final snapshot step by step.
import { describe, expect, test } from '@jest/globals';
import { afterFailure, failureText, snapshotStep } from '../../../../lib/core/claims/volumes/final-snapshot.ts';
import { isSameShape, resizeWish, shapeText } from '../../../../lib/core/claims/volumes/resize.ts';
import { hoursPerMonth, keptUsd, volumeUsd, withShape } from '../../../../lib/core/claims/volumes/volume-cost.ts';
import type { SeenSnapshot } from '../../../../lib/core/plan/listing.ts';
import { tagIntent } from '../../../../lib/core/records/claim.ts';
import type { FinalSnapshot, VolumeNeeds, VolumePart, VolumeShape } from '../../../../lib/core/records/volume.ts';
import { localDecisionSettings } from '../../../../lib/core/values/settings.ts';
import { callsOf, claimCopy, claimListing, keptVolume, nowMs, storage, volumeShape } from '../../builders.ts';

const hourMs = 3_600_000;
const monthMs = hoursPerMonth * hourMs;
const { listingsApartMs, missingMinAgeMs } = localDecisionSettings;

function partOf(more: Partial<VolumePart> = {}): VolumePart {
  const { volume } = storage('s', 'za');
  if (!volume) throw new Error('a storage request has a volume');
  return { ...volume, ...more };
}

describe('a volume has cost', () => {
  const shape = { ...volumeShape, usdPerMonth: 730 };

  test.each([
    ['nothing before it is asked for', {}, hourMs, 0],
    ['its price since it was asked for', { askedAtMs: hourMs }, 3 * hourMs, 2],
    ['nothing for a clock that goes back', { askedAtMs: 2 * hourMs }, hourMs, 0],
    ['what it cost before, and its price since then', { askedAtMs: 0, costSinceMs: hourMs, paidUsd: 5 }, 2 * hourMs, 6],
    ['what was paid, where it is not asked for again', { paidUsd: 5 }, hourMs, 5],
  ])('%s', (_what, more, untilMs, usd) => {
    expect(volumeUsd(partOf({ shape, ...more }), untilMs)).toBeCloseTo(usd, 9);
  });

  test('its monthly price after a month', () => {
    expect(volumeUsd({ shape, askedAtMs: 0 }, monthMs)).toBeCloseTo(730, 6);
  });

  test('after a resize the new price from then on', () => {
    const resized = withShape(partOf({ shape, askedAtMs: 0 }), { ...shape, usdPerMonth: 7_300 }, 2 * hourMs);
    expect(volumeUsd(resized, 2 * hourMs)).toBeCloseTo(2, 9);
    expect(volumeUsd(resized, 3 * hourMs)).toBeCloseTo(12, 9);
  });

  test('while it was kept', () => {
    expect(keptUsd(keptVolume('vol-1', { shape, keptSinceMs: hourMs }), 4 * hourMs)).toBeCloseTo(3, 9);
  });
});

describe('a resize', () => {
  const gp3 = volumeShape;
  const io2: VolumeShape = { type: 'io2', sizeGib: 20, iops: 1_000, throughputMibps: null, usdPerMonth: 67.5 };
  const wish = (
    needs: Partial<VolumeNeeds>,
    present = gp3,
    wanted: VolumeShape | null = null,
    isAsked = false,
  ): ReturnType<typeof resizeWish> => resizeWish(present, wanted, isAsked, needs);

  test.each([
    ['its size', { sizeGib: 30 }, { ...gp3, sizeGib: 30, usdPerMonth: 2.4 }],
    ['its IOPS', { iops: 4_000 }, { ...gp3, iops: 4_000, usdPerMonth: 6.6 }],
    ['its throughput', { throughputMibps: 225 }, { ...gp3, throughputMibps: 225, usdPerMonth: 5.6 }],
    ['nothing', {}, gp3],
  ])('changes %s, and keeps what it does not name', (_what, needs, shape) => {
    expect(wish(needs)).toEqual({ shape: { ...shape, usdPerMonth: expect.closeTo(shape.usdPerMonth, 9) } });
  });

  test('to another type keeps at least the settings that this type has', () => {
    const iops = 4_000;
    expect(wish({ volumeType: 'gp3', iops }, io2)).toMatchObject({ shape: { iops, throughputMibps: 125 } });
    expect(wish({ volumeType: 'io2' })).toMatchObject({ shape: { type: 'io2', iops: 3_000, throughputMibps: null } });
    expect(wish({ volumeType: 'sc1', sizeGib: 125 })).toMatchObject({ shape: { type: 'sc1', iops: null } });
  });

  test('never makes it smaller than it is, or than EC2 was asked to make it', () => {
    const wanted = { ...gp3, sizeGib: 40 };
    expect(wish({ sizeGib: 19 })).toEqual({
      problem: 'an EBS volume grows and never shrinks: it has 20 GiB, 19 were asked for',
    });
    expect(wish({ sizeGib: 30 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 30 } });
    expect(wish({ sizeGib: 20 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 20 } });
    expect(wish({ sizeGib: 30 }, gp3, wanted, true)).toEqual({
      problem: 'an EBS volume grows and never shrinks: it has been asked to have 40 GiB, 30 were asked for',
    });
    expect(wish({ iops: 4_000 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 40, iops: 4_000 } });
  });

  test('that its type cannot have says so, and that the type stays', () => {
    expect(wish({ sizeGib: 100, throughputMibps: 3_000 })).toMatchObject({
      problem: expect.stringMatching(/^no gp3 volume has .*; its type stays unless volumeType names another one$/),
    });
    expect(wish({ volumeType: 'st1', sizeGib: 20_000 })).toMatchObject({
      problem: expect.not.stringContaining('its type stays'),
    });
  });

  test('that needs a larger volume says the size to ask for', () => {
    expect(wish({ iops: 11_000 })).toEqual({
      problem:
        'a gp3 volume with 11000 IOPS has at least 22 GiB, and this one has 20; a volume grows only by a size that was '
        + 'asked for: name sizeGib 22 as well',
    });
    expect(wish({ volumeType: 'sc1' })).toMatchObject({
      problem: expect.stringMatching(/^a sc1 volume has at least 125 GiB/),
    });
    const st1 = { type: 'st1', sizeGib: 125, iops: null, throughputMibps: null, usdPerMonth: 5.625 } as const;
    expect(wish({ throughputMibps: 40 }, st1)).toMatchObject({
      problem: expect.stringMatching(/^a st1 volume with 40 MiB\/s has at least 1024 GiB, and this one has 125/),
    });
  });

  test.each([{ type: 'io2' }, { sizeGib: 21 }, { iops: 1 }, { throughputMibps: 1 }] as const)(
    'is another shape with %j',
    (more) => {
      expect(isSameShape(gp3, { ...gp3, ...more })).toBe(false);
    },
  );

  test('is the same shape at another price', () => {
    expect(isSameShape(gp3, { ...gp3, usdPerMonth: 9 })).toBe(true);
  });

  test('is told with the settings that it has', () => {
    expect(shapeText(gp3)).toBe('20 GiB of gp3 (3000 IOPS, 125 MiB/s), 1.60 USD a month');
    expect(shapeText(io2)).toBe('20 GiB of io2 (1000 IOPS), 67.50 USD a month');
    expect(shapeText({ ...io2, iops: null })).toBe('20 GiB of io2, 67.50 USD a month');
  });
});

describe('the final snapshot', () => {
  const asked: FinalSnapshot = {
    id: null,
    askedAtMs: nowMs - 1_000,
    missingSinceMs: null,
    intents: ['a'],
    failures: 0,
    nextTryAtMs: null,
  };
  const made: FinalSnapshot = { ...asked, id: 'snap-1', askedAtMs: nowMs - missingMinAgeMs };
  const seen = (more: Partial<SeenSnapshot> = {}, intent = 'a'): SeenSnapshot => ({
    id: 'snap-1',
    state: 'pending',
    volumeId: 'vol-s',
    tags: { [tagIntent]: intent },
    ...more,
  });

  function step(
    snapshot: FinalSnapshot | null,
    listed: readonly SeenSnapshot[] | null = [],
  ): {
    readonly snapshot: FinalSnapshot | null;
    readonly isDone: boolean;
    readonly calls: readonly string[];
    readonly said: readonly string[];
    readonly dueAtMs: readonly number[];
  } {
    const copy = claimCopy({ listing: listed && claimListing({ snapshots: listed }) });
    const said: string[] = [];
    const { part, isDone } = snapshotStep(copy, storage('s', 'za'), partOf({ snapshot }), 'vol-s', (code, message) =>
      said.push(`${code}: ${message}`),
    );
    return { snapshot: part.snapshot, isDone, calls: callsOf(copy), said, dueAtMs: copy.dueAtMs };
  }

  test('waits for EC2’s listing', () => {
    expect(step(null, null)).toMatchObject({ snapshot: null, isDone: false, calls: [] });
    expect(step(made, null)).toMatchObject({ snapshot: made, isDone: false });
  });

  test('is asked for with an intent of its own', () => {
    expect(step(null)).toMatchObject({
      snapshot: { id: null, askedAtMs: nowMs, intents: ['n1'], failures: 0, nextTryAtMs: null },
      isDone: false,
      calls: ['snapshot s.v'],
    });
  });

  test('is found by its intent, whatever became of the answer', () => {
    expect(step(asked, [seen()])).toMatchObject({ snapshot: { id: 'snap-1' }, isDone: false, calls: [] });
  });

  test('is none that another volume, another intent or an error has', () => {
    const others = [seen({ volumeId: 'vol-2' }), seen({}, 'b'), seen({ tags: {} })];
    expect(step(asked, others)).toMatchObject({ snapshot: { id: null, missingSinceMs: nowMs }, calls: [] });
  });

  test('of several that were made is the one that is complete', () => {
    const two = [seen(), seen({ id: 'snap-2', state: 'completed' }, 'b')];
    expect(step({ ...asked, intents: ['a', 'b'] }, two)).toMatchObject({ snapshot: { id: 'snap-2' }, isDone: false });
  });

  test('is asked for again once two listings far enough apart lack it', () => {
    const since = (ms: number): FinalSnapshot => ({ ...asked, missingSinceMs: nowMs - ms });
    expect(step(since(listingsApartMs - 1))).toMatchObject({ calls: [], snapshot: { intents: ['a'] } });
    expect(step(since(listingsApartMs))).toMatchObject({ calls: ['snapshot s.v'], snapshot: { intents: ['a', 'n1'] } });
  });

  test('remembers so many calls', () => {
    const intents = Array.from({ length: 20 }, (_, n) => `i${String(n)}`);
    const { snapshot } = step({ ...asked, intents, missingSinceMs: nowMs - listingsApartMs });
    expect(snapshot?.intents).toEqual([...intents.slice(1), 'n1']);
  });

  test('is done when EC2 has completed it', () => {
    expect(step(made, [seen()])).toMatchObject({ snapshot: made, isDone: false, calls: [] });
    expect(step(made, [seen({ state: 'completed' })])).toMatchObject({ snapshot: made, isDone: true, calls: [] });
  });

  test('that EC2 gives up is made anew after a pause', () => {
    const failed = step(made, [seen({ state: 'error' })]);
    expect(failed).toMatchObject({ snapshot: { id: null, failures: 1, nextTryAtMs: nowMs + 60_000 }, calls: [] });
    expect(failed.said).toEqual([
      `snapshot_failed: the final snapshot of vol-s failed: EC2 gave up snap-1; the next is made at `
        + `${new Date(nowMs + 60_000).toISOString()}, and the volume is kept until one is complete`,
    ]);
    expect(step(asked, [seen({ state: 'error' })])).toMatchObject({ snapshot: { failures: 1 } });
  });

  test('of which only the last call’s error counts', () => {
    expect(step({ ...asked, intents: ['a', 'b'] }, [seen({ state: 'error' })])).toMatchObject({
      snapshot: { missingSinceMs: nowMs },
      said: [],
    });
  });

  test('that is listed no more has failed, once its absence lasts', () => {
    expect(step(made)).toMatchObject({ snapshot: { id: 'snap-1', missingSinceMs: nowMs }, said: [] });
    const missing = { ...made, missingSinceMs: nowMs - listingsApartMs };
    expect(step(missing).said[0]).toMatch(/EC2 lists snap-1 no more/);
    expect(step({ ...missing, askedAtMs: nowMs - missingMinAgeMs + 1 }).said).toEqual([]);
    expect(step(missing, [seen()])).toMatchObject({ snapshot: { missingSinceMs: null } });
  });

  test('waits for its pause, and then begins again', () => {
    const paused = { ...asked, failures: 1, nextTryAtMs: nowMs + 1 };
    expect(step(paused)).toMatchObject({ snapshot: paused, calls: [], dueAtMs: [nowMs + 1] });
    expect(step({ ...paused, nextTryAtMs: nowMs }, [seen({ state: 'error' })])).toMatchObject({
      snapshot: { intents: ['a', 'n1'], failures: 1, nextTryAtMs: null },
      calls: ['snapshot s.v'],
    });
  });

  test.each([
    [0, 60_000],
    [1, 120_000],
    [5, 1_920_000],
    [6, 3_600_000],
    [50, 3_600_000],
  ])('after %d failures pauses for %d ms', (failures, pauseMs) => {
    expect(afterFailure({ ...made, failures, missingSinceMs: 1 }, nowMs)).toEqual({
      ...made,
      id: null,
      missingSinceMs: null,
      failures: failures + 1,
      nextTryAtMs: nowMs + pauseMs,
    });
  });

  test('of a volume without an id is told by its key', () => {
    expect(failureText(partOf({ volumeId: null }), 'why', made)).toMatch(/^the final snapshot of s.v failed: why;/);
  });
});

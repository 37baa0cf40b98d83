// The final snapshot of a volume, step by step.
import { describe, expect, test } from '@jest/globals';
import { afterFailure, failureText, snapshotStep } from '../../../../lib/core/claims/volumes/final-snapshot.ts';
import type { SeenSnapshot } from '../../../../lib/core/plan/listing.ts';
import { tagIntent } from '../../../../lib/core/records/claim.ts';
import type { FinalSnapshot, VolumePart } from '../../../../lib/core/records/volume.ts';
import { localDecisionSettings } from '../../../../lib/core/values/settings.ts';
import { callsOf, claimCopy, claimListing, nowMs, storage } from '../../builders.ts';

const { listingsApartMs, missingMinAgeMs } = localDecisionSettings;

function partOf(more: Partial<VolumePart> = {}): VolumePart {
  const { volume } = storage('s', 'za');
  if (!volume) throw new Error('a storage request has a volume');
  return { ...volume, ...more };
}

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

  test('is not put off until a time that a clock far ahead wrote', () => {
    const failed = { ...asked, failures: 1, nextTryAtMs: nowMs + 2 * 3_600_000 };
    expect(step(failed).calls).toEqual(['snapshot s.v']);
    expect(step({ ...failed, nextTryAtMs: nowMs + 3_600_000 }).calls).toEqual([]);
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

  test('that EC2 shows as an error is made anew after a pause', () => {
    const failed = step(made, [seen({ state: 'error' })]);
    expect(failed).toMatchObject({ snapshot: { id: null, failures: 1, nextTryAtMs: nowMs + 60_000 }, calls: [] });
    expect(failed.said).toEqual([
      `snapshot_failed: the final snapshot of vol-s failed: EC2 shows an error for snap-1; the next is made at `
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
    expect(step(missing).said[0]).toMatch(/EC2 no longer lists snap-1/);
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

  test('of a volume without an id is named by its key', () => {
    expect(failureText(partOf({ volumeId: null }), 'why', made)).toMatch(/^the final snapshot of s.v failed: why;/);
  });
});

// The final snapshot of a volume. CreateSnapshot takes no ClientToken, so each call has an intent: an id that is
// written before the call and is a tag of the snapshot alone. A snapshot with this tag was made by that call, even if
// other snapshots have the volume's tags.
import { isPaused } from '../../values/clocks.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { SeenSnapshot } from '../../plan/listing.ts';
import { missing } from '../release/absence.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { VolumePart } from '../../records/volume.ts';
import { tagIntent } from '../../records/claim.ts';

type Snapshot = NonNullable<VolumePart['snapshot']>;

/** Adds an entry to the request's timeline. */
export type Say = (code: string, message: string, nextTryAtMs?: number) => void;

/** The number of calls remembered. A snapshot made by an older, forgotten call is not recognized, and stays. */
const intentsMax = 20;
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/** One step; `isDone`: EC2 has completed it, and the volume may go. Without a listing nothing is decided. */
export function snapshotStep(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  part: VolumePart,
  volumeId: string,
  say: Say,
): { readonly part: VolumePart; readonly isDone: boolean } {
  const { snapshot } = part;
  const { listing, nowMs } = copy;
  if (!listing) return { part, isDone: false };
  const going = (next: VolumePart): { part: VolumePart; isDone: boolean } => ({ part: next, isDone: false });
  if (snapshot === null) return going(begin(copy, claim, part, volumeId));
  if (snapshot.id !== null) {
    const seen = listing.snapshots.find((one) => one.id === snapshot.id);
    if (seen?.state === 'error') return going(failed(part, snapshot, nowMs, `EC2 shows an error for ${seen.id}`, say));
    const { sinceMs, isGone } = missing(seen !== undefined, snapshot.missingSinceMs, copy, snapshot.askedAtMs);
    if (isGone) return going(failed(part, snapshot, nowMs, `EC2 no longer lists ${snapshot.id}`, say));
    const noted =
      sinceMs === snapshot.missingSinceMs ? part : { ...part, snapshot: { ...snapshot, missingSinceMs: sinceMs } };
    return { part: noted, isDone: seen?.state === 'completed' };
  }
  const found = madeBy(snapshot.intents, volumeId, listing.snapshots);
  if (found)
    return going({ ...part, snapshot: { ...snapshot, id: found.id, missingSinceMs: null, nextTryAtMs: null } });
  const { nextTryAtMs } = snapshot;
  if (nextTryAtMs !== null && isPaused(nextTryAtMs, nowMs, longestPauseMs)) {
    copy.dueAtMs.push(nextTryAtMs);
    return going(part);
  }
  const broken = listing.snapshots.find(
    (one) => one.state === 'error' && one.tags[tagIntent] === snapshot.intents.at(-1),
  );
  if (broken && nextTryAtMs === null)
    return going(failed(part, snapshot, nowMs, `EC2 shows an error for ${broken.id}`, say));
  const { sinceMs, isGone } = missing(false, snapshot.missingSinceMs, copy);
  if (isGone || nextTryAtMs !== null) return going(begin(copy, claim, part, volumeId));
  return going(
    sinceMs === snapshot.missingSinceMs ? part : { ...part, snapshot: { ...snapshot, missingSinceMs: sinceMs } },
  );
}

/** The snapshot that one of the calls made, a completed one first. Copies of its tags on other volumes do not count. */
function madeBy(
  intents: readonly string[],
  volumeId: string,
  snapshots: readonly SeenSnapshot[],
): SeenSnapshot | undefined {
  const ours = snapshots.filter(
    (one) => one.state !== 'error' && one.volumeId === volumeId && intents.includes(one.tags[tagIntent] ?? ''),
  );
  return ours.find((one) => one.state === 'completed') ?? ours[0];
}

function begin(copy: ClaimWorkingCopy, claim: ClaimRecord, part: VolumePart, volumeId: string): VolumePart {
  const intent = copy.terms.newId();
  copy.calls.push({ kind: 'snapshot', request: claim.id, part: part.key, volumeId, intent });
  const before = part.snapshot;
  return {
    ...part,
    snapshot: {
      id: null,
      askedAtMs: copy.nowMs,
      missingSinceMs: null,
      intents: [...(before?.intents ?? []), intent].slice(-intentsMax),
      failures: before?.failures ?? 0,
      nextTryAtMs: null,
    },
  };
}

/** Another one is made after a pause that grows; the volume stays until one is complete. */
function failed(part: VolumePart, snapshot: Snapshot, nowMs: number, why: string, say: Say): VolumePart {
  const next = afterFailure(snapshot, nowMs);
  say('snapshot_failed', failureText(part, why, next), next.nextTryAtMs ?? undefined);
  return { ...part, snapshot: next };
}

export function afterFailure(snapshot: Snapshot, nowMs: number): Snapshot {
  const failures = snapshot.failures + 1;
  return {
    ...snapshot,
    id: null,
    missingSinceMs: null,
    failures,
    nextTryAtMs: nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)),
  };
}

export function failureText(part: VolumePart, why: string, { nextTryAtMs }: Snapshot): string {
  return (
    `the final snapshot of ${part.volumeId ?? part.key} failed: ${why}; the next is made at `
    + `${new Date(nextTryAtMs ?? 0).toISOString()}, and the volume is kept until one is complete`
  );
}

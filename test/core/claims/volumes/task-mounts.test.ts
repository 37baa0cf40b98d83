// Volumes that tasks mount: taken for an attempt, attached to its node, and free once the attempt has ended.
import { expect, test } from '@jest/globals';
import { decideTaskMounts } from '../../../../lib/core/claims/volumes/task-mounts.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import type { VolumeUse } from '../../../../lib/core/records/volume.ts';
import { localDecisionSettings } from '../../../../lib/core/values/settings.ts';
import type { SeenVolume } from '../../../../lib/core/plan/listing.ts';
import {
  assignment,
  attachedTo,
  callsOf,
  claimCopy,
  claimListing,
  lastEntry,
  node,
  nowMs,
  seenVolume,
  storage,
} from '../../builders.ts';

const mounts = { requests: ['s'], areAttached: false };
const mounting = node({ assigned: [assignment('r', { mounts })] });
const { listingsApartMs } = localDecisionSettings;

function use(more: Partial<NonNullable<VolumeUse['node']>> = {}): VolumeUse {
  const own = { id: 'i-1', attemptId: 'r.0.1', sinceMs: nowMs - listingsApartMs, isAttached: false, refusal: null };
  return { request: 'r', machine: 0, device: '/dev/sdf', node: { ...own, ...more } };
}

function decided(
  claim: ClaimRecord,
  nodes: readonly NodeRecord[],
  seen: Partial<SeenVolume> | null = {},
  others: readonly ClaimRecord[] = [],
): ReturnType<typeof claimCopy> {
  const listing = seen && claimListing({ volumes: [seenVolume('vol-s', seen)] });
  const copy = claimCopy({ claims: [claim, ...others], nodes, listing });
  decideTaskMounts(copy);
  return copy;
}

test('a volume is taken for the attempt that a node carries, and is to be attached there', () => {
  const copy = decided(storage('s', 'za'), [mounting]);
  expect(copy.claim('s')?.usedBy).toEqual(use({ sinceMs: nowMs }));
  expect(callsOf(copy)).toEqual(['attach vol-s i-1']);
  expect(lastEntry(copy, 's')).toBe('attaching: waits for vol-s to be attached to node i-1 for r.0.1');
});

test.each([
  ['nobody mounts', storage('s', 'za'), [node()]],
  ['is not active', storage('s', 'za', { state: 'pending' }), [mounting]],
  ['a machine has', storage('s', 'za', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } }), [mounting]],
])('a volume that %s is left', (_what, claim, nodes) => {
  const copy = decided(claim, nodes);
  expect([callsOf(copy), copy.claim('s')]).toEqual([[], claim]);
});

test('without a listing it is taken, and not called for', () => {
  const copy = decided(storage('s', 'za'), [mounting], null);
  expect(copy.claim('s')?.usedBy).not.toBeNull();
  expect(callsOf(copy)).toEqual([]);
});

test('each volume of a node has a device name of its own; without one left it waits', () => {
  const others = (count: number): ClaimRecord[] =>
    Array.from({ length: count }, (_, n) =>
      storage(`o-${String(n)}`, 'za', { usedBy: { ...use(), device: `/dev/sd${'fghijklmnop'[n] ?? ''}` } }),
    );
  expect(decided(storage('s', 'za'), [mounting], {}, others(1)).claim('s')?.usedBy?.device).toBe('/dev/sdg');
  const full = decided(storage('s', 'za'), [mounting], {}, others(11));
  expect(full.claim('s')?.usedBy).toBeNull();
  const elsewhere = use({ id: 'i-2' });
  const free = decided(storage('s', 'za'), [mounting], {}, [storage('o', 'za', { usedBy: elsewhere })]);
  expect(free.claim('s')?.usedBy?.device).toBe('/dev/sdf');
});

test('it is not called for where the node does not take tasks, or the volume is not free', () => {
  const used = storage('s', 'za', { usedBy: use() });
  expect(callsOf(decided(used, [node({ ...mounting, state: 'draining' })]))).toEqual([]);
  expect(callsOf(decided(used, [mounting], { state: 'creating' }))).toEqual([]);
  expect(callsOf(decided(storage('s', 'za', { usedBy: use({ refusal: 'no' }) }), [mounting]))).toEqual([]);
});

test('it is attached when EC2 says so', () => {
  const used = storage('s', 'za', { usedBy: use(), reason: 'attaching' });
  const copy = decided(used, [mounting], attachedTo('i-1'));
  expect(copy.claim('s')).toMatchObject({ reason: null, usedBy: { node: { isAttached: true } } });
  expect(lastEntry(copy, 's')).toBe('attached: is attached to node i-1 as /dev/sdf for r.0.1');
  expect(decided(used, [mounting], attachedTo('i-1', 'attaching')).claim('s')?.usedBy?.node?.isAttached).toBe(false);
  expect(decided(used, [mounting], attachedTo('i-2')).claim('s')?.usedBy?.node?.isAttached).toBe(false);
  const attached = storage('s', 'za', { usedBy: use({ isAttached: true }) });
  const calm = decided(attached, [mounting], attachedTo('i-1'));
  expect([callsOf(calm), calm.isMoving]).toEqual([[], false]);
});

test('it is detached once no node carries the attempt', () => {
  const used = storage('s', 'za', { usedBy: use({ isAttached: true }) });
  const copy = decided(used, [node()], attachedTo('i-1'));
  expect(callsOf(copy)).toEqual(['detach vol-s i-1']);
  expect(lastEntry(copy, 's')).toBe('detaching: waits for vol-s to leave node i-1');
  const next = node({ assigned: [assignment('r', { mounts, attempt: 2 })] });
  expect(callsOf(decided(used, [next], attachedTo('i-1')))).toEqual(['detach vol-s i-1']);
});

test('what is mounted is never detached by force', () => {
  const used = storage('s', 'za', { usedBy: use({ isAttached: true }) });
  const copy = decided(used, [node()], attachedTo('i-1', 'busy'));
  expect(callsOf(copy)).toEqual([]);
  expect(lastEntry(copy, 's')).toMatch(/^busy: vol-s is still mounted on node i-1, though r\.0\.1 has ended/);
});

test('it is free when EC2 shows it so; where it was never seen attached, for long enough', () => {
  const free = (more: Parameters<typeof use>[0]): ClaimRecord | undefined =>
    decided(storage('s', 'za', { usedBy: use(more), reason: 'detaching' }), [node()]).claim('s');
  expect(free({ isAttached: true, sinceMs: nowMs })).toMatchObject({ usedBy: null, reason: null });
  expect(free({})).toMatchObject({ usedBy: null });
  expect(free({ sinceMs: nowMs - listingsApartMs + 1 })?.usedBy).not.toBeNull();
});

test('a request that is released keeps its own reason', () => {
  const going = storage('s', 'za', { usedBy: use({ isAttached: true }), state: 'releasing', reason: 'released' });
  expect(decided(going, [node()]).claim('s')).toMatchObject({ usedBy: null, reason: 'released' });
  const attached = decided(going, [node()], attachedTo('i-1'));
  expect(attached.claim('s')).toEqual(going);
  expect(callsOf(attached)).toEqual(['detach vol-s i-1']);
});

test('a volume that was claimed by a clock far ahead comes free a while from now', () => {
  const claimed = storage('s', 'za', { usedBy: use({ sinceMs: nowMs + 3_600_000 }) });
  const copy = decided(claimed, [node()]);
  expect(copy.claim('s')?.usedBy).toEqual(use({ sinceMs: nowMs }));
});

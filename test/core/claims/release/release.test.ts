// Releasing step by step: instances, then volumes by their policy, then groups; and volumes that were kept.
import { describe, expect, test } from '@jest/globals';
import { beginRelease } from '../../../../lib/core/claims/lifecycle.ts';
import { decideKept, decideReleasing, snapshotOf } from '../../../../lib/core/claims/release/release.ts';
import type { SeenMachine, SeenVolume } from '../../../../lib/core/plan/listing.ts';
import { tagPart } from '../../../../lib/core/records/claim.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { tagLaunch } from '../../../../lib/core/records/launch.ts';
import type { VolumePart } from '../../../../lib/core/records/volume.ts';
import { localDecisionSettings } from '../../../../lib/core/values/settings.ts';
import {
  attachedTo,
  callsOf,
  claimCopy,
  claimListing,
  group,
  keptVolume,
  lastEntry,
  machineLaunch,
  machines,
  machineWish,
  network,
  nowMs,
  seenMachine,
  seenVolume,
  storage,
  storageWish,
  volumeWish,
} from '../../builders.ts';

type World = Parameters<typeof claimCopy>[0];
const { listingsApartMs } = localDecisionSettings;
const released = { state: 'released', reason: 'released' } as const;
const going = (claim: ClaimRecord): ClaimRecord => beginRelease(claim, released, nowMs);

function decided(claim: ClaimRecord, world: World = {}): ReturnType<typeof claimCopy> {
  const copy = claimCopy({ ...world, claims: [claim, ...(world?.claims ?? [])] });
  decideReleasing(copy, claim);
  return copy;
}

const seen = (volumes: readonly SeenVolume[], listed: readonly SeenMachine[] = []): World => ({
  listing: claimListing({ volumes, machines: listed }),
});

describe('instances', () => {
  const claim = going(machines('m'));

  test('are terminated, also where the listing lags', () => {
    for (const listed of [[], [seenMachine('i-m-0')]]) {
      const copy = decided(claim, seen([], listed));
      expect([...copy.terminating]).toEqual([['i-m-0', 'm']]);
      expect(lastEntry(copy, 'm')).toBe('terminating: waits for i-m-0 to end');
      expect(copy.ended.size).toBe(0);
    }
  });

  test('that shut down are waited for', () => {
    const copy = decided(claim, seen([], [seenMachine('i-m-0', { state: 'shutting-down' })]));
    expect([copy.terminating.size, copy.claim('m')?.reason]).toEqual([0, 'terminating']);
  });

  test('that are terminated, or missing for long enough, are gone, and the request ends', () => {
    const done = decided(claim, seen([], [seenMachine('i-m-0', { state: 'terminated' })]));
    expect(done.claim('m')).toMatchObject({ state: 'released', endedAtMs: nowMs, machines: [{ state: 'gone' }] });
    expect(done.ended.has('m')).toBe(true);
    const missingSinceMs = nowMs - listingsApartMs;
    const missing = { ...claim, machines: claim.machines.map((one) => ({ ...one, missingSinceMs })) };
    expect(decided(missing, seen([])).claim('m')?.state).toBe('released');
  });

  test('are not missing until a time that has not come, which a clock far ahead wrote', () => {
    const [missingSinceMs, thereSinceMs] = [nowMs + 3_600_000, nowMs + 3_600_000];
    const ahead = { ...claim, machines: claim.machines.map((one) => ({ ...one, missingSinceMs, thereSinceMs })) };
    const [noted] = decided(ahead, seen([])).claim('m')?.machines ?? [];
    expect(noted).toMatchObject({ state: 'there', missingSinceMs: nowMs });
    // As it has been missing for so long, it is as old.
    const long = nowMs - localDecisionSettings.missingMinAgeMs;
    const old = { ...claim, machines: claim.machines.map((one) => ({ ...one, missingSinceMs: long, thereSinceMs })) };
    expect(decided(old, seen([])).claim('m')?.state).toBe('released');
  });

  test('that were never asked for are gone at once, unless a launch may have made them', () => {
    const wanted = going(machineWish('m', { volumes: [volumeWish] }));
    expect(decided(wanted).claim('m')).toMatchObject({ machines: [{ state: 'gone', volumes: [{ state: 'gone' }] }] });
    const open = decided(wanted, { launches: [machineLaunch('l', 'm')] });
    expect(open.claim('m')).toMatchObject({ reason: 'launch_open', machines: [{ state: 'wanted' }] });
  });

  test('say after a while what a person can do', () => {
    const copy = decided({ ...claim, releasingSinceMs: nowMs - 600_000 }, seen([], [seenMachine('i-m-0')]));
    expect(lastEntry(copy, 'm')).toMatch(/wait.* to end, since .*: EC2 shows i-m-0 as running: where termination/);
  });
});

describe('disks of machines', () => {
  const ended = [seenMachine('i-m-0', { state: 'terminated' })];
  const claimOf = (onRelease: VolumePart['onRelease'], more: Partial<VolumePart> = {}): ClaimRecord => {
    const one = machines('m', { volumes: [{ ...volumeWish, onRelease }] });
    return going({
      ...one,
      machines: one.machines.map((part) => ({ ...part, volumes: part.volumes.map((disk) => ({ ...disk, ...more })) })),
    });
  };
  const there = { state: 'there', volumeId: 'vol-1', zone: 'za' } as const;
  const volumeOf = (copy: ReturnType<typeof claimCopy>): VolumePart | undefined =>
    copy.claim('m')?.machines[0]?.volumes[0];

  test('go with their machine where their policy says so', () => {
    expect(volumeOf(decided(claimOf('delete', there), seen([], ended)))?.state).toBe('gone');
    expect(volumeOf(decided(claimOf('delete'), seen([], ended)))?.state).toBe('gone');
  });

  test('that outlive it are found by its launch', () => {
    const left = seenVolume('vol-9', { tags: { [tagLaunch]: 'l' } });
    const copy = decided(claimOf('keep'), seen([left], ended));
    expect(volumeOf(copy)).toMatchObject({ state: 'kept', volumeId: 'vol-9' });
    for (const more of [{ sizeGib: 9 }, { state: 'in-use' }, { tags: {} }] as const)
      expect(volumeOf(decided(claimOf('keep'), seen([{ ...left, ...more }], ended)))).toMatchObject({
        state: 'wanted',
        missingSinceMs: nowMs,
      });
  });

  test('are noted by their device while the machine is listed', () => {
    const listed = seenMachine('i-m-0', { disks: [{ device: '/dev/sdf', volumeId: 'vol-7' }] });
    expect(volumeOf(decided(claimOf('keep'), seen([], [listed])))).toMatchObject({ state: 'there', volumeId: 'vol-7' });
  });
});

describe('a volume of its own', () => {
  const policy = (onRelease: VolumePart['onRelease'], more: Partial<ClaimRecord> = {}): ClaimRecord => {
    const one = storage('s', 'za', more);
    return going({ ...one, volume: one.volume && { ...one.volume, onRelease } });
  };
  const free = seen([seenVolume('vol-s')]);

  test('is deleted, and gone when its absence lasts', () => {
    expect(callsOf(decided(policy('delete'), free))).toEqual(['delete-volume vol-s']);
    const first = decided(policy('delete'), seen([]));
    expect(first.claim('s')).toMatchObject({ volume: { state: 'there', missingSinceMs: nowMs }, reason: 'volumes' });
    const one = policy('delete');
    const long = { ...one, volume: one.volume && { ...one.volume, missingSinceMs: nowMs - listingsApartMs } };
    expect(decided(long, seen([])).claim('s')).toMatchObject({ state: 'released', volume: { state: 'gone' } });
  });

  test('is kept for the time that its wish says, and nothing is called', () => {
    const copy = decided(policy('keep'), free);
    expect(copy.keptVolume('vol-s')).toEqual(keptVolume('vol-s', { keptSinceMs: nowMs }));
    expect(copy.claim('s')).toMatchObject({ state: 'released', volume: { state: 'kept' } });
    expect(callsOf(copy)).toEqual([]);
  });

  test('is copied first where its policy says so', () => {
    const copy = decided(policy('snapshot'), free);
    expect(callsOf(copy)).toEqual(['snapshot s.v']);
    expect(copy.claim('s')).toMatchObject({ state: 'releasing', reason: 'volumes' });
  });

  test.each(['keep', 'snapshot'] as const)('whose disk has failed is deleted, also with policy %s', (onRelease) => {
    const copy = decided(policy(onRelease), seen([seenVolume('vol-s', { state: 'error' })]));
    expect([callsOf(copy), copy.kept()]).toEqual([['delete-volume vol-s'], []]);
  });

  test.each(['keep', 'snapshot'] as const)('that was never granted is deleted, also with policy %s', (onRelease) => {
    expect(callsOf(decided(policy(onRelease, { startedAtMs: null }), free))).toEqual(['delete-volume vol-s']);
  });

  test.each(['creating', 'deleting'] as const)('that is %s is waited for', (state) => {
    expect(callsOf(decided(policy('delete'), seen([seenVolume('vol-s', { state })])))).toEqual([]);
  });

  test('that was never asked for is gone', () => {
    expect(decided(going(storageWish('s'))).claim('s')).toMatchObject({ state: 'released', volume: { state: 'gone' } });
  });

  test('whose answer was lost is found by its part, or asked for with the same token', () => {
    const wish = storageWish('s');
    const asked = { state: 'asked', askedAtMs: 1, zone: 'za' } as const;
    const lost = going({ ...wish, volume: wish.volume && { ...wish.volume, ...asked } });
    const found = decided(lost, seen([seenVolume('vol-7', { tags: { [tagPart]: 's.v' } })]));
    expect(found.claim('s')?.volume).toMatchObject({ state: 'there', volumeId: 'vol-7' });
    expect(callsOf(decided(lost, seen([])))).toEqual(['create-volume s.v']);
    const refused = { ...lost, fault: { code: 'Bad', message: '' } };
    expect(callsOf(decided(refused, seen([])))).toEqual([]);
    expect(snapshotOf(lost)).toBeNull();
    expect(snapshotOf(machines('m'))).toBeNull();
  });

  test('waits for who uses it', () => {
    const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
    const copy = decided(policy('delete', { usedBy }), { ...seen([seenVolume('vol-s')]), claims: [machines('m')] });
    expect(lastEntry(copy, 's')).toBe('in_use: waits for m, which uses it, to be released');
    expect(callsOf(copy)).toEqual([]);
    expect(callsOf(decided(policy('delete', { usedBy }), free))).toEqual(['delete-volume vol-s']);
  });

  test('that it had attached itself is detached, and then released', () => {
    const usedBy = { request: 'm', machine: 0, device: '/dev/sdf' };
    const own = policy('delete', { usedBy, isDetaching: true });
    const attached = decided(own, { ...seen([seenVolume('vol-s', attachedTo('i-m-0'))]), claims: [machines('m')] });
    expect(callsOf(attached)).toEqual(['detach vol-s i-m-0']);
    expect(lastEntry(attached, 's')).toMatch(/^in_use: waits for vol-s to be detached; unmount it/);
    const after = decided(own, { ...seen([seenVolume('vol-s')]), claims: [machines('m')] });
    expect(after.claim('s')?.usedBy).toBeNull();
    expect(callsOf(after)).toEqual(['delete-volume vol-s']);
  });

  test('that is attached though nobody asked for it comes free first', () => {
    expect(callsOf(decided(policy('delete'), seen([seenVolume('vol-s', attachedTo('i-9'))])))).toEqual([
      'detach vol-s i-9',
    ]);
  });

  test('waits for EC2’s listing', () => {
    const copy = decided(policy('delete'), { listing: null });
    expect([callsOf(copy), copy.claim('s')?.state]).toEqual([[], 'releasing']);
  });
});

describe('volumes and groups that it used', () => {
  test('are let go of after its instances', () => {
    const used = storage('s', 'za', { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } });
    const end = (state: SeenMachine['state'], volume: Partial<SeenVolume>): ReturnType<typeof claimCopy> =>
      decided(going(machines('m')), {
        claims: [used],
        groups: [group('n', { references: ['n', 'm'] })],
        ...seen([seenVolume('vol-s', volume)], [seenMachine('i-m-0', { state })]),
      });
    const running = end('running', {});
    expect([running.claim('s')?.usedBy?.request, running.group('g-n')?.references]).toEqual(['m', ['n', 'm']]);
    const user = end('terminated', attachedTo('i-m-0'));
    expect(lastEntry(user, 'm')).toBe('detaching: waits for its volumes to be free');
    const over = end('terminated', {});
    expect([over.claim('s')?.usedBy, over.group('g-n')?.references]).toEqual([null, ['n']]);
    expect(over.claim('m')).toMatchObject({ state: 'released', sharedGroupIds: ['sg-n'] });
  });

  test('are waited for where its reference was the last', () => {
    const copy = decided(going(network('n')), { groups: [group('n')] });
    expect(copy.group('g-n')).toMatchObject({ state: 'deleting', references: [] });
    expect(copy.claim('n')).toMatchObject({ state: 'releasing', waitsForGroups: ['g-n'] });
    expect(lastEntry(copy, 'n')).toBe('groups: waits for sg-n to be deleted: EC2 keeps a group while anything uses it');
    const gone = decided({ ...going(network('n')), waitsForGroups: ['g-n'] });
    expect(gone.claim('n')).toMatchObject({ state: 'released' });
    expect(gone.claim('n')).not.toHaveProperty('sharedGroupIds');
  });
});

describe('a kept volume', () => {
  const listed = seen([seenVolume('vol-k')]);

  function kept(more: Parameters<typeof keptVolume>[1], world: World = listed): ReturnType<typeof claimCopy> {
    const copy = claimCopy({ kept: [keptVolume('vol-k', more)], ...world });
    decideKept(copy);
    return copy;
  }

  test('stays until its time', () => {
    const copy = kept({ keptUntilMs: nowMs + 1 });
    expect([callsOf(copy), copy.dueAtMs, copy.isMoving]).toEqual([[], [nowMs + 1], false]);
  });

  test('is noted as going before it is deleted, and its record goes with it', () => {
    const copy = kept({ keptUntilMs: nowMs });
    expect(copy.keptVolume('vol-k')?.isGoing).toBe(true);
    expect(callsOf(copy)).toEqual(['delete-volume vol-k']);
    expect(callsOf(kept({ isGoing: true }))).toEqual(['delete-volume vol-k']);
    expect(kept({ isGoing: true }, seen([])).keptVolume('vol-k')).toBeUndefined();
  });

  test('goes with its pool, and waits for EC2’s listing', () => {
    expect(callsOf(kept({}, { ...seen([seenVolume('vol-k')]), isPoolDeleting: true }))).toHaveLength(1);
    const blind = kept({ isGoing: true }, { listing: null });
    expect([callsOf(blind), blind.isMoving, blind.keptVolume('vol-k')?.isGoing]).toEqual([[], true, true]);
  });

  test('that was taken over in this decision is left', () => {
    const copy = claimCopy({ kept: [keptVolume('vol-k', { keptUntilMs: nowMs })] });
    copy.dropKept('vol-k');
    decideKept(copy);
    expect(callsOf(copy)).toEqual([]);
  });
});

describe('two disks of one size', () => {
  const ended = [seenMachine('i-m-0', { state: 'terminated' })];
  const claim = going(machines('m', { volumes: [1, 2].map(() => ({ ...volumeWish, onRelease: 'keep' as const })) }));
  const left = (id: string) => seenVolume(id, { tags: { [tagLaunch]: 'l' } });
  const volumesOf = (...volumes: readonly SeenVolume[]) =>
    decided(claim, seen(volumes, ended))
      .claim('m')
      ?.machines[0]?.volumes.map(({ state, volumeId }) => [state, volumeId]);

  test('are found each by itself, and none of them twice', () => {
    expect(volumesOf(left('vol-8'), left('vol-9'))).toEqual([
      ['kept', 'vol-8'],
      ['kept', 'vol-9'],
    ]);
    expect(volumesOf(left('vol-8'))).toEqual([
      ['kept', 'vol-8'],
      ['wanted', null],
    ]);
  });
});

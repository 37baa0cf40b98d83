// A decision about claims as a whole: who must be released, when the next look is due, and which calls go together.
import { describe, expect, test } from '@jest/globals';
import type { ClaimDecision } from '../../../lib/core/claims/decide.ts';
import { decideClaims } from '../../../lib/core/claims/decide.ts';
import { wantedPermissions } from '../../../lib/core/claims/networks/network-rules.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import { localDecisionSettings } from '../../../lib/core/values/settings.ts';
import {
  callsOf,
  claimCopy,
  claimListing,
  group,
  keptVolume,
  machineLaunch,
  machines,
  machineWish,
  networkWish,
  nowMs,
  seenMachine,
  seenVolume,
  storage,
  storageWish,
} from '../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;
const listedGroup = { id: 'sg-n', name: 'bellows-test-n', rules: wantedPermissions(networkWish(), () => []) };
const { bootTimeoutMs, listingBusyMs, listingCalmMs } = localDecisionSettings;

function decided(world: World): [copy: Copy, decision: ClaimDecision] {
  const copy = claimCopy(world);
  return [copy, decideClaims(copy)];
}

describe('a claim is released', () => {
  const endingOf = (claim: ClaimRecord, world: World = {}): string | undefined =>
    decided({ ...world, claims: [claim] })[0].claim(claim.id)?.ending?.reason;

  test('when it is cancelled, or EC2 ended its machine', () => {
    expect(endingOf(machines('m', {}, { cancelRequestedAtMs: 1 }))).toBe('released');
    const listing = claimListing({ machines: [seenMachine('i-m-0', { state: 'terminated' })] });
    expect(endingOf(machines('m'), { listing })).toMatch(/^instance_lost/);
    expect(endingOf(machines('m'), { listing: claimListing({ machines: [seenMachine('i-m-0')] }) })).toBeUndefined();
  });

  test('when its grant takes longer than a boot may', () => {
    const half = (sinceMs: number | null, more: Partial<ClaimRecord> = {}): ClaimRecord => ({
      ...machines('m', { count: 2 }, { state: 'pending', startedAtMs: null, reason: 'booting' }),
      grantSinceMs: sinceMs,
      ...more,
    });
    expect(endingOf(half(nowMs - bootTimeoutMs))).toBe('grant_timeout: not all parts came within 2 minutes (booting)');
    expect(endingOf(half(nowMs - bootTimeoutMs, { reason: null }))).toMatch(/\(unknown\)$/);
    expect(endingOf(half(nowMs - bootTimeoutMs + 1))).toBeUndefined();
    expect(endingOf(half(null))).toBeUndefined();
    expect(endingOf(half(0, { startedAtMs: 1 }))).toBeUndefined();
  });

  test('not while all it waits for is capacity', () => {
    const wanted = machineWish('m', { count: 2 }, { grantSinceMs: 0 });
    expect(endingOf(wanted)).toBeUndefined();
    const [there] = machines('m').machines;
    const [, second] = wanted.machines;
    if (!there || !second) throw new Error('two machines');
    expect(endingOf({ ...wanted, machines: [there, second] })).toMatch(/^grant_timeout/);
  });

  test('and not twice', () => {
    const ending = { state: 'released', reason: 'first' } as const;
    const claim = machines('m', {}, { state: 'releasing', ending, cancelRequestedAtMs: 1 });
    expect(endingOf(claim)).toBe('first');
  });
});

describe('the next look', () => {
  test('is none where there is nothing', () => {
    expect(decided({})[1]).toEqual({ openClaims: 0, nextDueAtMs: null, ownDueAtMs: null });
  });

  test('is calm while nothing changes, for claims and for groups', () => {
    const listing = claimListing({ volumes: [seenVolume('vol-s')], groups: [listedGroup] });
    expect(decided({ claims: [storage('s', 'za')], listing })[1]).toEqual({
      openClaims: 1,
      nextDueAtMs: nowMs + listingCalmMs,
      ownDueAtMs: null,
    });
    expect(decided({ groups: [group('n')], listing })[1].nextDueAtMs).toBe(nowMs + listingCalmMs);
  });

  test('is soon while something changes', () => {
    const listing = claimListing({ volumes: [seenVolume('vol-s')] });
    const detaching = storage('s', 'za', { isDetaching: true });
    expect(decided({ claims: [detaching], listing: claimListing() })[1].nextDueAtMs).toBe(nowMs + listingBusyMs);
    const launches = [machineLaunch('l', 'm', { nextTryAtMs: nowMs + 3 })];
    expect(decided({ claims: [storage('s', 'za')], launches, listing })[1]).toMatchObject({
      nextDueAtMs: nowMs + 3,
      ownDueAtMs: nowMs + 3,
    });
    const tried = [machineLaunch('l', 'm', { nextTryAtMs: nowMs })];
    expect(decided({ launches: tried, listing })[1]).toMatchObject({ nextDueAtMs: nowMs + listingBusyMs });
  });

  test('is at its deadline where a request waits with one', () => {
    const waiting = storageWish('s', { deadlineMs: nowMs + 7 });
    expect(decided({ claims: [waiting] })[1].ownDueAtMs).toBe(nowMs + 7);
    const granted = storage('s', 'za', { spec: waiting.spec });
    const listing = claimListing({ volumes: [seenVolume('vol-s')] });
    expect(decided({ claims: [granted], listing })[1].ownDueAtMs).toBeNull();
  });

  test('is when a kept volume goes', () => {
    const listing = claimListing({ volumes: [seenVolume('vol-k')] });
    const kept = [keptVolume('vol-k', { keptUntilMs: nowMs + 5 })];
    expect(decided({ kept, listing })[1]).toEqual({ openClaims: 0, nextDueAtMs: nowMs + 5, ownDueAtMs: nowMs + 5 });
  });
});

describe('a decision', () => {
  test('counts open requests without warm machines, and without those that end with it', () => {
    const ending = { state: 'released', reason: 'released' } as const;
    const over = machineWish('over', {}, { state: 'releasing', ending });
    const listing = claimListing({ volumes: [seenVolume('vol-s')] });
    const [copy, { openClaims }] = decided({ claims: [storage('s', 'za'), machineWish('w-1'), over], listing });
    expect(copy.ended.has('over')).toBe(true);
    expect(openClaims).toBe(1);
  });

  test('terminates the machines of all that are released in one call, in the order of their ids', () => {
    const cancelled = { cancelRequestedAtMs: 1 };
    const instances = ['i-a-0', 'i-b-0'].map((id) => seenMachine(id));
    const [copy] = decided({
      claims: [machines('b', {}, cancelled), machines('a', {}, cancelled)],
      listing: claimListing({ machines: instances }),
    });
    expect(callsOf(copy)).toEqual(['terminate i-a-0 i-b-0']);
    const calls = copy.actions.filter((one) => one.kind === 'call');
    expect(calls).toHaveLength(1);
    expect(copy.actions.at(-1)).toBe(calls[0]);
  });
});

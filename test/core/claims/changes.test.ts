// The plan of a decision about claims: changes in the order in which they may be written, each with its reason, and
// calls that rest on them. It is plain data.
import { expect, test } from '@jest/globals';
import { decideClaims } from '../../../lib/core/claims/decide.ts';
import type { Action } from '../../../lib/core/plan/plan.ts';
import { touchedKeys, writeKey } from '../../../lib/core/plan/plan.ts';
import {
  changes,
  claimListing,
  claimCopy,
  group,
  keptVolume,
  machines,
  machineWish,
  network,
  nowMs,
  seenMachine,
  storageWish,
} from '../builders.ts';

const ofKind = <K extends Action['kind']>(actions: readonly Action[], kind: K): Extract<Action, { kind: K }>[] =>
  actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);

function decided(world: Parameters<typeof claimCopy>[0]): readonly Action[] {
  const copy = claimCopy(world);
  decideClaims(copy);
  return copy.actions;
}

const cancelled = { cancelRequestedAtMs: nowMs };
const wide: Parameters<typeof claimCopy>[0] = {
  claims: [machineWish('m1'), storageWish('s1'), network('n1'), machines('m2', {}, cancelled)],
  groups: [group('n2')],
  kept: [keptVolume('vol-k', { isGoing: true, keptUntilMs: nowMs - 1 })],
  leftOver: [{ kind: 'volume', owner: 'old', place: 'v' }],
};

test('is plain data: printed as JSON and read again it is the same', () => {
  const actions = decided(wide);
  expect(actions.length).toBeGreaterThan(5);
  expect(JSON.parse(JSON.stringify(actions))).toEqual(actions);
});

test('is the same for the same observation', () => {
  expect(decided(wide)).toEqual(decided(wide));
});

test('gives a reason for each change and each call', () => {
  const actions = decided(wide);
  const reasons = [...ofKind(actions, 'change'), ...ofKind(actions, 'call')].map((one) => one.reason);
  expect(reasons.filter((reason) => reason.trim() === '')).toEqual([]);
});

test('a row comes after the documents of its claim, and rests on them', () => {
  const all = changes({ actions: decided(wide) });
  const rowAt = all.findIndex((one) => one.writes.some((write) => writeKey(write) === 'claim s1'));
  const documentAt = all.findIndex((one) => one.writes.some((write) => writeKey(write) === 'volume s1 v'));
  expect(documentAt).toBeGreaterThanOrEqual(0);
  expect(rowAt).toBeGreaterThan(documentAt);
  expect(all[documentAt]?.writes.flatMap(touchedKeys)).toContain('claim s1');
});

test('a call rests on the row of its claim', () => {
  const calls = ofKind(decided(wide), 'call');
  expect(calls.find(({ call }) => call.kind === 'create-volume')).toMatchObject({ restsOn: ['claim s1'] });
});

test('what is left over of ended claims is dropped by its name', () => {
  expect(changes({ actions: decided(wide) }, 'left-over')).toMatchObject([
    { writes: [{ type: 'drop', name: { kind: 'volume', owner: 'old', place: 'v' } }], ended: [] },
  ]);
});

test('a claim that ends is counted in the change that closes its row, after its documents are kept', () => {
  const listing = claimListing({ machines: [seenMachine('i-m-0', { state: 'terminated' })] });
  const ending = { state: 'released', reason: 'asked' } as const;
  const gone = machines('m', {}, { ...cancelled, state: 'releasing', ending });
  const all = changes({ actions: decided({ listing, claims: [gone] }) });
  expect(all.map((one) => one.what)).toEqual(['document', 'past', 'end']);
  expect(all.at(-1)).toMatchObject({
    writes: [{ type: 'claim', isEnded: true, record: { id: 'm' } }],
    restsOn: ['claim m'],
    ended: [{ id: 'm' }],
  });
});

test('a kept volume that is gone is counted in the change that drops its document', () => {
  const kept = keptVolume('vol-k', { isGoing: true, keptUntilMs: nowMs - 1, missingSinceMs: 0 });
  expect(changes({ actions: decided({ kept: [kept] }) }, 'kept-gone')).toMatchObject([
    { writes: [{ type: 'drop', name: { kind: 'kept', id: 'vol-k' } }], gone: [{ id: 'vol-k' }] },
  ]);
});

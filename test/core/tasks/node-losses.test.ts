// Which losses of nodes count against tasks, when a task is kept apart, and when it fails for them.
import { describe, expect, test } from '@jest/globals';
import type { ListedInstance, Listing } from '../../../lib/core/plan/listing.ts';
import type { NodeDrain, NodeRecord } from '../../../lib/core/records/node.ts';
import {
  afterNodeLoss,
  aloneMax,
  isUnannounced,
  lossesMaxDefault,
  lossesMaxOf,
  runsAlone,
} from '../../../lib/core/tasks/node-losses.ts';
import { node, nowMs, placedTask, task } from '../builders.ts';

const listed = (state: ListedInstance['state'], stateReason: string | null = null): Listing => ({
  atMs: nowMs,
  instances: new Map([['i-1', { id: 'i-1', state, stateReason }]]),
});
const drained = (by: NodeDrain['by']): NodeRecord =>
  node({ state: 'draining', drain: { by, reason: 'why', atMs: 1, deadlineMs: null } });

describe('a loss counts', () => {
  test.each<[string, NodeRecord, Listing | null, boolean]>([
    ['where EC2 shows that the node ended', node(), listed('terminated'), true],
    ['or was stopped', node(), listed('stopped'), true],
    ['or had been seen ending just before', drained('ending'), listed('terminated'), true],
  ])('%s', (_what, one, listing, isCounted) => {
    expect(isUnannounced(one, listing, false)).toBe(isCounted);
  });

  test.each<[string, NodeRecord, Listing | null]>([
    ['where EC2 says nothing', node(), null],
    ['where EC2 does not list it', node({ id: 'i-2' }), listed('terminated')],
    ['while EC2 says that it ends', node(), listed('shutting-down')],
    ['of spot that EC2 takes back', node(), listed('terminated', 'Server.SpotInstanceTermination: Spot')],
    ['of a node that drains', drained('emptiness'), listed('terminated')],
    ['of a node that boots', node({ state: 'launching' }), listed('terminated')],
    ['of a ready node whose end is known', { ...drained('emptiness'), state: 'ready' }, listed('terminated')],
    ['twice', { ...drained('ending'), isLost: true }, listed('terminated')],
  ])('not %s', (_what, one, listing) => {
    expect(isUnannounced(one, listing, false)).toBe(false);
  });

  test('not while the silence looks like an outage of ours', () => {
    expect(isUnannounced(node(), listed('terminated'), true)).toBe(false);
  });
});

test('the bound is the task’s, else the pool’s, else ten', () => {
  expect(lossesMaxOf({ lossesMax: 1 }, { lossesMax: 2 })).toBe(1);
  expect(lossesMaxOf({}, { lossesMax: 2 })).toBe(2);
  expect(lossesMaxOf({}, {})).toBe(lossesMaxDefault);
  expect(lossesMaxDefault).toBe(10);
});

test.each([
  [undefined, 10, false],
  [0, 0, false],
  [1, 10, false],
  [2, 10, true],
  [1, 1, true],
  [3, 10, true],
])('after %p losses of at most %p a task runs alone: %p', (nodeLosses, lossesMax, isAlone) => {
  expect(runsAlone(nodeLosses === undefined ? {} : { nodeLosses }, {}, { lossesMax })).toBe(isAlone);
});

test.each([
  [undefined, 50],
  [1, 1],
  [7, 1],
  [8, 2],
  [100, 25],
])('with at most %p instances %p run alone at once', (instances, max) => {
  expect(aloneMax({ limits: instances === undefined ? {} : { instances } })).toBe(max);
});

describe('after a loss', () => {
  const loss = { nodeId: 'i-1', reason: 'EC2 says terminated', isAlone: false, lossesMax: 3 };

  test('a task waits again, and the loss is counted', () => {
    expect(afterNodeLoss(placedTask(), loss, nowMs)).toMatchObject({
      state: 'pending',
      attempt: 2,
      losses: 1,
      nodeLosses: 1,
      reason: 'node i-1 was lost: EC2 says terminated (loss 1 without notice, of at most 3)',
    });
  });

  test.each([
    [2, 3],
    [1, 1],
  ])('it hears that it runs alone from loss %d of at most %d on', (nodeLosses, lossesMax) => {
    const next = afterNodeLoss(placedTask('i-1', { nodeLosses: nodeLosses - 1 }), { ...loss, lossesMax }, nowMs);
    expect(next.reason).toMatch(/; it runs alone on a node from now on\)$/);
  });

  test('with neighbours it never fails for it', () => {
    expect(afterNodeLoss(placedTask('i-1', { nodeLosses: 8 }), loss, nowMs)).toMatchObject({
      state: 'pending',
      nodeLosses: 9,
    });
  });

  test('alone on its node it fails with the last loss that is allowed, not before', () => {
    const alone = { ...loss, isAlone: true };
    expect(afterNodeLoss(placedTask('i-1', { nodeLosses: 1 }), alone, nowMs).state).toBe('pending');
    const failed = afterNodeLoss(placedTask('i-1', { nodeLosses: 2, losses: 4 }), alone, nowMs);
    expect(failed).toMatchObject({ state: 'failed', nodeLosses: 3, losses: 5, endedAtMs: nowMs, attempt: 1 });
    expect(failed.reason).toBe(
      'takes_nodes_down: 3 nodes were lost under it without notice, the last, i-1, while it ran alone there '
        + '(EC2 says terminated); lossesMax is 3. See what it does to its machine (memory, disk, shutdown); if it is '
        + 'not at fault, raise lossesMax and send it again',
    );
    expect(afterNodeLoss(placedTask(), { ...alone, lossesMax: 1 }, nowMs).reason).toMatch(
      /^takes_nodes_down: 1 node was /,
    );
  });

  test('a task that is not placed cannot be lost', () => {
    expect(() => afterNodeLoss(task(), loss, nowMs)).toThrow('only a placed task can be lost');
  });
});

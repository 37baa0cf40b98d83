// What a move saves and costs, in sums that can be made by hand: an hour of the node is 0.36 USD, 0.0001 a second.
import { describe, expect, test } from '@jest/globals';
import type { AllocationPlan } from '../../../lib/core/allocation/types.ts';
import type { Move } from '../../../lib/core/disruption/consolidation-worth.ts';
import {
  afterBoot,
  bySaving,
  demandOn,
  elsewhereOf,
  gainOf,
  isMovable,
  moveOf,
  reasonOf,
  together,
  usedShareOf,
} from '../../../lib/core/disruption/consolidation-worth.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { Lives } from '../../../lib/core/tasks/capacity/predictions.ts';
import { assignment, node, nowMs, observation, offer, placedTask, request, smallType } from '../builders.ts';

const { allocatable } = smallType;
const half = { cpuMilli: allocatable.cpuMilli / 2, memoryMib: 100, gpu: 0 };
const bears = { mode: 'restart' } as const;

/** It began 40 s ago and ends in 1,000 s. */
const runs = (id: string, more: Partial<Assignment> = {}): Assignment =>
  assignment(id, { resources: half, startedAtMs: nowMs - 40_000, expectedEndAtMs: nowMs + 1_000_000, ...more });
const busy = (id: string, assigned: readonly Assignment[], more: Partial<NodeRecord> = {}): NodeRecord =>
  node({ id, assigned, priceUsdPerHour: 0.36, emptySinceMs: null, createdAtMs: 0, readyAtMs: 0, ...more });
const of = (id: string, spec: Partial<RequestRecord['spec']> = {}, more: Partial<RequestRecord> = {}): RequestRecord =>
  request(id, { resources: half, disruption: bears, ...spec }, { tasks: [placedTask()], ...more });

function look(nodes: readonly NodeRecord[], requests: readonly RequestRecord[] = [of('a'), of('b')]) {
  // Nothing is sold: nodes cost what they cost at their launch.
  const copy = new WorkingCopy(observation({ nodes, requests, offerings: [] }));
  return { copy, lives: new Lives(copy) };
}

const one = busy('i-1', [runs('a')]);
const move = (savedUsd: number, lostUsd: number, saidUsd = 0, nodes: readonly NodeRecord[] = [one]): Move => ({
  ...{ nodes, savedUsd, lostUsd, saidUsd },
});

describe('a node may go', () => {
  const mayGo = (record: NodeRecord, ...requests: readonly RequestRecord[]) => {
    const { copy } = look([record], requests.length === 0 ? [of('a')] : requests);
    return isMovable(copy.node(record.id) ?? record, copy, () => 0);
  };

  test('when all of its tasks bear that', () => {
    expect(mayGo(one)).toBe(true);
    expect(mayGo(busy('i-1', [runs('a'), runs('b')]), of('a'), of('b', { disruption: { mode: 'never' } }))).toBe(false);
    expect(mayGo(busy('i-1', [runs('a'), runs('gone')]))).toBe(false);
  });

  test.each<[string, NodeRecord, RequestRecord]>([
    ['with a part of a gang', one, of('a', { gang: true })],
    ['with a task that has to be alone', busy('i-1', [runs('a', { isAlone: true })]), of('a')],
    ['with one that is being cancelled', one, of('a', {}, { cancelRequestedAtMs: 1 })],
    ['with one whose row is of another attempt', one, of('a', {}, { tasks: [placedTask('i-1', { attempt: 2 })] })],
    ['with one that has ended', one, of('a', {}, { tasks: [placedTask('i-1', { state: 'succeeded' })] })],
    ['that is empty', busy('i-1', []), of('a')],
    ['that drains', busy('i-1', [runs('a')], { state: 'draining' }), of('a')],
  ])('but none %s', (_what, record, asked) => {
    expect(mayGo(record, asked)).toBe(false);
  });

  test('not before it is calm', () => {
    const { copy } = look([one], [of('a')]);
    expect(isMovable(copy.node('i-1') ?? one, copy, () => nowMs + 1)).toBe(false);
  });
});

describe('the sums', () => {
  test('saved until its last task ends; lost: work since the last save and a minute, by its part of the node', () => {
    const { copy, lives } = look([one], [of('a')]);
    const made = moveOf(one, lives, copy);
    expect(made.savedUsd).toBeCloseTo(0.1, 12);
    expect(made.lostUsd).toBeCloseTo(0.01 * 0.5, 12);
    const saved = busy('i-1', [runs('a', { savedAtMs: nowMs - 10_000 })]);
    expect(moveOf(saved, lives, copy).lostUsd).toBeCloseTo(0.007 * 0.5, 12);
  });

  test('of several tasks the last end counts, and each loses', () => {
    const both = busy('i-1', [runs('a'), runs('b', { expectedEndAtMs: nowMs + 2_000_000 })]);
    const { copy, lives } = look([both], [of('a'), of('b', { disruption: { ...bears, costUsd: 0.5 } })]);
    const made = moveOf(both, lives, copy);
    expect(made.savedUsd).toBeCloseTo(0.2, 12);
    expect([made.saidUsd, made.lostUsd]).toEqual([0.5, expect.closeTo(0.51, 12)]);
  });

  test('of several nodes are added; it pays when more is saved than one and a half times what is lost', () => {
    const two = busy('i-2', [runs('b')]);
    const all = together([move(1, 0.2, 0.1), move(2, 0.3, 0, [two])]);
    expect(all).toEqual({ nodes: [one, two], savedUsd: 3, lostUsd: 0.5, saidUsd: 0.1 });
    expect(gainOf(all)).toBeCloseTo(3 - 0.75, 12);
    expect(gainOf(all, { longerUsd: 1, boughtUsd: 0.5 })).toBeCloseTo(3 - 0.5 - 1.5 * 1.5, 12);
  });

  test('the most saved for what is lost comes first, then by id', () => {
    const two = busy('i-2', [runs('b')]);
    const [a, b, c] = [move(1, 0.5), move(1, 0.25, 0, [two]), move(2, 1, 0, [two])];
    expect([a, b].sort(bySaving)).toEqual([b, a]);
    expect([c, a].sort(bySaving)).toEqual([a, c]);
  });

  test('what is bought for it boots first: until then the nodes are paid for, and their tasks work on', () => {
    const { copy } = look([one], [of('a')]);
    const later = afterBoot(move(1, 0.2), 100_000, copy);
    expect(later.savedUsd).toBeCloseTo(0.99, 12);
    expect(later.lostUsd).toBeCloseTo(0.205, 12);
    expect(usedShareOf(move(1, 1))).toBeCloseTo(0.5, 12);
  });
});

describe('elsewhere', () => {
  const taker = busy('i-2', [runs('b', { expectedEndAtMs: nowMs + 500_000 })]);
  const plan = (more: Partial<AllocationPlan>): AllocationPlan =>
    ({ placements: [], launches: [], unplaced: [], ...more }) as unknown as AllocationPlan;
  const { copy, lives } = look([one, taker, busy('i-9', [], { replaces: ['i-1'] })]);
  const at = (asked: AllocationPlan, bootMs = 0) => elsewhereOf(move(1, 1), asked, bootMs, lives, copy);
  const tasks = [{ demandId: 'a', count: 1 }];

  test('it begins anew, or goes on from its save: a node that is there is used for longer', () => {
    // It takes 1,040 s from its beginning, and the other node stays 500 s anyway.
    const where = at(plan({ placements: [{ binId: 'i-2', tasks }] }));
    expect(where).toEqual({ longerUsd: expect.closeTo(0.054, 12), boughtUsd: 0 });
    expect(at(plan({ placements: [{ binId: 'unknown', tasks }] }))).toEqual({ longerUsd: 0, boughtUsd: 0 });
  });

  test('a node that was bought in its place costs as what is bought', () => {
    const where = at(plan({ placements: [{ binId: 'i-9', tasks }] }));
    expect(where).toEqual({ longerUsd: 0, boughtUsd: expect.closeTo(0.104, 12) });
  });

  test('what is bought costs its boot and its use at the dearest of what EC2 may choose; not what is paid for', () => {
    const offerings = [0.36, 0.72].map((priceUsdPerHour) => ({
      ...offer(smallType, 'za', 'on-demand'),
      priceUsdPerHour,
    }));
    const launch = { offerings, count: 2, tasks, reason: '' };
    expect(at(plan({ launches: [launch] }), 60_000)?.boughtUsd).toBeCloseTo(2 * 0.0002 * 1_100, 12);
    expect(at(plan({ launches: [{ ...launch, paidBy: 'ri' }] }), 60_000)?.boughtUsd).toBe(0);
  });

  test('nothing where not all of it has a place', () => {
    expect(at(plan({ unplaced: [{ demandId: 'a' }] as never }))).toBeNull();
  });
});

test('tasks are asked for as if they waited; those with volumes stay in their zone', () => {
  const nodes = [busy('i-1', [runs('a'), runs('a', { index: 1 })]), busy('i-2', [runs('b')], { zone: 'zb' })];
  const mounted = of('b', { mounts: [{ request: 'v', path: 'data' }] });
  const { copy } = look(nodes, [of('a', { count: 2 }), mounted]);
  const demand = demandOn(move(1, 1, 0, nodes), copy);
  expect(demand.map(({ id, count, requirements }) => [id, count, requirements])).toEqual([
    ['a', 2, {}],
    ['b', 1, { zone: ['zb'] }],
  ]);
});

test('the reason has all sums, small ones with a digit that says something', () => {
  const text = reasonOf(move(1.234, 0.3, 0.1), 'on other nodes', { longerUsd: 0.0042, boughtUsd: 0 });
  expect(text).toBe(
    'its task fits on other nodes: that saves 1.23 USD, for 0.20 USD of work that is done again, 0.10 USD that its '
      + 'tasks say a stop costs and 0.004 USD of longer use of the others',
  );
  const nodes = [one, busy('i-2', [runs('b')])];
  expect(reasonOf(move(2, 1, 0, nodes), 'there', { longerUsd: 0, boughtUsd: 0.5 })).toBe(
    'one of 2 nodes that go together: their 2 tasks fit there: that saves 2.00 USD, for 1.00 USD of work that is done '
      + 'again, 0.50 USD of boot and use of what is bought and 0.00 USD of longer use of the others',
  );
});

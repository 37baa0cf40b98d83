// What a person orders for one node, order by order and state by state; and how tasks of a node are stopped.
import { describe, expect, test } from '@jest/globals';
import { decideDepartures } from '../../../lib/core/disruption/departures.ts';
import { commandsOf, draining } from '../../../lib/core/disruption/index.ts';
import { ordered } from '../../../lib/core/disruption/methods/operator.ts';
import type { NodeOrder } from '../../../lib/core/disruption/methods/operator.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeDrain, NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, changes, node, nowMs, observation, request, summary } from '../builders.ts';

const cordoned = { cordon: { by: 'bob', atMs: 1 } };
const idle: NodeDrain = { by: 'emptiness', reason: 'idle', atMs: 1, deadlineMs: null };
const order = (of: NodeRecord, given: NodeOrder) => ordered(of, given, 'alice', nowMs);

describe('an order for a node', () => {
  test('cordon marks a node once, with who did it', () => {
    expect(order(node(), { kind: 'cordon' })).toMatchObject({
      node: { state: 'ready', cordon: { by: 'alice', atMs: nowMs } },
      code: 'node_cordoned',
      message: 'i-1: takes no new tasks and stays; cordoned by alice',
    });
    expect(order(node({ state: 'launching' }), { kind: 'cordon' })).toMatchObject({ node: { state: 'launching' } });
    expect(order(node(cordoned), { kind: 'cordon' })).toBeNull();
  });

  test('uncordon takes the mark away, and nothing else', () => {
    expect(order(node(cordoned), { kind: 'uncordon' })).toMatchObject({ code: 'node_uncordoned', node: node() });
    expect(order(node(), { kind: 'uncordon' })).toBeNull();
  });

  test('what is on its way out is not cordoned, and does not come back', () => {
    const leaving = node({ state: 'draining', drain: idle });
    expect(order(leaving, { kind: 'cordon' })).toBe('node i-1 is on its way out (idle); it takes no tasks any more');
    expect(order(leaving, { kind: 'uncordon' })).toBe(
      'node i-1 is on its way out (idle); what goes does not come back',
    );
    expect(order(node({ state: 'terminating' }), { kind: 'cordon' })).toContain('(terminating)');
  });

  test('drain lets tasks end, or stops them at its deadline', () => {
    expect(order(node(), { kind: 'drain', stopAfterMs: null })).toEqual({
      node: node({
        state: 'draining',
        drain: { by: 'operator', reason: 'drained by alice', atMs: nowMs, deadlineMs: null },
      }),
      code: 'node_draining',
      message: 'i-1: drained by alice',
    });
    expect(order(node(), { kind: 'drain', stopAfterMs: 5_000 })).toMatchObject({
      node: { drain: { stopAtMs: nowMs + 5_000 } },
      message: `i-1: drained by alice; tasks that run at ${new Date(nowMs + 5_000).toISOString()} are stopped then`,
    });
  });

  test('a node that drains keeps its reason, and may be given a deadline, or another one', () => {
    const leaving = node({ state: 'draining', drain: idle });
    expect(order(leaving, { kind: 'drain', stopAfterMs: null })).toBeNull();
    const given = order(leaving, { kind: 'drain', stopAfterMs: 5_000 });
    expect(given).toMatchObject({ node: { drain: { by: 'emptiness', stopAtMs: nowMs + 5_000 } } });
    const later = node({ state: 'draining', drain: { ...idle, stopAtMs: nowMs + 5_000 } });
    expect(order(later, { kind: 'drain', stopAfterMs: 5_000 })).toBeNull();
    expect(order(later, { kind: 'drain', stopAfterMs: 9_000 })).toMatchObject({
      node: { drain: { stopAtMs: nowMs + 9_000 } },
    });
  });

  test('terminate stops tasks now, also of a node that drains, and is given once', () => {
    for (const one of [node(), node({ state: 'draining', drain: idle })])
      expect(order(one, { kind: 'terminate' })).toMatchObject({
        node: { state: 'draining', drain: { by: 'operator', reason: 'terminated by alice', stopAtMs: nowMs } },
        code: 'node_terminating',
      });
    const stopping = node({ state: 'draining', drain: { ...idle, stopAtMs: nowMs } });
    expect(order(stopping, { kind: 'terminate' })).toBeNull();
    expect(order(node({ state: 'draining', drain: { ...idle, stopAtMs: nowMs + 1 } }), { kind: 'terminate' }))
      .not //
      .toBeNull();
  });

  test('of a node that is terminating or lost nothing is ordered any more', () => {
    for (const one of [node({ state: 'terminating' }), node({ isLost: true })]) {
      expect(order(one, { kind: 'drain', stopAfterMs: 1 })).toBeNull();
      expect(order(one, { kind: 'terminate' })).toBeNull();
    }
  });
});

test('a cordoned node is not taken for being idle', () => {
  const one = node({ emptySinceMs: 0 });
  const context = { observation: observation({ nodes: [one] }), settings, wanted: new Set<string>() };
  expect(commandsOf(draining, [one], context).get('i-1')?.by).toBe('emptiness');
  expect(commandsOf(draining, [{ ...one, ...cordoned }], context).size).toBe(0);
});

describe('tasks of a node whose drain has a deadline', () => {
  const decided = (stopAtMs: number, ...assigned: NodeRecord['assigned']) => {
    const one = node({
      state: 'draining',
      drain: { by: 'operator', reason: 'terminated by alice', atMs: 1, deadlineMs: null, stopAtMs },
      assigned,
      emptySinceMs: null,
    });
    const copy = new WorkingCopy(observation({ nodes: [one], requests: [request('r'), request('s')] }));
    decideDepartures(copy.seen, copy, new Set(), settings);
    return copy;
  };

  test('run on until then', () => {
    expect(summary(decided(nowMs + 1, assignment('r')))).toEqual([]);
  });

  test('are marked for the agent to stop, once', () => {
    const copy = decided(nowMs, assignment('r', { isOffered: true }));
    expect(changes(copy)).toMatchObject([{ what: 'withdraw', reason: 'node i-1 goes: terminated by alice' }]);
    const [marked] = copy.node('i-1')?.assigned ?? [];
    expect(marked?.withdrawn).toMatchObject({ reason: 'node i-1 goes: terminated by alice' });
    expect(summary(decided(nowMs, ...(marked ? [marked] : [])))).toEqual([]);
  });

  test('of which the agent cannot have heard are queued again at once, as the next attempt', () => {
    const copy = decided(nowMs, assignment('r', { isOffered: false }), assignment('s', { isOffered: true }));
    expect(changes(copy).map((one) => one.what)).toEqual(['requeue', 'withdraw']);
    expect(copy.request('r')?.tasks[0]).toMatchObject({ state: 'pending', attempt: 2, losses: 1, failures: 0 });
    expect(copy.node('i-1')?.assigned).toMatchObject([{ requestId: 's' }]);
  });
});

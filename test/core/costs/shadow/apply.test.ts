// What a decision about a shadow makes of it.
import { describe, expect, test } from '@jest/globals';
import { afterDecision, intoReservation } from '../../../../lib/core/costs/shadow/apply.ts';
import type { ShadowRecord } from '../../../../lib/core/costs/shadow/record.ts';
import { noShadowSums } from '../../../../lib/core/costs/shadow/record.ts';
import type { IsolatedDecision } from '../../../../lib/core/plan/decide.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { Action, RecordWrite } from '../../../../lib/core/plan/plan.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { assignment, launch, machineLaunch, node, nowMs, request } from '../../builders.ts';
import { hourMs, requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

interface Case {
  readonly writes?: readonly RecordWrite[];
  readonly actions?: readonly Action[];
  /** As the decision saw them. */
  readonly nodes?: readonly NodeRecord[];
  readonly dueMs?: number;
}

const writeNode = (record: NodeRecord): RecordWrite => ({ type: 'node', record, version: 0 }) as RecordWrite;
const dropNode = (id: string): RecordWrite => ({ type: 'drop', name: { kind: 'node', id }, version: 0 }) as never;

function after(before: ShadowRecord, { writes = [], actions = [], nodes = [], dueMs }: Case = {}): ShadowRecord {
  const change = { kind: 'change', what: 'place', reason: '', writes } as unknown as Action;
  const decision = { plan: { actions: [change, ...actions] }, tasks: { unplacedDueMs: dueMs ?? null } };
  const seen = nodes.map((record) => ({ record, version: 0 }));
  return afterDecision({ ...before, atMs: nowMs }, decision as unknown as IsolatedDecision, seen, {
    tasksMax: 7,
    bootMs: 5_000,
  });
}

/** The shadow's node `s` as a decision sees it. */
const seen = (more: Partial<NodeRecord> = {}): NodeRecord => node({ id: 's', emptySinceMs: null, ...more });
const withTask = (more: Parameters<typeof shadowTask>[1] = {}): ShadowRecord =>
  shadow({ tasks: [shadowTask('r', more)], requests: requestsOf(['r']), nodes: [shadowNode('s')] });
const onS = { node: 's', placedAtMs: nowMs - 5 };
const withdrawn = { atMs: 1 } as never;
const drain = { by: 'drift', reason: '', atMs: 1, deadlineMs: null } as const;

describe('a task', () => {
  test('that is placed has waited until now', () => {
    const found = after(withTask(), { nodes: [seen({ assigned: [assignment('r.0')] })] });
    expect(found.tasks).toEqual([shadowTask('r', { node: 's', placedAtMs: nowMs })]);
    expect(found.sums.waits).toMatchObject({ count: 1, sumMs: hourMs });
    expect(found.sums.moves).toBe(0);
  });

  test('is placed by what the decision writes of its node', () => {
    const found = after(withTask(), { nodes: [seen()], writes: [writeNode(seen({ assigned: [assignment('r.0')] }))] });
    expect(found.tasks).toMatchObject([{ node: 's' }]);
  });

  test('that is placed anew, or came before the shadow began, is not counted again', () => {
    const placed = { nodes: [seen({ assigned: [assignment('r.0')] })] };
    expect(after(withTask({ attempt: 2 }), placed).sums.waits.count).toBe(0);
    const old = { ...withTask(), requests: requestsOf(['r'], sinceMs - 1) };
    expect(after(old, placed).sums.waits.count).toBe(0);
  });

  test('that stays where it is stays as it is', () => {
    const before = withTask(onS);
    const found = after(before, { nodes: [seen({ assigned: [assignment('r.0')] })] });
    expect([found.tasks, found.sums]).toEqual([before.tasks, noShadowSums]);
    expect(after(withTask(), { nodes: [seen()] }).tasks).toEqual(withTask().tasks);
  });

  test('that is stopped waits as its next attempt, and has moved', () => {
    const stopped = seen({ assigned: [assignment('r.0', { withdrawn })] });
    const found = after(withTask(onS), { nodes: [stopped] });
    expect(found.tasks).toEqual([shadowTask('r', { attempt: 2 })]);
    expect(found.sums.moves).toBe(1);
  });

  test('whose node is forgotten waits', () => {
    const before = withTask(onS);
    const found = after(before, { nodes: [seen({ assigned: [assignment('r.0')] })], writes: [dropNode('s')] });
    expect(found.tasks).toMatchObject([{ node: null, attempt: 2 }]);
    expect(found.nodes).toEqual([]);
    expect(found.sums).toMatchObject({ ends: 1, usd: 0.1, moves: 1 });
  });

  test('whose deadline is over is over, and has not moved', () => {
    const spec = { ...requestsOf(['r'])['r']?.spec, deadlineMs: hourMs } as never;
    const requests = { r: { tenant: 't', createdAtMs: sinceMs, spec } };
    const found = after({ ...withTask(onS), requests }, { nodes: [seen()] });
    expect(found.tasks).toEqual([shadowTask('r', { isOver: true })]);
    expect(found.sums.moves).toBe(0);
    const later = { r: { tenant: 't', createdAtMs: sinceMs + 1, spec } };
    expect(after({ ...withTask(), requests: later }).tasks).toEqual([shadowTask('r')]);
  });

  test('without a deadline never is', () => {
    const spec = { ...requestsOf(['r'])['r']?.spec, deadlineMs: null } as never;
    const requests = { r: { tenant: 't', createdAtMs: sinceMs, spec } };
    expect(after({ ...withTask(), requests }).tasks).toEqual([shadowTask('r')]);
  });

  test('that the decision ended is over, and stays over', () => {
    const write = (endedAtMs: number | null): RecordWrite =>
      ({ type: 'request', record: request('r.0', {}, { endedAtMs }), version: 0 }) as RecordWrite;
    const over = after(withTask(), { writes: [write(5)] });
    expect(over.tasks).toEqual([shadowTask('r', { isOver: true })]);
    expect(after(over, { nodes: [seen({ assigned: [assignment('r.0')] })] }).tasks).toEqual(over.tasks);
    expect(after(withTask(), { writes: [write(null)] }).tasks).toEqual([shadowTask('r')]);
  });
});

describe('a node', () => {
  const of = (record: NodeRecord, own: Parameters<typeof shadowNode>[1] = {}): ShadowRecord =>
    after(shadow({ nodes: [shadowNode('s', own)] }), { nodes: [record] });

  test('that goes is gone, and has cost something until now', () => {
    const going = of(seen({ state: 'terminating' }));
    expect([going.nodes, going.sums]).toEqual([[], { ...noShadowSums, usd: 0.1, ends: 1 }]);
    expect(of(node({ id: 'other' })).nodes).toEqual([]);
  });

  test('that drains is gone once nothing runs on it', () => {
    expect(of(seen({ state: 'draining', drain })).nodes).toEqual([]);
    const stopped = [assignment('r.0', { withdrawn })];
    expect(of(seen({ state: 'draining', drain, assigned: stopped })).nodes).toEqual([]);
    expect(of(seen({ state: 'draining', drain, assigned: [...stopped, assignment('t.0')] })).nodes).toEqual([
      shadowNode('s', { emptySinceMs: null, drain }),
    ]);
  });

  test('with work is not empty', () => {
    expect(of(seen({ assigned: [assignment('r.0')], emptySinceMs: 3 })).nodes).toEqual([
      shadowNode('s', { emptySinceMs: null }),
    ]);
  });

  test('without work is empty since its document says, or it was, or it was ready', () => {
    expect(of(seen({ emptySinceMs: 44 })).nodes).toEqual([shadowNode('s', { emptySinceMs: 44 })]);
    expect(of(seen(), { emptySinceMs: 55 })).toMatchObject({ nodes: [{ emptySinceMs: 55 }] });
    expect(of(seen(), { emptySinceMs: null, readyAtMs: nowMs })).toMatchObject({ nodes: [{ emptySinceMs: nowMs }] });
    expect(of(seen(), { readyAtMs: nowMs + 1 })).toMatchObject({ nodes: [{ emptySinceMs: null }] });
    const stopped = of(seen({ emptySinceMs: 44, assigned: [assignment('r.0', { withdrawn })] }));
    expect(stopped.nodes).toMatchObject([{ emptySinceMs: 44 }]);
  });
});

describe('a launch', () => {
  const fleet = launch('l', { createdAtMs: nowMs }, 2);
  const bought = (one: Action): ShadowRecord => after(shadow(), { actions: [one] });

  test('succeeds, and its nodes boot as long as those of the pool', () => {
    const { nodes, sums } = bought({ kind: 'launch', launch: fleet });
    const coming = { createdAtMs: nowMs, readyAtMs: nowMs + 5_000, emptySinceMs: null, tasksMax: 7 };
    expect(nodes).toEqual([shadowNode('l.0', coming), shadowNode('l.1', coming)]);
    expect(sums).toEqual({ ...noShadowSums, launches: 2 });
  });

  test('in the place of others, or into a reservation, is so for its nodes', () => {
    const reservation = { id: 'cr-1', kind: 'capacity-block' } as const;
    expect(intoReservation({ ...fleet.request, reservation })).toEqual({ reservation: 'cr-1' });
    expect(intoReservation(fleet.request)).toEqual({});
    const one = { ...fleet, replaces: ['i-9'], request: { ...fleet.request, count: 1, reservation } };
    expect(bought({ kind: 'launch', launch: one }).nodes).toMatchObject([{ replaces: ['i-9'], reservation: 'cr-1' }]);
  });

  test('of nothing, and one of machines, is none of its nodes', () => {
    const nothing = { ...fleet, request: { ...fleet.request, overrides: [] } };
    expect(bought({ kind: 'launch', launch: nothing }).nodes).toEqual([]);
    expect(bought({ kind: 'launch', launch: machineLaunch('m', 'c') }).nodes).toEqual([]);
  });
});

test('the record has when it decides again, and when a node last went by consolidation', () => {
  const remember = (consolidatedAtMs?: number): Action => ({
    kind: 'remember',
    memory: { ...emptyMemory, ...(consolidatedAtMs === undefined ? {} : { consolidatedAtMs }) },
  });
  const found = after(shadow(), { dueMs: 77, actions: [remember(5)] });
  expect([found.dueAtMs, found.consolidatedAtMs]).toEqual([77, 5]);
  expect(after(found, { actions: [remember()] }).consolidatedAtMs).toBe(5);
  expect(after(found)).toMatchObject({ consolidatedAtMs: 5, dueAtMs: null });
  expect('consolidatedAtMs' in after(shadow())).toBe(false);
});

// How a replica stands, by its request's row and the document of the node that carries it.
import { expect, test } from '@jest/globals';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import type { ReplicaState } from '../../../lib/core/services/replica-state.ts';
import { phaseOf, replicaStates } from '../../../lib/core/services/replica-state.ts';
import { assignment, claimCopyOf, node, observation, placedTask, request } from '../builders.ts';
import { replica, service } from './builders.ts';

const own = replica(0);
const started = assignment(own.request, { startedAtMs: 50 });

function stateOf(
  requests: readonly RequestRecord[],
  assigned: readonly Assignment[] = [],
  more: Partial<NodeRecord> = {},
): ReplicaState | undefined {
  const seen = observation({ requests, nodes: [node({ assigned, ...more })] });
  return replicaStates(service({ running: [own] }), claimCopyOf(seen))[0];
}

const placed = request(own.request, {}, { tasks: [placedTask()] });

test.each<[string, Partial<Assignment>, string]>([
  ['has not started', {}, 'pending'],
  ['is withdrawn', { startedAtMs: 50, withdrawn: { reason: 'r', atSeq: 1, atBootId: 'b' } }, 'pending'],
  ['runs, without a check', { startedAtMs: 50 }, 'ready'],
  ['runs, and there is no verdict yet', { startedAtMs: 50, isChecked: true }, 'starting'],
  ['is healthy', { startedAtMs: 50, isChecked: true, health: { isHealthy: true, atMs: 60 } }, 'ready'],
  ['is unhealthy', { startedAtMs: 50, isChecked: true, health: { isHealthy: false, atMs: 60 } }, 'unhealthy'],
])('an attempt that %s', (_what, more, phase) => {
  expect(phaseOf(assignment('r', more))).toBe(phase);
});

test('it serves since its start, or since its first good check', () => {
  const checked = { ...started, isChecked: true, health: { isHealthy: true, atMs: 60 } } as const;
  const ill = { ...started, isChecked: true, health: { isHealthy: false, atMs: 60 } } as const;
  expect(stateOf([placed], [started])).toMatchObject({ phase: 'ready', readySinceMs: 50, health: null });
  expect(stateOf([placed], [checked])).toMatchObject({ phase: 'ready', readySinceMs: 60, health: checked.health });
  expect(stateOf([placed], [ill])).toMatchObject({ phase: 'unhealthy', readySinceMs: null, health: ill.health });
});

test('it is gone when its request has ended, or is not there', () => {
  expect(stateOf([])).toEqual({
    ...{ replica: own, phase: 'gone', request: null, node: null, machine: null, assignment: null },
    ...{ readySinceMs: null, health: null, isLeaving: false, isTarget: false, refusedBecause: null },
  });
  const ended = { ...placed, state: 'failed', endedAtMs: 70 } as const;
  expect(stateOf([ended], [started])).toMatchObject({ phase: 'gone', request: { endedAtMs: 70 }, node: null });
});

test('it is pending while no node carries its present attempt, or that node is lost', () => {
  expect(stateOf([placed])).toMatchObject({ phase: 'pending', node: null });
  const again = request(own.request, {}, { tasks: [placedTask('i-1', { attempt: 2 })] });
  expect(stateOf([again], [started])).toMatchObject({ phase: 'pending' });
  expect(stateOf([placed], [started], { isLost: true })).toMatchObject({ phase: 'pending', node: null });
});

test.each<[NodeRecord['state'], boolean]>([
  ['ready', false],
  ['draining', true],
  ['terminating', true],
])('on a node that is %s, is it leaving? %s', (state, isLeaving) => {
  expect(stateOf([placed], [started], { state })).toMatchObject({ phase: 'ready', node: { id: 'i-1' }, isLeaving });
});

// How a replica stands, by its request's row and the document of the node that carries it.
import { describe, expect, test } from '@jest/globals';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import type { ReplicaState } from '../../../lib/core/services/replica-state.ts';
import { phaseOf, replicaStates } from '../../../lib/core/services/replica-state.ts';
import type { GroupTargets, TargetHealth } from '../../../lib/core/services/targets/record.ts';
import { aside, assignment, claimCopyOf, machines, node, observation, placedTask, request } from '../builders.ts';
import { replica, service, stop } from './builders.ts';

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

const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';

/** Of a task of a service with a target group, which says this of it; null: nothing yet. */
function targetOf(
  health: TargetHealth['state'] | null,
  more: Partial<Assignment> = {},
  of: Partial<GroupTargets> = {},
) {
  const at = assignment(own.request, { startedAtMs: 50, ports: [{ name: 'http', port: 80 }], ...more });
  const web = service({ running: [own], targetGroups: [{ arn, port: 'http' }] });
  const group: GroupTargets = {
    ...{ pool: 'p', tenant: 't', name: 'web', service: web.id, arn, troubles: {}, lookedAtMs: 0 },
    facts: { kind: 'ip', delayMs: 0, atMs: 0 },
    targets:
      health === null
        ? {}
        : { '10.0.0.1:80': { state: 'added', atMs: 0, health: { state: health, reason: null, sinceMs: 70 } } },
    ...of,
  };
  const seen = observation({ requests: [placed], nodes: [node({ assigned: [at], address: '10.0.0.1' })] });
  const targets = [{ record: group, version: 1 }];
  return replicaStates(web, claimCopyOf({ ...seen, targets }))[0];
}

test('with target groups it is ready once these have it as healthy, and since then', () => {
  expect(targetOf('healthy')).toMatchObject({ phase: 'ready', readySinceMs: 70, isTarget: true, refusedBecause: null });
  expect(targetOf(null)).toMatchObject({ phase: 'starting', readySinceMs: null, isTarget: true, refusedBecause: null });
  expect(targetOf('unhealthy')).toMatchObject({
    ...{ phase: 'unhealthy', readySinceMs: null, isTarget: true },
    refusedBecause: 'target group web has it as unhealthy',
  });
  const health = { isHealthy: true, atMs: 90 };
  expect(targetOf('healthy', { isChecked: true, health })?.readySinceMs).toBe(90);
});

test("groups say nothing of one that does not serve by its own check, and others' groups nothing at all", () => {
  expect(targetOf('healthy', { startedAtMs: null })).toMatchObject({ phase: 'pending', isTarget: false });
  expect(targetOf('healthy', {}, { service: 'other' })).toMatchObject({ phase: 'starting' });
});

describe('one that is a virtual machine', () => {
  const claim = machines(own.request);
  const of = (world: Parameters<typeof observation>[0], replicaOf = own) =>
    replicaStates(service({ running: [replicaOf] }), claimCopyOf(observation(world)))[0];

  test('stands as its claim does, and is reached where that says', () => {
    const found = of({ claims: [claim] });
    expect(found).toMatchObject({ phase: 'ready', readySinceMs: 1, node: null, assignment: null, isTarget: false });
    expect(found?.machine).toMatchObject({ instanceId: `i-${own.request}-0`, zone: 'za' });
    expect(found?.request?.id).toBe(own.request);
    const pending = of({ claims: [{ ...claim, state: 'pending' }] });
    expect(pending).toMatchObject({ phase: 'pending', readySinceMs: null });
  });

  test('that is being released is gone, unless its service stops it', () => {
    const claims = [{ ...claim, state: 'releasing' as const }];
    expect(of({ claims })?.phase).toBe('gone');
    expect(of({ claims }, { ...own, stop })?.phase).toBe('pending');
  });

  test('that has ended is gone, with what its row says', () => {
    const ended = new Map([[own.request, { ...claim, state: 'failed' as const, endedAtMs: 7 }]]);
    expect(of({ ended })).toMatchObject({ phase: 'gone', machine: null, request: { endedAtMs: 7 } });
  });

  test('that is set aside stays as it is: no other takes its place', () => {
    const found = of({ aside: aside({ claims: new Set([own.request]) }) });
    expect(found).toMatchObject({ phase: 'pending', request: null, machine: null, node: null });
  });
});

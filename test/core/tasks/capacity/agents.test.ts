// Tasks that agents of before would fail are placed where they run, or nodes are bought for them.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { decide } from '../../../../lib/core/plan/decide.ts';
import type { Why } from '../../../../lib/core/plan/plan.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../../../lib/core/records/request.ts';
import { agentProtocol } from '../../../../lib/core/records/sync.ts';
import { needsCurrentAgent } from '../../../../lib/core/tasks/capacity/agents.ts';
import { shapeOf } from '../../../../lib/core/tasks/demand.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { launch, node, nowMs, observation, pool, request, terms } from '../../builders.ts';

const run = { kind: 'container', image: 'alpine', argv: null } as const;
const role = 'arn:aws:iam::123456789012:role/reads';
const resources = { cpuMilli: 500, memoryMib: 256, gpu: 0 };
const small: Partial<TaskSpec> = { resources };
const withRole: Partial<TaskSpec> = { resources, run, role };
const current = { agentProtocol, id: 'i-2' };

/** With the engine itself: where each request's task goes, what is bought, and why the others wait. */
function decided(
  specs: Readonly<Record<string, Partial<TaskSpec>>>,
  more: Parameters<typeof observation>[0] = {},
  own: Partial<RequestRecord> = {},
) {
  const requests = Object.entries(specs).map(([id, spec]) => request(id, spec, own));
  const seen = observation({ requests, ...more });
  const { plan } = decide(seen, settings, terms, allocate, () => false);
  const placed: Record<string, string> = {};
  const leaving: string[] = [];
  let bought = 0;
  let why: Why['byShape'] = {};
  for (const action of plan.actions) {
    if (action.kind === 'explain') why = action.why.byShape;
    if (action.kind === 'launch' && isNodeLaunch(action.launch)) bought += action.launch.request.count;
    if (action.kind !== 'change') continue;
    for (const write of action.writes) {
      if (write.type !== 'node') continue;
      if (write.record.drain !== null) leaving.push(write.record.id);
      for (const { requestId } of write.record.assigned) placed[requestId] = write.record.id;
    }
  }
  const reasonOf = (id: string) => {
    const found = requests.find((one) => one.id === id);
    return found === undefined ? undefined : why[shapeOf(found)];
  };
  return { placed, bought, leaving, reasonOf };
}

test.each<[string, Partial<TaskSpec>, boolean]>([
  ['a role and an image', { run, role }, true],
  ['a login for its image', { run, imageCredentials: { secret: 'registry' } }, true],
  ['GPUs and an image', { run, resources: { ...resources, gpu: 1 } }, true],
  ['an image alone', { run }, false],
  ['a role without an image', { role }, false],
  ['GPUs without an image', { resources: { ...resources, gpu: 1 } }, false],
])('%s: whether an agent of before would fail it', (_what, spec, isSo) => {
  expect(needsCurrentAgent(request('r', spec).spec)).toBe(isSo);
});

describe('a task with an image and a role', () => {
  test('is not placed on a node of before, and a node is bought; others are placed there', () => {
    const { placed, bought } = decided({ a: withRole, b: small }, { nodes: [node()] });
    expect([placed, bought]).toEqual([{ b: 'i-1' }, 1]);
  });

  test('goes to the node whose agent says that it can', () => {
    const { placed, bought } = decided({ a: withRole }, { nodes: [node(), node(current)] });
    expect([placed, bought]).toEqual([{ a: 'i-2' }, 0]);
  });

  test.each<[string, Parameters<typeof observation>[0]]>([
    ['a node that has not called yet', { nodes: [node({ state: 'launching', bootId: '', lastSeenAtMs: null })] }],
    ['a launch', { launches: [launch('l')] }],
  ])('waits for %s', (_what, more) => {
    expect(decided({ a: withRole }, more)).toMatchObject({ placed: {}, bought: 0 });
  });

  test('takes a node of the current launch template as it is: one that is bought would be no other', () => {
    const bought: Partial<NodeRecord> = { templateVersion: terms.templateVersion };
    expect(decided({ a: withRole }, { nodes: [node(bought)] })).toMatchObject({ placed: { a: 'i-1' }, bought: 0 });
  });

  const full = { pool: pool({ limits: { instances: 1 } }), nodes: [node()] };

  test('says at the limits of its pool what it waits for, and others of its size go on', () => {
    const { placed, bought, reasonOf } = decided({ a: withRole, b: { resources, run } }, full, { createdAtMs: nowMs });
    expect([placed, bought]).toEqual([{ b: 'i-1' }, 0]);
    expect(reasonOf('a')?.code).toBe('limit_reached');
    expect(reasonOf('a')?.message).toMatch(
      /Node i-1 has room, but its agent is of an earlier version.*drain it, or let the nodes of the pool drift/,
    );
    expect(reasonOf('b')).toBeUndefined();
  });

  test('that has waited long there gets a node in the place of one of before, which is emptied', () => {
    const { placed, leaving, reasonOf } = decided({ a: withRole }, full);
    expect([placed, leaving]).toEqual([{}, ['i-1']]);
    expect(reasonOf('a')?.message).toContain('Node i-1 is emptied for it, and a node that carries it is bought');
  });
});

// From the wish that a node goes to its being forgotten, edge by edge; and what becomes of tasks of lost nodes.
import { describe, expect, test } from '@jest/globals';
import { decideDepartures } from '../../../lib/core/disruption/departures.ts';
import { decideLosses } from '../../../lib/core/disruption/losses.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import type { ListedInstance } from '../../../lib/core/plan/listing.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeDrain, NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import {
  assignment,
  changes,
  node,
  nowMs,
  observation,
  placedTask,
  pool,
  request,
  summary,
  task,
  putRecord,
} from '../builders.ts';

const listing = (state: ListedInstance['state'] | null, atMs = nowMs): Observation['listing'] => ({
  atMs,
  instances: new Map(state === null ? [] : [['i-1', { id: 'i-1', state, stateReason: null }]]),
});
const drain: NodeDrain = { by: 'emptiness', reason: 'idle', atMs: 1, deadlineMs: null };
const works = { assigned: [assignment('r')], emptySinceMs: null };
const idle = nowMs - 60_000;

function departed(
  nodes: readonly NodeRecord[],
  more: Parameters<typeof observation>[0] = {},
  wanted: readonly string[] = [],
) {
  const seen = observation({ nodes, ...more });
  const copy = new WorkingCopy(seen);
  decideDepartures(seen, copy, new Set(wanted), settings);
  return copy;
}

describe('a node', () => {
  test('that is empty for long enough goes at once, for a reason', () => {
    const copy = departed([node({ emptySinceMs: idle })]);
    expect(changes(copy)).toMatchObject([
      { what: 'drain', reason: 'idle', activity: { code: 'node_draining', node: { id: 'i-1' } } },
    ]);
    expect(copy.node('i-1')).toMatchObject({ state: 'terminating', drain: { ...drain, atMs: nowMs } });
    expect(summary(departed([node({ emptySinceMs: idle })], {}, ['i-1']))).toEqual([]);
  });

  test('that boots goes when its agent does not call in time', () => {
    const booting = { state: 'launching', readyAtMs: null, lastSeenAtMs: null } as const;
    const copy = departed([node({ ...booting, createdAtMs: nowMs - settings.bootTimeoutMs - 1 })]);
    expect(copy.node('i-1')).toMatchObject({ state: 'terminating', drain: { by: 'boot-timeout' } });
    expect(summary(departed([node({ ...booting, createdAtMs: nowMs })]))).toEqual([]);
  });

  test('that drains keeps its reason, whatever else would take it', () => {
    const { drain: kept } =
      departed([node({ ...works, state: 'draining', drain })], { listing: listing('stopping') }).node('i-1') ?? {};
    expect(kept).toBe(drain);
  });

  test('that works drains first', () => {
    const copy = departed([node(works)], { listing: listing('stopping') });
    expect(copy.node('i-1')).toMatchObject({ state: 'draining', drain: { by: 'ending' }, assigned: works.assigned });
  });

  test('that this decision has changed goes on in the next round', () => {
    const seen = observation({ nodes: [node({ emptySinceMs: idle })] });
    const copy = new WorkingCopy(seen);
    copy.setNode(node({ emptySinceMs: idle, seq: 2 }));
    decideDepartures(seen, copy, new Set(), settings);
    expect(summary(copy)).toEqual([]);
  });

  test.each<[string, NodeRecord, Observation['listing'], readonly string[]]>([
    ['drains while it works', node({ ...works, state: 'draining', drain }), null, []],
    ['is retired when it is empty', node({ state: 'draining', drain }), null, ['retire i-1']],
    ['is retired where nobody says why it drains', node({ state: 'draining' }), null, ['retire i-1']],
    [
      'is terminated where EC2 does not list it',
      node({ state: 'terminating', drain }),
      listing(null),
      ['terminate i-1'],
    ],
    ['is terminated', node({ state: 'terminating', drain }), null, ['terminate i-1']],
    [
      'is not asked to terminate twice at once',
      node({ state: 'terminating', drain, terminateAcceptedAtMs: nowMs - settings.listingsApartMs + 1 }),
      listing('running'),
      [],
    ],
    [
      'is asked again where nothing came of it',
      node({ state: 'terminating', drain, terminateAcceptedAtMs: nowMs - settings.listingsApartMs }),
      listing('running'),
      ['terminate i-1'],
    ],
    ['is not asked while it shuts down', node({ state: 'terminating', drain }), listing('shutting-down'), []],
    [
      'is forgotten once EC2 says that it ended',
      node({ state: 'terminating', drain }),
      listing('terminated'),
      ['forget i-1'],
    ],
    [
      'not while tasks are in its document',
      node({ ...works, state: 'terminating', drain }),
      listing('terminated'),
      ['terminate i-1'],
    ],
    [
      'not before its ends are published',
      node({ ended: ['r'], state: 'draining', drain }),
      listing('terminated'),
      ['retire i-1'],
    ],
  ])('%s', (_what, record, seen, expected) => {
    expect(summary(departed([record], { listing: seen }))).toEqual(expected);
  });

  test('is forgotten for the reason for which it went, else for EC2’s', () => {
    const [one] = departed([node({ state: 'terminating', drain })], { listing: listing('terminated') }).actions;
    expect(one).toMatchObject({ what: 'forget', reason: 'idle' });
    const [other] = departed([node()], { listing: listing('terminated') }).actions;
    expect(other).toMatchObject({ what: 'forget', reason: 'EC2 says terminated' });
  });

  test('is terminated together with others, in one action', () => {
    const nodes = ['i-1', 'i-2'].map((id) => node({ id, state: 'terminating', drain }));
    expect(summary(departed(nodes))).toEqual(['terminate i-1 i-2']);
  });
});

function lost(nodes: readonly NodeRecord[], more: Parameters<typeof observation>[0] = {}) {
  const seen = observation({ nodes, ...more });
  const copy = new WorkingCopy(seen);
  return { copy, memory: decideLosses(seen, copy, settings) };
}
const running = request('r', {}, { state: 'running', tasks: [placedTask()] });

describe('a node that EC2 says has ended', () => {
  const gone = { listing: listing('terminated'), requests: [running] };

  test('is lost, and its tasks wait again in the same write', () => {
    const { copy } = lost([node(works)], gone);
    expect(summary(copy)).toEqual(['lost r i-1']);
    expect(changes(copy)[0]?.activity).toMatchObject({ code: 'node_lost' });
    expect(copy.node('i-1')).toMatchObject({
      isLost: true,
      isLossCounted: true,
      state: 'draining',
      assigned: [],
      drain: { by: 'termination', reason: 'EC2 says terminated', atMs: nowMs },
    });
    expect(copy.task('r', 0)).toMatchObject({ state: 'pending', attempt: 2, losses: 1, nodeLosses: 1 });
    expect(copy.task('r', 0)).not.toHaveProperty('spotLosses');
  });

  test('is counted with its tasks where it was a spot node, announced or not', () => {
    const spot = node({ ...works, capacityType: 'spot' });
    expect(lost([spot], gone).copy.task('r', 0)).toMatchObject({ spotLosses: 1 });
    const warned = { ...spot, state: 'draining' as const, drain: { ...drain, by: 'interruption' as const } };
    expect(lost([warned], gone).copy.task('r', 0)).toMatchObject({ state: 'pending', spotLosses: 1 });
  });

  test('does not count against a task that its agent had not heard of', () => {
    const { copy } = lost([node({ assigned: [assignment('r', { isOffered: false })] })], gone);
    expect(copy.task('r', 0)).toMatchObject({
      state: 'pending',
      losses: 1,
      reason: 'node i-1 was lost: EC2 says terminated',
    });
    expect(copy.task('r', 0)).not.toHaveProperty('nodeLosses');
  });

  test('does not count where it was announced', () => {
    const { copy } = lost([node({ ...works, state: 'draining', drain: { ...drain, by: 'interruption' } })], gone);
    expect(copy.node('i-1')).not.toHaveProperty('isLossCounted');
    expect(copy.node('i-1')?.drain?.by).toBe('interruption');
    expect(copy.task('r', 0)).not.toHaveProperty('nodeLosses');
  });

  test('ends a task that shall stop', () => {
    const requests = [{ ...running, cancelRequestedAtMs: 1 }];
    expect(lost([node(works)], { ...gone, requests }).copy.task('r', 0)).toMatchObject({ state: 'cancelled' });
  });

  test('fails a task that was alone there for the last loss that it may have, and only then', () => {
    const requests = [{ ...running, tasks: [placedTask('i-1', { nodeLosses: 2 })] }];
    const bounded = { ...gone, requests, pool: pool({ lossesMax: 3 }) };
    expect(lost([node(works)], bounded).copy.task('r', 0)?.state).toBe('failed');
    const two = node({ assigned: [assignment('r'), assignment('other')] });
    expect(lost([two], bounded).copy.task('r', 0)?.state).toBe('pending');
    const found = node({ ...works, isLost: true, isLossCounted: true, state: 'draining', drain });
    expect(lost([found], bounded).copy.task('r', 0)?.state).toBe('pending');
  });

  test('only loses assignments whose task has moved on, or is set aside', () => {
    const moved = { ...running, tasks: [task({ attempt: 2 })] };
    expect(summary(lost([node(works)], { ...gone, requests: [moved] }).copy)).toEqual(['lost i-1']);
    const aside = { ...running, quarantine: 'broken' };
    expect(summary(lost([node(works)], { ...gone, requests: [aside] }).copy)).toEqual(['lost i-1']);
  });

  test('is lost without work as well, once', () => {
    const [change] = changes(lost([node()], gone).copy);
    expect(change?.activity).toMatchObject({ code: 'node_lost', node: { id: 'i-1', isLost: true, assigned: [] } });
    expect(summary(lost([node()], gone).copy)).toEqual(['lost i-1']);
    expect(summary(lost([node({ isLost: true, state: 'draining', drain })], gone).copy)).toEqual([]);
    expect(summary(lost([node({ state: 'terminating', drain })], gone).copy)).toEqual([]);
  });

  test('goes on being terminated', () => {
    const { copy } = lost([node({ ...works, state: 'terminating', drain })], gone);
    expect(copy.node('i-1')).toMatchObject({ state: 'terminating', isLost: true, drain });
  });
});

describe('a node that was found lost', () => {
  test('loses the rest of its tasks, counted as the first ones were, without another word', () => {
    const left = node({ ...works, isLost: true, isLossCounted: true, state: 'draining', drain });
    const { copy } = lost([left], { requests: [running] });
    expect(changes(copy)).toMatchObject([{ what: 'lost', reason: 'idle', activity: null }]);
    expect(copy.task('r', 0)?.nodeLosses).toBe(1);
    const { isLossCounted: _counted, ...uncounted } = left;
    expect(lost([uncounted], { requests: [running] }).copy.task('r', 0)).not.toHaveProperty('nodeLosses');
  });
});

test('a node that loses its tasks in several changes is told of once', () => {
  const assigned = ['r', 's'].map((id) => assignment(id));
  const requests = ['r', 's'].map((id) => request(id, {}, { state: 'running', tasks: [placedTask()] }));
  const { copy } = lost([node({ assigned })], {
    listing: listing('stopped'),
    requests,
    suspects: new Set(['request s']),
  });
  expect(summary(copy)).toEqual(['lost r i-1', 'lost s i-1']);
  expect(changes(copy).map((one) => one.activity?.code)).toEqual(['node_lost', undefined]);
  expect(changes(copy).map((one) => putRecord(one.writes.at(-1)))).toMatchObject([
    { assigned: [{ requestId: 's' }] },
    { assigned: [] },
  ]);
});

test('a node that was found lost and has no task left is left alone', () => {
  expect(summary(lost([node({ isLost: true, state: 'draining', drain })]).copy)).toEqual([]);
});

describe('a node that EC2 does not list', () => {
  test('is noted, and noted again when it is listed', () => {
    const missing = lost([node()], { listing: listing(null) });
    expect(changes(missing.copy)).toMatchObject([{ what: 'missing', reason: 'EC2 does not list it' }]);
    expect(missing.copy.node('i-1')?.missingSinceMs).toBe(nowMs);
    const back = lost([node({ missingSinceMs: 5 })], { listing: listing('running', 10) });
    expect(changes(back.copy)).toMatchObject([{ what: 'missing', reason: 'EC2 lists it again' }]);
    expect(back.copy.node('i-1')?.missingSinceMs).toBeNull();
    expect(summary(lost([node({ missingSinceMs: 5 })]).copy)).toEqual([]);
    expect(summary(lost([node()], { listing: listing('running') }).copy)).toEqual([]);
  });
});

describe('an assignment whose task has moved on', () => {
  test('is dropped; those of tasks that run, are unknown or set aside are not', () => {
    const stale = assignment('old');
    const nodes = [node({ assigned: [...works.assigned, stale, assignment('unknown'), assignment('aside')] })];
    const requests = [
      running,
      request('old', {}, { tasks: [task({ state: 'failed' })] }),
      request('aside', {}, { quarantine: 'x' }),
    ];
    const { copy } = lost(nodes, { requests });
    expect(summary(copy)).toEqual(['drop i-1']);
    expect(copy.node('i-1')?.assigned.map((one) => one.requestId)).toEqual(['r', 'unknown', 'aside']);
    expect(summary(lost([node(works)], { requests: [running] }).copy)).toEqual([]);
  });
});

test('a mass silence is remembered from when it began', () => {
  expect(lost([node({ lastSeenAtMs: 1 })]).memory).toEqual({ massSilenceSinceMs: nowMs });
  expect(lost([node()]).memory).toEqual({ massSilenceSinceMs: null });
});

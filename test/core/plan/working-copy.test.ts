// Changes of one decision build on each other; each becomes an action with the records that it touched. And what it has
// bought, what counts against the limits, what is active, and what becomes of nodes that are gone.
import { noUsage } from '../../../lib/core/records/pool.ts';
import { describe, expect, test } from '@jest/globals';
import { activeArrays, activeRequests, withoutAttempts, WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { RecordWrite } from '../../../lib/core/plan/plan.ts';
import { writeKey } from '../../../lib/core/plan/plan.ts';
import type { OpenRequest } from '../../../lib/core/plan/observation.ts';
import {
  array,
  aside,
  assignment,
  changes,
  chunk,
  keptVolume,
  launch,
  machineLaunch,
  machines,
  node,
  nowMs,
  observation,
  offerings,
  placedTask,
  putRecord,
  request,
  resources,
  task,
} from '../builders.ts';

describe('a copy', () => {
  test('has what was seen, single tasks as their nodes’ documents place them', () => {
    const on = node({ assigned: [assignment('r'), assignment('gone')] });
    const copy = new WorkingCopy(observation({ requests: [request('r'), request('s')], nodes: [on] }));
    expect(copy.request('r')).toMatchObject({
      state: 'running',
      tasks: [{ state: 'placed', allocation: { nodeId: 'i-1' } }],
    });
    expect(copy.request('s')?.state).toBe('pending');
    expect([copy.request('x'), copy.node('i-9')]).toEqual([undefined, undefined]);
    expect([...copy.nodes()]).toEqual([on]);
    expect(copy.nowMs).toBe(nowMs);
  });

  test('leaves what is set aside as it is, and says so', () => {
    const seen = observation({
      requests: [request('r'), request('q', {}, { quarantine: 'broken' }), request('s')],
      nodes: [node({ assigned: [assignment('r'), assignment('q')] })],
      aside: aside({ requests: new Set(['r']) }),
    });
    const copy = new WorkingCopy(seen);
    expect(['r', 'q', 's', 'x'].map((id) => copy.isAside(id))).toEqual([true, true, false, false]);
    expect(['r', 'q'].map((id) => copy.request(id)?.state)).toEqual(['pending', 'pending']);
    expect(activeRequests(seen).map(({ record }) => record.id)).toEqual(['s']);
  });

  test('answers tasks of arrays, untouched ones fresh, and none beyond the array', () => {
    const copy = new WorkingCopy(
      observation({
        requests: [array(request('r', { count: 51 }), [chunk('r', 1, 25, [placedTask('i-1', { index: 26 })])])],
      }),
    );
    expect(copy.task('r', 26)?.state).toBe('placed');
    expect(copy.task('r', 25)).toEqual(task({ index: 25 }));
    expect(copy.task('r', 50)).toEqual(task({ index: 50 }));
    expect(copy.task('r', 51)).toBeUndefined();
    expect(copy.task('x', 0)).toBeUndefined();
    // To look at a task touches nothing.
    expect(copy.chunks('r').map((one) => one.chunk)).toEqual([1]);
    expect(copy.chunks('x')).toEqual([]);
  });
});

describe('a task that is set', () => {
  test('changes its row, whose timeline follows', () => {
    const copy = new WorkingCopy(observation({ requests: [request('r')] }));
    const write = copy.setTask('r', placedTask());
    expect(write).toMatchObject({ type: 'request', record: { state: 'running' } });
    expect(copy.request('r')).toBe(putRecord(write));
  });

  test('changes its chunk alone, and the next change builds on it', () => {
    const copy = new WorkingCopy(observation({ requests: [array(request('r', { count: 51 }))] }));
    copy.setTask('r', placedTask('i-1', { index: 26 }));
    const write = copy.setTask('r', placedTask('i-1', { index: 27 }));
    expect(writeKey(write)).toBe('chunk r 1');
    const [one] = copy.chunks('r');
    expect(one?.tasks.map((each) => each.index)).toEqual(Array.from({ length: 25 }, (_, at) => 25 + at));
    expect(one?.tasks.filter((each) => each.state === 'placed').map((each) => each.index)).toEqual([26, 27]);
  });

  test('must be of a request that was seen', () => {
    expect(() => new WorkingCopy(observation()).setTask('x', task())).toThrow('request x is not in this observation');
  });
});

describe('assignments that go', () => {
  const on = node({ assigned: [assignment('a'), assignment('b')], emptySinceMs: null });

  test('leave the others, and an empty node when they were the last', () => {
    expect(withoutAttempts(on, new Set(['a.0.1']), 7)).toMatchObject({
      assigned: [{ requestId: 'b' }],
      emptySinceMs: null,
    });
    expect(withoutAttempts(on, new Set(['a.0.1', 'b.0.1']), 7)).toMatchObject({ assigned: [], emptySinceMs: 7 });
    expect(withoutAttempts(on, new Set(['x.0.1']), 7)).toBe(on);
  });

  test('leave their ends to be published, where a sync stored them and did not', () => {
    const ended = { state: 'succeeded' as const, endedAtMs: 5, tasks: [task({ state: 'succeeded' })] };
    const seen = (isCollected: boolean, more = {}) =>
      new WorkingCopy(
        observation({ requests: [{ ...array(request('a', {}, { ...ended, ...more })), isCollected }], nodes: [on] }),
      );
    const gone = [assignment('a')];
    expect(seen(true).withoutAssignments({ ...on, ended: ['z'] }, gone).ended).toEqual(['z', 'a']);
    expect(seen(false).withoutAssignments(on, gone)).not.toHaveProperty('ended');
    expect(seen(true, { endedAtMs: null }).withoutAssignments(on, gone)).not.toHaveProperty('ended');
    expect(seen(true, { tasks: [task({ attempt: 2 })] }).withoutAssignments(on, gone)).not.toHaveProperty('ended');
  });
});

describe('a change', () => {
  test('writes each record once, as it is last', () => {
    const copy = new WorkingCopy(observation({ nodes: [node()] }));
    const writes: RecordWrite[] = [
      copy.setNode(node({ seq: 2 })),
      copy.setRequest(request('r')),
      copy.setNode(node({ seq: 3 })),
    ];
    copy.change('place', 'why', writes, { restsOn: ['request s'] });
    expect(changes(copy)).toEqual([
      {
        kind: 'change',
        what: 'place',
        reason: 'why',
        writes: [
          { type: 'node', record: node({ seq: 3 }) },
          { type: 'request', record: request('r') },
        ],
        restsOn: ['request s'],
        needs: [],
        ended: [],
        gone: [],
        activity: null,
        events: [],
      },
    ]);
    expect(copy.node('i-1')?.seq).toBe(3);
  });

  test('is refused when it writes more than one change may', () => {
    const copy = new WorkingCopy(observation());
    const writes = Array.from({ length: 81 }, (_, at): RecordWrite => ({
      type: 'node',
      record: node({ id: `i-${String(at)}` }),
    }));
    expect(() => copy.change('drop', 'too much', writes)).toThrow(/^the change "drop" \(too much\) writes 81 items/);
    copy.change('drop', 'enough', writes.slice(1));
    expect(copy.actions).toHaveLength(1);
  });
});

test('a write is named by what it writes', () => {
  expect([
    writeKey({ type: 'request', record: request('r') }),
    writeKey({ type: 'chunk', record: chunk('r', 3, 1) }),
    writeKey({ type: 'node', record: node() }),
  ]).toEqual(['request r', 'chunk r 3', 'node i-1']);
});

const ids = (records: readonly { readonly id: string }[]): readonly string[] => records.map((one) => one.id);

const openIds = (all: readonly OpenRequest[]): readonly string[] => ids(all.map((one) => one.record));

test('what may wait is all but what runs, until a running task is changed', () => {
  const on = node({ assigned: [assignment('b'), assignment('d')] });
  const seen = observation({
    requests: [request('a'), request('b'), request('d'), array(request('c', { count: 2 }))],
    nodes: [on],
  });
  const copy = new WorkingCopy(seen);
  expect(ids(copy.waiting())).toEqual(['a', 'c']);
  expect(ids(copy.active())).toEqual(['a', 'b', 'd', 'c']);
  expect(openIds(copy.toDecide())).toEqual(['a', 'c']);
  copy.setTask('a', task({ notBeforeMs: 7 }));
  expect(copy.waiting()[0]?.tasks[0]?.notBeforeMs).toBe(7);
  expect(ids(copy.waiting())).toEqual(['a', 'c']);
  copy.setTask('d', task({ attempt: 2 }));
  expect(ids(copy.waiting())).toContain('d');
  expect(copy.waiting().at(-1)?.tasks[0]?.attempt).toBe(2);
  // All of its node: what was settled there is so no more.
  expect(openIds(copy.toDecide())).toEqual(['a', 'b', 'd', 'c']);
  expect(copy.settledOn(on)).toBeUndefined();
});

test('a node of which nothing has changed since is settled, and its rows are not looked at', () => {
  const on = node({ assigned: [assignment('b'), assignment('d')] });
  const seen = observation({ requests: [request('b'), request('d'), request('e')], nodes: [on] });
  const copy = new WorkingCopy(seen);
  expect(copy.settledOn(on)?.rows.map((row) => row.now.state)).toEqual(['running', 'running']);
  copy.setNode({ ...on, cordon: { by: 'x', atMs: 1 } });
  expect(copy.settledOn(on)).toBeUndefined();
  expect(openIds(copy.toDecide())).toEqual(['b', 'd', 'e']);
  expect(openIds(new WorkingCopy(seen).toDecide())).toEqual(['e']);
});

test('what is set aside neither waits nor is active', () => {
  const requests = [request('q', {}, { quarantine: 'broken' }), request('r'), array(request('s', { count: 2 }))];
  const seen = observation({ requests, aside: aside({ requests: new Set(['s']) }) });
  const copy = new WorkingCopy(seen);
  expect([ids(copy.waiting()), ids(copy.active()), activeArrays(seen)]).toEqual([['r'], ['r'], []]);
});

describe('usage', () => {
  const world = {
    nodes: [node()],
    launches: [launch('l', {}, 2)],
    machineLaunches: [machineLaunch('m', 'c')],
    kept: [keptVolume('vol-1')],
  };
  const machine = machineLaunch('m', 'c').reserved;

  test('counts nodes, open launches, claims and kept volumes', () => {
    const { instances, usdPerHour, volumeGib } = new WorkingCopy(observation(world)).usage();
    const one = node().reserved;
    expect(instances).toBe(3 * one.instances + machine.instances);
    expect(usdPerHour).toBeCloseTo(3 * one.usdPerHour + machine.usdPerHour, 9);
    expect(volumeGib).toBeGreaterThanOrEqual(keptVolume('vol-1').shape.sizeGib);
    const claimed = machines('r');
    const withClaim = new WorkingCopy(observation({ ...world, claims: [claimed] })).usage();
    expect(withClaim.instances - instances).toBe(claimed.machines.filter((part) => part.state === 'there').length);
    expect(new WorkingCopy(observation()).usage()).toEqual({ ...noUsage, volumeGib: 0, usdPerMonth: 0 });
  });

  test('counts what is bought at once, and what is set aside', () => {
    const copy = new WorkingCopy(observation(world));
    const before = copy.usage().instances;
    expect(copy.bought).toEqual([]);
    copy.buy(launch('new', {}, 3));
    expect([copy.usage().instances - before, copy.bought.map((one) => one.id)]).toEqual([3, ['new']]);
    const usage = { ...noUsage, instances: 7, volumeGib: 1, usdPerMonth: 2 };
    const { instances, volumeGib } = new WorkingCopy(observation({ aside: aside({ usage }) })).usage();
    expect([instances, volumeGib]).toEqual([7, 1]);
  });
});

describe('what is active', () => {
  test('is open and not set aside, as it is now', () => {
    const seen = observation({
      requests: [request('a'), request('b'), request('q', {}, { quarantine: 'broken' })],
      nodes: [node({ assigned: [assignment('b')] })],
    });
    const copy = new WorkingCopy(seen);
    expect(copy.active().map((one) => [one.id, one.state])).toEqual([
      ['a', 'pending'],
      ['b', 'running'],
    ]);
    expect(copy.active()).toBe(copy.active());
    copy.setTask('a', placedTask());
    expect(copy.active().map((one) => one.state)).toEqual(['running', 'running']);
    const changed = { ...request('b'), failure: 'later' };
    copy.setRequest(changed);
    expect(copy.active()[1]).toBe(changed);
  });

  test('single tasks have no chunks, and no second task', () => {
    const copy = new WorkingCopy(observation({ requests: [request('a'), array(request('b', { count: 30 }))] }));
    expect([copy.chunks('a'), copy.task('a', 1), copy.task('b', 30), copy.suspects.size]).toEqual([
      [],
      undefined,
      undefined,
      0,
    ]);
    const suspects = new Set(['request a']);
    expect(new WorkingCopy(observation({ suspects })).suspects).toBe(suspects);
  });
});

describe('a node that is gone', () => {
  test('goes with its document, its costs, its hindsight, an entry and an event', () => {
    const gone = node({ instanceType: offerings[0]?.type.name ?? '', createdAtMs: nowMs - 3_600_000 });
    const copy = new WorkingCopy(observation({ nodes: [gone], offerings }));
    copy.forget(gone, 'EC2 says terminated');
    expect([...copy.forgotten]).toEqual(['i-1']);
    const [change] = changes(copy, 'forget');
    expect(change).toMatchObject({
      reason: 'EC2 says terminated',
      writes: [{ type: 'drop', name: { kind: 'node', id: 'i-1' } }],
      gone: [gone],
      activity: { code: 'node_terminated', message: 'i-1 is gone: EC2 says terminated', node: gone },
      events: [{ type: 'NodeTerminated', nodeId: 'i-1', reason: 'EC2 says terminated' }],
    });
    expect((change?.costs ?? []).reduce((sum, one) => sum + one.nanoUsd, 0)).toBeGreaterThan(0);
    expect(change?.regret).toMatchObject({ nodes: 1 });
  });

  test('is counted alone where its record cannot be read, or nobody knows its type', () => {
    const regretOf = (own: object) => {
      const gone = node({ createdAtMs: nowMs - 3_600_000, ...own });
      const copy = new WorkingCopy(observation({ nodes: [gone], offerings }));
      copy.forget(gone, 'x');
      return changes(copy)[0]?.regret;
    };
    const known = regretOf({ instanceType: offerings[0]?.type.name });
    const unread = regretOf({ instanceType: offerings[0]?.type.name, quarantine: 'broken' });
    const strange = regretOf({ instanceType: 'x9.unheard' });
    expect(unread).toEqual(strange);
    expect(known).not.toEqual(unread);
    // Of a type that the pool does not offer any more, but the catalog knows.
    expect(regretOf({ instanceType: 'm7a.medium' })).not.toEqual(unread);
  });
});

test('what ran on a node is noted from when it started, by the document or by what is said besides', () => {
  const since = nowMs - 600_000;
  const ran = (startedAtMs: number | null, startsMs?: ReadonlyMap<string, number | null>) => {
    const on = node({ assigned: [assignment('a', { resources, startedAtMs })], createdAtMs: since });
    return withoutAttempts(on, new Set(['a.0.1']), nowMs, startsMs);
  };
  const [byDocument, besides, never] = [ran(since), ran(null, new Map([['a.0.1', since]])), ran(null)];
  const without = ({ assigned: _assigned, ...rest }: ReturnType<typeof ran>) => rest;
  expect(without(byDocument)).toEqual(without(besides));
  expect(without(byDocument)).not.toEqual(without(never));
});

test('an action is added in its place', () => {
  const copy = new WorkingCopy(observation());
  copy.add({ kind: 'settle', launchId: 'l' });
  expect(copy.actions).toEqual([{ kind: 'settle', launchId: 'l' }]);
});

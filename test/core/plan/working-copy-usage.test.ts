// What a decision has bought, what counts against the limits, what is active, and what becomes of nodes that are gone.
import { describe, expect, test } from '@jest/globals';
import { withoutAttempts, WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { noUsage } from '../../../lib/core/records/pool.ts';
import {
  array,
  aside,
  assignment,
  changes,
  keptVolume,
  launch,
  machineLaunch,
  machines,
  node,
  nowMs,
  observation,
  offerings,
  placedTask,
  request,
  resources,
} from '../builders.ts';

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

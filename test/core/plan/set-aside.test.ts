// Records that are set aside: what they count stays counted, what runs of them runs on, and nodes end empty.
import { describe, expect, test } from '@jest/globals';
import type { Observation, PoolMemory } from '../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { assertSound, decideSetAside, recordKeys, withoutRecords } from '../../../lib/core/plan/set-aside.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';
import {
  array,
  aside,
  assignment,
  changes,
  chunk,
  group,
  keptVolume,
  launch,
  machineLaunch,
  machineWish,
  machines,
  network,
  node,
  nowMs,
  observation,
  request,
  storage,
  summary,
} from '../builders.ts';

describe('without a record', () => {
  const nodes = [node(), node({ id: 'i-2', assigned: [assignment('r')] }), node({ id: 'i-3', quarantine: 'broken' })];
  const memory: PoolMemory = { ...emptyMemory, failedCalls: 2 };
  const launches = [launch('l1'), launch('l2', { quarantine: 'broken' }, 3)];
  const seen = observation({ requests: [request('r'), request('s')], nodes, launches, memory });

  test('every record has a name, those that others name first', () => {
    expect(recordKeys(seen)).toEqual([
      'launch l1',
      'launch l2',
      'node i-1',
      'node i-2',
      'node i-3',
      'request r',
      'request s',
      'memory',
    ]);
  });

  test('a decision sees the same while nothing is set aside', () => {
    const sound = observation({ requests: [request('r')], nodes: [node()] });
    expect(withoutRecords(sound, new Set())).toBe(sound);
    expect(withoutRecords(sound, new Set(['node i-9']))).toBe(sound);
    const alone = (...out: string[]) =>
      withoutRecords(observation({ requests: [request('r')], launches: [launch('l')] }), new Set(out));
    expect(alone('request r').aside?.requests).toEqual(new Set(['r']));
    expect(alone('launch l').launches).toEqual([]);
  });

  test('what was set aside before is left out, and its machines still count', () => {
    const left = withoutRecords(seen, new Set());
    expect(left.launches.map(({ record }) => record.id)).toEqual(['l1']);
    expect(left.nodes.map(({ record }) => record.id)).toEqual(['i-1', 'i-2']);
    expect(left.aside?.nodes.map(({ record }) => record.id)).toEqual(['i-3']);
    expect(left.aside?.usage).toMatchObject({ instances: 4, vcpu: 8 });
    expect(left.memory).toBe(memory);
  });

  test('what a node that is left out runs is not given to another one', () => {
    const left = withoutRecords(seen, new Set(['node i-2', 'request s', 'launch l1']));
    expect(left.aside?.requests).toEqual(new Set(['s', 'r']));
    expect(left.launches).toEqual([]);
    expect(left.aside?.usage).toMatchObject({ instances: 6, vcpu: 12 });
    expect(left.requests).toBe(seen.requests);
  });

  test('a memory on which a decision fails begins anew', () => {
    expect(withoutRecords(seen, new Set(['memory'])).memory).toEqual(emptyMemory);
    expect(withoutRecords(observation({ memory }), new Set(['memory'])).memory).toEqual(emptyMemory);
  });
});

describe('without a claim', () => {
  const seen = observation({
    claims: [
      machines('m', { volumeRequests: ['s'] }),
      storage('s', 'za'),
      machines('n', { networkRequests: ['net'] }),
      network('net'),
      machines('alone'),
      machineWish('waits'),
    ],
    groups: [group('net', { references: ['net', 'n'] })],
    machineLaunches: [machineLaunch('l', 'waits')],
    kept: [keptVolume('vol-k')],
    warmFailed: [machineWish('w-1')],
  });
  const left = (...out: string[]) => {
    const { claims, groups, machineLaunches, kept, warmFailed, aside: others } = withoutRecords(seen, new Set(out));
    const ids = [claims, groups, machineLaunches, kept, warmFailed].flatMap((all) =>
      all.map(({ record }) => record.id),
    );
    return { ids, usage: others?.usage };
  };

  test('its records have names after those of tasks and nodes, those that others name first', () => {
    const names = recordKeys(seen);
    expect(names.slice(0, 4)).toEqual(['kept vol-k', 'group g-net', 'launch l', 'claim w-1']);
    expect(names.slice(-2)).toEqual(['claim waits', 'memory']);
  });

  test('what it names, and what names it, is left out with it, and counts all the same', () => {
    for (const one of ['claim m', 'claim s']) {
      expect(left(one).ids).toEqual(['n', 'net', 'alone', 'waits', 'g-net', 'l', 'vol-k', 'w-1']);
      expect(left(one).usage).toMatchObject({ instances: 1, volumeGib: 20 });
    }
  });

  test('a group leaves out all that refer to it, and a launch those that it is for', () => {
    expect(left('group g-net').ids).toEqual(['m', 's', 'alone', 'waits', 'l', 'vol-k', 'w-1']);
    expect(left('claim n').ids).toEqual(left('group g-net').ids);
    expect(left('launch l').ids).toEqual(['m', 's', 'n', 'net', 'alone', 'g-net', 'vol-k', 'w-1']);
    expect(left('launch l').usage).toMatchObject({ instances: 1 });
  });

  test('a kept volume and a note of a warm machine leave out nothing else', () => {
    expect(left('kept vol-k').ids).toEqual(['m', 's', 'n', 'net', 'alone', 'waits', 'g-net', 'l', 'w-1']);
    expect(left('kept vol-k').usage).toMatchObject({ instances: 0, volumeGib: 20 });
    expect(left('claim w-1').ids).toEqual(['m', 's', 'n', 'net', 'alone', 'waits', 'g-net', 'l', 'vol-k']);
  });

  test('one that was set aside before is left out', () => {
    const before = observation({ claims: [machines('m', {}, { quarantine: 'broken' }), machines('n')] });
    const now = withoutRecords(before, new Set());
    expect(now.claims.map(({ record }) => record.id)).toEqual(['n']);
    expect(now.aside?.claims).toEqual(new Set(['m']));
    expect(now.aside?.usage).toMatchObject({ instances: 1 });
  });
});

describe('a request is sound', () => {
  test.each<[string, Parameters<typeof assertSound>[0]]>([
    ['as an array with whole chunks', array(request('r', { count: 30 }), [chunk('r', 0, 25), chunk('r', 1, 5)])],
    ['as a single task', array(request('r'))],
    [
      'when it has ended, whatever its chunks say',
      array(request('r', { count: 30 }, { endedAtMs: 1 }), [chunk('r', 1, 9)]),
    ],
  ])('%s', (_what, one) => {
    expect(() => assertSound(one)).not.toThrow();
  });

  test('not when a chunk has other tasks than its array, or cannot be read', () => {
    expect(() => assertSound(array(request('r', { count: 30 }), [chunk('r', 1, 6)]))).toThrow(
      'chunk 1 has 6 tasks, not 5, and .spec.count is 30',
    );
    expect(() => assertSound(array(request('r'), [chunk('r', 0, 2)]))).not.toThrow();
    const broken = { ...chunk('r', 0, 25), error: 'tasks is missing' };
    expect(() => assertSound(array(request('r', { count: 30 }), [broken]))).toThrow('tasks is missing');
  });
});

describe('a node that is set aside', () => {
  const broken = (more: Partial<NodeRecord>): NodeRecord => node({ quarantine: 'broken', ...more });
  const listing = (state: 'running' | 'terminated' | null, atMs = nowMs): Observation['listing'] => ({
    atMs,
    instances: new Map(state === null ? [] : [['i-1', { id: 'i-1', state, stateReason: null }]]),
  });
  function decided(record: NodeRecord, more: Parameters<typeof observation>[0] = {}) {
    const seen = observation({ ...more, aside: aside({ nodes: [{ record, version: 1 }] }) });
    const copy = new WorkingCopy(seen);
    decideSetAside(seen, copy, settings);
    return copy;
  }
  const silent = nowMs - silentAfterMs(settings) - 1;
  const works = { assigned: [assignment('r')] };
  const unheard = { assigned: [assignment('s', { mounts: { requests: ['v'], areAttached: false } })] };

  test.each<[string, NodeRecord, Parameters<typeof observation>[0], readonly string[]]>([
    ['stays while it works', broken(works), {}, []],
    ['is left when it is found just now: it is to be written first', node(), {}, []],
    ['goes when it is empty', broken({}), {}, ['retire i-1']],
    ['goes when its agent has heard of nothing that it carries', broken(unheard), {}, ['retire i-1']],
    [
      'stays while it works, whatever else it carries',
      broken({ assigned: [...works.assigned, ...unheard.assigned] }),
      {},
      [],
    ],
    ['goes when it is silent', broken({ ...works, lastSeenAtMs: silent }), {}, ['retire i-1']],
    [
      'not while a silence is everybody’s',
      broken({ ...works, lastSeenAtMs: silent }),
      { memory: { ...emptyMemory, massSilenceSinceMs: 1 } },
      [],
    ],
    ['goes once, without another word', broken({ state: 'terminating', terminateAcceptedAtMs: nowMs }), {}, []],
    ['is terminated once it is retired', broken({ state: 'terminating' }), {}, ['terminate i-1']],
    [
      'not asked again at once',
      broken({ state: 'terminating', terminateAcceptedAtMs: nowMs - settings.listingsApartMs + 1 }),
      {},
      [],
    ],
    [
      'asked again later',
      broken({ state: 'terminating', terminateAcceptedAtMs: nowMs - settings.listingsApartMs }),
      {},
      ['terminate i-1'],
    ],
    ['is forgotten when EC2 says that it ended', broken(works), { listing: listing('terminated') }, ['forget i-1']],
    ['is noted when EC2 does not list it', broken(works), { listing: listing(null) }, ['missing i-1']],
    [
      'and when it does again',
      broken({ ...works, missingSinceMs: 5 }),
      { listing: listing('running', 10) },
      ['missing i-1'],
    ],
    ['stays while EC2 lists it', broken(works), { listing: listing('running') }, []],
    ['publishes its ends first of all', broken({ ended: ['r'] }), { listing: listing('terminated') }, ['collect i-1']],
  ])('%s', (_what, record, more, expected) => {
    expect(summary(decided(record, more))).toEqual(expected);
  });

  test('publishes the ends of requests that are known', () => {
    const copy = decided(broken({ ended: ['r', 'x'] }), { requests: [request('r')] });
    expect(changes(copy)[0]?.ended.map(({ id }) => id)).toEqual(['r']);
    expect(copy.node('i-1')).not.toHaveProperty('ended');
  });

  test('is retired with the reason for which it was set aside', () => {
    expect(changes(decided(broken({})))[0]).toMatchObject({
      reason: 'broken',
      writes: [{ record: { state: 'terminating' } }],
    });
  });
});

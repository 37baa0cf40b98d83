// Nodes as the allocation engine sees them.
import { describe, expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { binsOf } from '../../../../lib/core/tasks/capacity/bins.ts';
import { localDecisionSettings as settings, silentAfterMs } from '../../../../lib/core/values/settings.ts';
import {
  array,
  assignment,
  launch,
  node,
  nowMs,
  observation,
  offerings,
  placedTask,
  request,
  smallType,
} from '../../builders.ts';

const grouped = request(
  'r',
  {
    group: 'db',
    antiAffinity: [
      { topology: 'zone', group: 'web' },
      { topology: 'node', group: 'db' },
    ],
  },
  { tasks: [placedTask()] },
);

function binsWith(more: Partial<NodeRecord>) {
  const seen = observation({ requests: [grouped], nodes: [node({ assigned: [assignment('r')], ...more })] });
  return binsOf(seen, new WorkingCopy(seen), settings);
}

test('a node that takes tasks says which groups must keep away, from it and from its zone', () => {
  const { bins, closed } = binsWith({});
  expect(bins).toMatchObject([
    { groups: { 'db of t': 1 }, antiAffinityGroups: ['db of t'], zoneAntiAffinityGroups: ['web of t'] },
  ]);
  expect(closed).toBeUndefined();
});

test.each<[string, Partial<NodeRecord>]>([
  ['drains', { state: 'draining' }],
  ['is cordoned', { cordon: { by: 'alice', atMs: 1 } }],
  ['boots and is cordoned', { state: 'launching', cordon: { by: 'alice', atMs: 1 } }],
  ['is silent', { lastSeenAtMs: nowMs - 10 * settings.fenceMs }],
  ['is of a type that the pool no longer allows', { instanceType: 'x1.large' }],
])('what runs on a node that %s counts for relations', (_what, more) => {
  const { bins, closed } = binsWith(more);
  expect(bins).toEqual([]);
  expect(closed).toEqual([{ zone: 'za', groups: { 'db of t': 1 }, zoneAntiAffinityGroups: ['web of t'] }]);
});

test.each<[string, Partial<NodeRecord>]>([
  ['is lost', { state: 'draining', isLost: true }],
  ['carries nothing', { state: 'draining', assigned: [] }],
])('a node that %s counts nowhere', (_what, more) => {
  expect(binsWith(more)).toEqual({ bins: [] });
});

describe('a bin', () => {
  const placed = assignment('r', { resources: { cpuMilli: 400, memoryMib: 300, gpu: 0 } });
  const binOf = (more: Partial<NodeRecord>) => binsWith(more).bins[0];

  test('has what its tasks leave', () => {
    const bin = binOf({ assigned: [placed, { ...placed, index: 1 }] });
    const { cpuMilli, memoryMib } = node().allocatable;
    expect(bin?.free).toEqual({ cpuMilli: cpuMilli - 800, memoryMib: memoryMib - 600, gpu: 0 });
    expect(bin).toMatchObject({ id: 'i-1', state: 'ready', freeTasks: 8, offering: { zone: 'za' } });
  });

  test('takes nothing beside a task that wants to be alone', () => {
    const beside = { ...placed, index: 1, isAlone: true } as const;
    expect(binOf({ assigned: [placed, beside] })?.freeTasks).toBe(0);
  });

  test.each<[string, Partial<NodeRecord>, number | null]>([
    ['now, without tasks', { assigned: [] }, nowMs],
    ['at an unknown time while it boots', { state: 'launching', assigned: [] }, null],
    ['when the last of its tasks ends', { assigned: [7, 9, 8].map((at) => ({ ...placed, expectedEndAtMs: at })) }, 9],
    ['at an unknown time where one says nothing', { assigned: [{ ...placed, expectedEndAtMs: 7 }, placed] }, null],
  ])('is empty %s', (_when, more, expected) => {
    expect(binOf(more)?.expectedEmptyAtMs).toBe(expected);
  });

  test('says when AWS takes it', () => {
    expect(binOf({ announced: { reason: 'maintenance', atMs: 77 } })?.goesAtMs).toBe(77);
    expect(binOf({})).not.toHaveProperty('goesAtMs');
  });

  test('is one whose agent spoke a while ago, or never; not one that has been silent for half of the time', () => {
    const half = silentAfterMs(settings) / 2;
    const states = [null, nowMs - half, nowMs - half - 1].map((lastSeenAtMs) => binOf({ lastSeenAtMs })?.state);
    expect(states).toEqual(['ready', 'ready', undefined]);
  });

  test('names groups that must keep away in order, and counts each task of its own', () => {
    const rules = ['z', 'a', 'm'].flatMap((group) => [
      { topology: 'zone', group } as const,
      { topology: 'node', group } as const,
    ]);
    const all = ['a of t', 'm of t', 'z of t'];
    const row = request('r', { group: 'db', antiAffinity: rules, count: 3 });
    const seen = observation({ requests: [row], nodes: [node({ assigned: [placed, { ...placed, index: 1 }] })] });
    expect(binsOf(seen, new WorkingCopy(seen), settings).bins).toMatchObject([
      { groups: { 'db of t': 2 }, antiAffinityGroups: all, zoneAntiAffinityGroups: all },
    ]);
  });

  test('carries tasks of requests that are not known', () => {
    const payer = { tenant: 't', meterNanoUsd: 0 };
    const seen = observation({ nodes: [node({ assigned: [{ ...placed, payer }] })] });
    expect(binsOf(seen, new WorkingCopy(seen), settings).bins).toMatchObject([{ groups: {}, freeTasks: 9 }]);
  });
});

test('nodes that boot are in flight', () => {
  expect(binsWith({ state: 'launching', assigned: [] }).bins).toMatchObject([{ id: 'i-1', state: 'in-flight' }]);
  expect(binsWith({ state: 'launching', instanceType: 'x1.large', assigned: [] }).bins).toEqual([]);
  expect(binsWith({ state: 'terminating', assigned: [] }).bins).toEqual([]);
});

test('an open launch is as many nodes as it asks for, each empty', () => {
  const other = launch('m');
  const gone = { ...other.request, overrides: [{ instanceType: 'x1.large', zone: 'za', priceUsdPerHour: 1 }] };
  const seen = observation({ launches: [launch('l', {}, 2), { ...other, request: gone }] });
  const fresh = { state: 'in-flight', offering: offerings[0], free: smallType.allocatable, freeTasks: 10, groups: {} };
  const nothing = { antiAffinityGroups: [], expectedEmptyAtMs: null };
  expect(binsOf(seen, new WorkingCopy(seen), settings)).toEqual({
    bins: ['l#0', 'l#1'].map((id) => ({ id, ...fresh, ...nothing })),
  });
});

test('what runs without relations on a node that drains does not count', () => {
  const seen = observation({
    requests: [request('r')],
    nodes: [node({ state: 'draining', assigned: [assignment('r')] })],
  });
  expect(binsOf(seen, new WorkingCopy(seen), settings)).toEqual({ bins: [] });
});

test.each([
  [{ group: 'db' }, { groups: { 'db of t': 1 }, zoneAntiAffinityGroups: [] }],
  [
    { antiAffinity: [{ topology: 'zone', group: 'web' } as const] },
    { groups: {}, zoneAntiAffinityGroups: ['web of t'] },
  ],
])('one relation alone counts on a node that drains: %o', (spec, expected) => {
  const draining = node({ state: 'draining', assigned: [assignment('r')] });
  const seen = observation({ requests: [request('r', spec)], nodes: [draining] });
  expect(binsOf(seen, new WorkingCopy(seen), settings).closed).toEqual([{ zone: 'za', ...expected }]);
});

test('a node as the decision has left it', () => {
  const seen = observation({ nodes: [node(), node({ id: 'i-2', state: 'launching' })] });
  const copy = new WorkingCopy(seen);
  copy.setNode(node({ state: 'draining' }));
  copy.setNode(node({ id: 'i-2', state: 'ready' }));
  expect(binsOf(seen, copy, settings).bins).toMatchObject([{ id: 'i-2', state: 'ready' }]);
});

test('what is free on a node is known without working out anew the rows of what runs on it', () => {
  let looks = 0;
  const own = request('r');
  const record = Object.defineProperty({ ...own }, 'tasks', {
    enumerable: true,
    get: () => {
      looks += 1;
      return own.tasks;
    },
  });
  const nodes = [node({ assigned: [assignment('r')] })];
  const seen = observation({ requests: [array(record)], nodes });
  const copy = new WorkingCopy(seen);
  expect(copy.rows.isPlaced('r')).toBe(true);
  looks = 0;
  expect(binsOf(seen, copy, settings).bins).toMatchObject([{ tenant: 't', groups: {} }]);
  expect(looks).toBe(0);
});

// Nodes as the allocation engine sees them.
import { expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { binsOf } from '../../../../lib/core/tasks/capacity/bins.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, placedTask, request } from '../../builders.ts';

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
  expect(bins).toMatchObject([{ groups: { db: 1 }, antiAffinityGroups: ['db'], zoneAntiAffinityGroups: ['web'] }]);
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
  expect(closed).toEqual([{ zone: 'za', groups: { db: 1 }, zoneAntiAffinityGroups: ['web'] }]);
});

test.each<[string, Partial<NodeRecord>]>([
  ['is lost', { state: 'draining', isLost: true }],
  ['carries nothing', { state: 'draining', assigned: [] }],
])('a node that %s counts nowhere', (_what, more) => {
  expect(binsWith(more)).toEqual({ bins: [] });
});

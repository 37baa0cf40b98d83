// What nodes EC2 has ended, and what it says of those that stay.
import { expect, test } from '@jest/globals';
import { poolDeletion } from '../../../lib/core/disruption/methods/pool-deletion.ts';
import { ending } from '../../../lib/core/disruption/methods/ending.ts';
import { termination } from '../../../lib/core/disruption/methods/termination.ts';
import type { Listing } from '../../../lib/core/plan/listing.ts';
import type { LossContext } from '../../../lib/core/disruption/method.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation } from '../builders.ts';

type State = 'running' | 'shutting-down' | 'stopping' | 'stopped' | 'terminated';

function contextOf(states: Readonly<Record<string, readonly [State, string | null]>> | null): LossContext {
  const instances = Object.entries(states ?? {}).map(
    ([id, [state, stateReason]]) => [id, { id, state, stateReason }] as const,
  );
  const listing = states === null ? null : ({ atMs: nowMs, instances: new Map(instances) } as unknown as Listing);
  const seen = observation(listing === null ? {} : { listing });
  return { observation: { ...seen, listing }, settings, wanted: new Set(), lostBySilence: new Set() };
}
const nodes = ['a', 'b', 'c', 'd', 'e'].map((id) => node({ id }));
const states = {
  a: ['running', null],
  b: ['terminated', 'Server.SpotInstanceTermination'],
  c: ['stopped', null],
  d: ['shutting-down', 'Client.UserInitiatedShutdown'],
  e: ['stopping', ''],
} as const;
const said = (commands: readonly { node: NodeRecord; reason: string }[]) =>
  commands.map((one) => [one.node.id, one.reason]);

test('what EC2 says has ended is taken, with its reason where it gave one', () => {
  expect(said(termination.commands(nodes, contextOf(states)))).toEqual([
    ['b', 'EC2 says terminated (Server.SpotInstanceTermination)'],
    ['c', 'EC2 says stopped'],
  ]);
  expect(termination.commands(nodes, contextOf(null))).toEqual([]);
});

test('what is absent for long enough is taken; why others stay is said', () => {
  const missing = node({ id: 'x', missingSinceMs: nowMs - settings.listingsApartMs });
  expect(said(termination.commands([missing], contextOf({})))).toEqual([['x', 'absent from two listings of EC2']]);
  const context = contextOf({});
  expect(termination.leaves(node({ id: 'y' }), context)).toBe('EC2 has not said that it has ended');
  expect(termination.leaves(node({ id: 'y', missingSinceMs: 0 }), context)).toBe(
    'EC2 does not list it since 1970-01-01T00:00:00.000Z',
  );
});

test('what shuts down or stops is ending: nothing new is placed there', () => {
  expect(said(ending.commands(nodes, contextOf(states)))).toEqual([
    ['d', 'EC2 says shutting-down (Client.UserInitiatedShutdown)'],
    ['e', 'EC2 says stopping'],
  ]);
  expect(ending.commands(nodes, contextOf(null))).toEqual([]);
  expect(ending.leaves(node(), contextOf({}))).toBe('EC2 has not said that it shuts down or stops');
});

test('a pool that is deleted keeps nodes only as long as tasks run there', () => {
  const context = contextOf({});
  const busy = node({ id: 'busy', assigned: [assignment('r')] });
  const deleted: LossContext = { ...context, observation: { ...context.observation, isPoolDeleting: true } };
  expect(said(poolDeletion.commands([busy, node({ id: 'idle' })], deleted))).toEqual([
    ['idle', 'the pool is being deleted'],
  ]);
  expect(poolDeletion.commands([node()], context)).toEqual([]);
  expect(poolDeletion.leaves(busy, deleted)).toBe('its pool is being deleted; it goes when its tasks have ended');
  expect(poolDeletion.leaves(busy, context)).toBe('its pool is not being deleted');
});

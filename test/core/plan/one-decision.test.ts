// Tasks and claims are decided once, in one working copy: what one buys counts for the other, what one places the other
// sees, and what rests on a record of the other is written only with it.
import { expect, test } from '@jest/globals';
import type { AllocationPlan } from '../../../lib/core/allocation/types.ts';
import { decide } from '../../../lib/core/plan/decide.ts';
import { isNodeLaunch } from '../../../lib/core/records/launch.ts';
import { localDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import {
  assignment,
  attachedTo,
  changes,
  claimListing,
  launch,
  machineLaunch,
  machines,
  machineWish,
  node,
  observation,
  offerings,
  placedTask,
  pool,
  request,
  seenVolume,
  storage,
  terms,
} from '../builders.ts';

const nothing: AllocationPlan = {
  placements: [],
  launches: [],
  unplaced: [],
  costUsdPerHour: 0,
  lowerBoundUsdPerHour: null,
  gapPercent: null,
  coefficients: null,
};

function decided(world: Parameters<typeof observation>[0], answer: Partial<AllocationPlan> = {}) {
  const usage: number[] = [];
  const { plan, ...found } = decide(
    observation({ claimListing: claimListing({ volumes: [seenVolume('vol-s')] }), ...world }),
    settings,
    terms,
    (input) => {
      usage.push(input.usage.instances);
      return { ...nothing, ...answer };
    },
    () => false,
  );
  const launches = plan.actions.flatMap((one) => (one.kind === 'launch' ? [one.launch] : []));
  const claimOf = (id: string) =>
    changes(plan).flatMap((one) =>
      one.writes.flatMap((write) => (write.type === 'claim' && write.record.id === id ? [write.record] : [])),
    )[0];
  return { ...found, plan, usage, launches, claimOf };
}

const buying: Partial<AllocationPlan> = {
  launches: [{ offerings, count: 1, tasks: [{ demandId: 'r', count: 1 }], reason: 'cheapest' }],
};

test.each([
  [1, [true], 'limit_reached'],
  [2, [true, false], 'launching'],
])('below a limit of %d instances a machine gets what the nodes leave', (instances, isNode, reason) => {
  const limited = pool({ limits: { instances } });
  const { launches, claimOf } = decided(
    { pool: limited, requests: [request('r')], claims: [machineWish('m')] },
    buying,
  );
  expect(launches.map(isNodeLaunch)).toEqual(isNode);
  expect(claimOf('m')?.reason).toBe(reason);
});

test('nodes, machines and all that is on its way count against one limit', () => {
  const world = {
    requests: [request('r')],
    nodes: [node()],
    launches: [launch('l1')],
    machineLaunches: [machineLaunch('l2', 'm')],
    claims: [machineWish('m'), machines('c')],
  };
  expect(decided(world).usage).toEqual([4]);
  expect(decided({ ...world, claims: [machineWish('m'), machines('c', {}, { quarantine: 'broken' })] }).usage).toEqual([
    4,
  ]);
});

test('launches of both that are due are asked about, and those of both that are decided come in the plan', () => {
  const due = { nextTryAtMs: 0 };
  const { plan } = decided({
    launches: [launch('l1', due)],
    machineLaunches: [machineLaunch('l2', 'm', due)],
    claims: [machineWish('m')],
  });
  expect(plan.actions.filter((one) => one.kind === 'settle').map((one) => one.launchId)).toEqual(['l1', 'l2']);
});

const mounting = request('r', { mounts: [{ request: 's', path: null }] });

test('a volume is claimed for an attempt that the same plan places, and only where that is written', () => {
  const claimed = storage('s', 'za');
  const placing = { placements: [{ binId: 'i-1', tasks: [{ demandId: 'r', count: 1 }] }] };
  const world = { requests: [mounting], nodes: [node()], claims: [claimed], storages: new Map([['s', claimed]]) };
  const { plan, claimOf } = decided(world, placing);
  expect(changes(plan).map((one) => one.what)).toEqual(['place', 'claim']);
  expect(claimOf('s')?.usedBy?.node).toMatchObject({ id: 'i-1', attemptId: 'r.0.1' });
  expect(changes(plan, 'claim')[0]).toMatchObject({ needs: ['node i-1'], restsOn: ['claim s'] });
  const calls = plan.actions.filter((one) => one.kind === 'call');
  expect(calls).toMatchObject([{ call: { kind: 'attach' }, restsOn: ['claim s', 'node i-1'] }]);
});

test('a volume leaves the node of an attempt that the same plan takes back, and only where that is written', () => {
  const use = { id: 'i-1', attemptId: 'r.0.1', sinceMs: 0, isAttached: true, refusal: null };
  const claimed = storage('s', 'za', {
    usedBy: { request: 'r', machine: 0, device: '/dev/sdf', node: use },
    cancelRequestedAtMs: 1,
  });
  const { plan } = decided({
    requests: [{ ...mounting, tasks: [placedTask()] }],
    nodes: [
      node({ assigned: [assignment('r', { isOffered: false, mounts: { requests: ['s'], areAttached: false } })] }),
    ],
    claims: [claimed],
    storages: new Map([['s', claimed]]),
    claimListing: claimListing({ volumes: [seenVolume('vol-s', attachedTo('i-1'))] }),
  });
  expect(changes(plan, 'requeue')).toHaveLength(1);
  const calls = plan.actions.filter((one) => one.kind === 'call');
  expect(calls).toMatchObject([{ call: { kind: 'detach', volumeId: 'vol-s' }, restsOn: ['claim s', 'node i-1'] }]);
});

test('a claim on which the decision fails is left out, and tasks and other claims go on', () => {
  const broken = storage('s', 'za', { state: 'pending', startedAtMs: null, volume: null });
  const { culprits, plan, claimOf } = decided(
    { requests: [request('r')], claims: [broken, machineWish('n')], nodes: [node()] },
    { placements: [{ binId: 'i-1', tasks: [{ demandId: 'r', count: 1 }] }] },
  );
  expect(culprits.map((one) => one.key)).toEqual(['claim s']);
  expect(changes(plan, 'place')).toHaveLength(1);
  expect(claimOf('n')?.reason).toBe('launching');
});

test('a volume that a task has on a node that is set aside stays attached, and is given to nobody else', () => {
  const mounts = { requests: ['s'], areAttached: true };
  const use = { id: 'i-1', attemptId: 'r.0.1', sinceMs: 1, isAttached: true, refusal: null };
  const world = decided({
    requests: [request('r', { mounts: [{ request: 's', path: '/data' }] }, { tasks: [placedTask()] })],
    nodes: [node({ assigned: [assignment('r', { mounts })], state: 'draining', quarantine: 'cannot be read' })],
    claims: [storage('s', 'za', { usedBy: { request: 'r', machine: 0, device: '/dev/sdf', node: use } })],
    claimListing: claimListing({ volumes: [seenVolume('vol-s', attachedTo('i-1'))] }),
  });
  expect(world.plan.actions.filter((one) => one.kind === 'call')).toEqual([]);
  expect(world.claimOf('s')).toBeUndefined();
});

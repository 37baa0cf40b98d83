// The shadow as a decision sees it.
import { describe, expect, test } from '@jest/globals';
import type { ShadowWorld } from '../../../../lib/core/costs/shadow/observation.ts';
import { shadowObservation } from '../../../../lib/core/costs/shadow/observation.ts';
import type { ShadowRecord } from '../../../../lib/core/costs/shadow/record.ts';
import { instanceType } from '../../../../lib/core/catalog/index.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { agentProtocol } from '../../../../lib/core/records/sync.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import {
  aside,
  claimListing,
  group,
  keptVolume,
  launch,
  machineLaunch,
  machines,
  node,
  nowMs,
  observation,
  offer,
  offerings,
  pool,
  request,
  resources,
  smallType,
  terms,
  typeOf,
} from '../../builders.ts';
import { requestsOf, shadow, shadowNode, shadowTask, sinceMs } from './builders.ts';

const listing = { atMs: nowMs, instances: new Map() };

function world(more: Parameters<typeof observation>[0] = {}, own: Partial<ShadowWorld> = {}): ShadowWorld {
  return {
    seen: observation({ listing, ...more }),
    pool: pool({ idleAfterMs: 5 }),
    offerings: offerings.slice(1),
    settings,
    terms,
    allocate: () => {
      throw new Error('nothing is decided here');
    },
    isTooLate: () => false,
    ...own,
  };
}

const seenAt = (record: ShadowRecord, atMs = nowMs, of = world()) => shadowObservation(record, atMs, of);
const nodeOf = (record: ShadowRecord, atMs = nowMs, of = world()) => seenAt(record, atMs, of).nodes[0]?.record;

describe('what is seen of a shadow', () => {
  test("is of its time, with its own declaration and offerings, and without the pool's things", () => {
    const claims = { claims: [machines('m')], groups: [group('m')], machineLaunches: [machineLaunch('l', 'm')] };
    const rest = { kept: [keptVolume('v')], warmFailed: [machines('w')], suspects: new Set(['x']) };
    const things = { nodes: [node()], launches: [launch('k')], requests: [request('r')], services: [] };
    const of = world({ ...claims, ...rest, ...things, isPoolDeleting: true, claimListing: claimListing() });
    const found = seenAt(shadow(), sinceMs, of);
    expect(found).toMatchObject({
      ...{ nowMs: sinceMs, isPoolDeleting: false, listing: null, claimListing: null },
      ...{ nodes: [], launches: [], requests: [], claims: [], groups: [], machineLaunches: [] },
      ...{ kept: [], warmFailed: [], leftOver: [], snapshotOwners: new Map() },
    });
    expect(found.pool).toBe(of.pool);
    expect(found.offerings).toBe(of.offerings);
    expect([found.suspects, found.services]).toEqual([undefined, undefined]);
  });

  test("has the pool's memory, without what is of its own nodes and tasks", () => {
    const memory = {
      ...emptyMemory,
      ...{ bootMs: 7, gangs: { g: {} as never }, massSilenceSinceMs: 5, passedOver: { 1: 2 } },
      ...{ commitments: {} as never, consolidatedAtMs: 9 },
    };
    expect(seenAt(shadow(), nowMs, world({ memory })).memory).toEqual({ ...emptyMemory, bootMs: 7 });
    expect(seenAt(shadow({ consolidatedAtMs: 3 }), nowMs, world({ memory })).memory.consolidatedAtMs).toBe(3);
  });

  test("counts the pool's machines and volumes, and what is set aside, against the limits", () => {
    const claimed = world({
      claims: [machines('m')],
      kept: [keptVolume('v')],
      machineLaunches: [machineLaunch('l', 'm')],
    });
    const usage = seenAt(shadow(), nowMs, claimed).aside?.usage;
    expect(usage).toMatchObject({ instances: 2, volumeGib: 20 });
    const others = aside({
      usage: { instances: 3, vcpu: 6, memoryMib: 0, usdPerHour: 0, volumeGib: 5, usdPerMonth: 0 },
    });
    const both = seenAt(shadow(), nowMs, world({ claims: [machines('m')], aside: others })).aside;
    expect(both).toMatchObject({ nodes: [], usage: { instances: 4, volumeGib: 5 } });
    expect([both?.requests.size, both?.claims.size]).toEqual([0, 0]);
  });
});

describe('a task of a shadow', () => {
  test('is a request of one, with what decisions ask of it', () => {
    const [found] = seenAt(
      shadow({ tasks: [shadowTask('r', { index: 4, attempt: 3 })], requests: requestsOf(['r']) }),
    ).requests;
    expect(found).toMatchObject({ version: 0, chunks: [], isCollected: false });
    expect(found?.record).toMatchObject({
      ...{
        id: 'r.4',
        tenant: 't',
        pool: 'p',
        createdAtMs: sinceMs,
        tasks: [{ index: 0, attempt: 3, state: 'pending' }],
      },
      spec: {
        ...{ type: 'task', resources, requirements: {}, priority: 0, count: 1, retries: 0, env: {} },
        ...{ timeoutMs: null, expectedDurationMs: null, deadlineMs: null, learningStyle: null },
        run: { kind: 'command', argv: [] },
      },
    });
  });

  test('says its deadline', () => {
    const requests = requestsOf(['r']);
    const spec = { resources, requirements: {}, priority: 0, deadlineMs: 99 };
    const record = shadow({
      tasks: [shadowTask('r')],
      requests: { r: { ...(requests['r'] as never as object), spec } as never },
    });
    expect(seenAt(record).requests[0]?.record.spec.deadlineMs).toBe(99);
  });

  test('is not seen before it came, and not once it is over', () => {
    const record = shadow({ tasks: [shadowTask('r')], requests: requestsOf(['r'], 500) });
    expect(seenAt(record, 499).requests).toEqual([]);
    expect(seenAt(record, 500).requests).toHaveLength(1);
    const over = { ...record, tasks: [shadowTask('r', { isOver: true })] };
    expect(seenAt(over, 500).requests).toEqual([]);
    expect(seenAt(shadow({ tasks: [shadowTask('gone')] })).requests).toEqual([]);
  });
});

describe('a node of a shadow', () => {
  test('has just called, and is as its type says', () => {
    expect(nodeOf(shadow({ nodes: [shadowNode('s')] }))).toEqual({
      ...node(),
      ...{ id: 's', launchId: 's', bootId: 's', seq: 0, templateVersion: '7', agentProtocol, createdAtMs: sinceMs },
      ...{ readyAtMs: sinceMs, lastSeenAtMs: nowMs, emptySinceMs: sinceMs },
    });
  });

  test('boots until it is ready', () => {
    const record = shadow({ nodes: [shadowNode('s', { readyAtMs: 500, emptySinceMs: null })] });
    expect(nodeOf(record, 499)).toMatchObject({
      ...{ state: 'launching', readyAtMs: null, lastSeenAtMs: null, bootId: '', emptySinceMs: null },
    });
    expect(nodeOf(record, 500)).toMatchObject({ state: 'ready', readyAtMs: 500, lastSeenAtMs: 500, emptySinceMs: 500 });
  });

  test('has its tasks since it has them', () => {
    const requests = requestsOf(['r', 't']);
    const tasks = [
      shadowTask('r', { node: 's', placedAtMs: 700, attempt: 2 }),
      shadowTask('t', { node: 's' }),
      shadowTask('r', { index: 1, node: 'other', placedAtMs: 1 }),
    ];
    const found = nodeOf(shadow({ nodes: [shadowNode('s')], tasks, requests }));
    expect(found?.emptySinceMs).toBeNull();
    expect(found?.assigned).toEqual([
      {
        ...{ attemptId: 'r.0.0.2', requestId: 'r.0', index: 0, attempt: 2, resources, isOffered: true },
        ...{ placedAtMs: 700, startedAtMs: 700, expectedEndAtMs: null, withdrawn: null },
      },
      expect.objectContaining({ requestId: 't.0', placedAtMs: nowMs }) as unknown,
    ]);
  });

  test('knows when a task is expected to end', () => {
    const spec = { resources, requirements: {}, priority: 0, expectedDurationMs: 30 };
    const requests = { r: { tenant: 't', createdAtMs: 0, spec } };
    const tasks = [shadowTask('r', { node: 's', placedAtMs: 700 })];
    expect(nodeOf(shadow({ nodes: [shadowNode('s')], tasks, requests }))?.assigned).toMatchObject([
      { expectedEndAtMs: 730 },
    ]);
  });

  test('drains, replaces others and is in a reservation as the record says', () => {
    const drain = { by: 'drift', reason: '', atMs: 1, deadlineMs: null } as const;
    const own = { drain, replaces: ['x'], reservation: 'cr-1' };
    expect(nodeOf(shadow({ nodes: [shadowNode('s', own)] }))).toMatchObject({ ...own, state: 'draining' });
  });

  test('has its type from what the shadow may buy, from what the pool may, or from the catalog', () => {
    const [ofShadow, ofPool] = [typeOf('c7.large', 5, 4, 0.1), typeOf('x.large', 9, 4, 0.1)];
    const buying = [offer(ofShadow, 'za', 'on-demand')];
    const of = world(
      { offerings: [offer(smallType, 'za', 'spot'), offer(ofPool, 'za', 'spot')] },
      { offerings: buying },
    );
    const vcpuOf = (name: string) =>
      nodeOf(shadow({ nodes: [shadowNode('s', { instanceType: name })] }), nowMs, of)?.reserved.vcpu;
    expect([vcpuOf('c7.large'), vcpuOf('x.large'), vcpuOf('m7i.large')]).toEqual([
      5,
      9,
      instanceType('m7i.large')?.vcpu,
    ]);
    const unknown = nodeOf(shadow({ nodes: [shadowNode('s', { instanceType: 'gone.large' })] }), nowMs, of);
    expect(unknown).toMatchObject({
      allocatable: { cpuMilli: 0, memoryMib: 0, gpu: 0 },
      reserved: { instances: 1, vcpu: 0, memoryMib: 0, usdPerHour: 0.1 },
    });
  });
});

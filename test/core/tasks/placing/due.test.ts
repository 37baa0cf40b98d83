// No task waits while its pool has no time to look again, whatever it is that keeps it.
import { expect, test } from '@jest/globals';
import { fc } from '../../../properties.ts';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import { newClaim } from '../../../../lib/core/claims/lifecycle.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import type { Observation, PoolMemory } from '../../../../lib/core/plan/observation.ts';
import type { Action } from '../../../../lib/core/plan/plan.ts';
import { usageOf } from '../../../../lib/core/records/limits.ts';
import type { Refusal } from '../../../../lib/core/plan/capacity-memory.ts';
import { decide, nextDueAtMs } from '../../../../lib/core/plan/decide.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import { newRequest } from '../../../../lib/core/tasks/request-lifecycle.ts';
import { awsDecisionSettings } from '../../../../lib/core/values/settings.ts';
import { storageSpec } from '../../../control/claims/world.ts';
import { inputs, offerings, zones } from '../../allocation/worlds.ts';
import { observation as emptyPool, terms } from '../../builders.ts';

const settings = { ...awsDecisionSettings, allocationIterations: 2 };
const nowMs = 1_000_000;

/**
 * Refusals of what is wider than an offering: buckets of quotas, capacity types, types, and zones
 * of one capacity type.
 */
const wide = {
  'quota standard/spot': 'MaxSpotInstanceCountExceeded',
  'quota standard/on-demand': 'VcpuLimitExceeded',
  'quota g/spot': 'MaxSpotInstanceCountExceeded',
  'quota g/on-demand': 'VcpuLimitExceeded',
  '*/*/spot': 'MaxSpotInstanceCountExceeded',
  '*/*/on-demand': 'VcpuLimitExceeded',
  'c1.l/*/*': 'AgentNeverCalled',
  'm1.l/*/spot': 'InsufficientInstanceCapacity',
  '*/za/spot': 'UnfulfillableCapacity',
};

const memories = fc
  .record({
    widely: fc.oneof(
      fc.constant<[string, string][]>([]),
      fc.subarray(Object.entries(wide)),
      fc.constant(Object.entries(wide).slice(0, 4)),
    ),
    out: fc.subarray(zones),
    offering: fc.subarray([...offerings], { maxLength: 5 }),
    untilMs: fc.integer({ min: nowMs - 5_000, max: nowMs + 200_000 }),
    isPaused: fc.boolean(),
    isFailing: fc.boolean(),
  })
  .map(({ widely, out, offering, untilMs, isPaused, isFailing }): PoolMemory => ({
    refusals: Object.fromEntries([
      ...widely.map(([key, code]): [string, Refusal] => [key, { untilMs, waitMs: 60_000, code }]),
      ...[...out.map((zone) => `*/${zone}/*`), ...(isPaused ? ['*/*/*'] : []), ...offering.map((one) => one.id)].map(
        (key) =>
          [
            key,
            { untilMs, waitMs: 60_000, code: key === '*/*/*' ? 'PendingVerification' : 'InsufficientInstanceCapacity' },
          ] as [string, Refusal],
      ),
    ]),
    failedCalls: 0,
    gangs: {},
    massSilenceSinceMs: null,
    boots: isFailing ? { failed: 4, countedToMs: nowMs - 1, last: 'i-1: its agent did not call' } : null,
  }));

const observations = fc
  .record({
    input: inputs,
    memory: memories,
    hasNodes: fc.boolean(),
    floor: fc.constantFrom(0, 0, 2),
    mounts: fc.constantFrom('none' as const, 'none' as const, 'pending' as const, 'used' as const),
  })
  .map(({ input, memory, hasNodes, floor, mounts }): Observation => {
    const requests = input.demand.map((one): RequestRecord =>
      newRequest(
        {
          id: one.id,
          tenant: one.tenant,
          pool: 'p',
          bodyHash: '',
          spec: {
            type: 'task',
            resources: one.resources,
            run: { kind: 'shell', script: '' },
            env: {},
            count: one.count,
            timeoutMs: null,
            retries: 0,
            priority: one.priority,
            requirements: one.requirements,
            expectedDurationMs: one.expectedDurationMs,
            deadlineMs: null,
            learningStyle: null,
            ...Object.fromEntries(
              (['group', 'spread', 'affinity', 'antiAffinity', 'preferences', 'gang'] as const).flatMap((key) =>
                one[key] === undefined ? [] : [[key, one[key]]],
              ),
            ),
            ...(mounts !== 'none' && one.count === 1 ? { mounts: [{ request: 'volume', path: null }] } : {}),
          },
        },
        one.createdAtMs,
      ),
    );
    const fresh = newClaim({ id: 'volume', tenant: 't', pool: 'p', bodyHash: '', spec: storageSpec }, 0);
    const storage = {
      ...fresh,
      state: mounts === 'used' ? 'active' : 'pending',
      usedBy: { request: 'machine' },
      volume: { zone: 'za', volumeId: 'vol-1' },
    } as unknown as ClaimRecord;
    const observation: Observation = {
      ...emptyPool(),
      nowMs,
      memory,
      offerings,
      storages: new Map([['volume', storage]]),
      pool: {
        ...input.pool,
        name: 'p',
        learningStyle: 'reactive',
        idleAfterMs: 60_000,
        priority: 0,
        accepts: ['task'],
      },
      requests: requests.map((record) => ({ record, version: 1, chunks: [], isCollected: false })),
      nodes: hasNodes
        ? input.bins.map((bin) => ({
            version: 1,
            record: nodeOf(bin.id, bin.offering, bin.state === 'ready' ? 'ready' : 'launching'),
          }))
        : [],
      ...(floor === 0 ? {} : { floor: { nodes: floor, because: '', nextActAtMs: null } }),
    };
    // The catalog would fill pages.
    return Object.assign(observation, {
      [fc.toStringMethod]: () => fc.stringify([input, memory, hasNodes, floor, mounts]),
    });
  });

function nodeOf(id: string, offering: (typeof offerings)[number], state: NodeRecord['state']): NodeRecord {
  return {
    id,
    pool: 'p',
    launchId: 'l',
    specVersion: 1,
    templateVersion: '1',
    instanceType: offering.type.name,
    zone: offering.zone,
    capacityType: offering.capacityType,
    priceUsdPerHour: offering.priceUsdPerHour,
    allocatable: offering.type.allocatable,
    tasksMax: 4,
    reserved: usageOf(offering),
    state,
    createdAtMs: nowMs - 1_000,
    readyAtMs: null,
    bootId: '',
    seq: 0,
    lastSeenAtMs: state === 'ready' ? nowMs : null,
    assigned: [],
    emptySinceMs: nowMs,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
  };
}

/** By request, how many of its tasks nodes have after the decision. */
function placedIn(actions: readonly Action[]): ReadonlyMap<string, number> {
  const nodes = new Map<string, NodeRecord>();
  for (const action of actions)
    if (action.kind === 'change')
      for (const write of action.writes) if (write.type === 'node') nodes.set(write.record.id, write.record);
  const placed = new Map<string, number>();
  for (const { requestId } of [...nodes.values()].flatMap((node) => node.assigned))
    placed.set(requestId, (placed.get(requestId) ?? 0) + 1);
  return placed;
}

test(
  'whatever is unplaced makes its pool due within a minute; what can never be placed, when the '
    + 'catalog is read again',
  () => {
    let waiting = 0;
    const codes = new Set<string>();
    fc.assert(
      fc.property(observations, (observation) => {
        const plans: AllocationPlan[] = [];
        const decision = decide(
          observation,
          settings,
          terms,
          (input) => {
            const plan = allocate(input);
            plans.push(plan);
            return plan;
          },
          () => false,
        );
        // A gang that one plan leaves out may have its place by the next one of the same decision.
        const placed = placedIn(decision.plan.actions);
        const unplaced = plans
          .flatMap((plan) => plan.unplaced)
          .filter(({ demandId }) => {
            const request = observation.requests.find(({ record }) => record.id === demandId);
            return request === undefined || (placed.get(demandId) ?? 0) < request.record.spec.count;
          });
        const mounting = observation.requests.filter(
          ({ record }) => record.spec.mounts !== undefined && record.tenant === 't',
        );
        if (unplaced.length + mounting.length === 0) return;
        waiting += 1;
        const dueMs = nextDueAtMs(decision, settings);
        const isNever = mounting.length === 0 && unplaced.every((one) => one.kind === 'unsatisfiable');
        expect(dueMs).not.toBeNull();
        expect(dueMs).toBeGreaterThan(nowMs);
        expect(dueMs).toBeLessThanOrEqual(nowMs + (isNever ? settings.neverAgainMs : settings.unplacedAgainMs));
        const explained = decision.plan.actions.find((action) => action.kind === 'explain');
        const entries = [
          ...Object.values(explained?.why.byShape ?? {}),
          ...(explained?.why.headroom ? [explained.why.headroom] : []),
        ];
        expect(entries.length).toBeGreaterThan(0);
        for (const one of entries) {
          codes.add(one.code);
          if (one.code === 'no_capacity' || one.code === 'account_limit')
            expect(one.nextTryAtMs).toBeGreaterThan(nowMs);
          // Not after it may be asked for again.
          if (one.nextTryAtMs !== null && unplaced.length > 0) expect(dueMs).toBeLessThanOrEqual(one.nextTryAtMs);
          expect(one.message).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
    expect(waiting).toBeGreaterThan(100);
    for (const code of ['no_capacity', 'account_limit', 'limit_reached']) expect(codes).toContain(code);
  },
);

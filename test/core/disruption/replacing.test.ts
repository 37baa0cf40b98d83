// Consolidation that buys: cheaper nodes in the place of one or several, which go when those are ready and it pays.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { whyNode } from '../../../lib/core/disruption/why.ts';
import { decide, nextDueAtMs } from '../../../lib/core/plan/decide.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { OnDemandShare, PoolDisruption } from '../../../lib/core/records/pool.ts';
import type { TaskDisruption } from '../../../lib/core/records/request.ts';
import type { Resources } from '../../../lib/core/values/resources.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';
import {
  assignment,
  changes,
  node,
  nowMs,
  observation,
  offer,
  pool,
  request,
  task,
  terms,
  typeOf,
} from '../builders.ts';

const [small, middle, large] = [
  typeOf('c7.large', 2, 4, 0.1),
  typeOf('c7.xlarge', 4, 8, 0.15),
  typeOf('c7.2xlarge', 8, 16, 0.4),
];
const sold = (...types: readonly (typeof small)[]): readonly Offering[] =>
  types.map((one) => offer(one, 'za', 'on-demand'));
const one: Resources = { cpuMilli: 1_000, memoryMib: 1_000, gpu: 0 };

function on(id: string, type = small, changed: Partial<NodeRecord> = {}, placed: Partial<Assignment> = {}): NodeRecord {
  return node({
    id,
    instanceType: type.name,
    allocatable: type.allocatable,
    priceUsdPerHour: type.onDemandUsdPerHour ?? 0,
    assigned: [assignment(`r-${id}`, { resources: one, ...placed })],
    emptySinceMs: null,
    ...changed,
  });
}

const spare = (replaces: readonly string[], changed: Partial<NodeRecord> = {}): NodeRecord =>
  node({
    id: 'i-9',
    replaces,
    assigned: [],
    createdAtMs: nowMs - 60_000,
    readyAtMs: nowMs,
    emptySinceMs: 0,
    ...changed,
  });

/** One task of 1 vCPU on each of the nodes. */
function seen(
  nodes: readonly NodeRecord[],
  more: Parameters<typeof observation>[0] = {},
  disruption: PoolDisruption = { consolidation: {} },
  bears: TaskDisruption = { mode: 'restart' },
): Observation {
  const requests = nodes
    .flatMap(({ assigned }) => assigned)
    .map(({ requestId, resources, attempt }) =>
      request(requestId, { resources, disruption: bears }, { tasks: [task({ attempt })] }),
    );
  return observation({ pool: pool({ disruption }), nodes, requests, offerings: sold(small, large), ...more });
}

function decided(of: Observation) {
  const { plan, tasks, claims, observation: looked } = decide(of, settings, terms, allocate, () => false);
  const launches = plan.actions.flatMap((action) => (action.kind === 'launch' ? [action.launch] : []));
  return {
    bought: launches.map((launch) => ({
      types: 'overrides' in launch.request ? launch.request.overrides.map(({ instanceType }) => instanceType) : [],
      capacityType: 'capacityType' in launch.request ? launch.request.capacityType : undefined,
      replaces: 'replaces' in launch ? launch.replaces : undefined,
      reason: launch.reason,
    })),
    drained: changes(plan, 'drain').map(({ reason, writes: [write] }) => [
      write?.type === 'node' ? write.record.id : '',
      reason,
    ]),
    memory: plan.actions.flatMap((action) => (action.kind === 'remember' ? [action.memory] : []))[0],
    dueMs: nextDueAtMs({ plan, tasks, claims, observation: looked }, settings),
  };
}

describe('one node in the place of others', () => {
  test('is bought for a node that is much too large, with the sums, and nothing moves before it is there', () => {
    const { bought, drained, memory } = decided(seen([on('i-1', large)]));
    expect(bought).toMatchObject([{ types: ['c7.large'], replaces: ['i-1'] }]);
    expect(bought[0]?.reason).toMatch(
      /In the place of i-1: its task fits on what is bought and on others: that saves .* of boot and use of what is/,
    );
    expect(drained).toEqual([]);
    expect(memory?.consolidatedAtMs).toBe(nowMs);
  });

  test('is weighed by what nodes cost now: a spot node is billed by the price of the hour, not of its launch', () => {
    const spot = (usd: number, type = small): Offering => ({ ...offer(type, 'za', 'spot'), priceUsdPerHour: usd });
    const bought = (launchedAtUsd: number, ...offerings: readonly Offering[]) =>
      decided(seen([on('i-1', small, { capacityType: 'spot', priceUsdPerHour: launchedAtUsd })], { offerings })).bought;
    expect(bought(0.1, spot(0.02))).toEqual([]);
    expect(bought(0.03, spot(0.1), spot(0.02, middle))).toMatchObject([{ types: ['c7.xlarge'], replaces: ['i-1'] }]);
  });

  test('is bought for several that none of the others can carry', () => {
    const both = ['i-1', 'i-2'].map((id) => on(id, small, {}, { savedAtMs: nowMs, startedAtMs: 20 }));
    expect(decided(seen(both, { offerings: sold(small, middle) })).bought).toMatchObject([
      { types: ['c7.xlarge'], replaces: ['i-1', 'i-2'] },
    ]);
    // At four fifths of the price of two it would be the same for less; at nine tenths prices may have moved by then.
    const dear = typeOf('c7.xlarge', 4, 8, 0.18);
    expect(decided(seen(both, { offerings: sold(small, dear) })).bought).toEqual([]);
  });

  test('is on demand for one on demand where the pool wants a share of that, however cheap spot is', () => {
    const both = [...sold(small, large), { ...offer(small, 'za', 'spot'), priceUsdPerHour: 0.01 }];
    const bought = (onDemand?: OnDemandShare) => {
      const of = pool({ disruption: { consolidation: {} }, ...(onDemand && { onDemand }) });
      return decided(seen([on('i-1', large)], { offerings: both, pool: of })).bought;
    };
    expect(bought()).toMatchObject([{ capacityType: 'spot' }]);
    expect(bought({ baseVcpu: 0, percent: 20 })).toMatchObject([{ capacityType: 'on-demand' }]);
  });

  test.each<[string, Observation]>([
    ['where the pool does not consolidate', seen([on('i-1', large)], {}, {})],
    ['for what bears nothing', seen([on('i-1', large)], {}, { consolidation: {} }, { mode: 'never' })],
    ['where a stop costs more', seen([on('i-1', large)], {}, { consolidation: {} }, { mode: 'restart', costUsd: 20 })],
    ['in a paused pool', seen([on('i-1', large)], { paused: { by: 'alice', sinceMs: 1 } })],
    ['where a budget lets none go', seen([on('i-1', large)], {}, { consolidation: {}, budgets: [{ nodes: 0 }] })],
    [
      'a short time after the last one',
      seen([on('i-1', large)], { memory: { ...emptyMemory, consolidatedAtMs: nowMs } }),
    ],
    ['for a task that ends soon', seen([on('i-1', large, {}, { expectedEndAtMs: nowMs + 300_000 })])],
    ['while one is on its way', seen([on('i-1', large), spare(['i-1'], { state: 'launching', readyAtMs: null })])],
    [
      'beyond the limits of the pool',
      seen([on('i-1', large)], { pool: pool({ disruption: { consolidation: {} }, limits: { instances: 1 } }) }),
    ],
  ])('is not bought %s', (_what, of) => {
    expect(decided(of).bought).toEqual([]);
  });
});

describe('when it is there', () => {
  test('the others go, and say where their tasks have room', () => {
    const { drained, bought } = decided(seen([on('i-1', large), spare(['i-1'])]));
    expect(bought).toEqual([]);
    expect(drained).toEqual([
      ['i-1', expect.stringMatching(/^its task fits on what was bought for that \(i-9\) and on /)],
    ]);
  });

  test('it waits for them for two minutes, though it is without work, and is looked at then', () => {
    // A task that was asked to stop, and a gang, are none that can be moved.
    const waiting = seen([on('i-1', large, { cordon: { by: 'alice', atMs: 1 } }), spare(['i-1'])]);
    const now = decided(waiting);
    expect(now.drained).toEqual([]);
    expect(now.dueMs).toBeLessThanOrEqual(nowMs + 120_000);
    const later = { ...waiting, nowMs: nowMs + 120_000 };
    expect(decided(later).drained).toEqual([['i-9', 'idle']]);
  });

  test('and goes as any other where those that it replaces are gone already', () => {
    const { drained } = decided(seen([spare(['i-1'], { readyAtMs: nowMs - 60_000 })]));
    expect(drained).toEqual([['i-9', 'idle']]);
  });

  test('why node says so', () => {
    const all = [on('i-1', large), spare(['i-1'])];
    const { listing, offerings, pool: spec, memory } = seen(all);
    const input = { nowMs, listing, offerings, pool: spec, isPoolDeleting: false, others: all, memory };
    const { methods } = whyNode(all[1] ?? node(), input, settings);
    expect(methods.find(({ method }) => method === 'consolidation')?.reason).toBe(
      'it was bought in the place of i-1, which go if that pays then',
    );
  });
});

describe('steady demand moves nothing', () => {
  test('room for as much as came for the first time lately is left free', () => {
    const two = (placedAtMs: number, attempt: number): Observation => {
      const half = { cpuMilli: 500, memoryMib: 500, gpu: 0 };
      const third = on('i-3', large, {}, { placedAtMs, attempt, resources: { ...half, cpuMilli: 6_500 } });
      const [a, b] = ['i-1', 'i-2'].map((id) =>
        on(id, small, {}, { resources: half, startedAtMs: 20, savedAtMs: nowMs }),
      );
      return seen([a ?? third, b ?? third, third], { offerings: sold(small, large) });
    };
    expect(decided(two(10, 1)).drained.length).toBeGreaterThan(0);
    expect(decided(two(nowMs - 299_000, 1)).drained).toEqual([]);
    // A second attempt is no new demand.
    expect(decided(two(nowMs - 299_000, 2)).drained.length).toBeGreaterThan(0);
  });
});

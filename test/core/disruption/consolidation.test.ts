// Consolidation: which node others can do without, what it says of it, and when nothing moves.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { consolidation } from '../../../lib/core/disruption/methods/consolidation.ts';
import { whyNode } from '../../../lib/core/disruption/why.ts';
import { decide } from '../../../lib/core/plan/decide.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, changes, launch, node, nowMs, observation, offerings, pool, request, terms } from '../builders.ts';

const half = { cpuMilli: 500, memoryMib: 500, gpu: 0 };
const restart = { mode: 'restart' } as const;
const consolidating = pool({ disruption: { consolidation: {} } });

const onDemand = { capacityType: 'on-demand' } as const;

/** For so many of the nodes' type. */
function paying(count: number): PoolSpec {
  const commitment = { kind: 'reserved-instances', name: 'ri', instanceType: 'c7.large', count } as const;
  return { ...consolidating, commitments: [commitment] };
}

type World = Parameters<typeof observation>[0];

/** Two nodes that a task runs on each, which half fill them; `spec`: of the first one's. */
function two(
  spec: Partial<TaskSpec> = {},
  first: Partial<NodeRecord> = {},
  more: World = {},
  placed: Partial<Assignment> = {},
): Observation {
  const on = (id: string, changed: Partial<NodeRecord> = {}, one: Partial<Assignment> = {}): NodeRecord =>
    node({ id, assigned: [assignment(`r-${id}`, { resources: half, ...one })], emptySinceMs: null, ...changed });
  return observation({
    pool: consolidating,
    nodes: [on('i-1', first, placed), on('i-2')],
    requests: [
      request('r-i-1', { resources: half, disruption: restart, ...spec }),
      request('r-i-2', { resources: half }),
    ],
    ...more,
  });
}

function decided(seen: Observation) {
  return decide(seen, settings, terms, allocate, () => false).plan;
}

function drained(seen: Observation): readonly string[] {
  return changes(decided(seen), 'drain').map(({ reason }) => reason);
}

describe('consolidation', () => {
  test('takes a node whose tasks fit on others, says what that saves and costs, and remembers when', () => {
    const plan = decided(two());
    expect(changes(plan, 'drain')).toMatchObject([
      {
        reason: expect.stringMatching(
          /^its task fits on other nodes: that saves 1\.\d\d USD, for 0\.07 USD of work .* and 0\.28 USD of longer use/,
        ),
        writes: [{ record: { id: 'i-1', state: 'draining', drain: { by: 'consolidation' } } }],
      },
    ]);
    expect(plan.actions).toContainEqual({
      kind: 'remember',
      memory: expect.objectContaining({ consolidatedAtMs: nowMs }),
    });
  });

  test('weighs what tasks say that a stop costs, and says it', () => {
    const costing = (costUsd: number): readonly string[] => drained(two({ disruption: { ...restart, costUsd } }));
    expect(costing(0.3)).toEqual([expect.stringContaining(', 0.30 USD that its tasks say a stop costs and ')]);
    expect(costing(0.9)).toEqual([]);
  });

  test('takes no node that is paid for, nor counts what a longer use of one costs', () => {
    const older = { ...onDemand, createdAtMs: -1 };
    const others = (seen: Observation, more: Partial<NodeRecord>): Observation => ({
      ...seen,
      nodes: seen.nodes.map((one) => (one.record.id === 'i-2' ? { ...one, record: { ...one.record, ...more } } : one)),
    });
    expect(drained(others(two({}, onDemand, { pool: paying(2) }), onDemand))).toEqual([]);
    expect(drained(others(two({}, onDemand, { pool: paying(1) }), older))).toEqual([
      expect.stringContaining(' and 0.00 USD of longer use of the others'),
    ]);
  });

  test('counts the work of a task that saves from its last save on', () => {
    const disruption = { mode: 'checkpoint' } as const;
    const startedAtMs = nowMs - 8 * 3_600_000;
    const old = (one: Partial<Assignment>): readonly string[] =>
      drained(two({ disruption, expectedDurationMs: 16 * 3_600_000 }, {}, {}, { startedAtMs, ...one }));
    expect(old({})).toEqual([]);
    expect(old({ savedAtMs: nowMs - 60_000 })).toHaveLength(1);
  });

  test.each<[string, Observation]>([
    ['where the pool does not say so', two({}, {}, { pool: pool() })],
    ['in a paused pool', two({}, {}, { paused: { by: 'alice', sinceMs: 1 } })],
    ['that is paid for whether it is there or not', two({}, onDemand, { pool: paying(1) })],
    ['in a pool that is deleted', two({}, {}, { isPoolDeleting: true })],
    ['with a task that bears nothing', two({ disruption: { mode: 'never' } })],
    ['that is cordoned', two({}, { cordon: { by: 'alice', atMs: 1 } })],
    ['that AWS takes anyway', two({}, { announced: { reason: 'retirement', atMs: nowMs + 10_000_000 } })],
    ['with a task that is alone', two({}, {}, {}, { isAlone: true })],
    ['with a part of a gang', two({ gang: true })],
    ['with a task that is being cancelled', two({}, {}, {}, { withdrawn: { reason: 'x', atSeq: 1, atBootId: 'b' } })],
    [
      'with a task that fits nowhere',
      two({ resources: { ...half, cpuMilli: 1_800 } }, {}, {}, { resources: { ...half, cpuMilli: 1_800 } }),
    ],
    ['with a task that must be in another zone', two({ requirements: { zone: ['zb'] } })],
    [
      'with a task that keeps away from the others',
      two(
        { group: 'g', antiAffinity: [{ group: 'h', topology: 'node' }] },
        {},
        {
          requests: [
            request('r-i-1', {
              resources: half,
              disruption: restart,
              group: 'g',
              antiAffinity: [{ group: 'h', topology: 'node' }],
            }),
            request('r-i-2', { resources: half, group: 'h' }),
          ],
        },
      ),
    ],
    ['whose task ends soon', two({}, {}, {}, { expectedEndAtMs: nowMs + 60_000 })],
    ['with a task that was placed a short time ago', two({}, {}, {}, { placedAtMs: nowMs - 299_999 })],
    ['a short time after a purchase', two({}, { createdAtMs: nowMs - 299_999 })],
    ['while something is bought', two({}, {}, { launches: [launch('l')] })],
    ['a short time after the last one', two({}, {}, { memory: { ...emptyMemory, consolidatedAtMs: nowMs - 59_999 } })],
    [
      'while a task waits that a node is bought for',
      two({}, {}, { requests: [...two().requests.map(({ record }) => record), request('r-3')] }),
    ],
    ['within budgets', two({}, {}, { pool: pool({ disruption: { consolidation: {}, budgets: [{ nodes: 0 }] } }) })],
  ])('leaves a node alone: %s', (_, seen) => {
    expect(drained(seen)).toEqual([]);
  });

  test('is asked again when that is over', () => {
    expect(drained(two({}, { createdAtMs: nowMs - 300_000 }))).toHaveLength(1);
    expect(drained(two({}, {}, { memory: { ...emptyMemory, consolidatedAtMs: nowMs - 60_000 } }))).toHaveLength(1);
    const soon = pool({ disruption: { consolidation: { calmMs: 1_000, apartMs: 0 } } });
    expect(drained(two({}, {}, { pool: soon }, { placedAtMs: nowMs - 1_000 }))).toHaveLength(1);
  });

  test('moves nothing to a node that is empty, cordoned or without the room', () => {
    const left = (second: Partial<NodeRecord>): readonly string[] => {
      const { nodes, requests } = two();
      const [first, other] = nodes.map(({ record }) => record);
      return drained(
        observation({
          pool: consolidating,
          nodes: [first ?? node(), node({ ...other, ...second })],
          requests: requests.map(({ record }) => record),
        }),
      );
    };
    expect(left({})).toHaveLength(1);
    expect(left({ assigned: [], emptySinceMs: nowMs })).toEqual([]);
    expect(left({ cordon: { by: 'alice', atMs: 1 } })).toEqual([]);
    expect(left({ tasksMax: 1 })).toEqual([]);
  });

  test('takes as many as go together, the first of equal ones, and none while tasks are being stopped', () => {
    const three = (drain: boolean): Observation => {
      const ids = ['i-1', 'i-2', 'i-3'];
      const drained = { by: 'consolidation', reason: 'why', atMs: 1, deadlineMs: null } as const;
      return observation({
        pool: consolidating,
        nodes: ids.map((id) =>
          node({
            id,
            assigned: [assignment(`r-${id}`, { resources: half })],
            emptySinceMs: null,
            ...(drain && id === 'i-1' ? { state: 'draining', drain: drained } : {}),
          }),
        ),
        requests: ids.map((id) => request(`r-${id}`, { resources: half, disruption: restart })),
      });
    };
    expect(changes(decided(three(false)), 'drain').map(({ writes }) => writes)).toMatchObject([
      [{ record: { id: 'i-1' } }],
      [{ record: { id: 'i-2' } }],
    ]);
    expect(drained(three(false))[0]).toMatch(/^one of 2 nodes that go together: their 2 tasks fit on other nodes: /);
    expect(drained(three(true))).toEqual([]);
  });

  test('an answer for people: when it is asked again, or what stands in its way', () => {
    const says = (spec: PoolSpec, changed: Partial<NodeRecord> = {}, paused = false): string | undefined => {
      const one = node({ assigned: [assignment('r')], emptySinceMs: null, ...changed });
      const { listing } = observation();
      const input = { nowMs, listing, offerings, pool: spec, isPoolDeleting: false, others: [one] };
      const found = whyNode(
        one,
        { ...input, memory: emptyMemory, ...(paused ? { paused: { by: 'alice', sinceMs: 1 } } : {}) },
        settings,
      ).methods.find(({ method }) => method === 'consolidation');
      return found && `${found.reason}${found.atMs === null ? '' : ` (${String(found.atMs - nowMs)})`}`;
    };
    expect(says(pool())).toBe('its pool does not consolidate');
    expect(says(consolidating, {}, true)).toBe('its pool is paused');
    expect(says(consolidating, { cordon: { by: 'alice', atMs: 1 } })).toBe('an operator keeps it');
    expect(says(consolidating, { assigned: [] })).toBe('no task runs there that could run elsewhere');
    expect(says(consolidating, { createdAtMs: nowMs })).toMatch(/ it is asked again at \S+ \(300000\)$/);
    expect(says(consolidating)).toMatch(/^its tasks do not all bear a stop, or .* goes first$/);
  });

  test('is due when the pool is calm, not after that, and never for a node that a budget keeps back', () => {
    const due = (createdAtMs: number, wanted: readonly string[] = []): number | null | undefined => {
      const one = node({ assigned: [assignment('r')], emptySinceMs: null, createdAtMs });
      const seen = observation({ pool: consolidating, nodes: [one] });
      return consolidation.dueAtMs?.(one, { observation: seen, settings, wanted: new Set(wanted) });
    };
    expect(due(nowMs - 1)).toBe(nowMs + 299_999);
    expect(due(nowMs - 1, ['i-1'])).toBeNull();
    expect(due(nowMs - 300_000)).toBeNull();
  });
});

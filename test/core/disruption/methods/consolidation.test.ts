// When a pool is calm enough to be consolidated, which of its nodes are asked, and how long what is bought for others
// waits for their tasks. Which nodes go: ../consolidation.test.ts.
import { describe, expect, test } from '@jest/globals';
import {
  consolidation,
  isAtWork,
  isOff,
  newDemandOn,
  nodeCalmAtMs,
  poolCalmAtMs,
  replacedOf,
  replacementDueAtMs,
} from '../../../../lib/core/disruption/methods/consolidation.ts';
import type { DisruptionContext } from '../../../../lib/core/disruption/method.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { Observation } from '../../../../lib/core/plan/observation.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { PoolDisruption } from '../../../../lib/core/records/pool.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, pool } from '../../builders.ts';

const cordon = { by: 'alice', atMs: 1 };
const paused = { by: 'alice', sinceMs: 1 };
const own: PoolDisruption = { consolidation: { calmMs: 5_000, apartMs: 700 } };

const busy = (more: Partial<NodeRecord> = {}, ...assigned: readonly Partial<Assignment>[]): NodeRecord =>
  node({ assigned: (assigned.length > 0 ? assigned : [{}]).map((one) => assignment('r', one)), ...more });

const seen = (
  nodes: readonly NodeRecord[] = [],
  more: Parameters<typeof observation>[0] = {},
  disruption: PoolDisruption = { consolidation: {} },
): Observation => observation({ pool: pool({ disruption }), nodes, ...more });

const context = (of: Observation, more: Partial<DisruptionContext> = {}): DisruptionContext => ({
  observation: of,
  settings,
  wanted: new Set(),
  ...more,
});

test('a pool is asked that says so, is not paused and stays', () => {
  expect(isOff(seen())).toBe(false);
  expect(isOff(seen([], {}, {}))).toBe(true);
  expect(isOff(observation())).toBe(true);
  expect(isOff(seen([], { paused }))).toBe(true);
  expect(isOff(seen([], { isPoolDeleting: true }))).toBe(true);
});

test('a node is asked that runs tasks and would stay otherwise', () => {
  expect(isAtWork(busy())).toBe(true);
  expect(isAtWork(node())).toBe(false);
  const others: readonly Partial<NodeRecord>[] = [
    { state: 'draining' },
    { state: 'launching' },
    { cordon },
    { isLost: true },
    { announced: { reason: 'x', atMs: nowMs } },
  ];
  expect(others.map((more) => isAtWork(busy(more)))).toEqual(others.map(() => false));
});

describe('calm', () => {
  test('is a node five minutes after it came and after the last task was placed there, or as the pool says', () => {
    const placed = busy({ readyAtMs: 40 }, { placedAtMs: 60 }, { placedAtMs: 90 }, { placedAtMs: 50 });
    expect(nodeCalmAtMs(placed, seen())).toBe(300_090);
    expect(nodeCalmAtMs(placed, seen([], {}, own))).toBe(5_090);
    expect(nodeCalmAtMs(placed, observation())).toBe(300_090);
    expect(nodeCalmAtMs(busy({ readyAtMs: 400 }, { placedAtMs: 60 }), seen([], {}, own))).toBe(5_400);
    expect(nodeCalmAtMs(node({ readyAtMs: null, createdAtMs: 30 }), seen([], {}, own))).toBe(5_030);
  });

  test('is a pool five minutes after its last purchase for demand, and a minute after the last node went', () => {
    const bought = (...createdAtMs: readonly number[]) =>
      createdAtMs.map((atMs, at) => node({ id: `i-${String(at)}`, createdAtMs: atMs }));
    const after = (consolidatedAtMs: number) => ({ memory: { ...emptyMemory, consolidatedAtMs } });
    expect(poolCalmAtMs(seen(bought(10, 30, 20)))).toBe(300_030);
    expect(poolCalmAtMs(seen(bought(10, 30, 20), {}, own))).toBe(5_030);
    expect(poolCalmAtMs(seen(bought(10), after(300_000)))).toBe(360_000);
    expect(poolCalmAtMs(seen(bought(10), after(300_000), own))).toBe(300_700);
    expect(poolCalmAtMs(seen([]))).toBe(-Infinity);
    // What replaces others was not bought for demand.
    expect(poolCalmAtMs(seen([node({ createdAtMs: 900, replaces: ['i-1'] }), ...bought(10)]))).toBe(300_010);
  });

  test('is a pool five minutes after the last start of a stopped node, as after a purchase', () => {
    const warm = { ...newWarm(0, 0.1), stops: 1, askedAtMs: 5_000 };
    const lastStart = { readyAtMs: 8_000, tookMs: 3_000 };
    const calm = (more: Partial<NodeRecord>) => poolCalmAtMs(seen([node({ createdAtMs: 10, ...more })]));
    expect(calm({ state: 'starting', warm })).toBe(305_000);
    expect(calm({ warm: { ...warm, lastStart } })).toBe(305_000);
    expect(calm({ state: 'stopped', warm: { ...warm, askedAtMs: 9_000, lastStart } })).toBe(305_000);
    expect(calm({ replaces: ['i-1'], warm: { ...warm, lastStart } })).toBe(305_000);
    expect(calm({ state: 'stopping', warm })).toBe(300_010);
  });
});

test('new demand is what came for the first time within three times of that', () => {
  const size = (cpuMilli: number) => ({ resources: { cpuMilli, memoryMib: 1, gpu: 0 } });
  const nodes = [
    busy({}, { ...size(1), placedAtMs: nowMs - 899_999 }, { ...size(10), placedAtMs: nowMs - 900_000 }),
    busy({}, { ...size(100), placedAtMs: nowMs - 14_999 }, { ...size(1_000), placedAtMs: nowMs, attempt: 2 }),
  ];
  expect(newDemandOn(nodes, seen())).toEqual({ cpuMilli: 101, memoryMib: 2, gpu: 0 });
  expect(newDemandOn(nodes, seen([], {}, own)).cpuMilli).toBe(100);
  expect(newDemandOn(nodes, observation()).cpuMilli).toBe(101);
});

describe('a node in the place of others', () => {
  const spare = (more: Partial<NodeRecord> = {}): NodeRecord =>
    node({ id: 'i-9', replaces: ['i-1', 'i-2'], readyAtMs: nowMs - 1_000, ...more });
  const due = (more: Partial<NodeRecord> = {}, replaces = true): number | null =>
    replacementDueAtMs(replaces ? spare(more) : node({ readyAtMs: nowMs, ...more }), { nowMs });

  test('waits for their tasks for two minutes from when it is ready, and for as long as it boots', () => {
    expect(due()).toBe(nowMs + 119_000);
    expect(due({ state: 'launching', readyAtMs: null })).toBe(Infinity);
    expect(due({ readyAtMs: nowMs - 119_999 })).toBe(nowMs + 1);
    expect(due({ readyAtMs: nowMs - 120_000 })).toBeNull();
    // By a clock that was far ahead: it would cost money for nothing until then.
    expect(due({ readyAtMs: nowMs + 3_600_000 })).toBeNull();
  });

  test('waits no more once it has or had tasks, or goes; another never does', () => {
    expect(due({ assigned: [assignment('r')] })).toBeNull();
    expect(due({ ran: [] })).toBeNull();
    expect(due({ state: 'draining' })).toBeNull();
    expect(due({ readyAtMs: null })).toBeNull();
    expect(due({}, false)).toBeNull();
    expect(due({ state: 'launching' }, false)).toBeNull();
  });

  test('is for those that it names and that are there still', () => {
    const all = seen([busy({ id: 'i-1' }), busy({ id: 'i-2', state: 'draining' }), busy({ id: 'i-3' }), spare()]);
    expect(replacedOf(spare(), all).map(({ id }) => id)).toEqual(['i-1']);
    expect(replacedOf(node(), all)).toEqual([]);
  });

  test('says for whom it waits, until none of them is there', () => {
    const says = (one: NodeRecord, nodes: readonly NodeRecord[]) => consolidation.leaves(one, context(seen(nodes)));
    expect(says(spare(), [busy({ id: 'i-1' }), spare()])).toBe(
      'it was bought in the place of i-1, i-2, which go if that pays then',
    );
    const idle = 'no task runs there that could run elsewhere';
    expect(says(spare(), [spare()])).toBe(idle);
    expect(says(spare({ readyAtMs: nowMs - 120_000 }), [busy({ id: 'i-1' })])).toBe(idle);
  });
});

describe('the method', () => {
  test('takes those of the chosen that may go', () => {
    const [one, other] = [busy({ id: 'i-1' }), busy({ id: 'i-2' })];
    const moves = [one, other].map((chosen) => ({ node: chosen, reason: `${chosen.id} goes` }));
    expect(consolidation.commands([other], context(seen(), { moves }))).toEqual([{ node: other, reason: 'i-2 goes' }]);
    expect(consolidation.commands([one], context(seen()))).toEqual([]);
  });

  test('asks again once both the node and the pool are calm', () => {
    const due = (one: NodeRecord, of: Observation, ...wanted: readonly string[]) =>
      consolidation.dueAtMs?.(one, context(of, { wanted: new Set(wanted) }));
    const one = busy({}, { placedAtMs: nowMs - 100_000 });
    const memory = { ...emptyMemory, consolidatedAtMs: nowMs - 10 };
    expect(due(one, seen([one]))).toBe(nowMs + 200_000);
    expect(due(busy({}, { placedAtMs: nowMs - 299_999 }), seen([one], { memory }))).toBe(nowMs + 59_990);
    expect(due(busy({}, { placedAtMs: nowMs - 300_000 }), seen([one]))).toBeNull();
    expect(due(one, seen([one]), 'i-1')).toBeNull();
    expect(due(one, seen([one], { paused }))).toBeNull();
    expect(due(node({ readyAtMs: nowMs }), seen([]))).toBeNull();
    expect(due({ ...one, cordon }, seen([one]))).toBeNull();
  });

  test('says first what holds for the whole pool, then for the node, then what has changed lately', () => {
    const says = (one: NodeRecord, of: Observation) => consolidation.leaves(one, context(of));
    const changed = busy({}, { placedAtMs: nowMs });
    const again = new Date(nowMs + 300_000).toISOString();
    expect(says({ ...changed, cordon }, seen([], { paused }, {}))).toBe('its pool does not consolidate');
    expect(says({ ...changed, cordon }, seen([], { paused }))).toBe('its pool is paused');
    expect(says({ ...changed, cordon }, seen())).toBe('an operator keeps it');
    expect(says(node({ readyAtMs: nowMs }), seen())).toBe('no task runs there that could run elsewhere');
    expect(says(changed, seen())).toBe(
      `something was launched, placed or moved a short time ago: it is asked again at ${again}`,
    );
    expect(says(busy({}, { placedAtMs: nowMs - 300_000 }), seen())).toMatch(/^its tasks do not all bear a stop/);
  });
});

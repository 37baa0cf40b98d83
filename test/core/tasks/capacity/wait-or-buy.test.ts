// Tasks wait for room that is likely to become free, for at most the pool's patience; else a node is bought.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { Lifetimes } from '../../../../lib/core/lifetimes/learned.ts';
import { allTasks } from '../../../../lib/core/lifetimes/learned.ts';
import { bucketOf } from '../../../../lib/core/lifetimes/survival.ts';
import { decide } from '../../../../lib/core/plan/decide.ts';
import { nextDueAtMs } from '../../../../lib/core/plan/decide.ts';
import type { Observation } from '../../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { Why } from '../../../../lib/core/plan/plan.ts';
import { bootMsOf } from '../../../../lib/core/tasks/capacity/boots.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, placedTask, pool, request, terms } from '../../builders.ts';

const second = 1_000;

/** All tasks last about ten seconds. */
const counts = new Array<number>(20).fill(0);
counts[bucketOf(10 * second)] = 400;
const tenSeconds: Lifetimes = { classes: { [allTasks]: counts }, learnedAtMs: 0 };

/** A full node that booted in a minute, with a task of this age; one more task came 5 s ago. */
function world(ageMs: number, more: Parameters<typeof observation>[0] = {}): Observation {
  const placedAtMs = nowMs - ageMs;
  const busy = node({
    readyAtMs: 60 * second,
    assigned: [assignment('runs', { placedAtMs, startedAtMs: placedAtMs, resources: node().allocatable })],
    emptySinceMs: null,
  });
  const runs = request('runs', { resources: node().allocatable }, { tasks: [placedTask()] });
  const waits = request('waits', {}, { createdAtMs: nowMs - 5 * second });
  return observation({
    nodes: [busy],
    requests: [runs, waits],
    memory: { ...emptyMemory, lifetimes: tenSeconds },
    ...more,
  });
}

function decided(seen: Observation) {
  const decision = decide(seen, settings, terms, allocate, () => false);
  const { actions } = decision.plan;
  const why = actions.find((one) => one.kind === 'explain') as { readonly why: Why } | undefined;
  return {
    bought: actions.filter((one) => one.kind === 'launch').length,
    codes: Object.values(why?.why.byShape ?? {}).map(({ code }) => code),
    message: Object.values(why?.why.byShape ?? {})[0]?.message,
    dueMs: nextDueAtMs(decision, settings),
  };
}

describe('a task that has no room', () => {
  test('waits where a task is about to end, says so, and is looked at when its patience ends', () => {
    const { bought, codes, message, dueMs } = decided(world(9 * second));
    expect([bought, codes]).toEqual([0, ['waits_for_room']]);
    expect(message).toContain('at most 30 s (patienceSeconds)');
    expect(dueMs).toBeLessThanOrEqual(nowMs + 25 * second);
  });

  test('does not where what runs there has outlived all that was learned of', () => {
    expect(decided(world(3_000 * second))).toMatchObject({ bought: 1, codes: [] });
  });

  test('does not when its patience is over, nor past its deadline', () => {
    const late = request('waits', {}, { createdAtMs: nowMs - 30 * second });
    const { requests } = world(0);
    const [runs] = requests;
    if (!runs) throw new RangeError('nothing runs');
    expect(decided(world(9 * second, { requests: [runs.record, late] })).bought).toBe(1);
    const soon = request('waits', { deadlineMs: 100 * second }, { createdAtMs: nowMs - 5 * second });
    expect(decided(world(9 * second, { requests: [runs.record, soon] })).bought).toBe(1);
    const others = request('waits', { group: 'g' }, { createdAtMs: nowMs - 5 * second });
    expect(decided(world(9 * second, { requests: [runs.record, others] })).bought).toBe(1);
  });

  test('only as many wait as will have room', () => {
    const many = request('waits', { count: 10 }, { createdAtMs: nowMs - 5 * second });
    const [runs] = world(0).requests;
    if (!runs) throw new RangeError('nothing runs');
    expect(decided(world(9 * second, { requests: [runs.record, many] }))).toMatchObject({
      bought: 1,
      codes: ['waits_for_room'],
    });
  });

  test('does not in a pool that counts the cost of now, or has no patience, or before any node has booted', () => {
    expect(decided(world(9 * second, { pool: pool({ objective: 'cost-now' }) })).bought).toBe(1);
    expect(decided(world(9 * second, { pool: pool({ patienceMs: 0 }) })).bought).toBe(1);
    const [busy] = world(9 * second).nodes;
    expect(decided(world(0, { nodes: busy ? [{ ...busy.record, readyAtMs: null }] : [] })).bought).toBe(1);
  });

  test('does not where nothing was learned: the prior does not promise an end', () => {
    expect(decided(world(9 * second, { pool: pool({ lifetimes: 'off' }) })).bought).toBe(1);
  });
});

describe('how long nodes boot', () => {
  const booted = (...seconds: readonly number[]) =>
    seconds.map((at) => ({ record: node({ createdAtMs: 0, readyAtMs: at * second }), version: 1 }));

  test('is the mean of those that are there, else as remembered', () => {
    expect(bootMsOf({ nodes: booted(50, 70), memory: emptyMemory })).toBe(60 * second);
    expect(bootMsOf({ nodes: [], memory: { ...emptyMemory, bootMs: 5 } })).toBe(5);
    expect(bootMsOf({ nodes: [], memory: emptyMemory })).toBeUndefined();
  });

  test('what is remembered stays until it is off by a quarter', () => {
    const memory = { ...emptyMemory, bootMs: 60 * second };
    expect(bootMsOf({ nodes: booted(70), memory })).toBe(60 * second);
    expect(bootMsOf({ nodes: booted(80), memory })).toBe(80 * second);
  });
});

// What goes by choice: drift, expiry, what tasks bear of it, and how many nodes budgets let go at once.
import { describe, expect, test } from '@jest/globals';
import { withinBudgets } from '../../../lib/core/disruption/budgets.ts';
import { decideDepartures } from '../../../lib/core/disruption/departures.ts';
import { commandsOf, disruptionDueAtMs, draining } from '../../../lib/core/disruption/index.ts';
import type { NamedCommand } from '../../../lib/core/disruption/index.ts';
import { drift } from '../../../lib/core/disruption/methods/drift.ts';
import { expiresAtMs, expiry } from '../../../lib/core/disruption/methods/expiry.ts';
import { stopAtMs } from '../../../lib/core/disruption/stop-tasks.ts';
import { openWindow } from '../../../lib/core/disruption/windows.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeDrain, NodeRecord } from '../../../lib/core/records/node.ts';
import type { DisruptionBudget, PoolDisruption } from '../../../lib/core/records/pool.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, pool, request } from '../builders.ts';

const busy = { assigned: [assignment('r')], emptySinceMs: null };
const by = (method: NodeDrain['by'], atMs = nowMs): NodeDrain => ({
  by: method,
  reason: 'why',
  atMs,
  deadlineMs: null,
});

function contextOf(disruption: PoolDisruption | undefined, templateVersion = '1') {
  const spec = { ...pool(), ...(disruption ? { disruption } : {}) };
  return { observation: observation({ pool: spec }), settings, wanted: new Set<string>(), templateVersion };
}

describe('drift', () => {
  const reasons = (
    one: NodeRecord,
    disruption: PoolDisruption | undefined = { drift: true },
    templateVersion?: string,
  ) => drift.commands([one], contextOf(disruption, templateVersion)).map(({ reason }) => reason);
  const bought = (changes: Partial<NodeRecord> = {}): NodeRecord =>
    node({ ...busy, tasksMax: pool().tasksPerNode, templateVersion: '1', createdAtMs: 0, ...changes });

  test('takes what would not be bought so any more, and says what has changed', () => {
    expect(reasons(bought())).toEqual([]);
    expect(reasons(bought({ instanceType: 'x1.large' }))).toEqual([
      expect.stringMatching(/^the pool does not allow x1\.large\S* any more$/),
    ]);
    expect(reasons(bought({ tasksMax: 3 }))).toEqual([
      `it takes 3 tasks, and nodes of the pool take ${String(pool().tasksPerNode)} now`,
    ]);
    expect(reasons(bought(), { drift: true }, '2')).toEqual(['its launch template is of version 1, and is 2 now']);
  });

  test('waits until no older program can decide any more, and leaves alone what is cordoned or not to drift', () => {
    expect(reasons(bought({ createdAtMs: nowMs - 900_000 }), { drift: true }, '2')).toEqual([]);
    expect(reasons(bought({ createdAtMs: nowMs - 900_001 }), { drift: true }, '2')).toHaveLength(1);
    const drifted = bought({ tasksMax: 3 });
    expect(reasons(drifted, {})).toEqual([]);
    expect(reasons(drifted, { expireAfterMs: 1 })).toEqual([]);
    expect(reasons({ ...drifted, cordon: { by: 'alice', atMs: 1 } })).toEqual([]);
    expect(drift.leaves(drifted, contextOf(undefined))).toContain('and the pool lets nodes drift');
    expect(drift.leaves({ ...drifted, cordon: { by: 'alice', atMs: 1 } }, contextOf({ drift: true }))).toContain(
      'an operator keeps it, though',
    );
    expect(drift.leaves(bought(), contextOf({ drift: true }))).toBe('it is as it would be bought now');
  });

  test('takes nothing while the catalog shows no offering at all', () => {
    const context = contextOf({ drift: true });
    const seen = { ...context, observation: { ...context.observation, offerings: [] } };
    expect(drift.commands([bought()], seen)).toEqual([]);
  });
});

describe('expiry', () => {
  const afterMs = 1_000_000;
  const disruption = { expireAfterMs: afterMs };

  test('comes at an age of its own for each node, at most a tenth before that of the pool', () => {
    const ages = Array.from(
      { length: 50 },
      (_, n) => (expiresAtMs(node({ id: `i-${String(n)}`, createdAtMs: 7 }), { disruption }) ?? 0) - 7,
    );
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0.9 * afterMs);
    expect(Math.max(...ages)).toBeLessThanOrEqual(afterMs);
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(0.05 * afterMs);
    expect(new Set(ages).size).toBe(50);
  });

  test('takes a node that works at its time and not before, never a cordoned one, never without an age', () => {
    const one = node({ ...busy, createdAtMs: nowMs - afterMs });
    const atMs = expiresAtMs(one, { disruption }) ?? 0;
    const context = contextOf(disruption);
    const at = (ms: number) => ({ ...context, observation: { ...context.observation, nowMs: ms } });
    expect(expiry.commands([one], at(atMs - 1))).toEqual([]);
    expect(expiry.commands([one], at(atMs))).toHaveLength(1);
    expect(expiry.dueAtMs?.(one, context)).toBe(atMs);
    expect(expiry.dueAtMs?.(one, { ...context, wanted: new Set([one.id]) })).toBeNull();
    expect(expiry.commands([{ ...one, cordon: { by: 'alice', atMs: 1 } }], at(atMs))).toEqual([]);
    expect(expiry.commands([one], contextOf({ drift: true }))).toEqual([]);
    expect(expiry.leaves(one, context)).toMatch(/^bought at \S+, it goes at \S+$/);
    expect(expiry.leaves(one, contextOf(undefined))).toBe('no age is too high for nodes of its pool');
  });
});

test('a paused pool lets nothing drift or expire, since it could not buy again, and is not due for it', () => {
  const one = node({ ...busy, createdAtMs: 0, tasksMax: 3 });
  const context = contextOf({ drift: true, expireAfterMs: 1 });
  const paused = { ...context, observation: { ...context.observation, paused: { by: 'alice', sinceMs: 1 } } };
  const taken = [drift, expiry].map((method) => method.commands([one], context).length);
  expect(taken).toEqual([1, 1]);
  for (const method of [drift, expiry]) {
    expect(method.commands([one], paused)).toEqual([]);
    expect(method.leaves(one, paused)).toContain('its pool is paused');
  }
  expect(expiry.dueAtMs?.(one, paused)).toBeNull();
});

test('a node that goes already is due for nothing any more', () => {
  const context = contextOf({ expireAfterMs: 1 });
  const announced = { reason: 'retirement', atMs: nowMs };
  for (const state of ['draining', 'terminating'] as const)
    expect(
      disruptionDueAtMs(node({ ...busy, state, announced, isLost: true, drain: by('expiry') }), context),
    ).toBeNull();
});

describe('when a task may be stopped', () => {
  const dayMs = 86_400_000;
  test.each<[string, NodeDrain, Parameters<typeof stopAtMs>[1], PoolDisruption | undefined, number]>([
    ['never by default: a day', by('drift'), {}, undefined, nowMs + dayMs],
    ['as long as the pool says', by('expiry'), {}, { maxDrainMs: 5 }, nowMs + 5],
    ['or the task', by('drift'), { disruption: { mode: 'never', maxDrainMs: 7 } }, { maxDrainMs: 5 }, nowMs + 7],
    ['at once what is restarted', by('drift'), { disruption: { mode: 'restart' } }, undefined, nowMs],
    ['also for maintenance', by('announced'), { disruption: { mode: 'restart' } }, undefined, nowMs],
    ['at once what saves', by('expiry'), { disruption: { mode: 'checkpoint' } }, undefined, nowMs],
    [
      'which saves before EC2 takes it, too',
      by('interruption'),
      { disruption: { mode: 'checkpoint' } },
      undefined,
      nowMs,
    ],
    ['not for an interruption', by('interruption'), { disruption: { mode: 'restart' } }, undefined, Infinity],
    ['not for an operator without a deadline', by('operator'), {}, { maxDrainMs: 5 }, Infinity],
    ['at an operator’s deadline', { ...by('operator'), stopAtMs: 9 }, {}, undefined, 9],
    ['at it where the node drifts, too', { ...by('drift'), stopAtMs: 9 }, {}, undefined, 9],
  ])('%s', (_what, drain, spec, disruption, expected) => {
    expect(stopAtMs(drain, spec, disruption ? { disruption } : {})).toBe(expected);
  });

  test('one task of a node is stopped and another runs on', () => {
    const assigned = ['r', 's'].map((id) => assignment(id, { isOffered: true }));
    const one = node({ state: 'draining', drain: by('drift'), assigned, emptySinceMs: null });
    const copy = new WorkingCopy(
      observation({ nodes: [one], requests: [request('r', { disruption: { mode: 'restart' } }), request('s')] }),
    );
    decideDepartures(copy.seen, copy, new Set(), settings);
    expect(copy.node('i-1')?.assigned.map((task) => [task.requestId, task.withdrawn?.reason ?? null])).toEqual([
      ['r', 'node i-1 goes: why'],
      ['s', null],
    ]);
  });
});

describe('budgets', () => {
  const command = (id: string, method: NamedCommand['by'] = 'drift'): NamedCommand => ({
    node: node({ id }),
    by: method,
    reason: 'why',
  });
  const within = (
    budgets: readonly DisruptionBudget[],
    commands: readonly NamedCommand[],
    others: readonly NodeRecord[] = [],
    atMs = nowMs,
  ) =>
    withinBudgets(new Map(commands.map((one) => [one.node.id, one])), [...commands.map((one) => one.node), ...others], {
      pool: { disruption: { budgets } },
      nowMs: atMs,
    });
  const names = ({ allowed }: ReturnType<typeof within>): readonly string[] => [...allowed.keys()];
  const three = ['i-1', 'i-2', 'i-3'].map((id) => command(id));
  const going = (id: string, method: NodeDrain['by'] = 'expiry'): NodeRecord =>
    node({ id, state: 'terminating', drain: by(method) });

  test('none lets all go', () => {
    expect(names(within([], three))).toEqual(['i-1', 'i-2', 'i-3']);
  });

  test('by count, with those that are on their way out already, whatever choice took them', () => {
    expect(names(within([{ nodes: 2 }], three))).toEqual(['i-1', 'i-2']);
    expect(names(within([{ nodes: 2 }], three, [going('i-9')]))).toEqual(['i-1']);
    expect(names(within([{ nodes: 2 }], three, [going('i-9', 'operator'), going('i-8', 'interruption')]))).toHaveLength(
      2,
    );
    expect(names(within([{ nodes: 0 }], three))).toEqual([]);
  });

  test('by percent of all nodes, rounded up', () => {
    expect(names(within([{ percent: 10 }], three))).toEqual(['i-1']);
    expect(names(within([{ percent: 34 }], three))).toEqual(['i-1', 'i-2']);
    expect(names(within([{ percent: 0 }], three))).toEqual([]);
  });

  test('of nodes that are stopped a percentage says how many of them go, and nothing of those that run', () => {
    const off = (id: string, more: Partial<NodeRecord> = {}): NodeRecord =>
      node({ id, state: 'stopped', reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0.01 }, ...more });
    const ids = Array.from({ length: 18 }, (_, at) => `s-${String(at)}`);
    const many = ids.map((id) => off(id));
    expect(names(within([{ percent: 10 }], three, many))).toEqual(['i-1']);
    const gone = off('s-9', { state: 'terminating', drain: by('drift') });
    expect(names(within([{ percent: 50 }], three, [...many, gone]))).toEqual(['i-1']);
    const stopped = many.map((one): NamedCommand => ({ node: one, by: 'expiry', reason: 'why' }));
    expect(names(within([{ percent: 10 }], stopped))).toEqual(['s-0', 's-1']);
  });

  test('with those without work that are being stopped, until they are', () => {
    const idle = ['i-1', 'i-2', 'i-3'].map((id) => command(id, 'emptiness'));
    const stops = node({ id: 'i-9', state: 'stopping' });
    expect(names(within([{ nodes: 2 }], idle, [stops]))).toEqual(['i-1']);
    expect(names(within([{ nodes: 1, methods: ['emptiness'] }], idle, [stops]))).toEqual([]);
    expect(names(within([{ nodes: 1, methods: ['drift'] }], three, [stops]))).toEqual(['i-1']);
    expect(names(within([{ nodes: 2 }], idle, [{ ...stops, state: 'stopped' }]))).toEqual(['i-1', 'i-2']);
  });

  test('by method; the tightest binds, and what is no choice is free', () => {
    const mixed = [command('i-1'), command('i-2', 'emptiness'), command('i-3', 'pool-deletion'), command('i-4')];
    expect(names(within([{ nodes: 0, methods: ['drift'] }], mixed))).toEqual(['i-2', 'i-3']);
    expect(names(within([{ nodes: 0 }], mixed))).toEqual(['i-3']);
    expect(names(within([{ nodes: 5 }, { nodes: 1, methods: ['drift'] }], mixed))).toEqual(['i-1', 'i-2', 'i-3']);
  });

  test('say what keeps a node', () => {
    expect(within([{ nodes: 1, methods: ['drift', 'expiry'] }], three).keptBack.get('i-2')).toEqual({
      reason: 'why; kept back by the budget "1 node, of drift and expiry", with 1 node on the way out',
      untilMs: null,
    });
  });

  describe('with windows', () => {
    const window = { schedule: '0 8 * * 1-5', timeZone: 'Europe/Berlin', durationMs: 9 * 3_600_000 };
    const working: DisruptionBudget = { nodes: 0, window };
    // A Friday in summer: eight in Berlin is six in UTC.
    const [opens, ends] = [Date.UTC(2026, 6, 3, 6), Date.UTC(2026, 6, 3, 15)];

    test('bind from their times on until their end, and not at the weekend', () => {
      const at = (ms: number) => names(within([working], three, [], ms)).length;
      expect([opens - 1, opens, ends - 1, ends].map(at)).toEqual([3, 0, 0, 3]);
      expect(at(opens + 86_400_000)).toBe(3);
    });

    test('say when they end; the one that binds for longest is named', () => {
      const shorter: DisruptionBudget = { nodes: 1, window: { ...window, durationMs: 3_600_000 } };
      expect(within([shorter, working], three, [], opens).keptBack.get('i-1')).toEqual({
        reason:
          'why; kept back by the budget "0 nodes, from 0 8 * * 1-5 in Europe/Berlin for 9 h", '
          + `until ${new Date(ends).toISOString()}, with 0 nodes on the way out`,
        untilMs: ends,
      });
      expect(within([working, { nodes: 0 }], three, [], opens).keptBack.get('i-1')?.untilMs).toBeNull();
    });

    test('that follow on each other without a gap are one', () => {
      const open = (durationMs: number) => openWindow({ ...window, schedule: '0 8-10 * * 1-5', durationMs }, opens);
      expect(open(3_600_000)).toEqual({ untilMs: opens + 3 * 3_600_000 });
      expect(open(3_599_000)).toEqual({ untilMs: opens + 3_599_000 });
      expect(openWindow({ ...window, schedule: '* * * * *', durationMs: 60_000 }, opens)).toEqual({
        untilMs: Infinity,
      });
    });

    test('keep their length where clocks change', () => {
      // In Berlin clocks go forward on 29 March 2026 at two in the morning.
      const night = { schedule: '0 0 * * *', timeZone: 'Europe/Berlin', durationMs: 6 * 3_600_000 };
      const midnight = Date.UTC(2026, 2, 28, 23);
      expect(openWindow(night, midnight)).toEqual({ untilMs: midnight + 6 * 3_600_000 });
      expect(openWindow(night, midnight + 6 * 3_600_000)).toBeNull();
    });
  });

  test('bind the decision, which then is not due by time for a node that is kept back', () => {
    const spec = { ...pool(), disruption: { expireAfterMs: 1, budgets: [{ nodes: 1 }] } };
    const nodes = ['i-1', 'i-2'].map((id) => node({ id, ...busy, createdAtMs: 0 }));
    const seen = observation({ pool: spec, nodes, requests: [request('r')] });
    expect(commandsOf(draining, nodes, { ...contextOf(undefined), observation: seen }).size).toBe(2);
    const copy = new WorkingCopy(seen);
    expect([...decideDepartures(seen, copy, new Set(), settings)]).toEqual(['i-2']);
    expect(['i-1', 'i-2'].map((id) => copy.node(id)?.state)).toEqual(['draining', 'ready']);
  });
});

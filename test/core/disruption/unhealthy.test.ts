// A node that cannot work: what its document keeps of failed starts, when it goes, and when it does not.
import { describe, expect, test } from '@jest/globals';
import { startFailuresAfter } from '../../../lib/core/disruption/health.ts';
import { unhealthy } from '../../../lib/core/disruption/methods/unhealthy.ts';
import { stopAtMs } from '../../../lib/core/disruption/stop-tasks.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { AttemptEnd } from '../../../lib/core/records/sync.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation } from '../builders.ts';

const end = (request: string, more: Partial<AttemptEnd> = {}): AttemptEnd => ({
  attemptId: `${request}.0.1`,
  outcome: 'error',
  exitCode: null,
  message: 'no engine',
  startedAtMs: null,
  endedAtMs: 1,
  ...more,
});
const failures = { count: 3, requests: ['r-1', 'r-2'], message: 'no engine', sinceMs: nowMs - 5 };
const works = (id: string, requestId = 'r-2'): NodeRecord =>
  node({ id, assigned: [assignment(requestId, { startedAtMs: nowMs - 4 })], emptySinceMs: null });

function contextOf(...nodes: readonly NodeRecord[]) {
  return { observation: observation({ nodes }), settings, wanted: new Set<string>() };
}
const taken = (...nodes: readonly NodeRecord[]): readonly string[] =>
  unhealthy.commands(nodes, contextOf(...nodes)).map((one) => one.node.id);

describe('attempts that could not be started', () => {
  const assigned = ['r-1', 'r-2'].map((id) => assignment(id));

  test('are counted in a row, with the requests that they were of', () => {
    const first = startFailuresAfter({ assigned }, [end('r-1'), end('r-9')], false, 7);
    expect(first).toEqual({ count: 1, requests: ['r-1'], message: 'no engine', sinceMs: 7 });
    const second = startFailuresAfter({ assigned, startFailures: first ?? failures }, [end('r-2')], false, 9);
    expect(second).toEqual({ count: 2, requests: ['r-1', 'r-2'], message: 'no engine', sinceMs: 7 });
    expect(startFailuresAfter({ assigned, startFailures: failures }, [], false, 9)).toBe(failures);
  });

  test('are forgotten as soon as something starts; what ran and failed is none', () => {
    const before = { assigned, startFailures: failures };
    expect(startFailuresAfter(before, [end('r-1')], true, 9)).toBeUndefined();
    expect(startFailuresAfter(before, [end('r-2', { outcome: 'exited', startedAtMs: 3 })], false, 9)).toBeUndefined();
    expect(startFailuresAfter({ assigned }, [end('r-1', { outcome: 'refused' })], false, 9)).toBeUndefined();
  });
});

describe('a node goes', () => {
  const sick = node({ startFailures: failures });

  test('when what does not start there starts elsewhere, and says both', () => {
    expect(unhealthy.commands([sick], contextOf(sick, works('i-2')))).toEqual([
      { node: sick, reason: expect.stringMatching(/^the last 3 attempts could not be .* on other nodes: no engine$/) },
    ]);
    expect(taken(sick)).toEqual([]);
    // What has run there for long started when everything did.
    const early = assignment('r-2', { startedAtMs: failures.sinceMs - 1 });
    expect(taken(sick, node({ id: 'i-2', assigned: [early], emptySinceMs: null }))).toEqual([]);
    expect(taken(sick, works('i-2', 'r-7'))).toEqual([]);
    expect(taken(node({ startFailures: { ...failures, count: 2 } }), works('i-2'))).toEqual([]);
    expect(taken({ ...sick, cordon: { by: 'alice', atMs: 1 } }, works('i-2'))).toEqual([]);
  });

  test('one at a time in a small pool, a tenth in a large one', () => {
    const ids = ['i-1', 'i-2', 'i-3'];
    const nodes = ids.map((id) => ({ ...sick, id }));
    expect(taken(...nodes, works('i-4'))).toEqual(['i-1']);
    const drain = { by: 'unhealthy', reason: 'why', atMs: 1, deadlineMs: null } as const;
    expect(taken(...nodes, works('i-4'), node({ id: 'i-5', state: 'terminating', drain }))).toEqual([]);
    const many = Array.from({ length: 20 }, (_, n) => works(`i-w${String(n)}`));
    expect(taken(...nodes, ...many)).toEqual(['i-1', 'i-2']);
    const off = many.map((one) => ({ ...one, assigned: [], state: 'stopped' as const }));
    expect(taken(...nodes, works('i-4'), ...off)).toEqual(['i-1']);
  });

  test('when its agent says for a minute that it cannot work, though it could before', () => {
    const full = (sinceMs: number, readyAtMs = 1): NodeRecord =>
      node({ readyAtMs, trouble: { reason: 'its disk is full', sinceMs } });
    expect(taken(full(nowMs - 60_000))).toEqual(['i-1']);
    const soon = full(nowMs - 59_999);
    expect(taken(soon)).toEqual([]);
    expect(unhealthy.dueAtMs?.(soon, contextOf(soon))).toBe(nowMs + 1);
    expect(unhealthy.leaves(soon, contextOf(soon))).toMatch(/its disk is full; it goes if that lasts$/);
    // From its first minute on: a new node would say the same.
    const born = full(nowMs - 70_000, nowMs - 100_000);
    expect(taken(born)).toEqual([]);
    expect(unhealthy.leaves(born, contextOf(born))).toMatch(/a new node would say the same$/);
  });

  test('only while it is ready, there, and nobody’s order keeps it', () => {
    for (const changed of [{ state: 'draining' }, { state: 'launching' }, { isLost: true }] as const)
      expect([changed, taken({ ...sick, ...changed }, works('i-2'))]).toEqual([changed, []]);
    const trouble = { reason: 'its disk is full', sinceMs: nowMs - 60_000 };
    const full = node({ readyAtMs: 1, trouble });
    const cordon = { by: 'alice', atMs: 1 };
    expect(taken({ ...full, cordon })).toEqual([]);
    expect(taken({ ...full, readyAtMs: null })).toEqual([]);
    const soon = { ...full, trouble: { ...trouble, sinceMs: nowMs - 1 } };
    const dueOf = (one: NodeRecord) => unhealthy.dueAtMs?.(one, contextOf(one));
    expect(dueOf(soon)).toBe(nowMs + 59_999);
    expect([dueOf(full), dueOf({ ...soon, cordon }), dueOf({ ...soon, state: 'draining' }), dueOf(node())]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(dueOf({ ...soon, readyAtMs: nowMs - 60_000 })).toBeNull();
  });

  test('or says why it stays', () => {
    const why = (one: NodeRecord, ...others: readonly NodeRecord[]) => unhealthy.leaves(one, contextOf(one, ...others));
    expect(why(sick, works('i-2'))).toMatch(/^the last 3 attempts could not .*; others go for that already$/);
    expect(why({ ...sick, cordon: { by: 'alice', atMs: 1 } }, works('i-2'))).toMatch(
      /^an operator keeps it, though the last 3 attempts could not be started there, since \S+Z, and the same start/,
    );
    expect(why(sick)).toBe('the last 3 did not start there; it goes after 3 that start elsewhere');
    expect(why(node())).toBe('tasks start there');
    expect(why(node({ readyAtMs: 1, trouble: { reason: 'full', sinceMs: nowMs - 60_000 } }))).toBe(
      'its agent says: full; others go for that already',
    );
    expect(why(node({ readyAtMs: 1, trouble: { reason: 'full', sinceMs: nowMs - 1_000 } }))).toBe(
      `its agent says since ${new Date(nowMs - 1_000).toISOString()}: full; it goes if that lasts`,
    );
  });

  test('one that goes already takes the room of others, however it goes', () => {
    const drain = { by: 'unhealthy', reason: 'why', atMs: 1, deadlineMs: null } as const;
    const other = { ...drain, by: 'drift' } as const;
    const going = (by: typeof drain | typeof other, state: NodeRecord['state']) =>
      node({ id: 'i-5', state, drain: by });
    expect(taken(sick, works('i-4'), going(drain, 'draining'))).toEqual([]);
    expect(taken(sick, works('i-4'), going(other, 'draining'))).toEqual(['i-1']);
    expect(taken(sick, works('i-4'), going(drain, 'ready'))).toEqual(['i-1']);
  });

  test('with its tasks as they bear it', () => {
    const drain = { by: 'unhealthy', reason: 'why', atMs: nowMs, deadlineMs: null } as const;
    expect(stopAtMs(drain, { disruption: { mode: 'restart' } }, {})).toBe(nowMs);
    expect(stopAtMs(drain, {}, {})).toBe(nowMs + 86_400_000);
  });
});

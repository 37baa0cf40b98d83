// Why a node is kept or goes, as people are shown it: the summary, each method's reason, and when it may go.
import { describe, expect, test } from '@jest/globals';
import { whyNode } from '../../../lib/core/disruption/why.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, pool } from '../builders.ts';

const { idleAfterMs } = pool();
const iso = (ms: number): string => new Date(ms).toISOString();

function why(one: NodeRecord, isPoolDeleting = false) {
  const { listing, offerings, pool: spec } = observation({});
  const others = [one, node({ id: 'i-2', lastSeenAtMs: nowMs })];
  return whyNode(
    one,
    { nowMs, listing, offerings, pool: spec, isPoolDeleting, others, memory: { massSilenceSinceMs: null } },
    settings,
  );
}

const reasonOf = (one: NodeRecord, method: string, isPoolDeleting = false): string | undefined =>
  why(one, isPoolDeleting).methods.find((verdict) => verdict.method === method)?.reason;

describe('why a node is kept or goes', () => {
  test('one that works is kept for its tasks', () => {
    const busy = node({ assigned: [assignment('r')], emptySinceMs: null, lastSeenAtMs: nowMs - 5 });
    expect(why(busy)).toMatchObject({
      summary: 'it is kept for its 1 task',
      mayGoAtMs: nowMs - 5 + silentAfterMs(settings) + 1,
    });
    expect(reasonOf(busy, 'emptiness')).toBe(`it has work: 1 of at most ${String(busy.tasksMax)} tasks`);
    expect(reasonOf(busy, 'silence')).toBe(`its agent was heard at ${iso(nowMs - 5)}`);
    expect(reasonOf(busy, 'pool-deletion', true)).toBe('its pool is being deleted; it goes when its tasks have ended');
  });

  test('one without work says when it may go, and goes then unless the plan counts on it', () => {
    const since = nowMs - 1_000;
    expect(why(node({ emptySinceMs: since }))).toMatchObject({
      summary: 'it is kept: no method takes it now',
      mayGoAtMs: since + idleAfterMs,
    });
    expect(reasonOf(node({ emptySinceMs: since }), 'emptiness')).toBe(
      `it is without work, and may go at ${iso(since + idleAfterMs)}`,
    );
    const over = why(node({ emptySinceMs: nowMs - idleAfterMs }));
    expect(over.summary).toBe('it goes at the next tick, unless waiting tasks or headroom count on it: idle');
    expect(over.methods.filter((one) => one.takes)).toMatchObject([
      { method: 'emptiness', reason: 'idle', atMs: null },
    ]);
  });

  test('one that an operator keeps says who', () => {
    const kept = node({ emptySinceMs: 0, cordon: { by: 'alice', atMs: 5 } });
    expect(why(kept).summary).toBe(`an operator keeps it: cordoned by alice at ${iso(5)}`);
    expect(reasonOf(kept, 'emptiness')).toBe('it is without work, and an operator keeps it');
  });

  test('one that a budget keeps back names the window and when it ends, and is asked again then', () => {
    const { listing, offerings, pool: spec } = observation({});
    const window = { schedule: '* * * * *', timeZone: 'UTC', durationMs: 30_000 };
    const budgeted = { ...spec, disruption: { budgets: [{ nodes: 0, window }] } };
    const idle = node({ emptySinceMs: 0, lastSeenAtMs: nowMs });
    const atMs = Math.floor(nowMs / 60_000) * 60_000;
    const seen = { listing, offerings, pool: budgeted, isPoolDeleting: false, memory: { massSilenceSinceMs: null } };
    const said = whyNode(idle, { ...seen, nowMs: atMs, others: [idle] }, settings);
    expect(said.summary).toBe('it is kept: no method takes it now');
    expect(said.methods.find(({ method }) => method === 'emptiness')).toEqual({
      method: 'emptiness',
      takes: false,
      reason:
        'idle; kept back by the budget "0 nodes, from * * * * * in UTC for 30 s", '
        + `until ${iso(atMs + 30_000)}, with 0 nodes on the way out`,
      atMs: atMs + 30_000,
    });
    expect(said.mayGoAtMs).toBe(atMs + 30_000);
  });

  test('one that boots, one that is silent, and one that AWS takes', () => {
    const booting = node({ state: 'launching', readyAtMs: null, lastSeenAtMs: null, createdAtMs: nowMs });
    expect(reasonOf(booting, 'boot-timeout')).toBe(
      `its agent has until ${iso(nowMs + settings.bootTimeoutMs)} to call`,
    );
    expect(reasonOf(booting, 'silence')).toBe('its agent has not called yet');
    expect(reasonOf(booting, 'emptiness')).toBe('it is not up yet');
    const silent = node({ lastSeenAtMs: nowMs - silentAfterMs(settings) - 1 });
    expect(why(silent).methods.find((one) => one.takes)?.method).toBe('silence');
    const announced = node({
      announced: { reason: 'retirement', atMs: nowMs + 86_400_000 },
      assigned: [assignment('r')],
    });
    expect(reasonOf(announced, 'announced')).toBe(`AWS takes it at ${iso(nowMs + 86_400_000)}: retirement`);
    expect(reasonOf(node({ missingSinceMs: 7 }), 'termination')).toBe(`EC2 does not list it since ${iso(7)}`);
  });

  test('one on its way out says why, until when, and is asked of no method that drains', () => {
    const drain = { by: 'operator', reason: 'drained by alice', atMs: 1, deadlineMs: null, stopAtMs: nowMs } as const;
    const leaving = why(node({ state: 'draining', drain, assigned: [assignment('r')], lastSeenAtMs: nowMs }));
    expect(leaving.summary).toBe(
      `it drains: drained by alice; it goes when the last of 1 task has ended, or is stopped at ${iso(nowMs)}`,
    );
    expect(leaving.methods.map((one) => one.method)).toEqual(['termination', 'silence']);
    expect(why(node({ state: 'terminating', drain })).summary).toBe('it is being terminated: drained by alice');
  });
});

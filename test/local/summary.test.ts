// What the shop's day says at its end, and the live view on terminals and elsewhere.
import { describe, expect, test } from '@jest/globals';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import type { Played } from '../../lib/local/shop/player.ts';
import type { Arrival } from '../../lib/local/shop/shop-day.ts';
import {
  objectionTo,
  objectionsTo,
  quantile,
  summaryOf,
  verdictExits,
  verdictOf,
} from '../../lib/local/shop/summary.ts';
import { LiveView } from '../../lib/local/server/view.ts';
import type { Moment } from '../../lib/local/server/view.ts';

const arrival = (kind: Arrival['kind']): Arrival => ({ atMs: 0, key: `k-${kind}`, kind, body: {} });

function request(over: Partial<RequestView> = {}): RequestView {
  return {
    id: 'r1',
    type: 'task',
    pool: 'default',
    tenant: 'local',
    state: 'succeeded',
    reason: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:01.500Z',
    endedAt: '2026-01-01T00:00:02.000Z',
    count: 1,
    counts: { pending: 0, running: 0, succeeded: 1, failed: 0, cancelled: 0 },
    exitCode: 0,
    attempts: 1,
    allocation: null,
    ...over,
  };
}

describe('the summary', () => {
  const played: Played = {
    requests: [
      { arrival: arrival('page'), view: request() },
      {
        arrival: arrival('orders'),
        view: request({ count: 40, startedAt: '2026-01-01T00:00:03.000Z', attempts: null }),
      },
      { arrival: arrival('report'), view: request({ attempts: 2, state: 'failed', startedAt: null }) },
    ],
    unanswered: null,
    nodesByType: { 'c7g.large spot': 2, 'a1.large spot': 1 },
    peak: { nodes: 3, vcpu: 6, usdPerHour: 0.36 },
    spentUsd: 0.0015,
    durationMs: 60_000,
  };

  test('says what was asked, how long it waited, what ran and what it cost next to a fixed fleet', () => {
    expect(summaryOf(played)).toEqual([
      'requests  3 with 42 tasks: 1 failed, 2 succeeded; 1 ran again after a failure or a loss',
      'waits     p50 1.5 s, p95 3.0 s from acceptance to start (new nodes take 1 to 3 s to boot here)',
      'nodes     1 x a1.large spot, 2 x c7g.large spot; at most 3 at once (6 vCPU)',
      "cost      0.001500 USD in 60 s; a fixed fleet of the peak's size at the same prices: 0.006000 USD (75 % saved)",
    ]);
  });

  test('objects to what did not end as it should', () => {
    expect(objectionTo(arrival('page'), request())).toBeNull();
    expect(objectionTo(arrival('page'), request({ state: 'failed', reason: 'exit code 1' }))).toContain(
      'is failed: exit code 1',
    );
    expect(objectionTo(arrival('report'), request({ attempts: 2 }))).toBeNull();
    expect(objectionTo(arrival('report'), request())).toContain('should have failed once');
  });

  test('a demo that did not come to its end is no success and no loss: the machine is too busy', () => {
    const verdict = (over: Partial<Played>, problems: readonly string[] = []): unknown[] => {
      const all = { ...played, requests: played.requests.slice(0, 2), ...over };
      const found = verdictOf(all, problems, objectionsTo(all));
      return [verdictExits[found.verdict], ...found.lines];
    };
    const open = { arrival: arrival('page'), view: request({ id: 'r9', state: 'pending', endedAt: null }) };
    expect(verdict({})).toEqual([0]);
    expect(verdict({ unanswered: 'GET /v1/stats got no answer within 120 s' })).toEqual([
      5,
      expect.stringMatching(/^the demo could not go on: GET .* within 120 s; this machine is too busy/),
    ]);
    expect(verdict({ requests: [open] })).toEqual([
      5,
      expect.stringMatching(/^1 of 1 requests had not ended .*why r9/),
    ]);
    expect(verdict({ requests: [open] }, ['lost: r1'])).toEqual([1, 'lost: r1', expect.stringMatching(/^1 of 1/)]);
    expect(verdict({ requests: played.requests, unanswered: 'x' })[0]).toBe(1);
  });

  test('takes quantiles by nearest rank', () => {
    expect([quantile([], 0.5), quantile([7], 0.95), quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.95)]).toEqual(
      [null, 7, 2, 4],
    );
  });
});

describe('the live view', () => {
  const stats = { usdPerHour: 0.1, spentUsd: 0.002 } as StatsView;
  const node = {
    id: 'i-0123456789abcdef0',
    instanceType: 'c7g.large',
    capacityType: 'spot',
    state: 'ready',
    tasks: 3,
    allocatable: { vcpu: 2, memoryMib: 1, gpu: 0 },
    used: { vcpu: 1, memoryMib: 1, gpu: 0 },
  } as Moment['nodes'][number];
  const moment: Moment = { title: 'shop 12:00', submitted: 10, ended: 4, stats, nodes: [node] };

  test('elsewhere: one plain line at most every 3 s, and at least every 5 s when looked at', () => {
    const lines: string[] = [];
    const view = new LiveView({ isTerminal: false, columns: () => 80, write: (text) => lines.push(text) });
    for (let atMs = 0; atMs <= 10_000; atMs += 500) view.show(moment, atMs);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(
      /^shop 12:00 .*nodes {2}1 \( 2 vCPU\) .*tasks on nodes {3}3 .*requests {3}4 of {2}10 ended /,
    );
    expect(lines[0]).toMatch(/ended .*0\.1000 USD\/h .*spent 0\.002000 USD\n$/);
    expect(lines.join('')).not.toContain('\u001b');
  });

  test('on a terminal: redraws itself, no wider than the screen, and leaves what is said', () => {
    let text = '';
    const view = new LiveView({ isTerminal: true, columns: () => 50, write: (more) => (text += more) });
    view.show(moment, 0);
    expect(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.length),
    ).toEqual([49, 49]);
    text = '';
    view.say('done');
    expect(text).toBe('\u001b[2A\u001b[Jdone\n');
    text = '';
    view.clear();
    expect(text).toBe('');
  });
});

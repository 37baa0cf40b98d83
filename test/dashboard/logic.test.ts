// What the dashboard decides without a browser: addresses, figures, windows of rows, plots, and what waits why.
import { describe, expect, test } from '@jest/globals';
import { commitmentsOf } from '../../dashboard/logic/commitments.ts';
import { fanOf } from '../../dashboard/logic/forecast.ts';
import { ago, duration, knownUsd, memory, plural, shortId, usd, utcTime, vcpu } from '../../dashboard/logic/format.ts';
import { cellAt, gridOf, indicesOf, moved } from '../../dashboard/logic/grid.ts';
import { daysOf } from '../../dashboard/logic/money.ts';
import { linkTo, pages, placeOf } from '../../dashboard/logic/route.ts';
import { frameOf, niceMost, sampleAt, samplesMax, stepPath, withSample } from '../../dashboard/logic/series.ts';
import type { Sample } from '../../dashboard/logic/series.ts';
import { spansOf, toneOf } from '../../dashboard/logic/timeline.ts';
import { askedOf, causesOf, cureOf } from '../../dashboard/logic/waiting.ts';
import { rowsInView } from '../../dashboard/logic/window.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';

describe('figures', () => {
  test.each([
    [0, '$0'],
    [0.000_000_1, '< $0.000001'],
    [0.000_012_34, '$0.000012'],
    [0.0203, '$0.02'],
    [1.234, '$1.23'],
    [1_234.5, '$1,235'],
  ])('%f USD is %s', (value, text) => {
    expect(usd(value)).toBe(text);
  });

  test.each([
    [0, '0 ms'],
    [840, '840 ms'],
    [9_940, '9.9 s'],
    [12_000, '12 s'],
    [185_000, '3 min 5 s'],
    [3_600_000, '1 h'],
    [7_800_000, '2 h 10 min'],
    [356_400_000, '4 d 3 h'],
  ])('%d ms last %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('others are short and have their unit', () => {
    expect([memory(512), memory(1_536), memory(65_536), memory(2_097_152)]).toEqual([
      '512 MiB',
      '1.5 GiB',
      '64 GiB',
      '2 TiB',
    ]);
    expect([vcpu(0.25), vcpu(96)]).toEqual(['0.25', '96']);
    expect([ago(300), ago(59_000), ago(119_000), ago(90_000_000)]).toEqual(['now', '59 s', '1 min', '1 d']);
    expect([plural(1, 'task'), plural(1_200, 'task')]).toEqual(['1 task', '1,200 tasks']);
    expect([shortId('r-949d49f6821d38ce4fa635fdf4'), shortId('i-1')]).toEqual(['r-949d49f682…', 'i-1']);
    expect([
      knownUsd({ usd: 0, endedAt: null }),
      knownUsd({ usd: 0, endedAt: 'T' }),
      knownUsd({ endedAt: 'T' }),
    ]).toEqual([null, 0, null]);
    expect(utcTime(Date.UTC(2026, 10, 27, 22, 1, 2))).toBe('2026-11-27 22:01:02 UTC');
  });
});

describe('addresses', () => {
  test.each([
    ['', 'now', null, {}],
    ['#/nowhere', 'now', null, {}],
    ['#/requests?state=failed&label=team%3Dfilm&name=', 'requests', null, { state: 'failed', label: 'team=film' }],
    ['#/nodes/i-1?x=1', 'nodes', 'i-1', { x: '1' }],
    ['#/requests/%E0', 'requests', '%E0', {}],
  ])('%s is a place', (hash, page, id, query) => {
    expect(placeOf(hash)).toEqual({ page, id, query });
  });

  test('lead back to where they came from', () => {
    for (const page of pages) {
      const query = { label: 'a=b&c', state: 'failed' };
      expect(placeOf(linkTo(page, 'r/1?#', query))).toEqual({ page, id: 'r/1?#', query });
    }
    expect(linkTo('now', null, { state: undefined })).toBe('#/now');
  });
});

describe('rows in view', () => {
  test('are those of the screen and some around, also at the ends', () => {
    expect(rowsInView(100_000, 36, 200, 800)).toEqual({ from: 0, to: 29 });
    expect(rowsInView(100_000, 36, -36_000, 720)).toEqual({ from: 988, to: 1_032 });
    expect(rowsInView(100, 36, -3_600, 720)).toEqual({ from: 88, to: 100 });
    expect(rowsInView(0, 36, 0, 720)).toEqual({ from: 0, to: 0 });
    expect(rowsInView(10, 36, -90_000, 720)).toEqual({ from: 10, to: 10 });
  });
});

describe('plots', () => {
  const sample = (atMs: number, have: number): Sample => ({ atMs, values: { have } });

  test('keep a bounded number of samples, the first and the newest among them', () => {
    let samples: readonly Sample[] = [];
    for (let at = 0; at < 5 * samplesMax; at += 1) samples = withSample(samples, sample(at, at));
    expect(samples.length).toBeLessThanOrEqual(samplesMax);
    expect([samples[0]?.atMs, samples.at(-1)?.atMs]).toEqual([0, 5 * samplesMax - 1]);
    expect(withSample(samples, sample(3, 3))).toBe(samples);
  });

  test('are steps: a level holds until the next sample', () => {
    const samples = [sample(0, 0), sample(50, 10), sample(100, 5)];
    const frame = frameOf(samples, ['have'], 100, 10);
    expect(stepPath(frame, samples, 'have')).toBe('M0.0 10.0H50.0V0.0H100.0V5.0');
    expect(sampleAt(samples, frame, 0.7)?.values['have']).toBe(10);
    expect(sampleAt([], frame, 0.7)).toBeNull();
  });

  test.each([
    [0, 1],
    [0.3, 0.3],
    [1.2, 1.5],
    [9, 10],
    [41, 50],
  ])('%f fits below %f', (most, nice) => {
    expect(niceMost(most)).toBe(nice);
  });
});

describe('a timeline', () => {
  const entry = (at: number, stage: string): Parameters<typeof spansOf>[0][number] => ({
    at: new Date(at).toISOString(),
    stage,
    code: stage,
    message: stage,
  });

  test('has one span for entries of one stage in a row, the last until it ended', () => {
    const spans = spansOf([entry(0, 'pending'), entry(5, 'pending'), entry(10, 'placed')], 30);
    expect(spans.map(({ stage, fromMs, toMs }) => [stage, fromMs, toMs])).toEqual([
      ['pending', 0, 10],
      ['placed', 10, 30],
    ]);
    expect(spansOf([], 30)).toEqual([]);
  });

  test('has a tone for each stage, and a calm one for what it does not know', () => {
    expect([toneOf('failed'), toneOf('running'), toneOf('constructor')]).toEqual(['bad', 'run', 'calm']);
  });
});

describe('what waits', () => {
  const waiting = (id: string, sinceMs: number, message: string | null): RequestView =>
    ({
      ...{ id, pool: 'default', reason: null, counts: { pending: 2 } },
      createdAt: new Date(sinceMs).toISOString(),
      ...(message === null ? {} : { waitsFor: { code: 'limit_reached', message } }),
    }) as RequestView;

  test('is put together by its reason, the longest first', () => {
    const causes = causesOf([
      waiting('a', 30, 'x'),
      waiting('b', 10, 'y'),
      waiting('c', 20, 'x'),
      waiting('d', 5, null),
    ]);
    expect(causes.map(({ code, requests, tasks }) => [code, requests.map((one) => one.id).join(), tasks])).toEqual([
      ['waiting', 'd', 2],
      ['limit_reached', 'b', 2],
      ['limit_reached', 'a,c', 4],
    ]);
  });

  test('has a cure that names the pool, or the variable of this machine', () => {
    const limit = { code: 'limit_reached', message: 'the limit of 5 instances is reached' };
    expect(cureOf(limit, 'batch')).toContain('pool batch');
    expect(cureOf({ ...limit, message: 'at most 8 (BELLOWS_LOCAL_PROCESSES)' }, 'batch')).toContain('larger');
    expect(cureOf({ code: 'constructor', message: '' }, 'batch')).toBeNull();
  });
});

describe('the grid of tasks', () => {
  test('finds the task under a point, and none beside it', () => {
    const grid = gridOf(300, 1_200);
    expect(grid).toEqual({ columns: 100, rows: 3, size: 12 });
    expect([cellAt(300, grid, 13, 25), cellAt(300, grid, 1_201, 1), cellAt(250, grid, 1_199, 30)]).toEqual([
      201,
      null,
      null,
    ]);
  });

  test('has the indices of an array, or of the tasks that are run again', () => {
    expect(indicesOf(3, undefined)).toEqual([0, 1, 2]);
    expect(indicesOf(4, { indices: '7,92-94' })).toEqual([7, 92, 93, 94]);
  });

  test('moves by arrow keys and stays inside', () => {
    expect(['ArrowRight', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'x'].map((key) => moved(300, 100, 120, key))).toEqual([
      121, 220, 20, 0, 299, 120,
    ]);
    expect([moved(300, 100, 0, 'ArrowLeft'), moved(300, 100, 250, 'ArrowDown')]).toEqual([0, 250]);
  });
});

test('money of several pools is added by day, or is that of one', () => {
  const usdOf = (needed: number): Parameters<typeof daysOf>[0]['pools'][number]['before']['usd'] => {
    const none = { boot: 0, unused: 0, idleHead: 0, idleTail: 0, size: 0, lifetime: 0, billing: 0 };
    return { ...none, needed, paid: needed };
  };
  const pool = (name: string | null, days: readonly (readonly [string, number])[]): never =>
    ({
      pool: name,
      days: days.map(([day, needed]) => ({ day, nodes: 1, notPriced: 0, usd: usdOf(needed) })),
      before: { nodes: 0, notPriced: 0, usd: usdOf(0) },
    }) as never;
  const view = {
    pools: [
      pool('a', [
        ['2026-11-27', 2],
        ['2026-11-26', 1],
      ]),
      pool(null, [['2026-11-27', 3]]),
    ],
    notKnown: [],
  };
  const shown = (name: string | null): unknown =>
    daysOf(view, name).map(({ day, nodes, usd: { paid } }) => [day, nodes, paid]);
  expect(shown(null)).toEqual([
    ['2026-11-26', 1, 1],
    ['2026-11-27', 2, 5],
  ]);
  expect(shown('a')).toEqual([
    ['2026-11-26', 1, 1],
    ['2026-11-27', 1, 2],
  ]);
});

describe('a look at what waits reads', () => {
  const figures = (requests: object, pendingTasks: number, quarantined = 0): StatsView =>
    ({ requests, tasks: { pending: pendingTasks, running: 0 }, quarantined, oldestPendingAt: 'T' }) as StatsView;
  const page = (nextCursor: string | null, ...pending: number[]): Parameters<typeof askedOf>[1] => ({
    items: pending.map((one) => ({ counts: { pending: one } }) as RequestView),
    nextCursor,
  });

  test.each([
    ['nothing where nothing waits', figures({ pending: 0, running: 9 }, 0), null, null, false],
    ['arrays that run alone', figures({ pending: 0, running: 9 }, 4), null, null, true],
    ['from the oldest on', figures({ pending: 2, running: 9 }, 5), page(null, 2, 3), 'T', false],
    ['arrays that run as well', figures({ pending: 2, running: 9 }, 6), page(null, 2, 3), 'T', true],
    ['no arrays where none can wait', figures({ pending: 40, running: 9 }, 40), page('c', 1, 1), 'T', false],
    ['all, as what is set aside may be older', figures({ pending: 2, running: 0 }, 2, 1), null, undefined, false],
  ])('%s', (_what, given, listed, since, running) => {
    expect(askedOf(given, listed)).toEqual({ since, running });
  });
});

describe('a forecast', () => {
  test('is a fan from what is wanted now to what will be, and the past ends where it begins', () => {
    const fan = fanOf({ past: [1, 4], now: 3, low: 2, expected: 4, wanted: 5 }, 100, 50);
    expect(fan).toEqual({
      past: 'M0.0 40.0H43.0V10.0H86.0',
      band: 'M86.0 20.0L100.0 0.0V30.0Z',
      expected: 'M86.0 20.0L100.0 10.0',
      nowX: 86,
      most: 5,
    });
  });

  test('without a past there is the fan alone', () => {
    expect(fanOf({ past: [], now: 0, low: 0, expected: 0, wanted: 0 }, 100, 50)).toMatchObject({ past: '', most: 1 });
  });
});

describe('commitments', () => {
  test('are a row each, with how far they are used; one that no tick has seen is left out', () => {
    const reserved = { kind: 'reserved-instances', instanceType: 'm7i.xlarge', count: 10 } as const;
    const rows = commitmentsOf([
      { name: 'none' },
      {
        name: 'p',
        commitments: [
          { ...reserved, name: 'ri', zone: 'us-east-1a', until: '2027-01-01T00:00:00.000Z' },
          { kind: 'savings-plan', name: 'sp', usdPerHour: 2, discountPercent: 40 },
          { ...reserved, name: 'new' },
        ],
        commitmentUse: [
          { name: 'ri', used: 4, of: 10, meanToday: 2.5, ended: false },
          { name: 'sp', used: 0, of: 2, meanToday: 0, ended: true },
        ],
      },
    ]);
    expect(rows).toMatchObject([
      { pool: 'p', name: 'ri', what: '10 m7i.xlarge in us-east-1a', isUsd: false, share: 0.4, shareToday: 0.25 },
      { pool: 'p', name: 'sp', what: 'any family, 40 % off', isUsd: true, share: 0, until: null, hasEnded: true },
    ]);
  });
});

// Which costs are compared: a variant that ran less is cheaper, and no better.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { runBaseline } from '../../../lib/backtest/baselines/index.ts';
import { textOf } from '../../../lib/backtest/program/text.ts';
import { caveatsOf, comparisonOf } from '../../../lib/backtest/report/comparison.ts';
import { lossesOf, regretsOf } from '../../../lib/backtest/report/losses.ts';
import { callsShown, labelsShown } from '../../../lib/backtest/report/most.ts';
import { reportPage } from '../../../lib/backtest/report/page.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { summaryOf } from '../../../lib/backtest/traces/summary.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { noRegret } from '../../../lib/core/costs/regret/regret.ts';

const trace = readCsv('submit_s,duration_s,vcpu,memory_mib,gpu\n0,600,1,1024,0\n0,600,1,1024,0\n');
const pool = poolSpecOf('pool', poolBody.parse({ requirements: { instanceType: ['m5.large'] } }));
let whole: VariantResult;
beforeAll(async () => {
  whole = await runBaseline({ name: 'fixed', trace, pool, behaviour: awsBehaviour, seed: 1 });
});

/** Of a pool: two tasks of ten minutes, unless `ran` says less. */
function variant(name: string, usd: number, ran = 2, more: Partial<VariantResult> = {}): VariantResult {
  const { cost, tasks } = whole;
  return {
    ...whole,
    kind: 'pool',
    settings: null,
    name,
    tasks: { ...tasks, ended: ran, ran, ranVcpuHours: ran / 6, unfinished: 2 - ran },
    cost: { ...cost, total: usd },
    ...more,
  };
}

const pageOf = (results: readonly VariantResult[]): string =>
  reportPage({ title: 't', trace: summaryOf(trace), results });

/** Both say it. */
function expectBoth(results: readonly VariantResult[], ...texts: readonly string[]): void {
  const [page, text] = [pageOf(results), textOf(trace, results)];
  for (const one of texts) expect([page, text]).toEqual([expect.stringContaining(one), expect.stringContaining(one)]);
}

describe('variants', () => {
  test('count what ran to its end', () => {
    expect(whole.tasks).toMatchObject({ submitted: 2, ended: 2, ran: 2 });
    expect(whole.tasks.ranVcpuHours).toBeCloseTo(1 / 3, 12);
  });

  test('that ran less are not the cheapest, and say so beside their cost', () => {
    const results = [variant('small', 1, 1), variant('large', 3), variant('dear', 4), variant('idle', 0, 0)];
    expect(comparisonOf(results)).toEqual({
      tasks: 2,
      ran: 2,
      comparable: ['large', 'dear'],
      cheapest: 'large',
      sentences: [
        'small ran 1 of 2 tasks: its cost and its waits are of these alone, and not compared.',
        'idle ran none of 2 tasks: its cost is not compared.',
        'The cheapest of those that ran all is large.',
      ],
    });
    expectBoth(results, ...comparisonOf(results).sentences, ' (ran 1 of 2 tasks)', ' (ran none of 2 tasks)');
    const page = pageOf(results);
    expect(page).toContain('<tr class="best"><th scope="row">large (cheapest)</th><td>3</td>');
    expect(page).toContain('<th scope="row">small</th><td>1 (ran 1 of 2 tasks)</td>');
    expect(page.match(/cheapest\)/g)).toHaveLength(1);
    // In the plots, and in the figures behind them.
    expect(page.match(/>small \(ran 1 of 2\)<\/text>/g)).toHaveLength(2);
    expect(page.match(/<td>1 \(ran 1 of 2 tasks\)<\/td>/g)).toHaveLength(2);
  });

  test('of as many tasks, but of less work, are not compared', () => {
    const tasks = { ...whole.tasks, ran: 1, ranVcpuHours: 8 };
    const results = [variant('small', 1, 1), variant('large', 3, 1, { tasks }), variant('again', 2, 1, { tasks })];
    expect(comparisonOf(results)).toMatchObject({ ran: 1, comparable: ['large', 'again'], cheapest: 'again' });
  });

  test('of which nothing ran say so', () => {
    const results = [variant('small', 0, 0), variant('idle', 2, 0)];
    expect(comparisonOf(results)).toMatchObject({ ran: 0, comparable: [], cheapest: null });
    expectBoth(results, 'Nothing ran: no variant ran any of the 2 tasks to its end, so there is no cost of work.');
    expect(pageOf(results)).not.toContain('class="best"');
    expect(() => comparisonOf([])).toThrow('no variants');
  });

  test('that were recorded cost at least so much, and are not the cheapest', () => {
    const results = [variant('small', 2), variant('recorded', 1, 2, { kind: 'baseline' })];
    expect(comparisonOf(results)).toMatchObject({ comparable: ['small', 'recorded'], cheapest: 'small' });
    expectBoth(
      results,
      'at least 1',
      'recorded cost at least so much',
      'Volumes of tasks and claims, and data transfer, are not counted.',
    );
    expect(pageOf(results).match(/>recorded \(at least\)<\/text>/g)).toHaveLength(2);
    expect(caveatsOf(results)).toHaveLength(2);
    expect(comparisonOf(results.slice(1)).cheapest).toBeNull();
  });

  test('that are models say so', () => {
    expectBoth([whole, variant('small', 2)], 'none of them is that product');
    expect(caveatsOf([variant('small', 2)])).toEqual([
      'Volumes of tasks and claims, and data transfer, are not counted.',
    ]);
  });
});

describe('sentences are true', () => {
  test('of nodes that have no idle time to be set', () => {
    const cost = { ...whole.cost, total: 10, idle: 5 };
    const advice = (more: Partial<VariantResult>): boolean =>
      lossesOf({ ...whole, cost, ...more }).some((text) => text.includes('a shorter idle time gives less'));
    for (const name of ['fixed', 'target-tracking', 'recorded'])
      expect([name, advice({ name })]).toEqual([name, false]);
    expect([advice({ name: 'batch-like' }), advice({ name: 'fixed-2', kind: 'pool' })]).toEqual([true, true]);
    expect(lossesOf({ ...whole, cost })[0]).toContain('ran nothing (1 node).');
  });

  test('of two nodes in place of one, whatever lay between its tasks', () => {
    const [text] = regretsOf({ ...whole, regret: { ...noRegret, paid: 10, lifetime: 5, needed: 5 } });
    expect(text).toBe(
      '5.0000 USD (50.0 %) less with two nodes in place of one, each only from its first task to the end of its last.',
    );
  });

  test('of counts in a table: they are added, not averaged', () => {
    const launches = whole.series.launches.map((_, at) => (at === 0 ? 1 : at === 7 ? 2 : 0));
    const page = pageOf([{ ...whole, series: { ...whole.series, launches } }]);
    const [, rows] = /Figures of changes, fixed, counts of 25 s(.*?)<\/details>/s.exec(page) ?? [];
    expect(rows).toContain('<th scope="row">0 h</th><td>3</td>');
    expect(launches).toHaveLength(480);
  });
});

test('the longest waits by label, and the calls to EC2, are bounded, and what is left out is counted', () => {
  const figures = whole.waits.all;
  const labels = Array.from({ length: 13 }, (_, at): [string, typeof figures] => [
    `team=t${String(at)}`,
    { ...figures, p95S: at * 10 },
  ]);
  const calls = Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`Describe${String(at)}`, at + 1]));
  const waits = { ...whole.waits, byLabel: Object.fromEntries(labels) };
  const results = [variant('small', 2, 2, { waits, calls }), whole];
  expect([labelsShown, callsShown]).toEqual([10, 12]);
  expectBoth(results, 'team=t12', 'team=t3', 'Labels left out here: 3;', 'Describe13', 'Calls left out here: 2;');
  const [page, text] = [pageOf(results), textOf(trace, results)];
  for (const one of [page, text]) {
    expect(one).not.toContain('team=t2');
    expect(one).not.toMatch(/Describe[01]\b/);
    expect(one.indexOf('team=t12')).toBeLessThan(one.indexOf('team=t3'));
  }
  expect(page).toContain('<th scope="row">small, team=t12</th><td>2</td>');
  const plain = [variant('small', 2, 2, { calls: {} })];
  expect([pageOf(plain), textOf(trace, plain)].some((one) => /by label|calls to EC2/i.test(one))).toBe(false);
});

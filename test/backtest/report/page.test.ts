// The report: self-contained, within its size, with a table behind every plot, and nothing of a trace as markup.
import { describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { runBaseline } from '../../../lib/backtest/baselines/index.ts';
import { lossesOf, regretsOf } from '../../../lib/backtest/report/losses.ts';
import { reportBytesMax, reportPage } from '../../../lib/backtest/report/page.ts';
import { barPlot, pointPlot, short } from '../../../lib/backtest/report/plots.ts';
import { uplotFile, uplotFiles } from '../../../lib/backtest/report/uplot.ts';
import { instancesUsd, withOracle } from '../../../lib/backtest/results.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { summaryOf } from '../../../lib/backtest/traces/summary.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { noRegret } from '../../../lib/core/costs/regret/regret.ts';

const rows = Array.from({ length: 40 }, (_, at) => `${String(at * 60)},300,1,1024,0,${at % 2 ? '<b>eve</b>' : 'anna'}`);
const trace = readCsv(`submit_s,duration_s,vcpu,memory_mib,gpu,tenant\n${rows.join('\n')}\n`);
const pool = poolSpecOf('pool', poolBody.parse({ requirements: { instanceType: ['m5.large', 'm5.xlarge'] } }));

function result(name: 'fixed' | 'batch-like'): Promise<VariantResult> {
  return runBaseline({ name, trace, pool, behaviour: awsBehaviour, seed: 1 });
}

test('figures have three digits, and no rest of a sum', () => {
  expect([1234.5, 12.345, 0.012345, -5.5e-17, 0].map(short)).toEqual(['1235', '12.3', '0.0123', '0', '0']);
});

test('names of points stay within the plot, and do not cover each other', () => {
  const plot = pointPlot('t', 's', 'USD', [
    { name: 'one', x: 1, y: 1 },
    { name: 'like one', x: 1.01, y: 1 },
    { name: 'far and with a long name', x: 10, y: 9 },
  ]);
  const label = (name: string): readonly (string | undefined)[] =>
    /<text x="([\d.]+)" y="([\d.]+)"( text-anchor="end")?>$/.exec(plot.split(`${name}</text>`)[0] ?? '')?.slice(1)
    ?? [];
  const [one, like, far] = ['one', 'like one', 'far and with a long name'].map(label);
  expect(Number(one?.[1]) - Number(like?.[1])).toBeGreaterThan(10);
  expect([one?.[2], far?.[2]]).toEqual([undefined, ' text-anchor="end"']);
  expect(Number(far?.[0])).toBeLessThan(860);
});

test('names of bars have the room that they need', () => {
  const name = 'batch-managed-like (ran 1 of 6)';
  const xOf = (bars: string): number => Number(/<text x="([\d.]+)" y="20" text-anchor="end">/.exec(bars)?.[1]);
  expect(xOf(barPlot('t', 'USD', [{ name, parts: [{ name: 'work', value: 1 }] }]))).toBeGreaterThan(7 * name.length);
  expect(xOf(barPlot('t', 'USD', [{ name: 'short', parts: [{ name: 'work', value: 1 }] }]))).toBe(142);
});

describe('a report', () => {
  test('needs no network, escapes names, and has a table behind every plot over time', async () => {
    const oracle = { usd: 0.07, tasks: 40, nodes: 3, waitS: 40, usdPerHour: [0.1, 0.2] };
    const results = [withOracle(await result('fixed'), oracle), await result('batch-like')];
    const page = reportPage({ title: 'A & B <script>', trace: summaryOf(trace), results });
    const library = uplotFile(uplotFiles.script);
    expect(page).toContain(library);
    expect(page.replace(library, '')).not.toMatch(/(?:src|href)=|@import|url\(|https?:/);
    expect(page).toContain('<h1>A &amp; B &lt;script&gt;</h1>');
    expect(page).not.toContain('<b>eve');
    expect(page).toContain('fixed, &lt;b&gt;eve&lt;/b&gt;');
    expect(page.match(/data-plot=/g)).toHaveLength(6);
    expect(page.match(/<details>/g)?.length).toBeGreaterThanOrEqual(5 + 1 + results.length);
    expect(page.match(/class="best"/g)).toHaveLength(1);
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).toContain('@media print');
    expect(page).toContain('nodes launched');
    expect(page).toContain('Nodes launched by type');
    for (const one of results) expect(page).toContain(`<td>${short(one.cost.total)}</td>`);
    expect(page).toContain('time-aware oracle');
    expect(page).toContain('priced again in hindsight');
    const [first] = results;
    if (first === undefined) throw new Error('no result');
    expect(page).toContain(`<td>${(100 * (instancesUsd(first.cost) / 0.07 - 1)).toFixed(1)} %</td>`);
    expect(page).toBe(reportPage({ title: 'A & B <script>', trace: summaryOf(trace), results }));
  });

  test('of the most variants keeps its bound, and one beyond it is refused', async () => {
    const one = await result('fixed');
    const many = (count: number): VariantResult[] =>
      Array.from({ length: count }, (_, at) => ({ ...one, name: `v${String(at)}` }));
    const input = { title: 't', trace: summaryOf(trace) };
    expect(Buffer.byteLength(reportPage({ ...input, results: many(32) }))).toBeLessThan(reportBytesMax);
    expect(() => reportPage({ ...input, results: many(400) })).toThrow('run fewer variants');
  });

  test('says where money is lost, the dearest first', async () => {
    const { cost, ...one } = await result('fixed');
    const lost = lossesOf({
      ...one,
      utilisation: 0.5,
      cost: { ...cost, total: 100, idle: 30, stranded: 10, boot: 0.5, billing: 0, credits: 0, restarted: 0 },
    });
    expect(lost).toHaveLength(2);
    expect(lost[0]).toContain('30.00 USD (30.0 %) were paid for nodes that were ready and ran nothing');
    expect(lost[1]).toContain('10.00 USD (10.0 %) were paid for room');
    expect(lost[1]).toContain('50 % was asked for');
    const regret = { ...noRegret, paid: 100, size: 5, lifetime: 20, boot: 0.5, needed: 74.5 };
    const regrets = regretsOf({ ...one, cost, regret });
    expect(regrets).toHaveLength(2);
    expect(regrets[0]).toContain('20.00 USD (20.0 %) less with two nodes in place of one');
    expect(regrets[1]).toContain('5.0000 USD (5.0 %) less had each node been of the cheapest type');
  });
});

// The report of a back-test in a real browser (Chromium of the machine, driven by playwright-core), as wide as a
// desktop and as a phone, light and dark: nothing is asked of the network, nothing fails, nothing is wider than the
// screen, what is written can be read, and plots say their figures at the pointer.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../lib/api/schemas/pools.ts';
import { runBaseline } from '../../lib/backtest/baselines/index.ts';
import { oracleOf } from '../../lib/backtest/oracle/index.ts';
import { reportPage } from '../../lib/backtest/report/page.ts';
import { withOracle } from '../../lib/backtest/results.ts';
import { readCsv } from '../../lib/backtest/traces/csv.ts';
import { generate, generatedDefaults } from '../../lib/backtest/traces/generate.ts';
import { summaryOf } from '../../lib/backtest/traces/summary.ts';
import { awsBehaviour } from '../../lib/backtest/world/behaviour.ts';
import { openBrowser } from './browser.ts';
import type { Browser } from './browser.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-report-'));
const file = join(folder, 'report.html');
let browser: Browser;

beforeAll(async () => {
  const trace = readCsv([...generate({ ...generatedDefaults, tasks: 400, seed: 2 })].join('\n'));
  const pool = poolSpecOf('pool', poolBody.parse({ requirements: { arch: ['amd64'], capacityType: ['on-demand'] } }));
  const behaviour = awsBehaviour;
  const oracle = oracleOf({ trace, pools: [pool], behaviour, seed: 1, steps: 1_000_000 });
  const results = [];
  for (const name of ['batch-like', 'karpenter-like', 'batch-managed-like'] as const)
    results.push(withOracle(await runBaseline({ name, trace, pool, behaviour, seed: 1 }), oracle));
  writeFileSync(file, reportPage({ title: 'Back-test of day.csv', trace: summaryOf(trace), results }));
  browser = await openBrowser();
}, 660_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** In the page: what is written with letters lower than so many pixels. */
const smallTexts = (least: number): string =>
  `[...document.querySelectorAll('p, th, td, li, summary, figcaption, svg text')]
    .filter((one) => one.getClientRects().length > 0 && one.textContent.trim() !== '')
    .filter((one) => {
      const svg = one.closest('svg');
      const scale = svg === null ? 1 : svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      return parseFloat(getComputedStyle(one).fontSize) * scale < ${String(least)};
    })
    .map((one) => one.textContent)`;

describe.each([
  ['a desktop', { width: 1280, height: 800 }, false],
  ['a phone', { width: 390, height: 844 }, true],
] as const)('the report on %s', (name, viewport, isMobile) => {
  test.each(['light', 'dark'])('can be read, %s', async (colorScheme) => {
    const page = await browser.newPage({ viewport, colorScheme, isMobile });
    const asked: string[] = [];
    const failed: string[] = [];
    page.on('request', (request) => asked.push(request.url?.() ?? ''));
    page.on('pageerror', (error) => failed.push(error.message ?? 'an error'));
    page.on('console', (message) => failed.push(message.text?.() ?? ''));
    await page.goto(pathToFileURL(file).href);
    const shots = process.env['BELLOWS_SCREENSHOTS'];
    if (shots !== undefined)
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`.replace(' ', '-')), fullPage: true });
    expect(asked).toEqual([pathToFileURL(file).href]);
    expect(failed).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(await page.evaluate(smallTexts(8.5))).toEqual([]);
    const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(17, 24, 39)' : 'rgb(255, 255, 255)');
    // The tables behind the plots open.
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(await page.evaluate("document.querySelectorAll('details table').length")).toBeGreaterThan(5);
  });

  test('says the figures of a plot at the pointer', async () => {
    const page = await browser.newPage({ viewport, colorScheme: 'light', isMobile });
    await page.goto(pathToFileURL(file).href);
    const { x, y } = await page.evaluate<{ x: number; y: number }>(
      "(() => { const svg = document.querySelector('[data-plot] .u-over'); svg.scrollIntoView({ block: 'center' });"
        + 'const box = svg.getBoundingClientRect(); return { x: box.left + 200, y: box.top + box.height / 2 }; })()',
    );
    await page.mouse.move(x, y);
    await page.evaluate('new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); })');
    const reading = await page.evaluate<string>("document.querySelector('[data-plot] .u-legend').textContent");
    expect(reading).toMatch(/^h[\d.]+ hbatch-like[\d.]+.*lower bound[\d.]+time-aware oracle[\d.]+$/);
  });
});

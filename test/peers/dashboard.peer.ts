// The dashboard in a real browser while the shop's day is played: each page at two widths, light and dark, without an
// error of the console and without what axe-core finds fault with; and what people do there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { untilAsync } from '../hang.ts';
import { openBrowser } from './browser.ts';
import type { Browser, Page } from './browser.ts';
import { startLocal } from './local-server.ts';
import type { LocalServerProcess } from './local-server.ts';
import { npmPackage } from './tools.ts';

let local: LocalServerProcess;
let browser: Browser;
let axe = '';
/** Addresses of the pages, by name. */
const places = new Map<string, string>();
const pageNames = ['Now', 'Requests', 'a request', 'an array', 'Nodes', 'a node', 'Cost'];

const task = { type: 'task', resources: { vcpu: 0.25, memoryMib: 128 } };

beforeAll(async () => {
  local = await startLocal([]);
  axe = readFileSync(join(npmPackage('axe-core', '4.14.1'), 'axe.min.js'), 'utf8');
  browser = await openBrowser();
  const { client } = local;
  const shell = 'for n in $(seq 1000); do echo line $n; sleep 1; done';
  const long = await client.call('submitRequest', { body: { ...task, name: 'long', priority: 9, shell } });
  const failing = { ...task, name: 'some-fail', labels: { team: 'film' }, count: 12, priority: 9 };
  const array = await client.call('submitRequest', {
    body: { ...failing, shell: 'echo task $BELLOWS_TASK_INDEX; [ $BELLOWS_TASK_INDEX != 3 ]' },
  });
  const node = await untilAsync(async () => {
    const { endedAt } = await client.call('getRequest', { params: { id: array.id } });
    const { items } = await client.call('listTasks', { params: { id: long.id } });
    const [one] = items;
    return endedAt !== null && one?.startedAt ? one.node : null;
  }, 'the array to end and the long task to run');
  const hashes = [
    'now',
    'requests',
    `requests/${long.id}`,
    `requests/${array.id}?task=3`,
    'nodes',
    `nodes/${node.id}`,
    'cost',
  ];
  hashes.forEach((hash, at) => places.set(pageNames[at] ?? '', `${local.url}/#/${hash}`));
}, 660_000);
afterAll(async () => {
  await browser.close();
  await local.stop();
}, 660_000);

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

interface Opened {
  readonly page: Page;
  readonly said: string[];
  readonly asked: string[];
}

async function open(place: string, viewport: object = desktop, colorScheme = 'light'): Promise<Opened> {
  const page = await browser.newPage({ viewport, colorScheme, isMobile: viewport === phone });
  const said: string[] = [];
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url?.() ?? '').origin));
  page.on('pageerror', (error) => said.push(error.message ?? 'an error'));
  page.on('console', (message) => said.push(message.text?.() ?? ''));
  await page.goto(places.get(place) ?? '');
  await page.waitForSelector('h1');
  await untilAsync(
    () => page.evaluate("document.querySelectorAll('.loading').length === 0"),
    `${place} to have loaded`,
  );
  return { page, said, asked };
}

const has = (page: Page, text: string): Promise<boolean> =>
  untilAsync(async () => ((await page.textContent('body')) ?? '').includes(text), `the page to say ${text}`);

/** How far a table goes on behind its last column: what is left out on a phone takes no room there. */
const columnsLeftOut = `Math.max(0, ...[...document.querySelectorAll('table.list')].map((table) => {
  const cells = [...table.querySelectorAll('thead th')].filter((cell) => cell.offsetWidth > 0);
  return table.getBoundingClientRect().right - cells.at(-1).getBoundingClientRect().right;
}))`;

describe.each([
  ['a desktop', desktop],
  ['a phone', phone],
] as const)('on %s', (name, viewport) => {
  describe.each(['light', 'dark'])('%s', (scheme) => {
    test.each(pageNames)('%s is whole, says no error, and axe finds nothing', async (place) => {
      const { page, said, asked } = await open(place, viewport, scheme);
      const shots = process.env['BELLOWS_SCREENSHOTS'];
      if (shots !== undefined)
        await page.screenshot({
          path: join(shots, `${place}-${name}-${scheme}.png`.replaceAll(' ', '-')),
          fullPage: false,
        });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
      expect(await page.evaluate(columnsLeftOut)).toBeLessThan(2);
      await page.evaluate(`${axe}; 0`);
      const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
        'axe.run(document).then(({ violations }) => violations)',
      );
      expect(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))])).toEqual(
        [],
      );
      expect(said).toEqual([]);
      expect(new Set(asked)).toEqual(new Set([local.url]));
      await page.close();
    });
  });
});

describe('the shop in it', () => {
  test('requests are found by label, and a row leads to the request', async () => {
    const { page } = await open('Requests');
    await page.fill('input[placeholder="team=search"]', 'team=film');
    await page.keyboard.press('Enter');
    await untilAsync(() => page.evaluate("document.querySelectorAll('tbody tr:not(.spacer)').length === 1"), 'one row');
    await page.click('tbody a.id');
    await has(page, '11 succeeded, 1 failed');
    expect(await page.evaluate('location.hash')).toContain('#/requests/r-');
    await page.close();
  });

  test('what a task writes is seen within two seconds', async () => {
    const { page } = await open('a request');
    const last = async (): Promise<number> =>
      Number(/line (\d+)\s*$/.exec((await page.textContent('pre.output')) ?? '')?.[1] ?? 0);
    await page.waitForSelector('pre.output');
    const before = await last();
    await untilAsync(async () => (await last()) >= before + 3, 'three more lines');
    await page.close();
  });

  test('a failed task of an array says why, and is run again after a confirmation', async () => {
    const { page, said } = await open('an array');
    await has(page, 'Task 3');
    await page.click('text=Retry failed');
    await page.waitForSelector('dialog[open]');
    await page.click('dialog button.primary');
    await has(page, 'runs again what failed');
    const { items } = await local.client.call('listRequests', { query: { name: 'some-fail' } });
    expect(items).toHaveLength(2);
    expect(said).toEqual([]);
    await page.close();
  });

  test.each(['light', 'dark'])('what failed of an array is shown first, in red, %s', async (scheme) => {
    const { page } = await open('an array', phone, scheme);
    await page.evaluate("location.hash = location.hash.split('?')[0]; 0");
    await page.waitForSelector('.failed button[aria-pressed="true"]');
    expect(await page.textContent('.failed[role]')).toBe('1 task failed3');
    await has(page, 'Task 3');
    const [succeeded, failed] = await page.evaluate<number[][]>(`[0, 3].map((cell) => {
      const context = document.querySelector('canvas').getContext('2d');
      return [...context.getImageData((cell * 18 + 8) * devicePixelRatio, 8, 1, 1).data];
    })`);
    expect(Number(failed?.[0])).toBeGreaterThan(Number(failed?.[1]));
    expect(Number(succeeded?.[1])).toBeGreaterThan(Number(succeeded?.[0]));
    await page.close();
  });

  test('a node is cordoned and uncordoned, a pool paused and resumed', async () => {
    const { page } = await open('a node');
    for (const [word, other] of [
      ['Cordon', 'Uncordon'],
      ['Uncordon', 'Cordon'],
    ] as const) {
      await page.click(`.head button:text-is("${word}")`);
      await page.click('dialog button.primary');
      await page.waitForSelector(`.head button:text-is("${other}")`);
    }
    await page.close();
    const now = await open('Now');
    await now.page.click('.pools button');
    await now.page.click('dialog button.danger');
    await has(now.page, 'paused by local');
    await now.page.click('.pools button');
    await now.page.click('dialog button.primary');
    await has(now.page, 'Pool default buys again.');
    expect((await local.client.call('getPool', { params: { name: 'default' } })).paused).toBeUndefined();
    await now.page.close();
  });

  test('a request is cancelled, and the dialog can be left by Escape', async () => {
    const { page } = await open('a request');
    await page.click('.head button.danger');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await untilAsync(() => page.evaluate("document.querySelector('dialog') === null"), 'the dialog to close');
    await page.click('.head button.danger');
    await page.click('dialog button.danger');
    await has(page, 'cancelled');
    await page.close();
  });

  test('keys alone lead everywhere, and the chosen colours stay', async () => {
    const { page } = await open('Now');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content');
    for (let tabs = 0; tabs < 3; tabs += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await untilAsync(() => page.evaluate("location.hash === '#/requests'"), 'the requests');
    await page.click('button.quiet');
    await page.click('button.quiet');
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.close();
  });
});

test('nothing is asked while the page is in the background', async () => {
  const { page, asked } = await open('Now');
  await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true }); 0");
  await new Promise((wake) => setTimeout(wake, 2_000));
  const before = asked.length;
  await new Promise((wake) => setTimeout(wake, 4_000));
  expect(asked.length).toBe(before);
  await page.close();
});

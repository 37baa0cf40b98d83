// Each page of the embedded server in a real browser: it is drawn, with its heading, and the console stays empty.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocal } from '../peers/local-server.ts';
import type { LocalServerProcess } from '../peers/local-server.ts';
import { Chromium, isInstalled } from './chromium.ts';

let local: LocalServerProcess | undefined;
let browser: Chromium | undefined;
let id = '';

beforeAll(async () => {
  if (!isInstalled) return;
  local = await startLocal(['--empty']);
  // Nothing starts in a paused pool, so that no process has to be waited for.
  await local.client.call('pausePool', { params: { name: 'default' } });
  const body = { type: 'task', name: 'waits', resources: { vcpu: 0.25, memoryMib: 128 }, shell: 'echo hello' };
  ({ id } = await local.client.call('submitRequest', { body }));
  browser = await Chromium.open();
});
afterAll(async () => {
  await browser?.close();
  await local?.stop();
});

// Where there is no Chromium this is skipped, with its reason in allowed-skips.json.
(isInstalled ? test : test.skip)('each page of the dashboard is drawn in Chromium, without an error', async () => {
  const { url } = local as LocalServerProcess;
  const page = browser as Chromium;
  await page.goTo(url);
  for (const [hash, heading, text] of [
    ['now', 'Now', 'Resume pool default'],
    ['requests', 'Requests', 'waits'],
    [`requests/${id}`, 'waits pending', 'echo hello'],
    ['nodes', 'Nodes', 'There are no nodes'],
    ['cost', 'Cost', 'Price now'],
  ] as const) {
    await page.evaluate(`location.hash = '#/${hash}'`);
    await page.until(`document.querySelector('h1')?.textContent === '${heading}'`);
    await page.until(`document.querySelector('.loading') === null && document.body.textContent.includes('${text}')`);
    expect([hash, page.said]).toEqual([hash, []]);
  }
  // What is wrong would have been heard: a test that cannot fail says nothing.
  await page.evaluate("console.error('heard')");
  await page.until('true');
  expect(page.said).toEqual([expect.stringContaining('heard')]);
});

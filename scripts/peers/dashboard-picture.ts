// Makes docs/dashboard.png, the README's picture: the page Now in the machine's Chromium, half a shop's day in.
import { setTimeout as delay } from 'node:timers/promises';
import { openBrowser } from '../../test/peers/browser.ts';
import { startLocal } from '../../test/peers/local-server.ts';

const width = 1280;
const height = 720;
/** The page draws what it has seen since it is open: so long it watches. */
const watchedMs = 33_000;

const local = await startLocal([]);
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
  await page.goto(`${local.url}/#/now`);
  await delay(watchedMs);
  await page.screenshot({ path: 'docs/dashboard.png', fullPage: false });
  process.stderr.write('docs/dashboard.png is written\n');
} finally {
  await browser.close();
  await local.stop();
}

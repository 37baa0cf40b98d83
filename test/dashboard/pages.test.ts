// The page and its files: how large they are, how they are served, and that nothing foreign is in them.
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Asset } from '../../dashboard/serve/asset.ts';
import { buildAssets } from '../../dashboard/serve/build.ts';
import { createPages, isPagePath } from '../../dashboard/serve/pages.ts';
import { createDashboardEndpoint } from '../../lib/local/server/endpoints/dashboard.ts';
import { RecordingLog, eventOf } from '../lambdas/calls.ts';

let assets: readonly Asset[];
beforeAll(async () => {
  assets = await buildAssets();
});

test('all of it is under 150 KB gzipped, and far below', () => {
  const bytes = assets.reduce((sum, { text }) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeLessThan(60_000);
});

test('nothing in it is asked of another origin, and no style or script stands in the page', () => {
  const page = assets.find(({ path }) => path === '/')?.text ?? '';
  expect(page).not.toMatch(/<style|<script(?! type="module" src="dashboard\/app-)| style=| on\w+=|https?:/);
  for (const { path, text } of assets.filter((one) => one.path.endsWith('.js') || one.path.endsWith('.css')))
    expect([path, text.match(/https?:\/\/(?!www\.w3\.org\/)[^\s"'`]*/g) ?? []]).toEqual([path, []]);
});

describe('serving', () => {
  const settings = { refreshMs: 1_500, idleRefreshMs: 1_500, restRefreshMs: 1_500, where: 'a "<place>" & more' };

  test('the page is asked again each time and its files are kept; each has the policy', async () => {
    const pages = createPages(settings);
    const page = await pages('/');
    expect(page?.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; style-src 'self'/),
    });
    expect(page?.body).toContain('&quot;where&quot;:&quot;a \\&quot;&lt;place>\\&quot; &amp; more&quot;');
    const script = /src="(dashboard\/app-[0-9a-f]{12}\.js)"/.exec(page?.body ?? '')?.[1];
    expect(await pages(`/${script ?? ''}`)).toMatchObject({
      status: 200,
      headers: { 'cache-control': expect.stringContaining('immutable'), 'x-content-type-options': 'nosniff' },
    });
    expect([await pages('/dashboard/app-000000000000.js'), await pages('/../package.json')]).toEqual([null, null]);
  });

  test.each([
    ['/', true],
    ['/dashboard/x', true],
    ['/dashboards', false],
    ['/v1/stats', false],
  ])('%s is a path of the page: %s', (path, isPage) => {
    expect(isPagePath(path)).toBe(isPage);
  });

  test('the server answers what is not there, or not a GET, with a problem', async () => {
    const endpoint = createDashboardEndpoint(new RecordingLog());
    const answer = async (method: string, path: string): Promise<unknown> => {
      const { statusCode, body = '' } = await endpoint(eventOf(method, path), {} as never);
      return [statusCode, body.startsWith('{') ? (JSON.parse(body) as { code: string }).code : body.slice(0, 15)];
    };
    expect(await answer('GET', '/')).toEqual([200, '<!doctype html>']);
    expect(await answer('GET', '/dashboard/none.js')).toEqual([404, 'not_found']);
    expect(await answer('POST', '/')).toEqual([405, 'method_not_allowed']);
  });
});

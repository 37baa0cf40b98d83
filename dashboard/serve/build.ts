// Builds the page from its sources with esbuild: some 50 ms, so that a checkout needs no step of its own for it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { Asset } from './asset.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function buildAssets(): Promise<readonly Asset[]> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['main.tsx'],
    outdir: '/dashboard',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [script, style] = ['.js', '.css'].map((ending) => outputFiles.find((file) => file.path.endsWith(ending)));
  if (script === undefined || style === undefined) throw new TypeError('esbuild wrote no script or no style');
  const built = [
    named('app', 'js', 'text/javascript; charset=utf-8', script.text),
    named('app', 'css', 'text/css; charset=utf-8', style.text),
    named('icon', 'svg', 'image/svg+xml', readFileSync(`${root}/icon.svg`, 'utf8')),
  ];
  const [js, css, svg] = built.map((asset) => asset.path.slice(1));
  const page = readFileSync(`${root}/index.html`, 'utf8')
    .replace('{{script}}', js ?? '')
    .replace('{{style}}', css ?? '')
    .replace('{{icon}}', svg ?? '');
  return [{ path: '/', type: 'text/html; charset=utf-8', text: page }, ...built];
}

/** Named by what is in it, so that browsers may keep it for ever. */
function named(name: string, ending: string, type: string, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { path: `/dashboard/${name}-${hash}.${ending}`, type, text };
}

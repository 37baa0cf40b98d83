// The files of the page: built already in a package, built now in a checkout.
import { existsSync, readFileSync } from 'node:fs';
import type { Asset } from './asset.ts';

/** In a package, beside the program that serves it. */
const packedFile = 'dashboard.json';

export async function readAssets(): Promise<readonly Asset[]> {
  const packed = new URL(`./${packedFile}`, import.meta.url);
  if (existsSync(packed)) return JSON.parse(readFileSync(packed, 'utf8')) as readonly Asset[];
  const { buildAssets } = await import('./build.ts');
  return buildAssets();
}

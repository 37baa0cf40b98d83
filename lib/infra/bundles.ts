// The programs that are deployed, each as one file: built from the sources in a checkout, ready-made in the package.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';

export const lambdaNames = ['api', 'agent', 'scheduler', 'events', 'installation'] as const;
export type LambdaName = (typeof lambdaNames)[number];
export type BundleName = LambdaName | 'node-agent';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Folder with `index.mjs` of the program. */
export function bundleFolder(name: BundleName): string {
  // In the package this file is part of `infra/index.js`, beside `bundles/`.
  const packed = join(here, '..', 'bundles', name);
  if (existsSync(join(packed, 'index.mjs'))) return packed;
  return buildBundle(name, join(buildRoot(), name));
}

const builtHere = new Map<BundleName, string>();

/** One of the process's own, so that two runs at once do not write into each other's. */
function buildRoot(): string {
  return join(tmpdir(), `bellows-bundles-${String(process.pid)}`);
}

/** Builds from the sources into `folder`. */
export function buildBundle(name: BundleName, folder: string): string {
  const built = builtHere.get(name);
  if (built !== undefined && existsSync(join(built, 'index.mjs'))) return built;
  const root = join(here, '..', '..');
  const entry = name === 'node-agent' ? join(root, 'agent', 'ec2-main.ts') : join(root, 'lambdas', name, 'index.ts');
  if (!existsSync(entry)) throw new Error(`${entry} is missing: the infrastructure is either used from a checkout or from the package`);
  mkdirSync(folder, { recursive: true });
  // Asked for here only: the package has its bundles ready-made and needs no esbuild.
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  esbuild.buildSync({
    entryPoints: [entry], outfile: join(folder, 'index.mjs'), absWorkingDir: root,
    bundle: true, minify: true, keepNames: true, platform: 'node', target: 'node24', format: 'esm', mainFields: ['module', 'main'],
    // Packages in CommonJS call `require` for Node's own modules.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'error', legalComments: 'none',
  });
  if (name === 'node-agent') copyFileSync(join(root, 'agent', 'wrapper.sh'), join(folder, 'wrapper.sh'));
  builtHere.set(name, folder);
  return folder;
}

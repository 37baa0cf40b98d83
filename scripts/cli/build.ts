// Bundles the CLI. For a checkout beside a list of its sources, by which scripts/cli/start.mjs sees whether it is still
// theirs; `--run` then runs the command line. For a package into a folder (scripts/pack.ts).
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import type { Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'node_modules/.cache/bellows-cli');
/** A command that was started before may still load a part of an older bundle. */
const keptMs = 24 * 3_600_000;

/** In a checkout, sources find their neighbours where they are, not where the bundle is. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/** Commander loads it for commands that are programs of their own. None is, and it costs a tenth of the start. */
const noPrograms: Plugin = {
  name: 'no-programs',
  setup(build) {
    const namespace = 'no-programs';
    build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /node_modules[\\/]commander[\\/]/.test(importer) ? { path, namespace } : null,
    );
    build.onLoad({ filter: /.*/, namespace }, () => ({ loader: 'js', contents: 'export default {};' }));
  },
};

/** What commands start as programs of their own: sources in a checkout, bundles beside the CLI's in a package. */
const programs = [
  'lib/local/server/audit-main.ts',
  'lib/backtest/backtest-main.ts',
  'lib/backtest/program/backtest-worker.ts',
];

/** Bundles the CLI as `folder`/main.mjs with its parts beside it; answers the paths of what went in. */
export async function bundleCli(folder: string, options: { readonly isCheckout: boolean }): Promise<readonly string[]> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [join(root, 'cli/main.ts'), ...(options.isCheckout ? [] : programs.map((path) => join(root, path)))],
    entryNames: '[name]',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    metafile: true,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    legalComments: 'none',
    // Builds the dashboard in a checkout; a package has it built.
    external: ['esbuild'],
    plugins: options.isCheckout ? [noPrograms, ownPlaces] : [noPrograms],
    // Packages in CommonJS call `require` for Node's own modules.
    banner: {
      js:
        "import { createRequire as __createRequire } from 'node:module'; const require = "
        + '__createRequire(import.meta.url);',
    },
  });
  return Object.keys(metafile.inputs);
}

/** Builds the checkout's bundle; answers its folder. */
async function buildForCheckout(): Promise<string> {
  const name = `${String(Date.now())}-${String(process.pid)}`;
  const folder = join(built, name);
  const inputs = await bundleCli(folder, { isCheckout: true });
  const own = inputs.filter((path) => !path.startsWith('node_modules/') && !path.startsWith('no-programs:'));
  const sources = [...own, 'package-lock.json', 'scripts/cli/build.ts'].map((path) => {
    const { mtimeMs, size } = statSync(join(root, path));
    return [path, mtimeMs, size];
  });
  const list = join(built, `${name}.json`);
  writeFileSync(list, JSON.stringify({ node: process.versions.node, folder: name, sources }));
  renameSync(list, join(built, 'current.json'));
  for (const old of readdirSync(built)) {
    const atMs = Number(/^(\d+)-\d+$/.exec(old)?.[1] ?? Infinity);
    if (Date.now() - atMs > keptMs) rmSync(join(built, old), { recursive: true, force: true });
  }
  return folder;
}

if (import.meta.main) {
  const [mode, ...args] = process.argv.slice(2);
  mkdirSync(built, { recursive: true });
  const folder = await buildForCheckout();
  if (mode === '--run') {
    enableCompileCache(join(folder, 'compiled'));
    process.argv.splice(2, Infinity, ...args);
    await import(pathToFileURL(join(folder, 'main.mjs')).href);
  }
}

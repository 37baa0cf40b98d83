// Builds what others install: one package without dependencies, all in plain JavaScript because Node strips no types
// under node_modules. `bellows` (the CLI), `bellows/client`, `bellows/cdk` (the construct), and the programs that the
// construct deploys.
//
//   node scripts/pack.ts FOLDER     leaves FOLDER/package, ready for `npm pack` or `npm install`

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { buildAssets } from '../dashboard/serve/build.ts';
import { uplotFile, uplotFiles } from '../lib/backtest/report/uplot.ts';
import { bundleCli } from './cli/build.ts';
import { buildBundles } from '../lib/infra/functions/bundles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const [target] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('usage: node scripts/pack.ts FOLDER\n');
  process.exit(2);
}
const folder = join(resolve(target), 'package');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'error',
} satisfies BuildOptions;

await bundleCli(join(folder, 'cli'), { isCheckout: false });
/** It runs on plain Node: what installs a newer one is in the checkout (scripts/enter.mjs). */
const nodeMajorMin = 24;
writeFileSync(
  join(folder, 'cli', 'bellows.js'),
  [
    '#!/usr/bin/env node',
    `const needed = ${String(nodeMajorMin)};`,
    "if (Number(process.versions.node.split('.')[0]) < needed) {",
    '  console.error(`bellows: needs Node ${needed} or newer, and this is Node ${process.versions.node}`);',
    '  process.exit(2);',
    '}',
    '// Node keeps what it compiled of the CLI beside its temporary files.',
    "const { enableCompileCache } = await import('node:module');",
    'enableCompileCache();',
    "await import('./main.mjs');",
    '',
  ].join('\n'),
);
// What `bellows dashboard` serves (dashboard/serve/assets.ts reads it).
writeFileSync(join(folder, 'cli', 'dashboard.json'), JSON.stringify(await buildAssets()));
// What a back-test's report has within it (lib/backtest/report/uplot.ts reads it).
for (const name of Object.values(uplotFiles)) writeFileSync(join(folder, 'cli', name), uplotFile(name));
// The user's own CDK: two copies of its classes would not know each other.
buildSync({
  ...shared,
  entryPoints: ['lib/infra/index.ts'],
  outfile: join(folder, 'infra', 'index.js'),
  external: ['aws-cdk-lib', 'constructs', 'esbuild'],
});
buildBundles(join(folder, 'bundles'));
// What signs is loaded with the first call that needs it.
buildSync({
  ...shared,
  entryPoints: ['clients/typescript/index.ts'],
  outdir: join(folder, 'client'),
  splitting: true,
  minify: true,
});
declarations('cli/cdk-types.tsconfig.json', join(folder, 'types'));
// Of what the client imports from elsewhere its own types say nothing.
const declared = join(resolve(target), 'declared');
declarations('clients/tsconfig.json', declared);
cpSync(join(declared, 'clients/typescript'), join(folder, 'client'), { recursive: true });
rmSync(declared, { recursive: true });
for (const file of ['LICENSE', 'README.md']) cpSync(join(root, file), join(folder, file));

function declarations(project: string, out: string): void {
  const options = ['--project', join(root, 'scripts', project), '--outDir', out];
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], {
    ...{ cwd: root, stdio: 'inherit' },
  });
}

const { name, version, description, license, devDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const peers = ['aws-cdk-lib', 'constructs'];
writeFileSync(
  join(folder, 'package.json'),
  `${JSON.stringify(
    {
      name,
      version,
      description,
      license,
      type: 'module',
      engines: { node: `>=${String(nodeMajorMin)}` },
      bin: { bellows: 'cli/bellows.js' },
      exports: {
        './cdk': { types: './types/index.d.ts', default: './infra/index.js' },
        './client': { types: './client/index.d.ts', default: './client/index.js' },
        './package.json': './package.json',
      },
      // Whoever only wants the CLI needs neither.
      peerDependencies: Object.fromEntries(peers.map((peer) => [peer, `^${devDependencies[peer] ?? ''}`])),
      peerDependenciesMeta: Object.fromEntries(peers.map((peer) => [peer, { optional: true }])),
    },
    null,
    2,
  )}\n`,
);

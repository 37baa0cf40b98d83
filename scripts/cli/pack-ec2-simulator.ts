// Builds the package `ec2-simulator`: the simulator alone, as a program and as a library, in plain JavaScript and
// without dependencies.
//
//   node scripts/cli/pack-ec2-simulator.ts FOLDER     leaves FOLDER/package, ready for `npm pack` or `npm install`
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [target] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('usage: node scripts/cli/pack-ec2-simulator.ts FOLDER\n');
  process.exit(2);
}
const folder = join(resolve(target), 'package');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const source = join(root, 'lib/local/ec2-simulator');
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { 'ec2-simulator': join(source, 'main.ts'), index: join(source, 'library.ts') },
  outdir: folder,
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'error',
  legalComments: 'none',
  metafile: true,
});
const program = join(folder, 'ec2-simulator.js');
writeFileSync(program, `#!/usr/bin/env node\n${readFileSync(program, 'utf8')}`, { mode: 0o755 });

// What others wrote and is within it comes with its licence.
const within = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
for (const name of within) {
  const file = join(root, 'node_modules', name, 'LICENSE');
  if (!existsSync(file)) throw new Error(`${file} is not there: ${name} cannot be packed without its licence`);
  cpSync(file, join(folder, 'licences', name));
}

// The library's types are all in its own file; what it imports they do not name.
const declared = join(resolve(target), 'declared');
execFileSync(
  process.execPath,
  [
    ...[join(root, 'node_modules/typescript/bin/tsc'), '--project', join(root, 'scripts/cli/ec2-types.tsconfig.json')],
    ...['--outDir', declared],
  ],
  { cwd: root, stdio: 'inherit' },
);
cpSync(join(declared, 'local/ec2-simulator/library.d.ts'), join(folder, 'index.d.ts'));
rmSync(declared, { recursive: true });
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
cpSync(join(source, 'README.md'), join(folder, 'README.md'));

const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly license: string;
};
const description = 'A strict simulator of EC2 for tests: tokens, shortages, quotas, spot, throttling, faults, time.';
writeFileSync(
  join(folder, 'package.json'),
  `${JSON.stringify(
    {
      ...{ name: 'ec2-simulator', version, description, license, type: 'module', engines: { node: '>=24' } },
      bin: { 'ec2-simulator': 'ec2-simulator.js' },
      exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    },
    null,
    2,
  )}\n`,
);

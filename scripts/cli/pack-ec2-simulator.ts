// Builds the package `ec2-simulator`: the simulator alone, as a program and as a library, in plain JavaScript and
// without dependencies.
//
//   node scripts/enter.mjs scripts/cli/pack-ec2-simulator.ts FOLDER
//
// leaves FOLDER/package, ready for `npm pack` or `npm install`.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

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
const common = {
  absWorkingDir: root,
  outdir: folder,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  logLevel: 'error',
  legalComments: 'none',
} satisfies BuildOptions;
const library = { index: join(source, 'library.ts'), jest: join(source, 'jest.ts') };
const { metafile } = await build({
  ...common,
  entryPoints: { 'ec2-simulator': join(source, 'main.ts'), ...library },
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  metafile: true,
});
// For `require`, and so for Jest as it comes: one file, and the helper beside it.
await build({
  ...common,
  entryPoints: library,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  plugins: [
    {
      name: 'the library beside the helper',
      setup(builder) {
        builder.onResolve({ filter: /^\.\/library\.ts$/ }, () => ({ path: './index.cjs', external: true }));
      },
    },
  ],
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

// The library's types are all in its own file, and the helper's name no others.
const declared = join(resolve(target), 'declared');
execFileSync(
  process.execPath,
  [
    ...[join(root, 'node_modules/typescript/bin/tsc'), '--project', join(root, 'scripts/cli/ec2-types.tsconfig.json')],
    ...['--outDir', declared],
  ],
  { cwd: root, stdio: 'inherit' },
);
const types = { library: 'index', jest: 'jest' };
for (const [from, to] of Object.entries(types)) {
  const text = readFileSync(join(declared, `local/ec2-simulator/${from}.d.ts`), 'utf8');
  for (const [kind, other] of [
    ['ts', 'js'],
    ['cts', 'cjs'],
  ])
    writeFileSync(join(folder, `${to}.d.${kind}`), text.replace(/'\.\/library\.(ts|js)'/g, `'./index.${other}'`));
}
rmSync(declared, { recursive: true });
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
cpSync(join(source, 'README.md'), join(folder, 'README.md'));

const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly license: string;
};
const entry = (name: string) => ({
  import: { types: `./${name}.d.ts`, default: `./${name}.js` },
  require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
});
const description = 'A strict simulator of EC2 for tests: tokens, shortages, quotas, spot, throttling, faults, time.';
writeFileSync(
  join(folder, 'package.json'),
  `${JSON.stringify(
    {
      ...{ name: 'ec2-simulator', version, description, license, type: 'module', engines: { node: '>=24' } },
      bin: { 'ec2-simulator': 'ec2-simulator.js' },
      exports: { '.': entry('index'), './jest': entry('jest'), './package.json': './package.json' },
    },
    null,
    2,
  )}\n`,
);

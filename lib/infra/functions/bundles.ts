// The programs that are deployed, each as one file: built from the sources in a checkout, ready-made in the package.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';

export const lambdaNames = ['api', 'agent', 'scheduler', 'events', 'installation'] as const;
export type LambdaName = (typeof lambdaNames)[number];
export const bundleNames = [...lambdaNames, 'node-agent'] as const;
export type BundleName = (typeof bundleNames)[number];

const here = fileURLToPath(new URL('.', import.meta.url));

/** Folder with `index.mjs` of the program. */
export function bundleFolder(name: BundleName): string {
  // In the package this file is part of `infra/index.js`, beside `bundles/`.
  const packed = join(here, '..', 'bundles', name);
  if (existsSync(join(packed, 'index.mjs'))) return packed;
  builtHere ??= buildForThisProcess();
  return join(builtHere, name);
}

/** The agent as nodes fetch it, one file: equal bundles give equal bytes. */
export function agentArchive(): string {
  archiveHere ??= packAgent();
  return archiveHere;
}

let archiveHere: string | null = null;

function packAgent(): string {
  const from = bundleFolder('node-agent');
  const file = join(folderOfThisProcess(), 'agent.tar.gz');
  const names = readdirSync(from).sort();
  create({ file, cwd: from, sync: true, gzip: { level: 9 }, portable: true, mtime: new Date(0) }, names);
  return file;
}

let builtHere: string | null = null;

/** Of this process: two runs at once do not write into each other's folders. The synthesis copies what it deploys. */
function folderOfThisProcess(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-bundles-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function buildForThisProcess(): string {
  return buildBundles(folderOfThisProcess());
}

/** Builds all programs from the sources, each into a folder of its name. */
export function buildBundles(folder: string): string {
  const root = join(here, '..', '..', '..');
  const entryOf = (name: BundleName): string =>
    name === 'node-agent' ? join(root, 'agent', 'ec2-main.ts') : join(root, 'lambdas', name, 'index.ts');
  if (!existsSync(entryOf('api')))
    throw new Error(
      `${entryOf('api')} is missing: the infrastructure is used either from a checkout or from the package`,
    );
  for (const name of bundleNames) mkdirSync(join(folder, name), { recursive: true });
  // In a process of its own: what makes the bundles small needs esbuild's plugins, which do not run in the synchronous
  // way that constructs are made in.
  const pairs = bundleNames.flatMap((name) => [entryOf(name), join(folder, name, 'index.mjs')]);
  const done = spawnSync(process.execPath, [join(root, 'scripts', 'bundle.ts'), ...pairs], { encoding: 'utf8' });
  if (done.status !== 0)
    throw new Error(
      `the functions could not be bundled: ${done.stderr || (done.error?.message ?? `exit ${String(done.status)}`)}`,
    );
  // What the agent and its unit look for beside it.
  for (const file of ['tasks/wrapper.sh', 'tasks/container.sh', 'install-containers.sh', 'metadata-rules.sh']) {
    copyFileSync(join(root, 'agent', file), join(folder, 'node-agent', basename(file)));
  }
  return folder;
}

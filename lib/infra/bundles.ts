// The programs that are deployed, each as one file: built from the sources in a checkout, ready-made in the package.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  // In a process of its own: what makes the bundles small needs esbuild's plugins, which do not run in the synchronous
  // way that constructs are made in. The package has its bundles ready-made and needs no esbuild.
  const done = spawnSync(process.execPath, [join(root, 'scripts', 'bundle.ts'), entry, join(folder, 'index.mjs')], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${entry} could not be bundled: ${done.stderr || (done.error?.message ?? `exit ${String(done.status)}`)}`);
  // The agent starts tasks through it and looks for it beside itself.
  if (name === 'node-agent') copyFileSync(join(root, 'agent', 'wrapper.sh'), join(folder, 'wrapper.sh'));
  if (name === 'node-agent') copyFileSync(join(root, 'agent', 'wrapper.sh'), join(folder, 'wrapper.sh'));
  builtHere.set(name, folder);
  return folder;
}

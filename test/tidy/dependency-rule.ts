// The dependency rule of the architecture as a table and one pure function:
// core <- ports <- control <- {lambdas, simulator, local}. The test applies it to every import.

import { posix } from 'node:path';

/** What the files in one folder may import. The first rule that matches a file is the one that counts. */
interface Rule {
  readonly in: RegExp;
  /** Folders (or files) of this repository; `$1` is the first group of `in`. */
  readonly ours: readonly string[];
  /** npm packages by name; "any" means any that package.json declares for running. */
  readonly packages: readonly string[] | 'any' | 'any, development too';
  readonly node: readonly string[] | 'any';
}

const anything = ['clients', 'lib', 'lambdas', 'agent', 'cli', 'dashboard', 'test', 'scripts', 'package.json'];
const control = ['lib/core', 'lib/ports', 'lib/control'];
const lambdas = [...control, 'lib/api', 'lambdas'];

const rules: readonly Rule[] = [
  // The allow-list of pure packages for lib/core is empty: add a package here only when it is
  // deterministic and does no I/O.
  { in: /^lib\/core\//, ours: ['lib/core'], packages: [], node: [] },
  // Packing is a pure function that happens to live in node:zlib; every store counts an item as it is packed.
  { in: /^lib\/ports\//, ours: ['lib/core', 'lib/ports'], packages: [], node: ['node:zlib'] },
  { in: /^lib\/api\//, ours: ['lib/core', 'lib/api'], packages: ['zod', 'zod-openapi', 'yaml'], node: [] },
  // Hashing is a pure function that happens to live in node:crypto.
  { in: /^lib\/control\//, ours: control, packages: [], node: ['node:crypto'] },
  {
    in: /^lib\/adapters\/(local)\//,
    ours: ['lib/core', 'lib/ports', 'lib/api', 'lib/adapters/$1'],
    packages: 'any',
    node: 'any',
  },
  { in: /^lib\/adapters\/([^/]+)\//, ours: ['lib/core', 'lib/ports', 'lib/adapters/$1'], packages: 'any', node: 'any' },
  // Checkers judge the control plane, so they share no code with it.
  {
    in: /^lib\/simulator\/checkers\//,
    ours: ['lib/core', 'lib/ports', 'lib/adapters', 'lib/simulator'],
    packages: 'any',
    node: 'any',
  },
  // The agent's pure core runs in virtual time as it runs on nodes.
  {
    in: /^lib\/simulator\//,
    ours: [...control, 'lib/adapters', 'lib/simulator', 'agent/core'],
    packages: 'any',
    node: 'any',
  },
  // The simulator's world and the agent's core, and the API's form of pools.
  {
    in: /^lib\/backtest\//,
    ours: [...control, 'lib/adapters', 'lib/api', 'lib/simulator', 'lib/backtest', 'agent/core'],
    packages: 'any',
    node: 'any',
  },
  // Deploys the stack, as people do from a checkout.
  { in: /^lib\/local\/localcloud/, ours: ['lib', 'lambdas'], packages: 'any, development too', node: 'any' },
  { in: /^lib\/local\//, ours: ['lib', 'lambdas', 'dashboard/serve'], packages: 'any', node: 'any' },
  // What serves the page runs in Node, and builds it where it is not built.
  { in: /^dashboard\/serve\//, ours: ['dashboard/serve'], packages: 'any, development too', node: 'any' },
  // The page runs in browsers, and sees the server through its API only.
  { in: /^dashboard\//, ours: ['dashboard', 'lib/api'], packages: ['preact', '@preact/signals'], node: [] },
  // The app checks a pools file as the API would; the construct, which is a package, is handed it.
  { in: /^lib\/infra\/app\.ts$/, ours: ['lib/infra', 'lib/api'], packages: 'any, development too', node: 'any' },
  { in: /^lib\/infra\//, ours: ['lib/infra'], packages: 'any, development too', node: 'any' },
  { in: /^lambdas\/(?:base|[^/]+\/index)\.ts$/, ours: [...lambdas, 'lib/adapters'], packages: 'any', node: 'any' },
  { in: /^lambdas\//, ours: lambdas, packages: 'any', node: 'any' },
  {
    in: /^cli\/(?:main\.ts$|aws\/)/,
    ours: ['lib/api', 'lib/core', 'lib/adapters', 'dashboard/serve', 'cli'],
    packages: 'any',
    node: 'any',
  },
  // The project's manifest: its version.
  { in: /^cli\//, ours: ['lib/api', 'lib/core', 'cli', 'package.json'], packages: 'any', node: 'any' },
  // Programs of users: they see the server through its API, and sign as the CLI does.
  { in: /^clients\//, ours: ['clients', 'lib/adapters/aws/execute-api-signing.ts'], packages: [], node: [] },
  {
    in: /^agent\/(ec2-)?main\.ts$/,
    ours: ['lib/api', 'lib/core', 'lib/adapters', 'agent'],
    packages: 'any',
    node: 'any',
  },
  { in: /^agent\//, ours: ['lib/api', 'lib/core', 'agent'], packages: 'any', node: 'any' },
  { in: /^test\//, ours: anything, packages: 'any, development too', node: 'any' },
  { in: /^scripts\//, ours: anything, packages: 'any, development too', node: 'any' },
  { in: /^[^/]+\.mjs$/, ours: [], packages: 'any, development too', node: 'any' },
];

/** The layers of lib/core, lowest first: a file imports from its own layer and from lower ones. A folder, or a file. */
export const coreLayers: readonly string[] = [
  'values',
  // Who may use which secrets.
  'access',
  'catalog',
  // Ports and health checks: part of what a task is.
  'services/serving.ts',
  'records',
  // What moves a number: nodes of a headroom, replicas of a service.
  'scaling/policies',
  'scaling/alarms.ts',
  // What a service is; its rules come later.
  'services/policies.ts',
  'services/targets/record.ts',
  'services/record.ts',
  // What was wanted over time, and what will be.
  'forecast',
  // What a forecast wants of a service.
  'services/forecast/wish.ts',
  // How long tasks last, from what ended.
  'lifetimes',
  // Which states a task and a request may go through: part of their records.
  'tasks/task-lifecycle.ts',
  'tasks/array-chunks.ts',
  'tasks/arrays/subset.ts',
  'tasks/arrays/failed.ts',
  // What attempts cost: part of those states.
  'costs/node-share.ts',
  'costs/meter.ts',
  'costs/attempt.ts',
  'tasks/request-lifecycle.ts',
  'allocation',
  'costs/regret',
  // What a node's price is split into, and who pays.
  'costs',
  // What a decision reads, changes and answers.
  'plan',
  'costs/pass-on-bills.ts',
  'tasks',
  'scaling',
  'disruption',
  'claims',
  // Their replicas are tasks and claims.
  'services',
  // The decision itself, over all of the above.
  'plan/set-aside.ts',
  'plan/decide-tasks.ts',
  'plan/decide.ts',
  // A second policy beside the pool's, by the same decision.
  'costs/shadow',
];

/** Folders with circles among their files that are not broken yet: the list shrinks to nothing. */
export const foldersWithCircles: readonly string[] = ['lib/core/records/', 'lib/simulator/run/'];

/** Arrows upwards that are not mended yet, each `FILE imports FILE,`: the list shrinks to nothing. */
export const knownUpward: readonly string[] = [];

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Why `file` must not import `specifier`, or null when it may. */
export function objectionTo(file: string, specifier: string, manifest: Manifest): string | null {
  const rule = rules.find((candidate) => candidate.in.test(file));
  if (rule === undefined)
    return `${file} is in a folder without a dependency rule; add one in test/tidy/dependency-rule.ts`;
  const because = isAllowed(rule, file, specifier, manifest);
  return because === null ? null : `${file} imports ${specifier}: ${because}`;
}

/** Whether the folder of `file` has a rule at all; files without imports need one too. */
export function hasRule(file: string): boolean {
  return rules.some((rule) => rule.in.test(file));
}

function isAllowed(rule: Rule, file: string, specifier: string, manifest: Manifest): string | null {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier);
    const group = rule.in.exec(file)?.[1] ?? '';
    const folders = rule.ours.map((folder) => folder.replace('$1', group));
    const isInside = folders.some((folder) => target === folder || target.startsWith(`${folder}/`));
    return isInside ? null : `allowed here: ${folders.join(', ')}`;
  }
  if (specifier.startsWith('node:')) {
    return rule.node === 'any' || rule.node.includes(specifier) ? null : 'this node: module is not allowed here';
  }
  return packageObjection(rule, packageName(specifier), manifest);
}

function packageObjection(rule: Rule, name: string, manifest: Manifest): string | null {
  if (typeof rule.packages !== 'string' && !rule.packages.includes(name)) return 'this package is not allowed here';
  // `import type` from a package that has types only, such as aws-lambda.
  if (name in manifest.dependencies || `@types/${name}` in manifest.devDependencies) return null;
  if (!(name in manifest.devDependencies)) return 'package.json does not declare it';
  return rule.packages === 'any, development too' ? null : 'it is a development dependency only';
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

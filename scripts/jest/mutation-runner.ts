// Stryker's way to the example tests, without Jest around them: a file of examples is imported as Node imports it,
// anew for each mutant, since modules remember what they have found; so is all that imports the mutated file. Jest sets
// up a world for that, which takes a second for each mutant; this takes some hundredths.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type {
  DryRunOptions,
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { examples, globalsSource, globalsUrl, isRoom, openRoom, textOf } from './examples.ts';
import type { Body, Room } from './examples.ts';

interface Example {
  readonly id: string;
  readonly before: readonly Body[];
  readonly body: Body;
}

const sandbox = pathToFileURL(`${process.cwd()}/`).href;

const stripped = new Map<string, string>();
/** By file of the sandbox: those that import it, and what a specifier in it is. */
const importers = new Map<string, Set<string>>();
const resolved = new Map<string, string>();
/** What a mutant may change: loaded anew for each. null: it is not known yet, so that everything is. */
let affected: ReadonlySet<string> | null = null;
let generation = 0;
/** What was thrown where nobody waited for it. */
let strays: unknown[] = [];

Object.assign(globalThis, { bellowsExamples: examples });

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: globalsUrl, format: 'module', shortCircuit: true };
    const parent = withoutGeneration(context.parentURL ?? '');
    const known = resolved.get(`${parent} ${specifier}`);
    const found = known === undefined ? next(specifier, context) : { url: known };
    const { url } = found;
    if (!url.startsWith(sandbox) || !url.endsWith('.ts') || url.includes('/node_modules/')) return found;
    resolved.set(`${parent} ${specifier}`, url);
    importers.set(url, (importers.get(url) ?? new Set()).add(parent));
    const isAnew = affected === null || affected.has(url);
    return { url: `${url}?${String(isAnew ? generation : 1)}`, format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    if (url === globalsUrl) return { format: 'module', source: globalsSource, shortCircuit: true };
    if (!/\.ts\?\d+$/.test(url)) return next(url, context);
    const path = fileURLToPath(withoutGeneration(url));
    const source = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, 'utf8'));
    stripped.set(path, source);
    return { format: 'module', source, shortCircuit: true };
  },
});

function withoutGeneration(url: string): string {
  return url.replace(/\?\d+$/, '');
}

/** The file and all that imports it, the files of examples among them. */
function affectedBy(file: string): ReadonlySet<string> {
  const found = new Set([file, ...testFiles()]);
  // A set that grows is gone through to its end.
  for (const one of found) for (const importer of importers.get(one) ?? []) found.add(importer);
  return found;
}

function testFiles(): readonly string[] {
  const paths = (process.env['BELLOWS_MUTATION_TESTS'] ?? '').split(',');
  return paths.map((path) => pathToFileURL(join(process.cwd(), path)).href);
}

/** As Stryker's own code in the mutated file knows it. */
function stryker(): InstrumenterContext {
  const holder = globalThis as { __stryker__?: InstrumenterContext };
  return (holder.__stryker__ ??= {} as InstrumenterContext);
}

/** All examples of the files that are named in the environment, as new as what they test. */
async function load(): Promise<readonly Example[]> {
  generation += 1;
  const found: Example[] = [];
  for (const url of testFiles()) {
    const room = openRoom(url.slice(sandbox.length));
    await import(url);
    found.push(...examplesIn(room, [], []));
  }
  return found;
}

function examplesIn(room: Room, outer: readonly string[], outerBefore: readonly Body[]): readonly Example[] {
  const { afterAll, afterEach, beforeAll, beforeEach, entries } = room;
  const names = [...outer, room.name];
  if (afterAll.length + afterEach.length + beforeAll.length > 0)
    throw new Error(`${names.join(' › ')}: for mutants an example is run by itself, with what is before each`);
  const before = [...outerBefore, ...beforeEach];
  return entries.flatMap((entry): readonly Example[] => {
    if (isRoom(entry)) return examplesIn(entry, names, before);
    return entry.body === null ? [] : [{ id: [...names, entry.name].join(' › '), before, body: entry.body }];
  });
}

/** What it fails with; null: it passes. */
async function failureOf({ before, body }: Example): Promise<string | null> {
  strays = [];
  try {
    for (const one of before) await one();
    await body();
  } catch (error) {
    return textOf(error);
  }
  // What nobody waits for is thrown once the microtasks are through.
  await new Promise(setImmediate);
  return strays.length === 0 ? null : textOf(strays[0]);
}

async function dryRun(_options: DryRunOptions): Promise<DryRunResult> {
  const tests: TestResult[] = [];
  for (const one of await load()) {
    const startedMs = performance.now();
    Object.assign(stryker(), { currentTestId: one.id });
    const failure = await failureOf(one);
    Object.assign(stryker(), { currentTestId: undefined });
    const known = { id: one.id, name: one.id, timeSpentMs: performance.now() - startedMs };
    tests.push(failure === null ? { ...known, status: 0 } : { ...known, status: 1, failureMessage: failure });
  }
  const { mutantCoverage } = stryker();
  return { status: 'complete', tests, ...(mutantCoverage ? { mutantCoverage } : {}) } as DryRunResult;
}

async function mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
  const { activeMutant, hitLimit, mutantActivation, sandboxFileName, testFilter } = options;
  affected = generation === 0 ? null : affectedBy(pathToFileURL(sandboxFileName).href);
  const activate = (): object => Object.assign(stryker(), { activeMutant: activeMutant.id });
  Object.assign(stryker(), { activeMutant: undefined, hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
  if (mutantActivation === 'static') activate();
  let nrOfTests = 0;
  let killedBy: string | null = null;
  let failureMessage: string | null = null;
  try {
    const chosen = (await load()).filter(({ id }) => testFilter === undefined || testFilter.includes(id));
    activate();
    for (const one of chosen) {
      nrOfTests += 1;
      killedBy = one.id;
      failureMessage = await failureOf(one);
      if (failureMessage !== null) break;
    }
  } catch (error) {
    // The mutant cannot even be loaded.
    failureMessage = textOf(error);
  }
  const { hitCount } = stryker() as { hitCount?: number };
  const found = isBeyond(hitCount, hitLimit)
    ? { status: 'timeout', reason: `the mutant was run ${String(hitCount)} times` }
    : failureMessage === null
      ? { status: 'survived', nrOfTests }
      : { status: 'killed', killedBy: [killedBy ?? 'loading'], failureMessage, nrOfTests };
  return found as MutantRunResult;
}

function isBeyond(count: number | undefined, limit: number | undefined): boolean {
  return count !== undefined && limit !== undefined && count > limit;
}

function runner(): TestRunner {
  process.on('unhandledRejection', (error) => strays.push(error));
  return { capabilities: () => ({ reloadEnvironment: true }), dryRun, mutantRun };
}
runner.inject = [] as const;

export const strykerPlugins = [{ kind: 'TestRunner', name: 'examples', factory: runner }];

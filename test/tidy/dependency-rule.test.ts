// Walks the imports of every source file and holds them against the dependency rule.

import { describe, expect, test } from '@jest/globals';
import { hasRule, objectionTo } from './dependency-rule.ts';
import type { Manifest } from './dependency-rule.ts';
import { importsIn, listFiles, readText } from './tree.ts';

const manifest = JSON.parse(readText('package.json')) as Manifest;
const sources = listFiles().filter((path) => /\.[cm]?[jt]sx?$/.test(path));

describe('the dependency rule', () => {
  test('every source file lives in a folder that has a rule', () => {
    expect(sources.filter((path) => !hasRule(path))).toEqual([]);
  });

  test('no file imports what its folder must not know', () => {
    const seen = sources.flatMap((path) => importsIn(readText(path)).map((specifier) => ({ path, specifier })));
    expect(sources.length).toBeGreaterThan(0);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.map(({ path, specifier }) => objectionTo(path, specifier, manifest)).filter(Boolean)).toEqual([]);
  });
});

describe('the rule itself', () => {
  test('finds every form of import', () => {
    const text = [
      `import a from "./a.ts";`,
      `import type { B } from "./b.ts";`,
      `export * from "./c.ts";`,
      `const d = await import("./d.ts");`,
      `import "./e.ts";`,
      `type F = import("./f.ts").F;`,
    ].join('\n');
    expect([...importsIn(text)].sort()).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts']);
  });

  test.each([
    ['lib/core/plan/plan.ts', '../../ports/clock.ts'],
    ['lib/core/plan/plan.ts', 'node:fs'],
    ['lib/core/plan/plan.ts', 'zod'],
    ['lib/ports/store.ts', '../control/submit.ts'],
    ['lib/api/schemas.ts', '../control/submit.ts'],
    ['lib/control/requests/submit.ts', '../../api/schemas.ts'],
    ['lib/control/requests/submit.ts', '../../adapters/sqlite/store.ts'],
    ['lib/control/requests/submit.ts', 'node:fs'],
    ['lib/adapters/sqlite/store.ts', '../simulated/cloud.ts'],
    ['lib/adapters/sqlite/store.ts', '../../api/schemas.ts'],
    ['lib/adapters/stray.ts', '../core/plan.ts'],
    ['lib/simulator/checkers/leaks.ts', '../../control/sweep.ts'],
    ['lib/simulator/run/run.ts', '../../api/schemas.ts'],
    ['lib/infra/app.ts', '../core/units.ts'],
    ['lib/infra/options.ts', '../api/pool-file.ts'],
    ['lambdas/api/handler.ts', '../../lib/adapters/aws/store.ts'],
    ['cli/main.ts', '../lib/control/requests/submit.ts'],
    ['agent/main.ts', '../lib/ports/store.ts'],
    ['lambdas/api/index.ts', 'jest'],
    ['lambdas/api/index.ts', 'left-pad'],
    ['attic/old.ts', './older.ts'],
  ])('objects when %s imports %s', (file, specifier) => {
    expect(objectionTo(file, specifier, manifest)).not.toBeNull();
  });

  test.each([
    ['lib/core/plan/plan.ts', '../allocation/place.ts'],
    ['lib/api/schemas.ts', 'zod'],
    ['lib/control/tick/run-tick.ts', '../../core/plan/plan.ts'],
    ['lib/adapters/local/http.ts', '../../api/routes.ts'],
    ['lib/simulator/checkers/leaks.ts', '../../core/plan.ts'],
    ['lib/local/main.ts', '../../lambdas/api/index.ts'],
    ['lambdas/api/index.ts', '../../lib/adapters/aws/store.ts'],
    ['lambdas/api/index.ts', '@middy/core'],
    ['lambdas/api/handler.ts', 'aws-lambda'],
    ['cli/plan.ts', '../lib/core/plan/plan.ts'],
    ['test/core/plan.test.ts', 'fast-check'],
  ])('lets %s import %s', (file, specifier) => {
    expect(objectionTo(file, specifier, manifest)).toBeNull();
  });
});

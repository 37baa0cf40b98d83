// Holds every file of the checkout against the text rules, and git against .gitignore.

import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isTooLong, notYetSplit, objectionsToText } from './text-rules.ts';
import { listFiles, readText, root } from './tree.ts';

describe('the tree is tidy', () => {
  test('no file breaks a text rule', () => {
    const files = listFiles().filter((path) => path !== 'package-lock.json' && !/\.(png|ico|woff2?)$/.test(path));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((path) => objectionsToText(path, readText(path)))).toEqual([]);
  });

  test('the list of files that are not split yet names none that is short', () => {
    expect(notYetSplit.filter((path) => !existsSync(join(root, path)) || !isTooLong(path, readText(path)))).toEqual([]);
  });

  test('nothing that is committed is ignored by git', () => {
    if (!existsSync(join(root, '.git'))) return; // an exported tree has nothing committed
    const output = execFileSync('git', ['ls-files', '--cached', '--ignored', '--exclude-standard'], { cwd: root });
    expect(output.toString()).toBe('');
  });
});

describe('the text rules bite', () => {
  const comment = '// Why.\n';
  test.each([
    ['a machine path', 'docs/a.md', `see /${'work'}/main/x`],
    ['a machine path in code', 'lib/core/a.ts', `${comment}const home = "/${'root'}/x";`],
    ['a to-do without an owner', 'lib/core/a.ts', `${comment}// ${'TO'}DO: later`],
    ['an outside folder', 'docs/a.md', `see ../${'sha'}red/data/x.csv`],
    ['a long file', 'docs/a.md', 'line\n'.repeat(601)],
    ['a wide line of a page', 'docs/a.md', 'word '.repeat(25)],
    ['a file that does not explain itself', 'lib/core/a.ts', 'export const a = 1;\n'],
  ])('on %s', (_what, path, text) => {
    expect(objectionsToText(path, text)).toHaveLength(1);
  });

  test.each([
    ['a to-do with an owner', 'lib/core/a.ts', `${comment}// ${'TO'}DO(ada): later`],
    ['an executable', 'cli/main.ts', `#!/usr/bin/env node\n${comment}`],
    ['a folder named like it', 'lambdas/a.ts', `${comment}import "./${'sha'}red/log.ts";`],
    ['a route', 'docs/a.md', `POST http://localhost/${'work'}/x`],
    ['a long data file', 'lib/core/catalog.json', '1,\n'.repeat(601)],
    ['a wide row of a table', 'docs/a.md', `| ${'word '.repeat(25)}|`],
    ['a wide line with an address', 'docs/a.md', `https://example.com/${'a/'.repeat(60)}`],
  ])('but not on %s', (_what, path, text) => {
    expect(objectionsToText(path, text)).toEqual([]);
  });
});

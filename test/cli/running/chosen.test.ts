// Which files are uploaded: as git itself says, on drawn folders with drawn rules.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chosenFiles } from '../../../cli/input/upload/chosen.ts';
import { fc } from '../../properties.ts';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bellows-chosen-')));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let serial = 0;
function tree(files: Readonly<Record<string, string>>, isWorkTree = true): string {
  const top = join(folder, `t${String((serial += 1))}`);
  mkdirSync(top);
  if (isWorkTree) execFileSync('git', ['init', '-q', top]);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
  return top;
}

function asGitSays(top: string, below = '.'): string[] {
  const args = ['-c', 'core.excludesFile=/dev/null', 'ls-files', '--others', '--exclude-standard', '-z', '--', '.'];
  return execFileSync('git', args, { cwd: join(top, below), encoding: 'utf8' })
    .split('\0')
    .filter((one) => one !== '')
    .sort();
}

const names = fc.constantFrom('a', 'b', 'out', 'x.o', 'x.c', 'node_modules', 'A', 'a b', 'l[1]');
const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const rule = fc
  .tuple(fc.constantFrom('', '', '', '!', '/'), path, fc.constantFrom('', '', '/', '/*', '/**'), fc.boolean())
  .map(([before, one, after, isGlob]) => `${before}${isGlob ? one.replace(/x|a/, '*') : one}${after}`);
const rules = fc.array(fc.oneof(rule, fc.constantFrom('*.o', '!*.c', '# none', '', '**/out', 'a/**/b')), {
  maxLength: 5,
});

test('are those that git does not ignore, with rules in any folder', () => {
  const drawn = fc.record({
    files: fc.array(path, { minLength: 1, maxLength: 8 }),
    top: rules,
    inner: fc.array(fc.tuple(path, rules), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(drawn, ({ files, top, inner }) => {
      const all: Record<string, string> = { '.gitignore': `${top.join('\n')}\n` };
      const isFolder = (one: string): boolean => files.some((file) => file.startsWith(`${one}/`));
      for (const file of files) if (!isFolder(file)) all[file] = '';
      const folders = new Set(Object.keys(all).map(dirname));
      for (const [at, lines] of inner) if (folders.has(at)) all[`${at}/.gitignore`] = `${lines.join('\n')}\n`;
      const made = tree(all);
      expect([...chosenFiles(made).paths].sort()).toEqual(asGitSays(made));
    }),
    { numRuns: 60 },
  );
});

describe('of a folder in a work tree', () => {
  test('rules above it hold', () => {
    const top = tree({
      '.gitignore': '*.o\n/sub/dist/\n',
      'sub/.gitignore': '!keep.o\n',
      'sub/a.o': '',
      'sub/keep.o': '',
      'sub/dist/x': '',
      'sub/main.c': '',
    });
    expect(chosenFiles(join(top, 'sub')).paths).toEqual(['.gitignore', 'keep.o', 'main.c']);
    expect(asGitSays(top, 'sub')).toEqual(['.gitignore', 'keep.o', 'main.c']);
  });

  test('that is ignored itself, all that is in it is meant', () => {
    const top = tree({ '.gitignore': 'dist/\n', 'dist/a': '', 'dist/b.o': '' });
    expect(chosenFiles(join(top, 'dist')).paths).toEqual(['a', 'b.o']);
  });
});

test('rules hold without git, too; .git is never taken, an empty folder is', () => {
  const top = tree({ '.gitignore': 'out/\n', 'a/.git/HEAD': 'x', 'a/b': '1', 'out/x': '' }, false);
  mkdirSync(join(top, 'empty'));
  const { paths, sizes } = chosenFiles(top);
  expect([paths, sizes.get('a')]).toEqual([['.gitignore', 'a/b', 'empty'], 1]);
});

test('links within are taken, links out of it are named', () => {
  const top = tree({ 'a/b': '' }, false);
  symlinkSync('../a/b', join(top, 'a', 'in'));
  expect(chosenFiles(top).paths).toEqual(['a/b', 'a/in']);
  symlinkSync('../../x', join(top, 'a', 'out'));
  expect(() => chosenFiles(top)).toThrow('a/out is a link to ../../x, which is not in');
  execFileSync('ln', ['-sfn', '/etc/passwd', join(top, 'a', 'out')]);
  expect(() => chosenFiles(top)).toThrow('a/out is a link to /etc/passwd');
});

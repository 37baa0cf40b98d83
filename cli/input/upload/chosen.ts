// Which files of a folder are uploaded: all that git would not ignore, whether or not it knows them.
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import ignore from 'ignore';
import { unpackedEntriesMax } from '../../../lib/core/access/files.ts';
import { usageError } from '../../errors.ts';

export interface Chosen {
  /** Below the folder, with "/", by name; folders only where they are empty. */
  readonly paths: readonly string[];
  /** By the first part of their path, in bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Neither files, folders nor links. */
  readonly leftOut: readonly string[];
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @throws CliError for links that lead out of the folder, and for too many files */
export function chosenFiles(folder: string): Chosen {
  const paths: string[] = [];
  const sizes = new Map<string, number>();
  const leftOut: string[] = [];
  const outer = rulesAround(folder);
  const add = (path: string, bytes: number): void => {
    paths.push(path);
    const [first = path] = path.split('/');
    sizes.set(first, (sizes.get(first) ?? 0) + bytes);
    if (paths.length > unpackedEntriesMax)
      throw usageError(`${folder} has more than ${String(unpackedEntriesMax)} files`, 'leave some out by a .gitignore');
  };
  const walk = (path: string, before: readonly string[]): void => {
    const at = join(folder, path);
    const rules = [...before, ...rulesIn(at, below(outer.prefix, path))];
    const isIgnored = ignore({ ignorecase: false }).add([...rules]);
    const names = readdirSync(at).sort(byName);
    const here = paths.length;
    for (const name of names) {
      const inner = below(path, name);
      const stats = lstatSync(join(folder, inner));
      const mark = stats.isDirectory() ? '/' : '';
      if (name === '.git' || isIgnored.ignores(`${below(outer.prefix, inner)}${mark}`)) continue;
      if (stats.isDirectory()) walk(inner, rules);
      else if (stats.isFile()) add(inner, stats.size);
      else if (stats.isSymbolicLink()) {
        checkLink(folder, inner);
        add(inner, 0);
      } else leftOut.push(inner);
    }
    if (path !== '' && paths.length === here && names.length === 0) add(path, 0);
  };
  walk('', outer.rules);
  return { paths, sizes, leftOut };
}

const below = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/');

function checkLink(folder: string, path: string): void {
  const target = readlinkSync(join(folder, path));
  const isOut = posix.isAbsolute(target) || posix.join(posix.dirname(path), target).split('/')[0] === '..';
  if (isOut)
    throw usageError(
      `${path} is a link to ${target}, which is not in ${folder}`,
      'leave it out by a .gitignore, or put a copy in its place',
    );
}

interface Around {
  /** Of the folder, in the work tree that it is in. */
  readonly prefix: string;
  readonly rules: readonly string[];
}

/** What folders above it say, up to the top of the work tree. Who names an ignored folder wants what is in it. */
function rulesAround(folder: string): Around {
  const none: Around = { prefix: '', rules: [] };
  const top = topOf(folder);
  if (top === null || top === folder) return none;
  const prefix = relative(top, folder).split(sep).join('/');
  const rules: string[] = [];
  const parts = prefix.split('/');
  for (let n = 0; n < parts.length; n += 1) {
    const above = parts.slice(0, n).join('/');
    rules.push(...rulesIn(join(top, above), above));
  }
  return ignore({ ignorecase: false }).add(rules).ignores(`${prefix}/`) ? none : { prefix, rules };
}

function topOf(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false }) !== undefined) return at;
    if (dirname(at) === at) return null;
  }
}

/** The lines of its .gitignore, as one in the top folder would have to say them. */
function rulesIn(folder: string, prefix: string): readonly string[] {
  const file = join(folder, '.gitignore');
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const lines = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (prefix === '') return lines;
  const base = prefix.replace(/[\\*?[\]!# ]/g, '\\$&');
  return lines.map((line) => {
    const [sign, rule] = line.startsWith('!') ? ['!', line.slice(1)] : ['', line];
    const isAnchored = rule.replace(/\/+\s*$/, '').includes('/');
    return `${sign}/${base}/${isAnchored ? rule.replace(/^\//, '') : `**/${rule}`}`;
  });
}

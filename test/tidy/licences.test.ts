// Every installed package, transitive ones included, has a permissive licence.

import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText, root } from './tree.ts';

const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);
/** Exceptions, each with its reason. */
const allowed: Readonly<Record<string, string>> = {
  'caniuse-lite': "CC-BY-4.0: a data table that Jest's tooling reads; nothing of it is distributed",
};

interface LockedPackage {
  readonly license?: string;
  readonly link?: boolean;
}

/** SPDX expressions as packages write them: AND needs every part, OR needs one. */
function isPermissive(expression: string): boolean {
  const inner = expression.replaceAll(/[()]/g, ' ');
  return inner
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((part) => permissive.has(part.trim())));
}

function licenceOf(path: string, locked: LockedPackage): string {
  if (locked.license !== undefined) return locked.license;
  const manifest = join(path, 'package.json');
  if (!existsSync(join(root, manifest))) return 'unknown';
  return (JSON.parse(readText(manifest)) as LockedPackage).license ?? 'unknown';
}

describe('licences', () => {
  test('every package in the lock file is permissive', () => {
    const lock = JSON.parse(readText('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const packages = Object.entries(lock.packages).filter(([path, locked]) => path !== '' && locked.link !== true);
    expect(packages.length).toBeGreaterThan(0);
    const refused = packages
      .map(([path, locked]) => ({ name: path.split('node_modules/').at(-1) ?? path, licence: licenceOf(path, locked) }))
      .filter(({ name, licence }) => !isPermissive(licence) && !(name in allowed));
    expect(refused).toEqual([]);
  });

  test.each(['GPL-3.0', 'AGPL-3.0-only', 'MPL-2.0', 'unknown', '(MIT AND GPL-2.0)', 'SEE LICENSE IN LICENSE'])(
    '%s is refused',
    (licence) => {
      expect(isPermissive(licence)).toBe(false);
    },
  );

  test.each(['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT'])('%s is accepted', (licence) => {
    expect(isPermissive(licence)).toBe(true);
  });
});

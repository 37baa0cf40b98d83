// What the tidy tests look at: every file of the checkout that is ours, committed or not yet.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = new Set(['.git', 'node_modules', '.bellows', 'coverage', 'dist', 'cdk.out']);

/** Paths relative to the root, with forward slashes, sorted. */
export function listFiles(folder = root): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (notOurs.has(entry.name) || entry.name.startsWith('.install-lock')) return [];
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() && !entry.name.endsWith('.log') ? [relative(root, path)] : [];
    })
    .sort();
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Every module that a source file imports, as it writes it. */
export function importsIn(text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((reference) => reference.fileName);
}

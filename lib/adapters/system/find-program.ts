// Where a program is, without starting it.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of the first of these names that the PATH has; null: none. */
export function findProgram(names: readonly string[], path: string): string | null {
  const files = names.flatMap((name) =>
    path
      .split(delimiter)
      .filter((folder) => folder.startsWith('/'))
      .map((folder) => join(folder, name)),
  );
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to start: the same to who looks for it
  }
}

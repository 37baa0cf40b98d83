// Reads small files in folders that tasks of the same user may change: no link is followed, no pipe waited for.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

const unreadable: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
]);
const bytesMax = 1_000_000;

/** Of an error of the system, e.g. `EACCES`; null: it is none. */
export function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

/** null: there is no plain file of at most a megabyte that may be read. */
export function readPlainFile(file: string): string | null {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (unreadable.has(codeOf(error) ?? '')) return null;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= bytesMax ? readFileSync(fd, 'utf8') : null;
  } finally {
    closeSync(fd);
  }
}

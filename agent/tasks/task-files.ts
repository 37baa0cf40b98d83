// Reads and cuts files in the folder of an attempt. Where tasks run as the agent's own user they may
// delete them, or put a folder, a pipe or a link in their place: nothing of it is followed, waited
// for, or a reason to end.
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isCode } from './process-table.ts';

/** What the file system answers for a file that the task deleted, replaced, or closed to us. */
const ofTheTask = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'EOPNOTSUPP',
];

export function isOfTheTask(error: unknown): boolean {
  return ofTheTask.some((code) => isCode(error, code));
}

/** null: there is no plain file that may be opened so. `use` must not keep the descriptor. */
export function withFile<T>(file: string, access: 'read' | 'cut', use: (fd: number, size: number) => T): T | null {
  let fd: number;
  try {
    // A pipe would be waited for.
    fd = openSync(
      file,
      (access === 'read' ? constants.O_RDONLY : constants.O_RDWR) | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch (error) {
    if (isOfTheTask(error)) return null;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    return stats.isFile() ? use(fd, stats.size) : null;
  } finally {
    closeSync(fd);
  }
}

/** null: there is none. Of a link: the link's own. */
export function statsOf(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch (error) {
    if (isOfTheTask(error)) return null;
    throw error;
  }
}

/** At most `bytes` from there; fewer where the file ends, or was cut meanwhile. */
export function readRange(fd: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, bytes));
  let read = 0;
  while (read < buffer.length) {
    const got = readSync(fd, buffer, read, buffer.length - read, from + read);
    if (got === 0) break;
    read += got;
  }
  return buffer.subarray(0, read);
}

/** The last `bytesMax` of it; null: there is no such file. */
export function readLast(file: string, bytesMax: number): Buffer | null {
  return withFile(file, 'read', (fd, size) => readRange(fd, Math.max(0, size - bytesMax), Math.min(size, bytesMax)));
}

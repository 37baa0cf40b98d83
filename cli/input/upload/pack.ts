// Packs a folder or a file so that the same content makes the same bytes: they are known by their SHA-256.
import { createHash } from 'node:crypto';
import { createWriteStream, lstatSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';
import { uploadBytesMax } from '../../../lib/core/access/files.ts';
import type { FileContent } from '../../../lib/core/access/files.ts';
import { CliError, exits, usageError } from '../../errors.ts';
import { chosenFiles } from './chosen.ts';
import type { Chosen } from './chosen.ts';

export interface Packed extends FileContent {
  readonly files: number;
  readonly leftOut: readonly string[];
}

/** Of all files: what was touched only is the same. Not so old that a program would mind. */
const oneTime = new Date('2000-01-01T00:00:00Z');

/** What is in the folder, or the file itself, as a compressed tar archive. @throws CliError */
export async function packInto(file: string, given: string, bytesMax = uploadBytesMax): Promise<Packed> {
  const path = resolve(given);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw usageError(`there is no ${given} to upload`);
  const isFolder = stats.isDirectory();
  if (!isFolder && !stats.isFile()) throw usageError(`${given} is neither a folder nor a file`);
  const chosen: Chosen = isFolder
    ? chosenFiles(path)
    : { paths: [basename(path)], sizes: new Map([[basename(path), stats.size]]), leftOut: [] };
  const hash = createHash('sha256');
  let bytes = 0;
  const archive = create(
    {
      cwd: isFolder ? path : dirname(path),
      gzip: { level: 6 },
      portable: true,
      mtime: oneTime,
      noDirRecurse: true,
      // Each of two names of one file is a file.
      linkCache: new NoLinks(),
    },
    // A name that begins with "@" would mean an archive.
    chosen.paths.map((one) => `./${one}`),
  );
  await pipeline(
    async function* () {
      for await (const chunk of archive) {
        bytes += chunk.length;
        if (bytes > bytesMax) throw tooLarge(given, bytesMax, chosen);
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  return { sha256: hash.digest('hex'), bytes, files: chosen.paths.length, leftOut: chosen.leftOut };
}

class NoLinks<K, V> extends Map<K, V> {
  override get(): undefined {
    return undefined;
  }
}

function tooLarge(given: string, bytesMax: number, { sizes }: Chosen): CliError {
  const mib = (bytes: number): string => `${String(Math.ceil(bytes / 2 ** 20))} MiB`;
  const largest = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return new CliError(
    exits.usage,
    `${given} is more than ${mib(bytesMax)} when it is packed; the largest in it: `
      + largest.map(([name, bytes]) => `${name} (${mib(bytes)})`).join(', '),
    'leave out what is not needed by a .gitignore, or let the task fetch it (--input)',
  );
}

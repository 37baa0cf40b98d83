// Secrets of a laptop: variables of the server's environment, and files in one folder of its.
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { secretBytesMax } from '../../core/access/secrets.ts';
import { fieldOfText, placeAndKey, SecretUnreadableError, textOfBytes } from '../../ports/access/secrets.ts';
import type { ReadSecret } from '../../ports/access/secrets.ts';
import { codeOf } from './plain-file.ts';

/** `env:NAME`, read at each call. */
export function environmentSecrets(environment: () => Readonly<Record<string, string | undefined>>): ReadSecret {
  return async (place, from) => {
    const { place: name, key } = placeAndKey(place);
    const values = environment();
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new SecretUnreadableError(from, 'missing', `the server has no environment variable ${name}`);
    return key === null ? value : fieldOfText(value, key, from);
  };
}

/** `file:PATH` below the folder; no link leads out of it. */
export function fileSecrets(folder: string): ReadSecret {
  return async (place, from) => {
    const { place: path, key } = placeAndKey(place);
    const text = textOfBytes(readBelow(folder, path, from), from);
    return key === null ? text : fieldOfText(text, key, from);
  };
}

function readBelow(folder: string, path: string, from: string): Uint8Array {
  let fd: number;
  try {
    const file = realpathSync(join(folder, path));
    if (!file.startsWith(realpathSync(folder) + sep))
      throw new SecretUnreadableError(from, 'denied', `it leads out of ${folder}`);
    // A pipe would be waited for.
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof SecretUnreadableError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SecretUnreadableError(from, 'missing', `there is no such file in ${folder}`);
    if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP')
      throw new SecretUnreadableError(from, 'denied', `the server may not read it (${code})`);
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new SecretUnreadableError(from, 'malformed', 'it is no plain file');
    if (stats.size > secretBytesMax)
      throw new SecretUnreadableError(from, 'malformed', `it is longer than ${String(secretBytesMax)} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

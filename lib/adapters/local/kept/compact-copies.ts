// Compact copies of pools as files, for the next server of this home.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertCopyName, CopiesUnavailableError } from '../../../ports/store/compact-copies.ts';
import type { CompactCopies } from '../../../ports/store/compact-copies.ts';

export class LocalCompactCopies implements CompactCopies {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    assertCopyName(name);
    const file = join(this.#dir, name);
    // Of one name, so that writes that fail do not fill a disk. Two at once would be torn, which its reader notices.
    const aside = `${file}.new`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(aside, bytes);
      await rename(aside, file);
    } catch (error) {
      throw new CopiesUnavailableError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  async read(name: string): Promise<Uint8Array | null> {
    assertCopyName(name);
    const file = join(this.#dir, name);
    try {
      return await readFile(file);
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null;
      throw new CopiesUnavailableError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Deletes a folder that tasks have filled, whatever they left in it: folders without permissions (Go's module
// cache has 0555), names that are no text, trees deeper than a path may be long, links, pipes, sockets, and
// processes that still write into it. Links are deleted and never followed, and what is mounted inside is left
// alone: it is not the folder's.
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BellowsError } from '../../core/values/errors.ts';

const passesMax = 5;
const passPauseMs = 50;
const namedMax = 3;

/** Something of the folder is still there; all that could be deleted is gone. Worth another try later. */
export class NotRemovedError extends BellowsError {
  /** Of the first thing that stayed: `EPERM`, `EBUSY`, … */
  readonly reason: string;
  constructor(path: string, left: readonly Left[], count: number) {
    const named = left.map((one) => `${one.path} (${one.code})`).join(', ');
    super(
      'not_removed',
      `${path} cannot be deleted: ${named}${count > left.length ? ` and ${String(count - left.length)} more` : ''}`,
    );
    this.reason = left[0]?.code ?? 'ENOTEMPTY';
  }
}

interface Left {
  readonly path: string;
  readonly code: string;
}

/** A folder, a file or nothing. @throws NotRemovedError */
export async function removeTree(path: string): Promise<void> {
  for (let pass = 1; ; pass += 1) {
    const removal = new Removal(path);
    if (await removal.isDone()) return;
    // Only what was made meanwhile is worth an immediate second look.
    if (!removal.isPassing || pass === passesMax) throw new NotRemovedError(path, removal.left, removal.leftCount);
    await delay(passPauseMs * pass);
  }
}

/** One pass. Every folder inside is moved to the top before it is emptied, so no path gets longer than two names. */
class Removal {
  readonly #root: Buffer;
  readonly #parent: Buffer;
  readonly #folders: Buffer[] = [];
  readonly left: Left[] = [];
  leftCount = 0;
  isPassing = true;
  #device: number | null = null;

  constructor(path: string) {
    this.#root = Buffer.from(path);
    this.#parent = Buffer.from(dirname(path));
  }

  async isDone(): Promise<boolean> {
    const stats = await this.#statsOf(this.#root, this.#parent);
    if (stats === null) return this.leftCount === 0;
    if (!stats.isDirectory()) {
      await this.#unlink(this.#root, this.#parent);
      return this.leftCount === 0;
    }
    this.#device = stats.dev;
    await this.#empty(this.#root);
    for (let folder = this.#folders.pop(); folder !== undefined; folder = this.#folders.pop()) {
      await this.#empty(folder);
      await this.#rmdir(folder, this.#root);
    }
    await this.#rmdir(this.#root, this.#parent);
    return this.leftCount === 0;
  }

  async #empty(folder: Buffer): Promise<void> {
    const names = await this.#allowed(folder, () => readdir(folder, { encoding: 'buffer' }), [folder]);
    for (const name of names ?? []) {
      const path = join(folder, name);
      const stats = await this.#statsOf(path, folder);
      if (stats === null) continue;
      if (!stats.isDirectory()) await this.#unlink(path, folder);
      else if (stats.dev !== this.#device) this.#note(path, 'EBUSY');
      else if (folder === this.#root && isMoved(name)) this.#folders.push(path);
      else await this.#moveUp(path, folder);
    }
  }

  async #moveUp(path: Buffer, parent: Buffer): Promise<void> {
    const target = join(this.#root, Buffer.from(`${movedPrefix}${randomUUID()}`));
    // A folder that goes elsewhere must be writable itself: its `..` changes. One that is mounted upon is busy.
    const moved = await this.#allowed(path, async () => {
      await rename(path, target);
      return true;
    }, [parent, path]);
    if (moved === true) this.#folders.push(target);
  }

  async #unlink(path: Buffer, parent: Buffer): Promise<void> {
    await this.#allowed(path, () => unlink(path), [parent]);
  }

  async #rmdir(folder: Buffer, parent: Buffer): Promise<void> {
    await this.#allowed(folder, () => rmdir(folder), [parent]);
  }

  async #statsOf(path: Buffer, parent: Buffer): Promise<Stats | null> {
    return this.#allowed(path, () => lstat(path), [parent]);
  }

  /**
   * Once more where a folder's own permissions were in the way. null: it failed, which is noted,
   * or there is nothing.
   */
  async #allowed<T>(path: Buffer, act: () => Promise<T>, folders: readonly Buffer[]): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      if (codeOf(error) !== 'EACCES') return this.#failed(path, error);
    }
    try {
      for (const folder of folders) await open(folder);
      return await act();
    } catch (error) {
      return this.#failed(path, error);
    }
  }

  #failed(path: Buffer, error: unknown): null {
    const code = codeOf(error);
    if (code === null) throw error;
    if (code !== 'ENOENT') this.#note(path, code);
    return null;
  }

  #note(path: Buffer, code: string): void {
    this.leftCount += 1;
    if (!changedMeanwhile.has(code)) this.isPassing = false;
    if (this.left.length < namedMax) this.left.push({ path: path.toString('utf8'), code });
  }
}

/** What another process made while this one deleted. */
const changedMeanwhile: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR']);
const movedPrefix = '.being-deleted-';

/** To its owner; nobody's link is followed. */
async function open(folder: Buffer): Promise<void> {
  const stats = await lstat(folder);
  if (stats.isDirectory()) await chmod(folder, (stats.mode & 0o7777) | 0o700);
}

function isMoved(name: Buffer): boolean {
  return name.toString('utf8').startsWith(movedPrefix);
}

function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}

function codeOf(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

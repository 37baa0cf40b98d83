// Folders that stand for the devices of volumes: they outlive instances, and go with their volume.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FolderRemover } from './folder-remover.ts';

export class VolumeFolders {
  readonly #dir: string;
  readonly #remover: FolderRemover;
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(dir: string, remover: FolderRemover) {
    this.#dir = dir;
    this.#remover = remover;
  }

  /** Begins to delete the folders of volumes that are not there any more; what tasks left in them may be much. */
  prune(isThere: (volumeId: string) => boolean): void {
    if (!existsSync(this.#dir)) return;
    for (const id of readdirSync(this.#dir)) {
      const path = join(this.#dir, id);
      if (isThere(id) || this.#underWay.has(id) || !this.#remover.isDue(path)) continue;
      this.#underWay.set(
        id,
        this.#remover.remove(path).finally(() => this.#underWay.delete(id)),
      );
    }
  }

  /** Resolves when nothing is being deleted. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }
}

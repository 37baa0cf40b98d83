// Deletes folders of what is gone. One that cannot be deleted is said once for each try, and tried again later:
// it is no reason to end, now or at the next start.
import type { Log } from '../../ports/log.ts';

const againMsMin = 30_000;
const againMsMax = 3_600_000;
/** Of so many it is remembered when they are tried again; more are tried at every look. */
const rememberedMax = 1_000;

export interface FolderRemoverOptions {
  /** Rejects while something of it is there. */
  readonly removeTree: (path: string) => Promise<void>;
  readonly log: Log;
  readonly nowMs: () => number;
}

export class FolderRemover {
  readonly #options: FolderRemoverOptions;
  readonly #failed = new Map<string, { readonly againAtMs: number; readonly waitMs: number }>();

  constructor(options: FolderRemoverOptions) {
    this.#options = options;
  }

  /** false: it failed a moment ago. */
  isDue(path: string): boolean {
    return this.#options.nowMs() >= (this.#failed.get(path)?.againAtMs ?? -Infinity);
  }

  /** Answers whether it is gone. Never rejects. */
  async remove(path: string): Promise<boolean> {
    const { removeTree, log, nowMs } = this.#options;
    try {
      await removeTree(path);
      this.#failed.delete(path);
      return true;
    } catch (error) {
      const waitMs = Math.min(againMsMax, 2 * (this.#failed.get(path)?.waitMs ?? againMsMin / 2));
      if (this.#failed.has(path) || this.#failed.size < rememberedMax)
        this.#failed.set(path, { againAtMs: nowMs() + waitMs, waitMs });
      log.write('warn', 'a folder is not deleted; it is tried again', { path, error, againInMs: waitMs });
      return false;
    }
  }
}

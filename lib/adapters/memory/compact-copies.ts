// Compact copies of pools, in memory.
import type { CompactCopies } from '../../ports/store/compact-copies.ts';
import { assertCopyName } from '../../ports/store/compact-copies.ts';

export class MemoryCompactCopies implements CompactCopies {
  readonly #kept = new Map<string, Uint8Array>();

  async write(name: string, bytes: Uint8Array): Promise<void> {
    assertCopyName(name);
    this.#kept.set(name, bytes.slice());
  }

  async read(name: string): Promise<Uint8Array | null> {
    assertCopyName(name);
    return this.#kept.get(name)?.slice() ?? null;
  }
}

// Wakes within one process: the scheduler loop listens, handlers wake.
import type { WakeBus } from '../../ports/bus.ts';

export class LocalBus implements WakeBus {
  readonly #listeners = new Set<(pool: string) => void>();

  async wake(pool: string): Promise<void> {
    for (const listener of this.#listeners) listener(pool);
  }

  /** Answers how to stop listening. */
  onWake(listener: (pool: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

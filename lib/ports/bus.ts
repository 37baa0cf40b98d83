// Wakes: hints that a pool should tick now. Lost, doubled, delayed or reordered, they cost time, never correctness.

export interface WakeBus {
  /** Resolves when the hint is handed over. Failing to hand it over is no failure of the caller's work. */
  wake(pool: string): Promise<void>;
}

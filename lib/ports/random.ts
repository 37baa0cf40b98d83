// Randomness and ids through a port, so that a run can be replayed.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A new unique id of lower-case letters and digits, at least 80 bits. */
  id(): string;
}

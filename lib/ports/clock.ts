// Time through a port, so that a run can be replayed and two simulated hours pass in a second.

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump; records carry it. */
  nowMs(): number;
  /** Never jumps; for leases and budgets within one process. */
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
}

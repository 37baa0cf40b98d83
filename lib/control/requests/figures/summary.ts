// What a pool has, in a few figures.

/** Tasks of open requests; of arrays in a large pool as of its last tick. */
export interface OpenTasks {
  readonly pending: number;
  readonly running: number;
}

export interface PoolSummary {
  readonly pool: string;
  readonly openTasks: OpenTasks;
  /** In all states. */
  readonly nodes: number;
  /** Nodes and machines, as limits count them. */
  readonly instances: number;
  readonly usdPerHour: number;
}

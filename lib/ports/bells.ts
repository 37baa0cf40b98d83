// Bells: each node may have one, at which its agent waits. A tick rings it after it has written something that the
// agent should hear of. Lost, late, doubled or forged they cost a sync, never correctness: a ring carries nothing.

export interface Bells {
  /**
   * Makes the node's bell, or finds it: the address at which this node's agent, and no other, may wait. null: this
   * installation has no bells. May be repeated. @throws when it cannot be made now; the agent goes on at its own pace
   */
  open(nodeId: string): Promise<string | null>;
  /** Resolves when the ring is handed over. @throws when it is not; the agent's next sync comes at its own pace */
  ring(nodeId: string): Promise<void>;
  /** Ids of nodes that have a bell, in no order, at most {@link bellsPerList}; complete unless there are more. */
  list(): Promise<readonly string[]>;
  /** Nobody waits at it any more. One that is gone is no error. @throws when it cannot be removed now */
  close(nodeId: string): Promise<void>;
}

export const bellsPerList = 20_000;

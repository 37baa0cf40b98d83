// Events that users subscribe to. Stored in the transaction that makes the fact, published afterwards
// (control/tick/outbox.ts): a crash may repeat one, never lose one, and a bus that fails delays them.

export type BellowsEvent =
  /**
   * Told from the row that the submission wrote (on AWS by the table's stream), so a crash right
   * after it loses none.
   */
  | {
      readonly type: 'RequestAccepted';
      readonly requestId: string;
      readonly requestType: string;
      readonly pool: string;
      readonly tenant: string;
      readonly count: number;
      readonly atMs: number;
    }
  /** Of a virtual machine, storage or network request: nothing of it is left. */
  | {
      readonly type: 'RequestEnded';
      readonly requestId: string;
      readonly pool: string;
      readonly tenant: string;
      readonly requestType: string;
      readonly state: string;
      readonly reason: string | null;
      readonly atMs: number;
    }
  /** Once per lease, before it ends. */
  | {
      readonly type: 'LeaseEnding';
      readonly requestId: string;
      readonly pool: string;
      readonly tenant: string;
      readonly leaseEndsAtMs: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'TaskEnded';
      readonly requestId: string;
      readonly pool: string;
      readonly tenant: string;
      readonly state: string;
      readonly reason: string | null;
      readonly atMs: number;
    }
  | {
      readonly type: 'NodeLaunched';
      readonly nodeId: string;
      readonly pool: string;
      readonly instanceType: string;
      readonly zone: string;
      readonly capacityType: string;
      readonly priceUsdPerHour: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'NodeTerminated';
      readonly nodeId: string;
      readonly pool: string;
      readonly reason: string;
      readonly atMs: number;
    };

export interface EventSink {
  /** Resolves when all are handed over. Rejects when some may not be: the caller sends all of them again later. */
  publish(events: readonly BellowsEvent[]): Promise<void>;
}

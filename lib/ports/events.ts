// Events that users subscribe to. Stored in the transaction that makes the fact, published afterwards
// (control/tick/outbox.ts): a crash may repeat one, never lose one, and a bus that fails delays them.
import type { AnyRow } from '../core/records/claim.ts';
import type { Named, RequestState } from '../core/records/request.ts';

/** Of a request: by its name and labels subscribers choose. */
interface OfRequest extends Named {
  readonly requestId: string;
  readonly pool: string;
  readonly tenant: string;
}

export type BellowsEvent =
  /**
   * Made from the row that the submission wrote (on AWS by the table's stream), so a crash right
   * after it loses none.
   */
  | (OfRequest & {
      readonly type: 'RequestAccepted';
      readonly requestType: AnyRow['spec']['type'];
      readonly count: number;
      readonly atMs: number;
    })
  /** Of a virtual machine, storage or network request: nothing of it is left. */
  | (OfRequest & {
      readonly type: 'RequestEnded';
      readonly requestType: AnyRow['spec']['type'];
      readonly state: RequestState;
      readonly reason: string | null;
      readonly atMs: number;
    })
  /** Once per lease, before it ends. */
  | (OfRequest & { readonly type: 'LeaseEnding'; readonly leaseEndsAtMs: number; readonly atMs: number })
  | (OfRequest & {
      readonly type: 'TaskEnded';
      readonly state: RequestState;
      readonly reason: string | null;
      readonly atMs: number;
    })
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

/** Sends an event to an address that a user has named. */
export interface WebhookSender {
  /**
   * One POST of a JSON body. Answers what came back, or why nothing did: never rejects. No redirect is followed, and
   * the connection is made to no address that the installation does not call.
   */
  send(message: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): Promise<{ readonly status: number } | { readonly error: string }>;
}

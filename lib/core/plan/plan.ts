// A plan: the actions that one decision produced, each with its reason. They can be printed and replayed.
import type { LaunchAction } from './launches.ts';
import type { NodeRecord } from '../records/node.ts';
import type { PoolMemory, Unseen } from './observation.ts';
import type { ChunkRecord, RequestRecord } from '../records/request.ts';

/** One record as it shall be; written on condition that it still is what the decision read. */
export type RecordWrite =
  /** `isCollected`: it leaves the open requests. */
  | { readonly type: 'request'; readonly record: RequestRecord; readonly isCollected?: boolean }
  | { readonly type: 'chunk'; readonly record: ChunkRecord }
  | { readonly type: 'node'; readonly record: NodeRecord };

export type Action =
  /** Records that change together, or not at all. */
  | {
      readonly kind: 'change';
      readonly what:
        | 'place'
        | 'requeue'
        | 'withdraw'
        | 'stop'
        | 'aggregate'
        | 'drop'
        | 'drain'
        | 'lost'
        | 'retire'
        | 'missing'
        | 'collect'
        | 'list'
        | 'attached';
      readonly reason: string;
      readonly writes: readonly RecordWrite[];
      /** Keys of records (see writeKey) that it takes for what this decision made of them, and does not write. */
      readonly restsOn: readonly string[];
      /** Requests whose end is told before this write, and counted in it. */
      readonly ended: readonly RequestRecord[];
      /** For the pool's activity; null where people need not read it. */
      readonly nodeActivity: { readonly code: string; readonly node: NodeRecord } | null;
    }
  /** An EC2 call for documents that are `terminating`. */
  | { readonly kind: 'terminate'; readonly nodes: readonly NodeRecord[] }
  /** EC2 says it is gone: the document goes, and with it the reservation. */
  | { readonly kind: 'forget'; readonly node: NodeRecord; readonly reason: string }
  | LaunchAction
  | { readonly kind: 'remember'; readonly memory: PoolMemory }
  | { readonly kind: 'explain'; readonly why: Why };

/** Why tasks of a shape wait. */
export interface WhyEntry {
  readonly code: string;
  readonly message: string;
  readonly nextTryAtMs: number | null;
  readonly excluded: readonly { readonly constraint: string; readonly offerings: number }[];
}

/** By shape (see demand.ts), so that a thousand equal tasks share one explanation. */
export interface Why {
  readonly byShape: Readonly<Record<string, WhyEntry>>;
  /** Why the headroom floor is not reached; absent where it is. */
  readonly headroom?: WhyEntry;
  /** Of shapes that are not in `byShape`, because all of them do not fit into one record; absent: all are there. */
  readonly others?: WhyEntry;
  /** Absent: the decision saw all. */
  readonly unseen?: Unseen;
}

export interface Plan {
  readonly actions: readonly Action[];
}

/** Names the record of a write, whatever its version. */
export function writeKey(write: RecordWrite): string {
  switch (write.type) {
    case 'request':
      return `request ${write.record.id}`;
    case 'chunk':
      return `chunk ${write.record.requestId} ${String(write.record.chunk)}`;
    case 'node':
      return `node ${write.record.id}`;
  }
}

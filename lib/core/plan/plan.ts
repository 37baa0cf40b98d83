// A plan: the actions that one decision produced, each with its reason. They can be printed and replayed.
import type { ClaimCall } from './claim-call.ts';
import type { LaunchAction } from './launches.ts';
import type { PoolMemory, Unseen } from './observation.ts';
import type { AnyRequest, ClaimRow } from '../records/claim.ts';
import type { DocumentName } from '../records/document-name.ts';
import { machineName, nameKey, partName, serviceName, volumeName } from '../records/document-name.ts';
import type { ClaimedMachine, MachineRecord } from '../records/machine.ts';
import type { NodeRecord } from '../records/node.ts';
import type { ChunkRecord, Named, RequestRecord } from '../records/request.ts';
import type { BudgetStops } from '../costs/budgets.ts';
import type { CostEntry } from '../costs/days.ts';
import type { RegretSum } from '../costs/regret/sums.ts';
import type { GroupRecord } from '../records/security-group.ts';
import type { ServiceRecord } from '../services/record.ts';
import type { ClaimedVolume, KeptVolume } from '../records/volume.ts';

/** One record as it shall be, or one that goes; written on condition that it still is what the decision read. */
export type RecordWrite =
  /** `isCollected`: it leaves the open requests. */
  | { readonly type: 'request'; readonly record: RequestRecord; readonly isCollected?: boolean }
  | { readonly type: 'chunk'; readonly record: ChunkRecord }
  | { readonly type: 'node'; readonly record: NodeRecord }
  /** `isEnded`: it leaves the open claims. */
  | { readonly type: 'claim'; readonly record: ClaimRow; readonly isEnded?: boolean }
  | { readonly type: 'machine'; readonly record: MachineRecord }
  | { readonly type: 'volume'; readonly record: ClaimedVolume }
  | { readonly type: 'kept'; readonly record: KeptVolume }
  | { readonly type: 'group'; readonly record: GroupRecord }
  /** What an ended claim had: it stays beside the claim's row for as long as that does. */
  | { readonly type: 'past'; readonly record: ClaimedMachine | ClaimedVolume }
  | { readonly type: 'service'; readonly record: ServiceRecord }
  | { readonly type: 'drop'; readonly name: DocumentName };

/** A line of the pool's activity; `node`: whom it is about, null: none. */
export interface ActivityNote {
  readonly code: string;
  readonly message: string;
  readonly node: NodeRecord | null;
}

/** Published after the change is written. Ends need none: see `ended`. */
export type PlannedEvent =
  | (Named & {
      readonly type: 'LeaseEnding';
      readonly requestId: string;
      readonly tenant: string;
      readonly leaseEndsAtMs: number;
    })
  | { readonly type: 'NodeTerminated'; readonly nodeId: string; readonly reason: string };

/** Records that change together, or not at all. */
export interface Change {
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
    | 'attached'
    | 'forget'
    | 'bill'
    | 'group'
    | 'left-over'
    | 'document'
    | 'past'
    | 'claim'
    | 'kept-gone'
    | 'service'
    | 'end'
    | 'power';
  readonly reason: string;
  readonly writes: readonly RecordWrite[];
  /** Keys of records (see writeKey) that it takes for what this decision made of them, and does not write. */
  readonly restsOn: readonly string[];
  /** Keys of records without whose writes it is not written; where it is not written itself, they are sound. */
  readonly needs: readonly string[];
  /** Requests of all types whose end is counted and published with this write. */
  readonly ended: readonly AnyRequest[];
  /** Nodes and kept volumes that are gone: what they cost is counted in this write. */
  readonly gone: readonly (NodeRecord | KeptVolume)[];
  /** Of the nodes that are gone; absent: none is. */
  readonly regret?: RegretSum;
  /** Passed to the pool's days in this write; absent: nothing. */
  readonly costs?: readonly CostEntry[];
  /** null where people need not read it. */
  readonly activity: ActivityNote | null;
  readonly events: readonly PlannedEvent[];
}

/** A call of EC2 for a claim; `restsOn`: keys of records (see writeKey) without whose write it is not made. */
export interface CallAction {
  readonly kind: 'call';
  readonly call: ClaimCall;
  readonly reason: string;
  readonly restsOn: readonly string[];
}

export type Action =
  | Change
  | CallAction
  /** An EC2 call for documents that are `terminating`. */
  | { readonly kind: 'terminate'; readonly nodes: readonly NodeRecord[] }
  /** The same for documents that are `stopping` or `starting`. */
  | { readonly kind: 'power'; readonly to: 'stop' | 'start'; readonly nodes: readonly NodeRecord[] }
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
  /** Why fewer nodes are stopped than the pool has ready; absent: they are there, or are bought. */
  readonly warmNodes?: WhyEntry;
  /** Of shapes that are not in `byShape`, because all of them do not fit into one record; absent: all are there. */
  readonly others?: WhyEntry;
  /** Whose tasks start no more because a budget is spent; absent: nobody's. */
  readonly stops?: BudgetStops;
  /** Absent: the decision saw all. */
  readonly unseen?: Unseen;
}

/** Plain data: a plan can be printed as JSON and applied again, when its writes lose to those of the first time. */
export interface Plan {
  readonly actions: readonly Action[];
}

/** Names the record of a write, whatever its version. */
export function writeKey(write: RecordWrite): string {
  switch (write.type) {
    case 'request':
    case 'node':
    case 'claim':
    case 'group':
    case 'kept':
      return `${write.type} ${write.record.id}`;
    case 'chunk':
      return `chunk ${write.record.requestId} ${String(write.record.chunk)}`;
    case 'machine':
      return nameKey(machineName(write.record));
    case 'volume':
      return nameKey(volumeName(write.record));
    case 'service':
      return nameKey(serviceName(write.record));
    case 'past':
      return `past ${nameKey(partName(write.record))}`;
    case 'drop':
      return nameKey(write.name);
  }
}

/**
 * Keys of all that other changes of the decision saw of this write: an array's row is also made of its chunks, and a
 * claim of the documents of its machines and volumes.
 */
export function touchedKeys(write: RecordWrite): readonly string[] {
  const key = writeKey(write);
  switch (write.type) {
    case 'chunk':
      return [key, `request ${write.record.requestId}`];
    case 'machine':
      return [key, `claim ${machineName(write.record).owner}`];
    case 'volume':
    case 'past':
      return [key, `claim ${write.record.claim}`];
    case 'drop':
      return 'owner' in write.name ? [key, `claim ${write.name.owner}`] : [key];
    default:
      return [key];
  }
}

// Everything that one decision may read. Not atomic: it is safe because only the lock holder buys and
// places, and every write is conditional on the version that it was planned from.
import type { CapacityMemory } from './capacity-memory.ts';
import { emptyCapacityMemory } from './capacity-memory.ts';
import type { ClaimRecord } from '../records/claim.ts';
import type { NodeLaunch } from '../records/launch.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Offering } from '../values/offering.ts';
import type { PoolSpec, Usage } from '../records/pool.ts';
import type { ChunkRecord, RequestRecord } from '../records/request.ts';

export interface Versioned<T> {
  readonly record: T;
  readonly version: number;
}

export interface OpenRequest extends Versioned<RequestRecord> {
  /** Arrays: the chunks that exist. */
  readonly chunks: readonly Versioned<ChunkRecord>[];
  /** It has left the open requests and is here only because a node still names a task of it. */
  readonly isCollected: boolean;
}

/** EC2's word on one instance, as the last listing had it. */
export interface ListedInstance {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  readonly stateReason: string | null;
}

/** A complete listing of the pool's instances; null where none is needed or to be had now. */
export interface Listing {
  readonly atMs: number;
  readonly instances: ReadonlyMap<string, ListedInstance>;
}

/** What a pool remembers between ticks besides its things; written only when it changes. */
export interface PoolMemory extends CapacityMemory {
  readonly massSilenceSinceMs: number | null;
}

/** Nodes without work that are held above demand. */
export interface Floor {
  readonly nodes: number;
  /** Continues the sentence "headroom of 2 nodes"; '' where nothing set it. */
  readonly because: string;
  /** When it may change by itself; null: it does not. */
  readonly nextActAtMs: number | null;
}

/** Which open requests a tick did not look at, because too many wait before them. */
export interface Unseen {
  /** How many requests came before them. */
  readonly behind: number;
  /** By partition and group of the index: the last entry that was looked at. */
  readonly after: Readonly<Record<string, string>>;
  /** By partition: from this entry on, of groups that are not in `after`, none was looked at. */
  readonly from: Readonly<Record<string, string>>;
  /** By partition: where the next tick goes on with the groups that take turns. */
  readonly goOn?: Readonly<Record<string, string>>;
}

export const emptyMemory: PoolMemory = { ...emptyCapacityMemory, massSilenceSinceMs: null };

export function isSameMemory(a: PoolMemory, b: PoolMemory): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export interface Observation {
  readonly nowMs: number;
  readonly pool: PoolSpec;
  readonly isPoolDeleting: boolean;
  readonly requests: readonly OpenRequest[];
  readonly nodes: readonly Versioned<NodeRecord>[];
  readonly launches: readonly Versioned<NodeLaunch>[];
  readonly listing: Listing | null;
  readonly memory: PoolMemory;
  /** Storage requests that tasks name, read by their ids; what is not in it is not there. */
  readonly storages?: ReadonlyMap<string, ClaimRecord>;
  /** What requests that hold count against the pool's limits; absent: nothing. */
  readonly claimUsage?: Usage;
  /** The headroom that alarms asked for; absent: none. */
  readonly floor?: Floor;
  /** What else waits and was not read; absent: nothing. */
  readonly unseen?: Unseen;
  /**
   * Keys (see writeKey) of records with which a write failed for good: what writes them is a change of its
   * own, after the others.
   */
  readonly suspects?: ReadonlySet<string>;
  /** What nothing is decided about, see set-aside.ts: nodes are not among the others, requests are. Absent: nothing. */
  readonly aside?: { readonly nodes: readonly Versioned<NodeRecord>[]; readonly requests: ReadonlySet<string> };
  /** All offerings that the pool's requirements allow, in the catalog's order. */
  readonly offerings: readonly Offering[];
}

// A service: a task that runs for ever, or a machine that is kept, so many times over. Its document says what is wanted
// and which requests are its replicas; how each of them stands is in their rows and in the documents of nodes, as for
// every other request.
import type { MachineSpec } from '../records/claim.ts';
import type { TaskSpec } from '../records/request.ts';
import type { ScaledRecord, ServiceScaling } from './policies.ts';
import type { TargetGroupUse } from './targets/record.ts';

/** Of one pool: a tick knows them all. */
export const servicesMax = 1_000;
/** Wanted of all services of a pool together. */
export const poolReplicasMax = 10_000;
export const replicasMax = 1_000;
/** There at a time, with those that are being stopped: what does not fit into the document starts later. */
export const runningMax = 2 * replicasMax;
/** Older ones are forgotten, and cannot be rolled back to. */
export const revisionsMax = 5;
export const eventsMax = 50;
/** As JSON; so that a document with all its revisions and replicas fits into one item of the store. */
export const templateBytesMax = 24 * 1024;

/** How a changed template takes the place of the one before. */
export interface UpdatePolicy {
  /** So many fewer than wanted may be available meanwhile. */
  readonly maxUnavailable: number;
  /** So many more than wanted may run meanwhile. */
  readonly maxSurge: number;
  /** Which comes first, the new replica or the end of the old one. */
  readonly order: 'start-first' | 'stop-first';
  /** A new one counts when it has been ready for so long. */
  readonly minHealthyMs: number;
  /** Without a further available replica for so long it has failed. */
  readonly progressMs: number;
  /** One that failed makes room for the revision before it. */
  readonly isRolledBack: boolean;
}

/** How the present revision takes its place. */
export interface Rollout {
  /** `failed`: it is tried further, since nothing is there to go back to. */
  readonly state: 'running' | 'done' | 'failed' | 'rolling-back' | 'rolled-back';
  readonly revision: number;
  /** The last one that was done; null: there is none. */
  readonly from: number | null;
  readonly startedAtMs: number;
  readonly progressAtMs: number;
  /** Most of its replicas that were available at a time. */
  readonly available: number;
  readonly failures: number;
  /** Why it failed, or came back; null: nobody says. */
  readonly reason: string | null;
}

/** What each replica is: a request of one task, or a claim of one machine. */
export type ReplicaTemplate = TaskSpec | MachineSpec;

/** A template as it was at one time. */
export interface Revision {
  readonly number: number;
  readonly template: ReplicaTemplate;
  readonly createdAtMs: number;
  /** Those that its replicas are registered with, where others were declared after it; absent: as the service has. */
  readonly targetGroups?: readonly TargetGroupUse[];
}

/** Set when a replica shall go: it is drained first, and its request is cancelled at `cancelAtMs`. */
export interface ReplicaStop {
  readonly atMs: number;
  readonly cancelAtMs: number;
  readonly reason: string;
}

export interface Replica {
  /** The id of its request. */
  readonly request: string;
  /** Its place: the lowest that was free; its processes have it as BELLOWS_REPLICA. */
  readonly slot: number;
  readonly revision: number;
  /** How often in a row what ran in its place ended by itself. */
  readonly crashes: number;
  readonly stop: ReplicaStop | null;
}

/** A place whose replica ended by itself, until another one takes it. */
export interface Crash {
  readonly slot: number;
  readonly crashes: number;
}

export interface ServiceEvent {
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
}

export interface ServiceRecord {
  /** 16 hex digits; ids of its replicas begin with them. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly pool: string;
  /** How many are wanted: as declared, or as policies have it. */
  readonly replicas: number;
  /** Absent: no policy moves the count. */
  readonly scaling?: ServiceScaling;
  readonly scaled?: ScaledRecord;
  readonly update: UpdatePolicy;
  /** From the moment that a replica is to go until it is stopped. */
  readonly drainMs: number;
  /** Target groups that replicas are registered with. Absent: none. */
  readonly targetGroups?: readonly TargetGroupUse[];
  /** The one that replicas shall have. */
  readonly revision: number;
  readonly rollout: Rollout;
  /** Oldest first. */
  readonly revisions: readonly Revision[];
  readonly running: readonly Replica[];
  readonly crashed: readonly Crash[];
  /** Replicas that it has had: the next one's number. */
  readonly started: number;
  /** Oldest first. */
  readonly events: readonly ServiceEvent[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Set when it is being deleted: its replicas go, and then the document. */
  readonly deletingSinceMs: number | null;
  /** Its stored record cannot be read: nothing is decided about it. */
  readonly quarantine?: string;
  /** This is no record, but stands in for one that cannot be read: it is shown, and never written. */
  readonly isUnreadable?: true;
}

/** The request that is its nth replica: nobody else's request has such an id, and no number is used twice. */
export function replicaId({ id }: Pick<ServiceRecord, 'id'>, number: number): string {
  return `r-${id}${number.toString(16).padStart(10, '0')}`;
}

export function revisionOf({ revisions }: Pick<ServiceRecord, 'revisions'>, number: number): Revision | undefined {
  return revisions.find((one) => one.number === number);
}

export function withEvents(record: ServiceRecord, events: readonly ServiceEvent[]): ServiceRecord {
  return events.length === 0 ? record : { ...record, events: [...record.events, ...events].slice(-eventsMax) };
}

// What an application asks for, and the record kept of it. A request of one task holds its task; an
// array (count > 1) is one row plus chunks of tasks that come into being when first placed.
import type { TaskInput } from '../access/files.ts';
import type { ImageCredentials } from '../access/images.ts';
import type { SecretRef } from '../access/secrets.ts';
import type { HealthCheck, PortSpec } from '../services/serving.ts';
import type { SmallOutput } from '../values/output.ts';
import type { CapacityType } from '../values/offering.ts';
import type { LearningStyle } from './pool.ts';
import type { Requirements } from '../values/requirements.ts';
import type { AttemptUsage } from './sync.ts';
import type { TimelineEntry } from './timeline.ts';
import type { Resources } from '../values/resources.ts';

export type TaskCommand =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'shell'; readonly script: string }
  /** `argv` null: what the image itself starts. */
  | {
      readonly kind: 'container';
      readonly image: string;
      readonly argv: readonly string[] | null;
      /** For what the image itself starts; only where `argv` is null. */
      readonly args?: readonly string[];
    };

/** Spread tasks with the label over the topology: counts per domain differ by at most maxSkew. */
export interface SpreadConstraint {
  readonly topology: 'zone' | 'node';
  readonly group: string;
  readonly maxSkew: number;
}

/** Keep with (affinity) or apart from (anti-affinity) tasks of the labelled group, in one zone or node. */
export interface AffinityConstraint {
  readonly topology: 'zone' | 'node';
  readonly group: string;
}

/** A wish: honoured while it raises the price by at most `maxExtraUsdPerHour` per task. */
export interface Preference {
  readonly requirements: Requirements;
  readonly maxExtraUsdPerHour: number;
}

/** Where tasks may and should run, relative to others. All absent for most tasks. */
export interface TaskConstraints {
  /** The label that spread, affinity and anti-affinity of this and other tasks count. */
  readonly group?: string;
  readonly spread?: readonly SpreadConstraint[];
  readonly affinity?: readonly AffinityConstraint[];
  readonly antiAffinity?: readonly AffinityConstraint[];
  readonly preferences?: readonly Preference[];
  /** All tasks of the array at once, or none. */
  readonly gang?: boolean;
}

/** A storage request whose volume the task has as a folder while it runs. */
export interface TaskMount {
  readonly request: string;
  /** Where below its working directory; null: `mnt/N`. */
  readonly path: string | null;
}

/** For people and their programs: what it is called, and words by which requests are found. */
export interface Named {
  readonly name?: string;
  /** Keys come from outside: never looked up in a prototype (values/dictionary.ts). */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Only what a request has of it. */
export function namedOf({ name, labels }: Named): Named {
  return { ...(name === undefined ? {} : { name }), ...(labels === undefined ? {} : { labels }) };
}

/** By which a task of the mode `checkpoint` may be asked to save. */
export const checkpointSignals = ['TERM', 'INT', 'HUP', 'USR1', 'USR2'] as const;
export type CheckpointSignal = (typeof checkpointSignals)[number];

/** What a task bears when its node goes by choice (drift, expiry) or for maintenance; see disruption/stop-tasks.ts. */
export interface TaskDisruption {
  /**
   * `never`: it runs until it ends, for so long at most. `restart`: it is stopped and queued again at once.
   * `checkpoint`: it is asked to save, stopped as soon as it has, or after its grace, and queued again.
   */
  readonly mode: 'never' | 'restart' | 'checkpoint';
  /** Of `checkpoint`: how it is asked; absent: TERM. */
  readonly signal?: CheckpointSignal;
  /** What a stop of one task costs beside the work and the time that it loses; absent: nothing. */
  readonly costUsd?: number;
  /** TERM to KILL when it is stopped for that; absent: as ever. */
  readonly graceMs?: number;
  /** Of `never`; absent: the pool's. */
  readonly maxDrainMs?: number;
}

/** Of the service that the task is a replica of. */
export interface ServiceMember {
  readonly name: string;
  readonly slot: number;
  readonly revision: number;
}

export interface TaskSpec extends TaskConstraints, Named {
  readonly type: 'task';
  readonly resources: Resources;
  readonly run: TaskCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly count: number;
  /** null: no limit. */
  readonly timeoutMs: number | null;
  /** How often a failed task is run again. Losses of nodes do not count. */
  readonly retries: number;
  /** So many nodes may be lost under it without notice before it fails (see node-losses.ts); absent: the pool's. */
  readonly lossesMax?: number;
  /** Higher is served first. */
  readonly priority: number;
  readonly requirements: Requirements;
  readonly expectedDurationMs: number | null;
  /** Time after acceptance by which the request must have ended; else it ends as `expired`. */
  readonly deadlineMs: number | null;
  /** null: the pool's. */
  readonly learningStyle: LearningStyle | null;
  /** Absent: `never`. */
  readonly disruption?: TaskDisruption;
  /** Retries after too little memory have so much more, up to `maxMib`; absent: they have as much. Of single tasks. */
  readonly memoryGrowth?: { readonly factor: number; readonly maxMib: number };
  /** The ARN of the role whose credentials it has; absent: none. */
  readonly role?: string;
  /** Only of tasks with an image; absent: its registry is asked without. */
  readonly imageCredentials?: ImageCredentials;
  /** Read when an attempt starts; absent: none. */
  readonly secrets?: readonly SecretRef[];
  /** Fetched before an attempt starts; absent: none. */
  readonly inputs?: readonly TaskInput[];
  /** Patterns of the files that are kept when an attempt has ended; absent: none. */
  readonly artifacts?: readonly string[];
  /** So much of each stream is kept whole when an attempt has ended; absent: head and tail are. */
  readonly output?: { readonly keepMib: number };
  /** Only of single tasks. */
  readonly mounts?: readonly TaskMount[];
  /** The request of which these tasks did not succeed, and run again here. */
  readonly retryOf?: string;
  /** Absent: none. */
  readonly ports?: readonly PortSpec[];
  /** Run beside its process before this gets TERM, within its grace; absent: nothing is. */
  readonly preStop?: { readonly argv: readonly string[] };
  /** Absent: it serves from the moment that it runs. */
  readonly health?: HealthCheck;
  /** Absent: it is no replica of a service. */
  readonly service?: ServiceMember;
  /** These are some tasks of an array of `of` (see arrays/subset.ts); absent: they are all there are. */
  readonly subset?: { readonly of: number; readonly indices: string };
}

/**
 * pending -> running -> succeeded | failed | cancelled | expired; pending -> cancelled | expired | failed.
 * `active`, `releasing`, `released` are for claims.
 */
export type RequestState =
  'pending' | 'running' | 'active' | 'releasing' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'released';

export type TaskState = 'pending' | 'placed' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** What a placed task runs on; kept after the end. */
export interface Allocation {
  readonly nodeId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
}

/**
 * One task. pending -> placed -> (an end | pending again with the next attempt).
 * `attempt` counts from 1 and names the current attempt; it is raised before the task is queued again,
 * so that whatever an earlier attempt still says changes nothing.
 */
export interface TaskRecord {
  readonly index: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly allocation: Allocation | null;
  readonly placedAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly exitCode: number | null;
  readonly reason: string | null;
  /** Attempts that ran and failed (they use up `retries`). */
  readonly failures: number;
  /** Attempts lost with their node (they do not). */
  readonly losses: number;
  /** Of these, the losses that nobody had announced (see node-losses.ts); absent: none. */
  readonly nodeLosses?: number;
  /** Of these, the losses of spot nodes, announced or not; absent: none. */
  readonly spotLosses?: number;
  /** Not placed before this time (backoff after a failure). */
  readonly notBeforeMs: number;
  /** What the last attempt that ended used; absent: nothing is known of it. */
  readonly usage?: AttemptUsage;
  /** The manifest of the image that the last attempt ran that ended, `sha256:…`; absent: none, or it is not known. */
  readonly imageDigest?: string;
  /** What the attempts before this one cost (see costs/attempt.ts); absent: none came before it, or it is not known. */
  readonly earlierNanoUsd?: number;
  /** This task alone shall stop; absent: not. */
  readonly cancelRequestedAtMs?: number;
}

export interface TaskCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** A failed task of an array, for people. */
export interface FailedTask {
  readonly index: number;
  /** `exit 1`, `timeout`, … */
  readonly what: string;
}

/** What an attempt of a single task wrote, in the request's row; of arrays it is beside it (see keys.output). */
export interface KeptOutput extends SmallOutput {
  readonly attempt: number;
}

/** The row of a request. `tasks` holds the one task when count = 1, and is empty for arrays. */
/** In one of two cases it is at most `p50`, in nine of ten at most `p90`. */
export interface Odds {
  readonly p50: number;
  readonly p90: number;
}

/** null: nobody knew. */
export interface QuotedFigures {
  /** From acceptance until the last of its tasks has ended. */
  readonly endsMs: Odds | null;
  readonly usd: Odds | null;
}

export interface RequestRecord {
  readonly id: string;
  readonly tenant: string;
  readonly pool: string;
  readonly spec: TaskSpec;
  /** SHA-256 of the canonical body: tells a repeat from a conflict. */
  readonly bodyHash: string;
  readonly createdAtMs: number;
  readonly state: RequestState;
  readonly reason: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly counts: TaskCounts;
  readonly tasks: readonly TaskRecord[];
  /**
   * Arrays: the first `chunks` chunks hold only ended tasks, with these counts; nobody needs to read them again.
   * `failed`: the first of them that failed (see arrays/failed.ts); absent: none, or the row is older than the field.
   * `nanoUsd`: what their attempts cost (see costs/attempt.ts); absent: not known, or there are no such chunks.
   */
  readonly closed: {
    readonly chunks: number;
    readonly counts: TaskCounts;
    readonly failed?: readonly FailedTask[];
    readonly nanoUsd?: number;
  };
  /** Arrays: what attempts cost that had ended when the row last changed; absent: none began, or it is not known. */
  readonly nanoUsd?: number;
  readonly cancelRequestedAtMs: number | null;
  /**
   * It came with others, and the entry of their batch lists it until then; later, and without
   * this, it lists itself.
   */
  readonly batch?: { readonly id: string; readonly untilMs: number };
  /** The batch whose entries list it by name and labels, for as long as it is kept; absent: it has its own. */
  readonly listedWith?: string;
  /**
   * Set when a decision about this request failed, or its stored record cannot be read: it is set aside with
   * the error, never the pool.
   */
  readonly quarantine: string | null;
  /** This is no record, but stands in for one that cannot be read: it is shown, and never written. */
  readonly isUnreadable?: true;
  readonly timeline: readonly TimelineEntry[];
  /** What its quote said when it was accepted; absent: it asked for none. */
  readonly quoted?: QuotedFigures;
  /** Of the last attempt that ended with a small one; absent: it is where outputs are kept, or there is none. */
  readonly output?: KeptOutput;
}

/** Some tasks of an array (core/tasks/array-chunks.ts). An absent chunk means: all its tasks are pending, untouched. */
export interface ChunkRecord {
  readonly requestId: string;
  readonly chunk: number;
  readonly tasks: readonly TaskRecord[];
  /** Its stored record cannot be read: `tasks` is empty, and the whole request is set aside. */
  readonly error?: string;
}

/** The id of one attempt: `request.index.attempt`. */
export function attemptId(requestId: string, index: number, attempt: number): string {
  return `${requestId}.${String(index)}.${String(attempt)}`;
}

export function parseAttemptId(id: string): { requestId: string; index: number; attempt: number } | null {
  const match = /^(.+)\.(\d+)\.(\d+)$/.exec(id);
  if (!match?.[1]) return null;
  return { requestId: match[1], index: Number(match[2]), attempt: Number(match[3]) };
}

const endStates: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'expired', 'released']);

export function isEnd(state: RequestState | TaskState): boolean {
  return endStates.has(state);
}

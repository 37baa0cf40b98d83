// A launch: one durable decision to buy instances, as nodes or as machines of claims. Its request is frozen, its id is
// the ClientToken of the call and the tag of all that the call makes.
import type { NamedReservation } from '../catalog/commitments.ts';
import type { VolumeShape } from './volume.ts';
import type { CapacityType } from '../values/offering.ts';
import type { Usage } from './pool.ts';

interface FrozenBase {
  readonly capacityType: CapacityType;
  readonly count: number;
  /** What it is launched into; then it is of one type in one zone. Absent: nothing that has to be named. */
  readonly reservation?: { readonly id: string; readonly kind: NamedReservation['kind'] };
  /** Includes `bellows:installation`, `bellows:pool` and `bellows:launch`. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The complete request of nodes: a CreateFleet, or a RunInstances, which can name a reservation. Never changed: other
 * parameters, or a remainder, are a new launch.
 */
export interface FrozenFleet extends FrozenBase {
  readonly call: 'fleet';
  readonly templateVersion: string;
  /** In order of preference; each can carry the planned tasks. The fleet, not the plan, picks among them. */
  readonly overrides: readonly {
    readonly instanceType: string;
    readonly zone: string;
    readonly priceUsdPerHour: number;
  }[];
}

/** The complete RunInstances request, of machines that are all alike. Never changed. */
export interface FrozenInstances extends FrozenBase {
  readonly call: 'run';
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string | null;
  readonly priceUsdPerHour: number;
  readonly imageId: string;
  readonly userData: string | null;
  readonly keyName: string | null;
  readonly instanceProfile: string | null;
  readonly groupIds: readonly string[];
  readonly disks: readonly {
    readonly device: string;
    readonly shape: VolumeShape;
    readonly snapshotId: string | null;
    readonly deleteOnTermination: boolean;
  }[];
  /** Of burstable types alone: EC2 refuses it for every other. */
  readonly cpuCredits?: 'unlimited';
}

/** What a launch keeps about the calls made with its id as the token. */
export interface TokenCalls {
  /** Repeats noted; 0: only its maker has called, if anybody. */
  readonly calls: number;
  readonly nextTryAtMs: number;
  /** Since when a call may be under way whose maker has not noted what came of it; null: there is none. */
  readonly callingSinceMs: number | null;
  /** Until when a call may still reach EC2 though nobody waits for its answer any more; null: there is none. */
  readonly unheardUntilMs: number | null;
  /**
   * Set when the token was used and the answer need not name all it made: settled from the tag after
   * two agreeing listings.
   */
  readonly tokenUsed: {
    readonly code: string;
    readonly listedAtMs: number;
    readonly instanceIds: readonly string[];
  } | null;
}

/** Not to be repeated by the next round while the first call is still under way. */
export const firstRetryMs = 5_000;

/** Of a launch that is written now and whose maker calls next. */
export function newTokenCalls(nowMs: number): TokenCalls {
  return { calls: 0, nextTryAtMs: nowMs + firstRetryMs, callingSinceMs: nowMs, unheardUntilMs: null, tokenUsed: null };
}

/**
 *            ┌─ no answer, throttled, or a refusal that may not be the last: repeated with the same token ─┐
 *            ▼                                                                                             │
 *   --> open ┴─▶ called -----------------------------------------------------------------------------------┤
 *                  │ token used, answer not whole: listed by the tag ──▶ listed again, until two agree     │
 *                  ▼                                                                    │
 *               settled ◀---------------------------------------------------------------┘
 *
 * `open`: durable, counted against the limits, and a call may have been made; only EC2's answer to its token closes it.
 * `settled`: in the write that hands out what it made, the record leaves the open launches and becomes a past launch,
 * which is kept for people and audits.
 */
interface LaunchBase<R extends FrozenFleet | FrozenInstances> extends TokenCalls {
  readonly id: string;
  readonly pool: string;
  readonly state: 'open' | 'settled';
  readonly request: R;
  /** What counts against the limits until it is settled: per dimension the most that can come of it. */
  readonly reserved: Usage;
  /** Why it was bought, for people. */
  readonly reason: string;
  readonly createdAtMs: number;
  /** The declaration of the pool that it was decided from. */
  readonly specVersion: number;
  /** How it was settled, for people; null: it is open. */
  readonly outcome: string | null;
  /** Set when a decision about it failed: it is set aside with the error (see set-aside.ts). */
  readonly quarantine?: string;
  /** The pool's commitment that pays for what it makes; absent: none does. */
  readonly paidBy?: string;
}

export interface NodeLaunch extends LaunchBase<FrozenFleet> {
  readonly tasksMax: number;
  /** Requests that want all their nodes or none; absent: none. */
  readonly gangs?: readonly string[];
  /** Nodes in whose place it is bought: ids, at most `replacedMax` (records/node.ts); absent: none. */
  readonly replaces?: readonly string[];
  /** What it makes is for the pool's warm nodes (see tasks/warm); absent: it is not. */
  readonly isWarm?: true;
  /** Of the tasks that it is for (see tasks/capacity/long-shortage.ts); absent: of none. */
  readonly shapes?: readonly string[];
}

export interface MachineLaunch extends LaunchBase<FrozenInstances> {
  /** The k-th instance of the launch is for the k-th member. */
  readonly members: readonly { readonly request: string; readonly index: number }[];
}

export type LaunchRecord = NodeLaunch | MachineLaunch;

export function isNodeLaunch(launch: LaunchRecord): launch is NodeLaunch {
  return launch.request.call === 'fleet';
}

export const tagInstallation = 'bellows:installation';
export const tagPool = 'bellows:pool';
export const tagLaunch = 'bellows:launch';

// A launch: one durable decision to buy nodes. Its request is frozen, its id is the ClientToken and the tag.
import type { CapacityType } from '../values/offering.ts';
import type { Usage } from './pool.ts';

/** The complete request to EC2. Never changed: other parameters, or a remainder, are a new launch. */
export interface FrozenLaunch {
  readonly capacityType: CapacityType;
  readonly templateVersion: string;
  /** In order of preference; each can carry the planned tasks. The fleet, not the plan, picks among them. */
  readonly overrides: readonly {
    readonly instanceType: string;
    readonly zone: string;
    readonly priceUsdPerHour: number;
  }[];
  readonly count: number;
  /** Includes `bellows:installation`, `bellows:pool` and `bellows:launch`. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * open (durable: a call may have been made, and only an answer to its token closes it) -> settled (the row
 * leaves the open launches).
 */
export type LaunchState = 'open' | 'settled';

/** What a launch, of nodes or of machines, keeps about the calls made with its id as the token. */
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

export interface LaunchRecord extends TokenCalls {
  readonly id: string;
  readonly pool: string;
  readonly state: LaunchState;
  readonly request: FrozenLaunch;
  /** Per dimension the maximum over the overrides, times count. */
  readonly reserved: Usage;
  readonly tasksMax: number;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly outcome: string | null;
  /** Requests that want all their nodes or none; absent: none. */
  readonly gangs?: readonly string[];
  /** Set when a decision about it failed: it is set aside with the error (see set-aside.ts). */
  readonly quarantine?: string;
}

export const tagInstallation = 'bellows:installation';
export const tagPool = 'bellows:pool';
export const tagLaunch = 'bellows:launch';

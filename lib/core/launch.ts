// A launch: one durable decision to buy nodes. Its request is frozen, its id is the ClientToken and the tag.
import type { CapacityType } from './offering.ts';
import type { Usage } from './pool.ts';

/** The complete request to EC2. Never changed: other parameters, or a remainder, are a new launch. */
export interface FrozenLaunch {
  readonly capacityType: CapacityType;
  readonly templateVersion: string;
  /** In order of preference; each can carry the planned tasks. The fleet, not the plan, picks among them. */
  readonly overrides: readonly { readonly instanceType: string; readonly zone: string; readonly priceUsdPerHour: number }[];
  readonly count: number;
  /** Includes `bellows:installation`, `bellows:pool` and `bellows:launch`. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * open (durable: a call may have been made, and only an answer to its token closes it) -> settled (the row
 * leaves the open launches).
 */
export type LaunchState = 'open' | 'settled';

export interface LaunchRecord {
  readonly id: string;
  readonly pool: string;
  readonly state: LaunchState;
  readonly request: FrozenLaunch;
  /** Per dimension the maximum over the overrides, times count. */
  readonly reserved: Usage;
  readonly tasksMax: number;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly calls: number;
  readonly nextTryAtMs: number;
  /** Set when EC2 said that the token was used (mismatch, terminated): settle from the tag after two agreeing listings. */
  readonly tokenUsed: { readonly code: string; readonly listedAtMs: number; readonly instanceIds: readonly string[] } | null;
  readonly outcome: string | null;
}

export const tagInstallation = 'bellows:installation';
export const tagPool = 'bellows:pool';
export const tagLaunch = 'bellows:launch';

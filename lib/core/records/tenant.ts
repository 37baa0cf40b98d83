// A tenant: whoever asks. What operators declare of it; one that nobody declared has the default of everything.

import type { Budget } from './pool.ts';

/** So many may be declared: a tick of a pool with fair shares knows them all. */
export const tenantsMax = 1_000;

export interface TenantRecord {
  readonly name: string;
  /** With fair shares, who has twice the weight has twice the share. */
  readonly weight: number;
  /** Over all pools; absent: none. */
  readonly budget?: Budget;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const defaultWeight = 1;

/** By name; who is not in it has the default. */
export type TenantWeights = Readonly<Record<string, number>>;

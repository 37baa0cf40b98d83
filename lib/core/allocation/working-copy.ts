// The plan while it is made: what is decided for each unit of demand.
import type { Problem, Unit } from './compile.ts';
import type { Refused } from './constraints/zones.ts';
import type { Batch } from './packing/dive.ts';
import type { Proven } from './packing/lower-bound.ts';
import type { Placed } from './place.ts';
import type { FirstProvision } from './provision.ts';

/** Everything decided, before tasks are named. */
export interface WorkingCopy {
  readonly units: readonly Unit[];
  readonly problem: Problem;
  readonly placed: Placed;
  readonly batches: readonly Batch[];
  readonly proof: Proven | null;
  /** Tasks of each unit on new nodes, and those that wait. */
  readonly bought: Int32Array;
  readonly waiting: Int32Array;
  readonly refused: readonly Refused[];
  /** What the search for cheaper nodes goes on from; null: nothing is bought, or limits decided what. */
  readonly first: FirstProvision | null;
}

// Keeps nodes needed for as short as possible: first where the task ends before the node would empty anyway, then
// where it delays that least, then the fullest node (a fuller node is one that the others need not wait for).
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

export const leastCost: PlacementPolicy = {
  score: (candidate) => {
    const { expectedEmptyAtMs, taskEndsAtMs } = candidate;
    const delayMs =
      expectedEmptyAtMs === null || taskEndsAtMs === null ? 0 : Math.max(0, taskEndsAtMs - expectedEmptyAtMs);
    // A minute of delay outweighs any difference in fullness.
    return mean(usedParts(candidate)) - delayMs / 60_000;
  },
  isFilling: true,
};

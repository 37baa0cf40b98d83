// Keeps nodes needed for as short as possible: first where the task ends before the node would empty anyway, then
// where that costs least (a node counts its price for each minute that it is kept longer), then the fullest node (a
// fuller node is one that the others need not wait for).
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

/** About two to four vCPUs. */
const usualUsdPerHour = 0.1;

export const leastCost: PlacementPolicy = {
  score: (candidate) => {
    const { expectedEmptyAtMs, taskEndsAtMs, priceUsdPerHour } = candidate;
    const delayMs =
      expectedEmptyAtMs === null || taskEndsAtMs === null ? 0 : Math.max(0, taskEndsAtMs - expectedEmptyAtMs);
    // A minute of delay of a usual node outweighs any difference in fullness.
    return mean(usedParts(candidate)) - (delayMs / 60_000) * (priceUsdPerHour / usualUsdPerHour);
  },
  isFilling: true,
};

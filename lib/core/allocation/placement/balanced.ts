// Kubernetes NodeResourcesBalancedAllocation: 1 - standard deviation of the parts of each resource in use.
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

export const balanced: PlacementPolicy = {
  score: (candidate) => {
    const parts = usedParts(candidate);
    const middle = mean(parts);
    return 1 - Math.sqrt(mean(parts.map((one) => (one - middle) ** 2)));
  },
  isFilling: false,
};

// Kubernetes NodeResourcesFit, LeastAllocated (its default): mean of (allocatable - requested) / allocatable
// (OpenShift's LowNodeUtilization profile).
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

export const leastAllocated: PlacementPolicy = {
  score: (candidate) => 1 - mean(usedParts(candidate)),
  isFilling: false,
};

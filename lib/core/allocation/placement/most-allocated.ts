// Kubernetes NodeResourcesFit, MostAllocated: mean of requested / allocatable. Packs, so that other nodes empty
// (also Nomad's and Docker Swarm's binpack, OpenShift's HighNodeUtilization profile).
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

export const mostAllocated: PlacementPolicy = { score: (candidate) => mean(usedParts(candidate)), isFilling: true };

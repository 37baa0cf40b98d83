// The node with the fewest tasks (Docker Swarm's spread, Nomad's spread scheduler on nodes). New nodes take turns
// over the zones as well: see launches.ts.
import type { PlacementPolicy } from './policy.ts';

export const spread: PlacementPolicy = { score: (candidate) => -candidate.tasks, isFilling: false };

// Where tasks end together, nodes become empty: a task goes where others go on for long anyway, so that nodes whose
// tasks are about to end get no more and go. A task that says how long it lasts goes where it keeps a node for least,
// as in least-cost; any other to the node whose tasks go on for longest, as predicted from their ages, or is fullest.
import { leastCost } from './least-cost-now.ts';
import type { PlacementPolicy } from './policy.ts';
import { mean, usedParts } from './policy.ts';

/** Three times as long outweighs a third of a node's room. */
const perLogarithm = 0.3;

export const overTime: PlacementPolicy = {
  score: (candidate) => {
    const { taskEndsAtMs, staysMs } = candidate;
    if (staysMs === null || taskEndsAtMs !== null) return leastCost.score(candidate);
    return mean(usedParts(candidate)) + perLogarithm * Math.log1p(staysMs / 1000);
  },
  isFilling: true,
};

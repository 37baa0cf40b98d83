// A task's share of its node, by the resource of which it asked for most: what it pays of the node's price.
import type { Assignment } from '../records/node.ts';
import type { Resources } from '../values/resources.ts';

/** Of a whole node: 0 to 1. */
export function shareOf({ resources, isAlone }: Pick<Assignment, 'resources' | 'isAlone'>, whole: Resources): number {
  if (isAlone === true) return 1;
  const shares = (['cpuMilli', 'memoryMib', 'gpu'] as const).map((key) =>
    resources[key] === 0 ? 0 : resources[key] / whole[key],
  );
  return Math.min(1, Math.max(...shares));
}

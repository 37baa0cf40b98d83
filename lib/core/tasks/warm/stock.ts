// How many warm nodes a pool has, and which are too many. Those that work count: they are stopped again when they have
// no work, so others in their place would be too many then.
import type { NodeRecord } from '../../records/node.ts';
import type { NodeLaunch } from '../../records/launch.ts';
import type { PoolSpec } from '../../records/pool.ts';

/** Cloud-init runs an image's first-boot parts once: a boot that is cut short may leave it half set up. */
export const bootedAfterMs = 60_000;

/** It counts, until it leaves. */
export function isWarmNode({ warm, state, isLost }: Pick<NodeRecord, 'warm' | 'state' | 'isLost'>): boolean {
  return warm !== undefined && !isLost && state !== 'draining' && state !== 'terminating';
}

/** Those that are there, and those that open launches will yield. */
export function warmCount(nodes: Iterable<NodeRecord>, launches: readonly NodeLaunch[]): number {
  let count = 0;
  for (const node of nodes) if (isWarmNode(node)) count += 1;
  for (const one of launches) if (one.isWarm === true) count += one.request.count;
  return count;
}

/** Stopped nodes beyond as many as the pool keeps; the oldest go. */
export function surplusOf(
  nodes: readonly NodeRecord[],
  { warmNodes }: Pick<PoolSpec, 'warmNodes'>,
): ReadonlySet<string> {
  const warm = nodes.filter(isWarmNode);
  const stopped = warm
    .filter((node) => node.state === 'stopped')
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  const over = warm.length - (warmNodes?.stopped ?? 0);
  return new Set(stopped.slice(0, Math.max(0, over)).map((node) => node.id));
}

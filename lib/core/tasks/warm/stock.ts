// How many warm nodes a pool has, which are too many, and how many are missing. Those that work count: they are stopped
// again when they have no work, so others in their place would be too many then.
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

/**
 * So many are to be bought before anybody asks. `used`: nodes that tasks or headroom count on; they work, or stay up.
 */
export function missingStock(
  nodes: Iterable<NodeRecord>,
  launches: readonly NodeLaunch[],
  { warmNodes }: Pick<PoolSpec, 'warmNodes'>,
  used: ReadonlySet<string>,
): number {
  const { stopped, minStopped = 0 } = warmNodes ?? { stopped: 0 };
  if (minStopped === 0) return 0;
  let [all, ready] = [0, 0];
  for (const node of nodes) {
    if (!isWarmNode(node)) continue;
    all += 1;
    if (isStoppedSoon(node, used)) ready += 1;
  }
  for (const one of launches) {
    if (one.isWarm !== true) continue;
    all += one.request.count;
    ready += one.request.count;
  }
  return Math.max(0, Math.min(minStopped - ready, stopped - all));
}

/** Or is stopped: it has no work and gets none, as far as is known. */
function isStoppedSoon({ id, state, assigned, cordon }: NodeRecord, used: ReadonlySet<string>): boolean {
  return state !== 'starting' && assigned.length === 0 && cordon === undefined && !used.has(id);
}

/** So long nothing is bought to be stopped once that has failed; then one node, until one was stopped. */
export const stockAgainMs = 3_600_000;

/**
 * When a node last went that could not be stopped: EC2 refused it, or its agent cannot work. The next would go as well,
 * and would be bought again and again.
 */
export function stopFailedAfter(
  nodes: Iterable<NodeRecord>,
  beforeMs: number | undefined,
  nowMs: number,
): { readonly stopFailedAtMs?: number } {
  let [failed, stoppedAtMs] = [false, -Infinity];
  for (const { warm, state, drain, trouble } of nodes) {
    if (warm === undefined) continue;
    if (state === 'stopped') stoppedAtMs = Math.max(stoppedAtMs, warm.sinceMs);
    failed ||=
      state === 'terminating'
      && (drain?.by === 'refused-power' || (drain?.by === 'emptiness' && trouble !== undefined && warm.stops === 0));
  }
  if (beforeMs !== undefined && nowMs - beforeMs < stockAgainMs && stoppedAtMs <= beforeMs)
    return { stopFailedAtMs: beforeMs };
  if (failed) return { stopFailedAtMs: nowMs };
  return beforeMs === undefined || stoppedAtMs > beforeMs ? {} : { stopFailedAtMs: beforeMs };
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

// How long nodes of a pool take to boot, as seen and as remembered.
import type { Observation } from '../../plan/observation.ts';

/** A boot below this is not worth waiting for anything. */
const worthWaitingMs = 1_000;
/** What is remembered of boots is off where they differ from it by more than this part. */
const bootMoved = 0.25;

/** How long the nodes that are there took to boot. */
export function bootsOf(nodes: Observation['nodes']): readonly number[] {
  return nodes.flatMap(({ record: { readyAtMs, createdAtMs } }) =>
    readyAtMs === null ? [] : [Math.max(0, readyAtMs - createdAtMs)],
  );
}

/** How long nodes take to boot: as remembered, or where that is off, as those that are there; undefined: none has. */
export function bootMsOf({ nodes, memory: { bootMs } }: Pick<Observation, 'nodes' | 'memory'>): number | undefined {
  const boots = bootsOf(nodes);
  const now = boots.length === 0 ? 0 : Math.round(boots.reduce((sum, ms) => sum + ms, 0) / boots.length);
  if (now < worthWaitingMs) return bootMs;
  return bootMs !== undefined && Math.abs(now - bootMs) <= bootMoved * bootMs ? bootMs : now;
}

// How long nodes of a pool take to boot, and stopped ones to start, as seen and as remembered.
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
  return meanOrKnown(bootsOf(nodes), bootMs);
}

/** How long stopped nodes take to start, as bootMsOf; undefined: none was started. */
export function startMsOf({ nodes, memory: { startMs } }: Pick<Observation, 'nodes' | 'memory'>): number | undefined {
  const starts = nodes.flatMap(({ record: { warm } }) => warm?.lastStart?.tookMs ?? []);
  return meanOrKnown(starts, startMs);
}

function meanOrKnown(all: readonly number[], known: number | undefined): number | undefined {
  const now = all.length === 0 ? 0 : Math.round(all.reduce((sum, ms) => sum + ms, 0) / all.length);
  if (now < worthWaitingMs) return known;
  return known !== undefined && Math.abs(now - known) <= bootMoved * known ? known : now;
}

// One run of placing over time: a scene, the world that plays it, and the laws that watch.
import type { Allocate } from '../../core/allocation/types.ts';
import { drawScene } from './draw.ts';
import type { Broken } from './laws.ts';
import { Laws } from './laws.ts';
import { PlacingWorld } from './world.ts';

export interface PlacingResult {
  readonly seed: number;
  readonly broken: readonly Broken[];
  readonly starts: number;
  readonly launchCalls: number;
  readonly wastedCalls: number;
  readonly nodesBought: number;
  readonly spentUsd: number;
  /** Of what is allowed, see {@link Laws}. */
  readonly worstWait: number;
  readonly simulatedHours: number;
}

export function runPlacing(seed: number, hours: number, engine?: Allocate): PlacingResult {
  const world = new PlacingWorld(drawScene(seed, hours), engine);
  const laws = new Laws();
  world.run([laws]);
  for (const record of world.requests.values())
    if (record.endedAtMs === null)
      laws.say('end', world.nowMs, `${record.id} has not ended: ${JSON.stringify(record.spec)}`);
  const { broken, starts, launchCalls, wastedCalls, nodesBought, worstWait } = laws;
  const simulatedHours = world.nowMs / 3_600_000;
  return {
    seed,
    broken,
    starts,
    launchCalls,
    wastedCalls,
    nodesBought,
    spentUsd: world.spentUsd,
    worstWait,
    simulatedHours,
  };
}

// One run of placing over time: a scene, the world that plays it, and the laws that watch.
import type { Allocate } from '../../core/allocation/types.ts';
import { drawContention, drawScene, drawServices } from './draw.ts';
import type { Scene } from './draw.ts';
import type { Broken } from './laws.ts';
import { Laws } from './laws.ts';
import { Bill, CallsInVain, Shares } from './over-time.ts';
import { PlacingWorld } from './world.ts';

export interface PlacingResult {
  readonly seed: number;
  readonly broken: readonly Broken[];
  readonly starts: number;
  readonly launchCalls: number;
  readonly wastedCalls: number;
  readonly nodesBought: number;
  readonly spentUsd: number;
  /** See over-time.ts. */
  readonly billRatio: number;
  readonly mostInVain: number;
  /** Of what is allowed, see {@link Laws}. */
  readonly worstWait: number;
  readonly simulatedHours: number;
}

export function runPlacing(seed: number, hours: number, engine?: Allocate): PlacingResult {
  return play(drawScene(seed, hours), engine);
}

/** Replicas of services alone. */
export function runServices(seed: number, hours: number, engine?: Allocate): PlacingResult {
  return play(drawServices(seed, hours), engine);
}

function play(scene: Scene, engine?: Allocate): PlacingResult {
  const { seed } = scene;
  const world = new PlacingWorld(scene, engine);
  const laws = new Laws();
  const say: Laws['say'] = (...found) => laws.say(...found);
  const [bill, inVain] = [new Bill(), new CallsInVain(say)];
  world.run([laws, bill, inVain]);
  bill.end(world, say);
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
    billRatio: bill.ratio,
    mostInVain: inVain.most,
    worstWait,
    simulatedHours,
  };
}

export interface ContentionResult {
  readonly seed: number;
  readonly broken: readonly Broken[];
  readonly windows: number;
  readonly worst: number;
  readonly simulatedHours: number;
}

/** Tenants that all wait, always: what becomes free goes by their weights. */
export function runContention(
  seed: number,
  hours: number,
  engine?: Allocate,
  nodesServe: 'any-tenant' | 'one-tenant' = 'any-tenant',
): ContentionResult {
  const world = new PlacingWorld(drawContention(seed, hours, nodesServe), engine);
  const laws = new Laws();
  const shares = new Shares((...found) => laws.say(...found));
  world.run([laws, shares], world.scene.endMs);
  const { windows, worst } = shares;
  return { seed, broken: laws.broken, windows, worst, simulatedHours: world.nowMs / 3_600_000 };
}

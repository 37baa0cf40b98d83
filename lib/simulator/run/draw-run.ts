// Everything of a run that its seed decides before it starts: the world's size and kind, what is asked for, the
// rates of faults, the settings of the installation.
import type { ControlSettings } from '../../control/ports.ts';
import { drawClaimPools, drawClaims } from '../applications/claim-workload.ts';
import type { PlannedClaim } from '../applications/claim-workload.ts';
import { drawStyles } from '../applications/styles.ts';
import type { Styled } from '../applications/styles.ts';
import { drawWide } from '../applications/wide.ts';
import type { WideWorld } from '../applications/wide.ts';
import { drawSize, drawWorkload } from '../applications/workload.ts';
import type { Size, Workload } from '../applications/workload.ts';
import { drawFaults, wideFaults, withoutKinds } from '../faults/faults.ts';
import type { FaultRates } from '../faults/faults.ts';
import type { Layout } from '../processes/controllers.ts';
import { Streams } from '../random.ts';
import { drawSettings } from './settings.ts';
import type { AllocationName, RunOptions } from './types.ts';

const minuteMs = 60_000;

/** What applications ask for. */
interface Plan {
  readonly hasClaims: boolean;
  readonly workload: Workload;
  readonly claims: readonly PlannedClaim[];
}

export interface DrawnRun extends Plan {
  readonly streams: Streams;
  readonly size: Size;
  readonly layout: Layout;
  readonly wide: WideWorld | null;
  readonly rates: FaultRates;
  readonly allocation: AllocationName;
  /** How often due pools are looked for while faults happen. */
  readonly scheduleEveryMs: number;
  readonly settings: Omit<ControlSettings, 'templateVersion'>;
  /** What pools remember of the days before; empty: nothing forecasts. */
  readonly past: Styled['past'];
  readonly hasServices: boolean;
  /** Whether services name target groups. */
  readonly hasTargetGroups: boolean;
  /** Whether services go by metrics of CloudWatch. */
  readonly hasMetrics: boolean;
  /** Whether nodes have bells. */
  readonly hasBells: boolean;
  /** Whether a repeated launch token is answered with its instances. */
  readonly replayListsInstances: boolean;
}

export function drawRun(options: RunOptions): DrawnRun {
  const { seed, given } = options;
  const streams = new Streams(seed);
  const shape = streams.named('shape');
  const size = options.size ?? drawSize(shape);
  const layout = given?.layout ?? shape.pick(['server', 'servers', 'lambdas'] as const);
  const wide = given === undefined ? drawWide(streams, options.world, options.scale ?? 'full') : null;
  const plan =
    wide === null
      ? planOf(options, streams, size, allocationOf(options, streams, wide) === 'engine')
      : { ...wide, hasClaims: wide.claims.length > 0 };
  const hasNone = given !== undefined || wide !== null;
  const styled = hasNone ? { past: [] } : drawStyles(streams, plan.workload, options.styles);
  const drawn = { ...(given?.rates ?? drawFaults(streams)), ...options.rates };
  return {
    ...plan,
    ...styled,
    streams,
    size,
    layout,
    wide,
    rates: withoutKinds(wide === null ? drawn : wideFaults(drawn), options.without ?? []),
    allocation: allocationOf(options, streams, wide),
    scheduleEveryMs: given === undefined && size === 'tiny' && shape.chance(0.3) ? 5_000 : minuteMs,
    settings: { ...drawSettings(streams.named('settings'), streams.named('copies'), size), ...wide?.settings },
    replayListsInstances: shape.chance(0.7),
    hasServices: options.services ?? (given === undefined && wide === null && streams.named('services').chance(0.3)),
    hasTargetGroups: given === undefined && streams.named('target groups').chance(0.6),
    hasMetrics: given === undefined && streams.named('metrics').chance(0.5),
    hasBells: given === undefined && streams.named('bells').chance(0.6),
  };
}

/**
 * The real engine in more than half of all runs. A wide world is about what is written: the engine would take most of
 * its time, and benchmarks of its own say what it does with a thousand tasks.
 */
function allocationOf({ allocation, given }: RunOptions, streams: Streams, wide: WideWorld | null): AllocationName {
  if (wide !== null || given !== undefined) return allocation ?? 'plain';
  const isEngine = streams.named('allocation').chance(0.6);
  return allocation ?? (isEngine ? 'engine' : 'plain');
}

/** What an ordinary run asks for. */
function planOf({ given, claims: isAsked }: RunOptions, streams: Streams, size: Size, hasRelations: boolean): Plan {
  const hasClaims = isAsked ?? (given === undefined && streams.named('holding').chance(0.5));
  const tasks = given?.workload ?? drawWorkload(streams, size, hasRelations);
  const workload = hasClaims && given === undefined ? { ...tasks, pools: drawClaimPools(streams, tasks) } : tasks;
  const claims = hasClaims ? (given?.claims ?? drawClaims(streams, size, workload.pools, workload.busyMs)) : [];
  return { hasClaims, workload, claims };
}

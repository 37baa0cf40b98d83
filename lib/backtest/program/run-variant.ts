// One variant of a back-test, from the trace's file to its figures.
import { runBaseline } from '../baselines/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { oracleOf } from '../oracle/index.ts';
import type { OracleResult } from '../oracle/index.ts';
import { adjusted } from '../traces/adjust.ts';
import { readTrace } from '../traces/read.ts';
import type { Trace } from '../traces/trace.ts';
import { awsBehaviour, localBehaviour, withBoot, withStart } from '../world/behaviour.ts';
import type { Behaviour } from '../world/behaviour.ts';
import { weatherOf } from '../world/weather.ts';
import { BacktestWorld } from '../world/world.ts';
import { resultOf } from '../results.ts';
import type { VariantResult } from '../results.ts';
import type { BacktestOptions } from './options.ts';
import type { Variant } from './variants.ts';

export type RunOptions = Pick<
  BacktestOptions,
  'trace' | 'seed' | 'from' | 'to' | 'scaleDemand' | 'speedOfBoot' | 'speedOfStart' | 'as' | 'weather' | 'rootVolumeGib'
>;

/** @throws TraceError */
export function traceOf({ trace, from, to, scaleDemand }: RunOptions): Trace {
  return adjusted(readTrace(trace), {
    fromMs: from === undefined ? undefined : from * 1000,
    toMs: to === undefined ? undefined : to * 1000,
    scaleDemand,
  });
}

/** @throws TraceError for a weather that cannot be read */
export function behaviourOf({
  as,
  speedOfBoot,
  speedOfStart,
  weather,
  rootVolumeGib,
  from = 0,
}: RunOptions): Behaviour {
  const base = as === 'local' ? localBehaviour : awsBehaviour;
  const booting = speedOfBoot === undefined ? base : withBoot(base, speedOfBoot);
  const volume = rootVolumeGib ?? base.rootVolumeGib;
  const starting = speedOfStart === undefined ? booting : withStart(booting, speedOfStart);
  return { ...starting, rootVolumeGib: volume, weather: weatherOf(weather, from * 1000) };
}

/** @throws TraceError */
export function runOracle(pools: readonly PoolSpec[], options: RunOptions): OracleResult | null {
  return oracleOf({ trace: traceOf(options), pools, behaviour: behaviourOf(options), seed: options.seed });
}

/** @throws TraceError, and what the control code throws: its figures would be worth nothing */
export async function runVariant(
  variant: Variant,
  options: RunOptions,
  onProgress: (ended: number, tasks: number) => void,
): Promise<VariantResult> {
  const trace = traceOf(options);
  const behaviour = behaviourOf(options);
  const { pools, name, baseline } = variant;
  if (baseline !== null) {
    const [pool] = pools;
    if (pool === undefined) throw new RangeError(`the baseline ${name} has no pool`);
    return runBaseline({ name: baseline, trace, pool, behaviour, seed: options.seed, onProgress });
  }
  const world = new BacktestWorld({ trace, pools, behaviour, seed: options.seed, onProgress });
  await world.run();
  const shadows = await world.shadows();
  const result = resultOf(name, options.seed, trace, pools, world);
  return shadows.length === 0 ? result : { ...result, shadows };
}

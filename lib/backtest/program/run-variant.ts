// One variant of a back-test, from the trace's file to its figures.
import { runBaseline } from '../baselines/index.ts';
import { adjusted } from '../traces/adjust.ts';
import { readTrace } from '../traces/read.ts';
import type { Trace } from '../traces/trace.ts';
import { awsBehaviour, localBehaviour, withBoot } from '../world/behaviour.ts';
import { BacktestWorld } from '../world/world.ts';
import { resultOf } from '../results.ts';
import type { VariantResult } from '../results.ts';
import type { BacktestOptions } from './options.ts';
import type { Variant } from './variants.ts';

export type RunOptions = Pick<BacktestOptions, 'trace' | 'seed' | 'from' | 'to' | 'scaleDemand' | 'speedOfBoot' | 'as'>;

/** @throws TraceError */
export function traceOf({ trace, from, to, scaleDemand }: RunOptions): Trace {
  return adjusted(readTrace(trace), {
    fromMs: from === undefined ? undefined : from * 1000,
    toMs: to === undefined ? undefined : to * 1000,
    scaleDemand,
  });
}

/** @throws TraceError, and what the control code throws: its figures would be worth nothing */
export async function runVariant(
  variant: Variant,
  options: RunOptions,
  onProgress: (ended: number, tasks: number) => void,
): Promise<VariantResult> {
  const trace = traceOf(options);
  const base = options.as === 'local' ? localBehaviour : awsBehaviour;
  const behaviour = options.speedOfBoot === undefined ? base : withBoot(base, options.speedOfBoot);
  const { pools, name, baseline } = variant;
  if (baseline !== null) {
    const [pool] = pools;
    if (pool === undefined) throw new RangeError(`the baseline ${name} has no pool`);
    return runBaseline({ name: baseline, trace, pool, behaviour, seed: options.seed, onProgress });
  }
  const world = new BacktestWorld({ trace, pools, behaviour, seed: options.seed, onProgress });
  await world.run();
  return resultOf(name, options.seed, trace, pools, world);
}

// An operator who changes one limit of a pool while things run: instances, vCPU, memory, USD per hour, GiB and USD per
// month of volumes; up, down below what is in use, or away.
import type { PoolLimits, PoolSpec } from '../../core/records/pool.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';
import { everyMinute } from './every-minute.ts';
import type { FaultDraws } from './fault-draws.ts';

export interface LimitFaultsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly putPool: (spec: PoolSpec) => void;
}

type Limit = keyof PoolLimits;

const amounts: Readonly<Record<Limit, (stream: Stream) => number>> = {
  instances: (stream) => stream.integer(0, 12),
  vcpu: (stream) => stream.integer(1, 64),
  memoryMib: (stream) => stream.integer(2, 256) * 1024,
  usdPerHour: (stream) => Math.round(stream.logBetween(0.02, 5) * 100) / 100,
  volumeGib: (stream) => stream.integer(8, 400),
  usdPerMonth: (stream) => stream.integer(1, 60),
};
const ofVolumes: readonly Limit[] = ['volumeGib', 'usdPerMonth'];

export function startLimitFaults(options: LimitFaultsOptions): void {
  everyMinute(options, () => {
    if (options.draws.hits('limitChange')) changeLimit(options);
  });
}

function changeLimit({ kernel, trace, draws, truth, putPool }: LimitFaultsOptions): void {
  const stream = draws.of('limitChange');
  const pools = [...truth.pools.values()];
  if (pools.length === 0) return;
  const { spec } = stream.pick(pools);
  const hasVolumes = spec.accepts.includes('storage') || spec.accepts.includes('virtual_machine');
  const names = (Object.keys(amounts) as Limit[]).filter((name) => hasVolumes || !ofVolumes.includes(name));
  const name = stream.pick(names);
  const amount = stream.chance(0.25) ? undefined : amounts[name](stream);
  const { [name]: before, ...others } = spec.limits;
  trace.write(
    kernel.nowMs,
    'operator',
    `pool ${spec.name}: limits.${name} is ${String(amount ?? 'gone')}, after ${String(before ?? 'none')}`,
  );
  putPool({ ...spec, limits: amount === undefined ? others : { ...others, [name]: amount } });
}

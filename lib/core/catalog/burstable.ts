// What a burstable type costs that is used all the time. It earns credits for its baseline; in unlimited mode, in which
// all of ours run, CPU above that is billed as surplus credits. T2 too is launched unlimited: in its standard mode it
// would be throttled to the baseline, a tenth of a core on a t2.micro, and no task was promised that.
// Figures: "Burstable performance instances" of the EC2 User Guide (baseline utilisation per vCPU; Linux, all regions).
import type { InstanceType, Offering } from '../values/offering.ts';

/** Of each vCPU, by size. T2 is other above small: its baselines are given for the whole instance. */
const baseline = new Map(
  Object.entries({ nano: 0.05, micro: 0.1, small: 0.2, medium: 0.2, large: 0.3, xlarge: 0.4, '2xlarge': 0.4 }),
);
const baselineT2 = new Map(
  Object.entries({ nano: 0.05, micro: 0.1, small: 0.2, medium: 0.2, large: 0.3, xlarge: 0.225, '2xlarge': 0.169 }),
);

/** USD for an hour of one vCPU above the baseline. */
export const surplusUsdPerVcpuHour = { amd64: 0.05, arm64: 0.04 } as const;

/**
 * The part of each vCPU that the price pays for: 1 for types that are not burstable; 0 for
 * sizes that are not known.
 */
export function baselineOf({
  isBurstable,
  family,
  size,
}: Pick<InstanceType, 'isBurstable' | 'family' | 'size'>): number {
  if (!isBurstable) return 1;
  return (family === 't2' ? baselineT2 : baseline).get(size) ?? 0;
}

/** Surplus credits of an hour in which all vCPUs are busy; 0 for types that are not burstable. */
export function surplusUsdPerHour(type: InstanceType): number {
  if (!type.isBurstable) return 0;
  return Math.round(type.vcpu * (1 - baselineOf(type)) * surplusUsdPerVcpuHour[type.arch] * 1e6) / 1e6;
}

/** What choices weigh: the list price, and the surplus credits of full load unless it is for bursts only. */
export function weighedUsdPerHour(
  { type, priceUsdPerHour }: Pick<Offering, 'type' | 'priceUsdPerHour'>,
  isBursty: boolean,
): number {
  return isBursty ? priceUsdPerHour : priceUsdPerHour + surplusUsdPerHour(type);
}

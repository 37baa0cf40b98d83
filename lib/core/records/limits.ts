// What counts against a pool's limits, and which of them a wish would pass: the one place for both, for nodes, machines
// and volumes, whoever asks (both decisions, the allocation, submits, stats).
import type { ClaimRecord } from './claim.ts';
import type { LaunchRecord } from './launch.ts';
import { isNodeLaunch } from './launch.ts';
import type { NodeRecord } from './node.ts';
import type { BoundLimits, PoolLimits, Usage, VolumeUsage } from './pool.ts';
import { noUsage, sumUsage, timesUsage } from './pool.ts';
import type { KeptVolume, VolumePart } from './volume.ts';
import type { Offering } from '../values/offering.ts';

/** The limits that nodes and machines count against. */
export const limitKeys = ['instances', 'vcpu', 'memoryMib', 'usdPerHour'] as const satisfies readonly (keyof Usage)[];

/** The limits that volumes count against. */
export const volumeLimitKeys = ['volumeGib', 'usdPerMonth'] as const satisfies readonly (keyof VolumeUsage)[];

type LimitKey = keyof Usage | keyof VolumeUsage;

/** Sums of prices are not exact. */
const tolerance = 1 + 1e-9;

// ---- what counts ---------------------------------------------------------------------------------------

export interface PoolUsage extends Usage, VolumeUsage {}

/** What a pool has, and what may come of its open launches. */
export interface CountedRecords {
  readonly nodes: Iterable<Pick<NodeRecord, 'reserved'>>;
  readonly launches: Iterable<LaunchRecord>;
  readonly claims: Iterable<ClaimRecord>;
  readonly kept: Iterable<KeptVolume>;
}

/**
 * Nodes and machines that are there, open launches, and volumes, those that were asked for included. Machines and
 * volumes that a launch makes count with the launch until it is settled.
 */
export function usageOfPool({ nodes, launches, claims, kept }: CountedRecords): PoolUsage {
  const reserved: Usage[] = [];
  let [volumeGib, usdPerMonth] = [0, 0];
  const count = ({ shape }: Pick<VolumePart, 'shape'>, times = 1): void => {
    volumeGib += times * shape.sizeGib;
    usdPerMonth += times * shape.usdPerMonth;
  };
  for (const node of nodes) reserved.push(node.reserved);
  for (const launch of launches) {
    reserved.push(launch.reserved);
    if (!isNodeLaunch(launch)) for (const disk of launch.request.disks) count(disk, launch.request.count);
  }
  for (const { volume, isResizing, wantedShape, machines } of claims) {
    if (volume && (volume.state === 'asked' || volume.state === 'there'))
      count({ shape: (isResizing ? wantedShape : null) ?? volume.shape });
    for (const part of machines) {
      if (part.state !== 'there') continue;
      reserved.push(part.reserved);
      for (const one of part.volumes) if (one.state !== 'gone' && one.state !== 'kept') count(one);
    }
  }
  for (const one of kept) count(one);
  return { ...sumUsage(reserved), volumeGib, usdPerMonth };
}

export function addPoolUsage(a: PoolUsage, b: Partial<PoolUsage>): PoolUsage {
  const sum = (key: LimitKey): number => a[key] + (b[key] ?? 0);
  return {
    instances: sum('instances'),
    vcpu: sum('vcpu'),
    memoryMib: sum('memoryMib'),
    usdPerHour: sum('usdPerHour'),
    volumeGib: sum('volumeGib'),
    usdPerMonth: sum('usdPerMonth'),
  };
}

/** What so many instances of the offering count. */
export function usageOf({ type, priceUsdPerHour }: Offering, count = 1): Usage {
  return {
    instances: count,
    vcpu: count * type.vcpu,
    memoryMib: count * type.memoryMib,
    usdPerHour: count * priceUsdPerHour,
  };
}

/** Each instance of a launch may come out as any of its offerings: per dimension the largest counts. */
export function reservedBy(offerings: readonly Offering[], count = 1): Usage {
  const each = offerings
    .map((one) => usageOf(one))
    .reduce(
      (a, b) => ({
        instances: 1,
        vcpu: Math.max(a.vcpu, b.vcpu),
        memoryMib: Math.max(a.memoryMib, b.memoryMib),
        usdPerHour: Math.max(a.usdPerHour, b.usdPerHour),
      }),
      noUsage,
    );
  return timesUsage(each, count);
}

// ---- which limit is passed -----------------------------------------------------------------------------

export function isPassed(limits: PoolLimits, key: LimitKey, amount: number): boolean {
  return amount > (limits[key] ?? Infinity) * tolerance;
}

export function isWithin(usage: Usage, limits: PoolLimits): boolean {
  return (
    !isPassed(limits, 'instances', usage.instances)
    && !isPassed(limits, 'vcpu', usage.vcpu)
    && !isPassed(limits, 'memoryMib', usage.memoryMib)
    && !isPassed(limits, 'usdPerHour', usage.usdPerHour)
  );
}

/** The limits that `more` on top of `usage` passes; a limit that it adds nothing to is none of them. */
export function limitsPassed<K extends LimitKey>(
  limits: PoolLimits,
  keys: readonly K[],
  usage: Readonly<Record<K, number>>,
  more: Readonly<Record<K, number>>,
): readonly K[] {
  return keys.filter((key) => more[key] > 0 && isPassed(limits, key, usage[key] + more[key]));
}

/** {@link limitsPassed} for people: each limit's value, what is in use, and what would suffice; '': none. */
export function limitsText<K extends LimitKey>(
  limits: BoundLimits,
  keys: readonly K[],
  usage: Readonly<Record<K, number>>,
  more: Readonly<Record<K, number>>,
): string {
  return limitsPassed(limits, keys, usage, more)
    .map(
      (key) =>
        `${limitName(limits, key)} is ${amountText(key, limits[key] ?? 0)} with ${amountText(key, usage[key])} in `
        + `use, and ${amountText(key, usage[key] + more[key])} would suffice`,
    )
    .join('; ');
}

/** Without what a budget can pay now: the next day it pays more. */
export function lastingLimits(limits: BoundLimits): PoolLimits {
  if (limits.usdOfBudget === undefined) return limits;
  const { usdPerHour: _now, usdOfBudget: _ofBudget, ...lasting } = limits;
  return lasting;
}

function limitName(limits: BoundLimits, key: LimitKey): string {
  const { usdOfBudget: budget } = limits;
  if (key !== 'usdPerHour' || budget === undefined) return `limits.${key}`;
  const until = budget.key === 'usdPerDay' ? 'day' : 'month';
  return (
    `what is left of budget.${budget.key} of the pool (${String(budget.usd)} USD) until the next ${until} (UTC), in `
    + 'USD per hour,'
  );
}

/** An amount of a limit as people read it: dollars are rounded up, so that what is named suffices. */
export function amountText(key: LimitKey, amount: number): string {
  return String(key === 'usdPerHour' || key === 'usdPerMonth' ? Math.ceil(amount * 1e4 - 1e-6) / 1e4 : amount);
}

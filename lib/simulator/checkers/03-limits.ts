// Invariant 3: reservations never exceed limits at the time they are made, in-flight counted; and what really
// exists in the cloud never exceeds the limits that its launches were made under.
import { instanceType } from '../../core/catalog/index.ts';
import type { LaunchRecord } from '../../core/records/launch.ts';
import type { PoolLimits, Usage } from '../../core/records/pool.ts';
import { strayPrefix } from '../truth.ts';
import type { TrueInstance, Truth, Watcher } from '../truth.ts';

const name = '3: reservations stay within limits';
const dimensions = ['instances', 'vcpu', 'memoryMib', 'usdPerHour'] as const;

export function limits(truth: Truth): Watcher {
  /** The limits at the time when each launch was written. */
  const limitsOf = new Map<string, PoolLimits>();
  let fresh: { readonly id: string; readonly pool: string }[] = [];
  return {
    launch(before, after) {
      if (before === null && after?.state === 'open') fresh.push(after);
    },
    // A stopped node counts like one that is bought from the decision on that it starts.
    node(before, after) {
      if (before?.state === 'stopped' && after?.state === 'starting') fresh.push(after);
    },
    written() {
      if (fresh.length === 0) return;
      const made = fresh;
      fresh = [];
      for (const pool of new Set(made.map((one) => one.pool))) {
        const spec = truth.pools.get(pool)?.spec;
        if (spec === undefined) {
          truth.violate(
            name,
            `launch ${made[0]?.id ?? ''} was made in pool ${pool}, which does not exist`,
            made.map((one) => one.id),
          );
          continue;
        }
        for (const one of made) if (one.pool === pool) limitsOf.set(one.id, spec.limits);
        const reserved = reservedIn(truth, pool);
        for (const dimension of dimensions) {
          const limit = spec.limits[dimension] ?? Infinity;
          if (reserved[dimension] > limit + 1e-6)
            truth.violate(
              name,
              `pool ${pool} reserves ${String(reserved[dimension])} ${dimension} after launch `
                + `${made.map((one) => one.id).join(', ')}; its limit is ${String(limit)}`,
              made.map((one) => one.id),
            );
        }
      }
    },
    instance(instance) {
      if (instance.state !== 'pending' || instance.launchId.startsWith(strayPrefix)) return;
      const there = [...truth.instances.values()].filter((one) => one.pool === instance.pool && counts(one));
      for (const dimension of dimensions) {
        const limit = Math.max(...there.map((one) => limitsOf.get(one.launchId)?.[dimension] ?? Infinity));
        const total = there.reduce((sum, one) => sum + amountOf(truth, one)[dimension], 0);
        if (total > limit + 1e-6)
          truth.violate(
            name,
            `pool ${instance.pool} has ${String(total)} ${dimension} in the cloud with ${instance.id}; the `
              + `limit is ${String(limit)}`,
            [instance.id, instance.launchId],
          );
      }
    },
  };
}

/** A stopped node is bound by no limit of what runs. */
function counts({ isClaimed, state, launchId }: TrueInstance): boolean {
  return (isClaimed || state !== 'stopped') && state !== 'terminated' && !launchId.startsWith(strayPrefix);
}

/** A launch counts with what it reserves, or with its nodes where they are more, until it is settled. */
export function reservedIn(truth: Truth, pool: string): Record<(typeof dimensions)[number], number> {
  const total = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0 };
  for (const dimension of dimensions) {
    const byLaunch = new Map<string, number>();
    for (const node of truth.nodes.values()) {
      if (node.pool === pool)
        byLaunch.set(node.launchId, (byLaunch.get(node.launchId) ?? 0) + node.reserved[dimension]);
    }
    for (const claim of truth.claims.values()) {
      if (claim.pool !== pool || claim.endedAtMs !== null) continue;
      for (const part of claim.machines)
        if (part.state === 'there')
          byLaunch.set(part.launchId ?? '', (byLaunch.get(part.launchId ?? '') ?? 0) + part.reserved[dimension]);
    }
    for (const launch of truth.launches.values()) {
      if (launch.pool === pool && launch.state === 'open')
        byLaunch.set(launch.id, Math.max(launch.reserved[dimension], byLaunch.get(launch.id) ?? 0));
    }
    for (const amount of byLaunch.values()) total[dimension] += amount;
  }
  return total;
}

function amountOf(truth: Truth, instance: TrueInstance): Usage {
  const type = instanceType(instance.instanceType);
  const priceUsdPerHour = priceOf(truth.launches.get(instance.launchId)?.request, instance);
  return { instances: 1, vcpu: type?.vcpu ?? 0, memoryMib: type?.memoryMib ?? 0, usdPerHour: priceUsdPerHour };
}

function priceOf(request: LaunchRecord['request'] | undefined, { instanceType, zone }: TrueInstance): number {
  if (request?.call === 'run') return request.priceUsdPerHour;
  const override = request?.overrides.find((one) => one.instanceType === instanceType && one.zone === zone);
  return override?.priceUsdPerHour ?? 0;
}

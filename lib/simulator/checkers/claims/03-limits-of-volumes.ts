// Invariant 3 for volumes: what is asked, claimed, kept stays within the pool's limits at the time it is asked for.
import type { VolumeShape } from '../../../core/records/volume.ts';
import type { LaunchRecord } from '../../../core/records/launch.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '3: reservations stay within limits';

export function limitsOfVolumes(truth: Truth): Watcher {
  let fresh: { readonly id: string; readonly pool: string }[] = [];
  return {
    launch(before, after) {
      if (before === null && after?.state === 'open' && disksOf(after).length > 0) fresh.push(after);
    },
    claim(before, after) {
      if (before?.volume?.state === 'wanted' && after?.volume?.state === 'asked') fresh.push(after);
    },
    written() {
      if (fresh.length === 0) return;
      const made = fresh;
      fresh = [];
      for (const pool of new Set(made.map((one) => one.pool))) {
        const limits = truth.pools.get(pool)?.spec.limits ?? {};
        const shapes = shapesIn(truth, pool);
        const gib = shapes.reduce((sum, one) => sum + one.sizeGib, 0);
        const usdPerMonth = shapes.reduce((sum, one) => sum + one.usdPerMonth, 0);
        const ids = made.map((one) => one.id);
        if (gib > (limits.volumeGib ?? Infinity))
          truth.violate(
            name,
            `pool ${pool} has ${String(gib)} GiB of volumes after ${ids.join(', ')}; its limit is `
              + String(limits.volumeGib),
            ids,
          );
        if (usdPerMonth > (limits.usdPerMonth ?? Infinity) + 1e-6)
          truth.violate(
            name,
            `pool ${pool} has volumes of ${usdPerMonth.toFixed(2)} USD a month after ${ids.join(', ')}; its `
              + `limit is ${String(limits.usdPerMonth)}`,
            ids,
          );
      }
    },
  };
}

function disksOf({ request }: LaunchRecord): readonly { readonly shape: VolumeShape }[] {
  return request.call === 'run' ? request.disks : [];
}

function shapesIn(truth: Truth, pool: string): readonly VolumeShape[] {
  const shapes: VolumeShape[] = [];
  for (const claim of truth.claims.values()) {
    if (claim.pool !== pool || claim.endedAtMs !== null) continue;
    if (claim.volume && (claim.volume.state === 'asked' || claim.volume.state === 'there'))
      shapes.push(claim.volume.shape);
    for (const machine of claim.machines)
      if (machine.state === 'there')
        for (const one of machine.volumes) if (one.state !== 'gone' && one.state !== 'kept') shapes.push(one.shape);
  }
  for (const launch of truth.launches.values()) {
    if (launch.pool !== pool || launch.state !== 'open') continue;
    for (const disk of disksOf(launch)) for (let n = 0; n < launch.request.count; n += 1) shapes.push(disk.shape);
  }
  for (const kept of truth.kept.values()) if (kept.pool === pool) shapes.push(kept.shape);
  return shapes;
}

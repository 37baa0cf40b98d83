// What claims cost now, at list prices, for people: machines per hour while they run, disks per month.
import type { ClaimRecord } from '../../core/records/claim.ts';
import type { KeptVolume } from '../../core/records/volume.ts';
import type { MachinePart } from '../../core/records/machine.ts';
import { disksUsdPerHour, isStopped } from '../../core/claims/spent.ts';
import { hoursPerMonth } from '../../core/catalog/root-volume.ts';
import type { ClaimCost } from '../use-cases.ts';

/** Without its disks: a stopped machine costs these only. */
export function runningUsdPerHour(part: MachinePart): number {
  return part.state === 'there' && !isStopped(part) ? part.priceUsdPerHour : 0;
}

/** What stopped machines would cost if they ran: it counts against limits, and nobody pays it. */
export function stoppedUsdPerHour(claims: readonly ClaimRecord[]): number {
  return claims
    .flatMap((claim) => claim.machines)
    .filter((part) => part.state === 'there' && isStopped(part))
    .reduce((sum, part) => sum + part.reserved.usdPerHour, 0);
}

/** Kept volumes are a type of their own: no request claims them, and they still cost money. */
export function claimCosts(claims: readonly ClaimRecord[], kept: readonly KeptVolume[]): readonly ClaimCost[] {
  const byKey = new Map<string, ClaimCost>();
  for (const claim of claims) {
    const {
      pool,
      tenant,
      spec: { type },
    } = claim;
    const key = JSON.stringify([type, pool, tenant]);
    const before = byKey.get(key) ?? {
      type,
      pool,
      tenant,
      requests: 0,
      instances: 0,
      stopped: 0,
      volumeGib: 0,
      usdPerHour: 0,
    };
    const machines = claim.machines.filter((part) => part.state === 'there');
    const volumes = [...machines.flatMap((part) => part.volumes), claim.volume]
      .filter((part) => part !== null && (part.state === 'there' || part.state === 'asked'))
      .flatMap((part) => part ?? []);
    byKey.set(key, {
      ...before,
      requests: before.requests + 1,
      instances: before.instances + machines.length,
      stopped: before.stopped + machines.filter(isStopped).length,
      volumeGib:
        before.volumeGib
        + volumes.reduce((sum, part) => sum + part.shape.sizeGib, 0)
        + machines.reduce((sum, part) => sum + (part.imageGib ?? 0), 0),
      usdPerHour:
        before.usdPerHour
        + machines.reduce((sum, part) => sum + runningUsdPerHour(part) + disksUsdPerHour(part), 0)
        + (claim.volume && volumes.includes(claim.volume) ? claim.volume.shape.usdPerMonth / hoursPerMonth : 0),
    });
  }
  for (const { pool, tenant, shape } of kept) {
    const key = JSON.stringify(['kept-volume', pool, tenant]);
    const before = byKey.get(key) ?? {
      type: 'kept-volume',
      pool,
      tenant,
      requests: 0,
      instances: 0,
      stopped: 0,
      volumeGib: 0,
      usdPerHour: 0,
    };
    byKey.set(key, {
      ...before,
      volumeGib: before.volumeGib + shape.sizeGib,
      usdPerHour: before.usdPerHour + shape.usdPerMonth / hoursPerMonth,
    });
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

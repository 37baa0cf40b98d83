// What is held now and what it costs an hour, by type, pool and tenant: for people.
import type { HoldRecord } from '../../core/holds/hold.ts';
import type { HeldCost } from '../use-cases.ts';

const hoursPerMonth = 730;

export function heldCosts(holds: readonly HoldRecord[]): readonly HeldCost[] {
  const byKey = new Map<string, HeldCost>();
  for (const hold of holds) {
    const { pool, tenant, spec: { type } } = hold;
    const key = JSON.stringify([type, pool, tenant]);
    const before = byKey.get(key) ?? { type, pool, tenant, requests: 0, instances: 0, volumeGib: 0, usdPerHour: 0 };
    const machines = hold.machines.filter((part) => part.state === 'there');
    const volumes = [...machines.flatMap((part) => part.volumes), hold.volume].filter((part) => part !== null && (part.state === 'there' || part.state === 'asked')).flatMap((part) => part ?? []);
    byKey.set(key, {
      ...before,
      requests: before.requests + 1,
      instances: before.instances + machines.length,
      volumeGib: before.volumeGib + volumes.reduce((sum, part) => sum + part.shape.sizeGib, 0),
      usdPerHour: before.usdPerHour + machines.reduce((sum, part) => sum + part.priceUsdPerHour, 0) + volumes.reduce((sum, part) => sum + part.shape.usdPerMonth, 0) / hoursPerMonth,
    });
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

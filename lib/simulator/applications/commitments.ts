// What is paid for already in some pools: one commitment of each at most, so that what pays for which of its nodes is
// beyond doubt (invariant 27). Drawn from streams of their own: what else is drawn stays as it was without any.
import { setAside } from '../../adapters/simulated/ec2/families/capacity-reservations.ts';
import { settle } from '../../adapters/simulated/ec2/families/settle.ts';
import type { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { offeringsFor } from '../../core/catalog/index.ts';
import { blockClosesEarlyMs, endsInstancesAtMs, isNamed } from '../../core/catalog/commitments.ts';
import type { Commitment, NamedReservation } from '../../core/catalog/commitments.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';

export function withCommitments(stream: Stream, pool: PoolSpec, busyMs: number): PoolSpec {
  const isWanted = stream.chance(0.35);
  const endsAt = stream.chance(0.3) ? { untilMs: epochMs + Math.round(stream.between(0.1, 1) * busyMs) } : {};
  const sold = offeringsFor(pool).filter((one) => one.capacityType === 'on-demand');
  const [first, ...others] = sold;
  if (!isWanted || !first) return pool;
  const { type, zone } = stream.pick([first, ...others]);
  const commitment: Commitment = stream.chance(0.7)
    ? {
        kind: 'reserved-instances',
        name: 'reserved',
        instanceType: type.name,
        count: stream.integer(1, 4),
        ...(stream.chance(0.3) ? { zone } : {}),
        ...endsAt,
      }
    : {
        kind: 'savings-plan',
        name: 'saved',
        usdPerHour: stream.between(0.03, 0.4),
        discountPercent: stream.pick([0, 30]),
        ...(stream.chance(0.3) ? { instanceFamily: type.family } : {}),
        ...endsAt,
      };
  return { ...pool, commitments: [commitment] };
}

/** In some pools without another commitment one that has to be named: a capacity reservation, or a block. */
export function withReservation(stream: Stream, pool: PoolSpec, busyMs: number): PoolSpec {
  const isWanted = stream.chance(0.4);
  const sold = offeringsFor(pool).filter((one) => one.capacityType === 'on-demand');
  const [first, ...others] = sold;
  if (!isWanted || !first || pool.commitments !== undefined) return pool;
  const { type, zone } = stream.pick([first, ...others]);
  const part = (from: number, to: number): number => epochMs + Math.round(stream.between(from, to) * busyMs);
  const its = {
    name: `cr-${String(stream.integer(1e8, 1e9 - 1)).padStart(17, '0')}`,
    instanceType: type.name,
    zone,
    count: stream.integer(1, 4),
  };
  const begins = stream.chance(0.3) ? { fromMs: part(0, 0.4) } : {};
  const reservation: NamedReservation = stream.chance(0.5)
    ? { kind: 'capacity-block', ...its, fromMs: epochMs, ...begins, untilMs: part(0.5, 1) + blockClosesEarlyMs }
    : { kind: 'capacity-reservation', ...its, ...begins, ...(stream.chance(0.3) ? { untilMs: part(0.5, 1) } : {}) };
  return { ...pool, commitments: [reservation] };
}

export interface ReservationsOptions {
  readonly kernel: Kernel;
  readonly ec2: Ec2World;
  readonly stream: Stream;
  /** Something may have changed in the cloud. */
  readonly poll: () => void;
}

/**
 * What EC2 has of the reservations that pools name: some have fewer instances than are declared, as where others use
 * them too, some begin later, and some are not there.
 */
export function reserveInCloud({ kernel, ec2, stream, poll }: ReservationsOptions, pools: readonly PoolSpec[]): void {
  for (const one of pools.flatMap(({ commitments = [] }) => commitments.filter(isNamed))) {
    const count = stream.chance(0.3) ? stream.integer(0, one.count) : one.count;
    if (count === 0) continue;
    const { name: id, instanceType, zone, fromMs = epochMs, untilMs: endAtMs = null } = one;
    const place = { id, instanceType, zone, count, platform: 'Linux/UNIX', tenancy: 'default' } as const;
    const terms = { criteria: 'targeted', isEbsOptimized: false, endAtMs, createdAtMs: epochMs, tags: {} } as const;
    setAside(ec2, { ...place, ...terms, ...(one.kind === 'capacity-block' ? { blockFromMs: fromMs } : {}) });
    for (const atMs of [endsInstancesAtMs(one), endAtMs])
      if (atMs !== null)
        kernel.at(atMs - epochMs, () => {
          settle(ec2);
          poll();
        });
  }
}

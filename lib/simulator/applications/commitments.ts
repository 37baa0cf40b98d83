// What is paid for already in some pools: one commitment of each at most, so that what pays for which of its nodes is
// beyond doubt (invariant 27). Drawn from a stream of its own: what else is drawn stays as it was without any.
import { offeringsFor } from '../../core/catalog/index.ts';
import type { Commitment } from '../../core/catalog/commitments.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { epochMs } from '../kernel.ts';
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

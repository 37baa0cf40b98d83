// Commitments of pools and how far they are used, a row each.
import type { PoolView } from '../../lib/api/schemas/pools.ts';

export interface CommitmentRow {
  readonly pool: string;
  readonly name: string;
  /** `10 m7i.xlarge in us-east-1a`, `any family, 40 % off` */
  readonly what: string;
  /** Instances, or USD per hour. */
  readonly used: number;
  readonly of: number;
  readonly isUsd: boolean;
  /** 0 to 1: now, and on average since midnight (UTC). */
  readonly share: number;
  readonly shareToday: number;
  readonly until: string | null;
  readonly hasEnded: boolean;
  /** Why EC2 launches nothing into it now. */
  readonly refused: string | null;
}

/** By pool, in the order of the declaration. */
export function commitmentsOf(
  pools: readonly Pick<PoolView, 'name' | 'commitments' | 'commitmentUse'>[],
): readonly CommitmentRow[] {
  return pools.flatMap(({ name: pool, commitments = [], commitmentUse = [] }) => {
    const byName = new Map(commitmentUse.map((one) => [one.name, one]));
    return commitments.flatMap((one): readonly CommitmentRow[] => {
      const use = byName.get('id' in one ? one.id : one.name);
      if (use === undefined) return [];
      const { name, refused = null, used, of, meanToday, ended } = use;
      const isUsd = one.kind === 'savings-plan';
      const what =
        one.kind === 'savings-plan'
          ? `${one.instanceFamily ?? 'any family'}, ${String(one.discountPercent)} % off`
          : `${String(one.count)} ${one.instanceType}${one.zone === undefined ? '' : ` in ${one.zone}`}`;
      const shares = { share: used / of, shareToday: meanToday / of };
      return [{ pool, name, what, used, of, isUsd, ...shares, until: one.until ?? null, hasEnded: ended, refused }];
    });
  });
}

// By which offerings the nodes of a pool are priced again.
import { offeringsFor } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { Hindsight } from '../../core/costs/regret/regret.ts';

export function hindsightOf(pool: PoolSpec): Hindsight {
  return new Hindsight(offeringsFor(pool));
}

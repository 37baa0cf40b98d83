// By which offerings the nodes of a pool are priced again.
import { offeringsOf } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { Hindsight } from '../../core/costs/regret/regret.ts';

export function hindsightOf({ requirements, maxNodeVcpu }: PoolSpec): Hindsight {
  return new Hindsight(offeringsOf(requirements, maxNodeVcpu === undefined ? {} : { maxNodeVcpu }));
}

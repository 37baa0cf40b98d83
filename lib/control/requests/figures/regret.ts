// What nodes that have ended should have cost, in hindsight, by pool and day.
import { noRegretByDay } from '../../../core/costs/regret/sums.ts';
import type { ControlPorts } from '../../ports.ts';
import { readPastTotals, readTotals } from '../../store/totals.ts';
import type { PoolRegret } from '../../use-cases.ts';
import { readPool, readPools } from '../pools.ts';

/** Of one pool, or of all and those that are gone. null: there is no such pool. */
export async function regretOf(ports: ControlPorts, pool: string | null): Promise<readonly PoolRegret[] | null> {
  if (pool !== null && !(await readPool(ports, pool))) return null;
  const names = pool === null ? (await readPools(ports)).map((one) => one.sk) : [pool];
  const all: PoolRegret[] = [];
  for (const name of names) all.push({ pool: name, regret: (await readTotals(ports, name)).regret ?? noRegretByDay });
  const past = pool === null ? (await readPastTotals(ports)).regret : undefined;
  return past === undefined ? all : [...all, { pool: null, regret: past }];
}

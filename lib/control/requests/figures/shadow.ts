// A pool's shadow beside the pool, for people: worked out of what ticks have recorded.
import { shadowFigures } from '../../../core/costs/shadow/figures.ts';
import type { ShadowRecord } from '../../../core/costs/shadow/record.ts';
import { poolRevision } from '../../../core/records/pool.ts';
import type { ControlPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import type { ApplicationUseCases } from '../../use-cases.ts';
import { readPool } from '../pools.ts';

/** null: there is no such pool. */
export async function shadowOfPool(
  ports: ControlPorts,
  name: string,
): Promise<Awaited<ReturnType<ApplicationUseCases['shadowOfPool']>>> {
  const item = await readPool(ports, name);
  if (!item) return null;
  const { spec: pool } = item.data;
  if (pool.shadow === undefined) return { pool, figures: null };
  const record = (await reading(ports, () => ports.store.get<ShadowRecord>(keys.shadow(name))))?.data;
  // Of an earlier declaration: the next tick begins anew.
  const isOf = record?.revision === poolRevision(item.data);
  return { pool, figures: isOf ? shadowFigures(record, pool, ports.clock.nowMs()) : null };
}

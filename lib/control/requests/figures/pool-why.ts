// Why a pool keeps the headroom that it keeps, for people; decides nothing.
import { floorNodes } from '../../../core/scaling/alarms.ts';
import type { ControlPorts } from '../../ports.ts';
import { policiesNow, readFloorRecord } from '../../tick/scaling/headroom-floor.ts';
import type { PoolWhy } from '../../use-cases.ts';
import { readPool } from '../pools.ts';

/** null: there is no such pool. */
export async function explainPool(ports: ControlPorts, name: string): Promise<PoolWhy | null> {
  const pool = await readPool(ports, name);
  if (!pool) return null;
  const { spec } = pool.data;
  const record = await readFloorRecord(ports, name);
  const applied = await policiesNow(ports, spec, record);
  return {
    headroomNodes: floorNodes(record, spec),
    wanted: applied?.combined.wanted ?? 0,
    reason:
      applied?.combined.reason ?? 'the pool has no policies; alarms and declared headroom are in ./bellows pool show',
    wishes: applied?.wishes ?? [],
  };
}

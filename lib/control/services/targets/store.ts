// The records of what is registered with target groups.
import type { Versioned } from '../../../core/plan/observation.ts';
import type { GroupTargets } from '../../../core/services/targets/record.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import type { ReadingPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { queryAll, versioned } from '../../store/store-retry.ts';

/** Of a pool: of its services, and of those that are gone. */
export async function readTargets(ports: ReadingPorts, pool: string): Promise<readonly Versioned<GroupTargets>[]> {
  return (await queryAll<GroupTargets>(ports, keys.allTargets(pool))).map(versioned);
}

/** Nothing is read for a service without target groups. */
export async function targetsOfService(
  ports: ReadingPorts,
  { pool, id, targetGroups }: Pick<ServiceRecord, 'pool' | 'id' | 'targetGroups'>,
): Promise<readonly GroupTargets[]> {
  if (targetGroups === undefined) return [];
  const items = await queryAll<GroupTargets>(ports, keys.allTargets(pool), { skPrefix: keys.targetsOf(id) });
  return items.map((item) => item.data);
}

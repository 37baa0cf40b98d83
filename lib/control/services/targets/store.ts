// The records of what is registered with target groups.
import type { Versioned } from '../../../core/plan/observation.ts';
import type { GroupTargets } from '../../../core/services/targets/record.ts';
import type { ServiceRecord } from '../../../core/services/record.ts';
import { groupsOf } from '../../../core/services/targets/serving.ts';
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
  service: Pick<ServiceRecord, 'pool' | 'id' | 'targetGroups' | 'revisions' | 'running'>,
): Promise<readonly GroupTargets[]> {
  if (groupsOf(service).length === 0) return [];
  const skPrefix = keys.targetsOf(service.id);
  const items = await queryAll<GroupTargets>(ports, keys.allTargets(service.pool), { skPrefix });
  return items.map((item) => item.data);
}

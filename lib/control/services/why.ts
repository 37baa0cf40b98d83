// Why so many replicas of a service are wanted, for people; decides nothing.
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { CloudWatchSeen } from '../../core/scaling/policies/cloudwatch.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';
import { usageOf } from '../../core/services/measured.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { phaseOf } from '../../core/services/replica-state.ts';
import { scaledService } from '../../core/services/scaling.ts';
import { isByWaiting, waitingByTenant } from '../../core/services/signals.ts';
import type { ControlPorts } from '../ports.ts';
import { readPool } from '../requests/pools.ts';
import { openRows } from '../requests/stats.ts';
import type { NodesSeen } from '../store/seen.ts';
import { lastCloudWatch } from '../tick/scaling/cloudwatch.ts';
import { reportedTo } from './metrics.ts';
import { findService } from './services.ts';
import { targetsOfService } from './targets/store.ts';
import type { ServiceWhy } from './use-cases.ts';

/** null: unknown. */
export async function explainService(
  ports: ControlPorts,
  seen: NodesSeen,
  tenant: string,
  name: string,
): Promise<ServiceWhy | null> {
  const service = await findService(ports, tenant, name);
  if (service === null) return null;
  const record = service.data;
  const nodes = await seen.of(record.pool);
  const { reported } = await reportedTo(ports, [{ record }]);
  const waiting = isByWaiting(record)
    ? waitingByTenant(withPlacements(await openRows(ports, record.pool), nodes))
    : new Map();
  const nowMs = ports.clock.nowMs();
  const cloudWatch = await cloudWatchFor(ports, record);
  const last = scaledService(record, {
    nowMs,
    waiting: (waiting as ReadonlyMap<string, number>).get(tenant) ?? 0,
    usage: usageOf(measuredOn(nodes, record), nowMs),
    reported: reported?.get(record.id) ?? {},
    ...(cloudWatch === null ? {} : { cloudWatch }),
  });
  const { replicas } = record;
  const troubles = (await targetsOfService(ports, record)).flatMap((one) =>
    Object.values(one.troubles).map(({ message }) => message),
  );
  if (last === null)
    return { replicas, wanted: replicas, reason: 'as declared: it has no policies', wishes: [], troubles };
  const { wanted, reason } = last.combined;
  return { replicas, wanted, reason, wishes: last.wishes, troubles };
}

/** What the last tick knew; null: it does not go by CloudWatch. */
async function cloudWatchFor(ports: ControlPorts, record: ServiceRecord): Promise<CloudWatchSeen | null> {
  const pool = await readPool(ports, record.pool);
  return pool && lastCloudWatch(ports, { spec: withoutPolicies(pool.data.spec), services: [{ record }] });
}

function withoutPolicies({ policies: _policies, ...spec }: PoolSpec): PoolSpec {
  return spec;
}

/** Its replicas that shall stay. */
function measuredOn(nodes: readonly NodeRecord[], { running }: ServiceRecord): Parameters<typeof usageOf>[0] {
  const carried = new Map<string, { readonly node: NodeRecord; readonly assignment: Assignment }>();
  for (const node of nodes)
    for (const assignment of node.assigned) if (!node.isLost) carried.set(assignment.requestId, { node, assignment });
  return running
    .filter((one) => one.stop === null)
    .map(({ request }) => {
      const { node, assignment } = carried.get(request) ?? { node: null, assignment: null };
      return { isReady: assignment !== null && phaseOf(assignment) === 'ready', assignment, node };
    });
}

// What policies of a service go by, as its pool's documents have it: for forecasts and for people. Decisions have their
// own sight of it (core/services/signals.ts).
import type { CloudWatchSeen } from '../../core/scaling/policies/cloudwatch.ts';
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import type { Observation } from '../../core/plan/observation.ts';
import type { RequestRecord } from '../../core/records/request.ts';
import { usageOf } from '../../core/services/measured.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { phaseOf } from '../../core/services/replica-state.ts';
import type { ServiceSignals } from '../../core/services/scaling.ts';
import { isByWaiting, waitingByTenant } from '../../core/services/signals.ts';
import { withPlacements } from '../../core/tasks/request-lifecycle.ts';

interface Sight {
  readonly nowMs: number;
  readonly nodes: readonly NodeRecord[];
  readonly reported: Observation['reported'];
  readonly cloudWatch: CloudWatchSeen | null;
  /** Open rows of the pool: asked for only where a policy goes by what waits. */
  readonly rows: () => Promise<readonly RequestRecord[]>;
}

export async function signalsSeen(record: ServiceRecord, sight: Sight): Promise<ServiceSignals> {
  const { nowMs, nodes, reported, cloudWatch, rows } = sight;
  const waiting = isByWaiting(record)
    ? (waitingByTenant(withPlacements(await rows(), nodes)).get(record.tenant) ?? 0)
    : 0;
  return {
    nowMs,
    waiting,
    usage: usageOf(measuredOn(nodes, record), nowMs),
    reported: reported?.get(record.id) ?? {},
    ...(cloudWatch === null ? {} : { cloudWatch }),
  };
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

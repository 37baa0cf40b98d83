// What replicas use, as agents measure it, as a part of what their template asks for.
import type { Assignment, NodeRecord, NodeUsage } from '../records/node.ts';
import { usageStaleMs } from './policies.ts';
import type { ReplicaUsage } from './scaling.ts';

/** One replica that shall stay. */
export interface MeasuredReplica {
  readonly isReady: boolean;
  readonly assignment: Pick<Assignment, 'usage' | 'resources'> | null;
  readonly node: Pick<NodeRecord, 'lastSeenAtMs'> | null;
}

/** In percent. What a node that is silent told last is not known any more. */
export function usageOf(replicas: readonly MeasuredReplica[], nowMs: number): ReplicaUsage {
  const ready = replicas.filter((one) => one.isReady);
  const percent = ({ assignment, node }: MeasuredReplica, kind: keyof NodeUsage): number | null => {
    const { usage, resources } = assignment ?? {};
    if (usage === undefined || resources === undefined || resources[kind] === 0) return null;
    return nowMs - (node?.lastSeenAtMs ?? -Infinity) > usageStaleMs ? null : (usage[kind] / resources[kind]) * 100;
  };
  return {
    cpu: ready.map((one) => percent(one, 'cpuMilli')),
    memory: ready.map((one) => percent(one, 'memoryMib')),
    notReady: replicas.length - ready.length,
  };
}

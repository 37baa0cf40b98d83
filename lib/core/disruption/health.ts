// What a node's document keeps of attempts that could not be started there (see methods/unhealthy.ts).
import type { NodeRecord, NodeStartFailures } from '../records/node.ts';
import { failedRequestsMax } from '../records/node.ts';
import { parseAttemptId } from '../records/request.ts';
import type { AttemptEnd } from '../records/sync.ts';
import { clipped } from '../values/json-bytes.ts';

const messageBytesMax = 200;

/**
 * After a sync with these ends: of attempts that the node has. `hasStarted`: one that has not ended is running now, and
 * was not before. Anything that starts shows that things do.
 */
export function startFailuresAfter(
  { assigned, startFailures }: Pick<NodeRecord, 'assigned' | 'startFailures'>,
  ends: readonly AttemptEnd[],
  hasStarted: boolean,
  nowMs: number,
): NodeStartFailures | undefined {
  const known = new Map(assigned.map((one) => [one.attemptId, one]));
  const ended = ends.filter((end) => known.has(end.attemptId));
  const isNewStart = (end: AttemptEnd): boolean =>
    end.startedAtMs !== null && known.get(end.attemptId)?.startedAtMs === null;
  if (hasStarted || ended.some(isNewStart)) return undefined;
  const failed = ended.filter((end) => end.outcome === 'error' && end.startedAtMs === null);
  const last = failed.at(-1);
  if (last === undefined) return startFailures;
  const requests = failed.map((end) => parseAttemptId(end.attemptId)?.requestId ?? end.attemptId);
  return {
    count: (startFailures?.count ?? 0) + failed.length,
    requests: [...new Set([...(startFailures?.requests ?? []), ...requests])].slice(-failedRequestsMax),
    message: clipped(last.message ?? 'it could not be started', messageBytesMax),
    sinceMs: startFailures?.sinceMs ?? nowMs,
  };
}

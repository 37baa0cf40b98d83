// What an agent sends to a controller of a version before its own: no more than that one takes.
import type { AttemptEnd, SyncRequest } from '../../lib/core/records/sync.ts';

/**
 * @param protocol of the controller (see `agentProtocol`); null: it has not answered yet, and is taken for one of this
 *   version
 */
export function knownTo(protocol: number | null, request: SyncRequest): SyncRequest {
  if (protocol === null || protocol >= 1) return request;
  const { boot: _boot, protocol: _protocol, ...rest } = request;
  return {
    ...rest,
    onNode: rest.onNode.map(({ imageDigest: _digest, ...one }) => one),
    ends: rest.ends.map(endOfBefore),
  };
}

function endOfBefore({ imageDigest: _digest, usage, ...end }: AttemptEnd): AttemptEnd {
  if (usage === undefined) return end;
  const { gpuMemoryPeakMib: _gpu, ...known } = usage;
  return { ...end, usage: known };
}

// What the end of a node says of what was bought: that it never came up, or that EC2 took it.
import type { NodeRecord } from '../records/node.ts';

type Ended = Pick<NodeRecord, 'id' | 'instanceType' | 'zone' | 'capacityType' | 'readyAtMs' | 'drain'>;

/** Why a node never became ready, for whoever buys the next one; null: it did, or something else took it. */
export function bootFailure({
  id,
  instanceType,
  zone,
  readyAtMs,
  drain,
}: Ended): { readonly atMs: number; readonly message: string } | null {
  if (readyAtMs !== null || drain === null) return null;
  if (drain.by !== 'boot-timeout' && drain.by !== 'termination' && drain.by !== 'ending') return null;
  return { atMs: drain.atMs, message: `${id} (${instanceType} in ${zone}): ${drain.reason}` };
}

/** EC2 took a spot node: it gave notice, or one that worked ended though nobody here asked for it. */
export function isLostSpot({ capacityType, readyAtMs, drain }: Ended): boolean {
  if (capacityType !== 'spot' || drain === null) return false;
  return drain.by === 'interruption' || (readyAtMs !== null && (drain.by === 'termination' || drain.by === 'ending'));
}

// Expiry: a node goes at the age that its pool sets, each up to a tenth earlier, so that those that were bought
// together do not go together.
import type { NodeRecord } from '../../records/node.ts';
import type { PoolSpec } from '../../records/pool.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';

export const expiry: DisruptionMethod = {
  name: 'expiry',
  commands: (candidates, { observation: { nowMs, pool, paused } }) =>
    // What a paused pool lets go, it could not buy again.
    (paused ? [] : candidates).flatMap((node) => {
      const atMs = expiresAtMs(node, pool);
      return atMs === null || atMs > nowMs
        ? []
        : [{ node, reason: `it has reached its age: bought at ${bought(node)}` }];
    }),
  dueAtMs: (node, { observation: { pool, paused }, wanted }) => {
    const isGoing = node.state === 'draining' || node.state === 'terminating';
    return isGoing || paused || wanted.has(node.id) ? null : expiresAtMs(node, pool);
  },
  leaves: (node, { observation: { pool, paused } }) => {
    const atMs = expiresAtMs(node, pool);
    if (atMs !== null && paused) return 'its pool is paused';
    if (atMs !== null) return `bought at ${bought(node)}, it goes at ${timeText(atMs)}`;
    return node.cordon ? 'an operator keeps it' : 'no age is too high for nodes of its pool';
  },
};

function bought({ createdAtMs }: NodeRecord): string {
  return timeText(createdAtMs);
}

/** null: never. */
export function expiresAtMs(
  { id, createdAtMs, cordon, state }: Pick<NodeRecord, 'id' | 'createdAtMs' | 'cordon' | 'state'>,
  { disruption, warmNodes }: Pick<PoolSpec, 'disruption' | 'warmNodes'>,
): number | null {
  const ofStoppedMs = state === 'stopped' ? (warmNodes?.expireAfterMs ?? Infinity) : Infinity;
  const afterMs = Math.min(disruption?.expireAfterMs ?? Infinity, ofStoppedMs);
  if (afterMs === Infinity || cordon) return null;
  return createdAtMs + Math.round(afterMs * (1 - 0.1 * shareOf(id)));
}

/** From 0 to 1, by the id alone (FNV-1a): every decision gives a node the same age. */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return hash / 0x1_0000_0000;
}

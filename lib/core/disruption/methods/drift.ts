// Drift: a node that would not be bought so any more (the pool's requirements, its tasks per node, the launch template
// with the image and the agent in it) goes, where the pool says so.
import type { NodeRecord } from '../../records/node.ts';
import type { Offering } from '../../values/offering.ts';
import { offeringId } from '../../values/offering.ts';
import type { DisruptionContext, DisruptionMethod } from '../method.ts';

/** While another version of the program is installed, the old one may decide for so long; it knows no newer node. */
const templateSettlesMs = 900_000;

export const drift: DisruptionMethod = {
  name: 'drift',
  commands: (candidates, context) =>
    candidates.flatMap((node) => {
      const reason = node.cordon || isOff(node, context) ? null : driftOf(node, context);
      return reason === null ? [] : [{ node, reason }];
    }),
  leaves: (node, context) => {
    const reason = driftOf(node, context);
    if (reason === null) return 'it is as it would be bought now';
    if (context.observation.paused) return `its pool is paused, though ${reason}`;
    return node.cordon ? `an operator keeps it, though ${reason}` : `${reason}, and the pool lets nodes drift`;
  },
};

/** What a paused pool lets go, it could not buy again. A stopped node is replaced whatever the pool says of others. */
function isOff({ state }: NodeRecord, { observation: { pool, paused } }: DisruptionContext): boolean {
  return (pool.disruption?.drift !== true && state !== 'stopped') || paused !== undefined;
}

/** What has changed since it was bought; null: nothing. */
export function driftOf(
  { instanceType, zone, capacityType, tasksMax, templateVersion: own, createdAtMs }: NodeRecord,
  {
    observation: { pool, offerings, nowMs },
    templateVersion,
  }: Pick<DisruptionContext, 'templateVersion'> & {
    readonly observation: Pick<DisruptionContext['observation'], 'pool' | 'offerings' | 'nowMs'>;
  },
): string | null {
  const id = offeringId(instanceType, zone, capacityType);
  // Without any offering the catalog is at fault.
  if (offerings.length > 0 && !idsOf(offerings).has(id)) return `the pool does not allow ${id} any more`;
  if (tasksMax !== pool.tasksPerNode)
    return `it takes ${String(tasksMax)} tasks, and nodes of the pool take ${String(pool.tasksPerNode)} now`;
  if (templateVersion !== undefined && own !== templateVersion && nowMs - createdAtMs > templateSettlesMs)
    return `its launch template is of version ${own}, and is ${templateVersion} now`;
  return null;
}

const known = new WeakMap<readonly Offering[], ReadonlySet<string>>();

function idsOf(offerings: readonly Offering[]): ReadonlySet<string> {
  const ids = known.get(offerings) ?? new Set(offerings.map((one) => one.id));
  known.set(offerings, ids);
  return ids;
}

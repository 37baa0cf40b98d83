// The removal of an installation: what its services have registered with target groups is deregistered. No tick runs
// any more, and the records go with the table.
import type { GroupTargets } from '../../../core/services/targets/record.ts';
import { targetOf } from '../../../core/services/targets/record.ts';
import type { TargetAddress, TargetGroups } from '../../../ports/ec2/target-groups.ts';
import { TargetGroupError, targetsPerCallMax } from '../../../ports/ec2/target-groups.ts';
import type { ReadingPorts } from '../../ports.ts';
import { readPools } from '../../requests/pools.ts';
import { readTargets } from './store.ts';

/** Answers why something stays registered, a sentence for each group. @throws what is no fault of a group */
export async function deregisterAll(
  ports: ReadingPorts,
  groups: Pick<TargetGroups, 'deregister'>,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { data: pool } of await readPools(ports)) {
    if (pool.hasTargets !== true) continue;
    for (const { record } of await readTargets(ports, pool.spec.name)) {
      const error = await deregisterOf(groups, record);
      if (error !== null) left.push(`targets of service ${record.name} stay registered: ${error.message}`);
    }
  }
  return left;
}

/** Those that can be deregistered are, whatever others meet. Answers what the last of these met; null: nothing. */
async function deregisterOf(
  groups: Pick<TargetGroups, 'deregister'>,
  { arn, targets }: GroupTargets,
): Promise<TargetGroupError | null> {
  const all = Object.keys(targets).map(targetOf);
  let met: TargetGroupError | null = null;
  const batches: (readonly TargetAddress[])[] = [];
  for (let at = 0; at < all.length; at += targetsPerCallMax) batches.push(all.slice(at, at + targetsPerCallMax));
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    try {
      await groups.deregister(arn, batch);
    } catch (error) {
      if (!(error instanceof TargetGroupError)) throw error;
      if (error.fault === 'missing') return null;
      // What cannot be a target is none.
      if (error.fault !== 'invalid_target') met = error;
      else if (batch.length > 1) batches.unshift(...batch.map((one) => [one]));
    }
  }
  return met;
}

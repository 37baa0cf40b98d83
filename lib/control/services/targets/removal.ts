// The removal of an installation: what its services have registered with target groups is deregistered. No tick runs
// any more, and the records go with the table.
import { targetOf } from '../../../core/services/targets/record.ts';
import type { TargetGroups } from '../../../ports/ec2/target-groups.ts';
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
      const targets = Object.keys(record.targets).map(targetOf);
      try {
        for (let at = 0; at < targets.length; at += targetsPerCallMax)
          await groups.deregister(record.arn, targets.slice(at, at + targetsPerCallMax));
      } catch (error) {
        if (!(error instanceof TargetGroupError)) throw error;
        if (error.fault !== 'missing') left.push(`targets of service ${record.name} stay registered: ${error.message}`);
      }
    }
  }
  return left;
}

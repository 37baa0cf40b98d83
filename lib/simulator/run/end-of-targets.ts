// How target groups end in a run: each has exactly the replicas that serve and whose services name it, and nothing when
// these are gone.
import type { SimulatedTargetGroups } from '../../adapters/simulated/target-groups.ts';
import { phaseOf } from '../../core/services/replica-state.ts';
import { keyIn } from '../../core/services/targets/serving.ts';
import { groupArns } from '../processes/target-groups.ts';
import type { Truth } from '../truth.ts';

export function areTargetsSettled(truth: Truth, groups: SimulatedTargetGroups): boolean {
  return groupArns.every((arn) => wrongIn(truth, groups, arn).length === 0);
}

export function checkTargets(truth: Truth, groups: SimulatedTargetGroups): void {
  for (const arn of groupArns) {
    const wrong = wrongIn(truth, groups, arn);
    if (wrong.length > 0)
      truth.violate(
        '20: services',
        `long after the faults target group ${arn} differs from what serves: ${wrong.join(', ')}`,
        wrong.map((one) => one.slice(1).split(':')[0] ?? ''),
      );
  }
}

/** `+` for what is registered and shall not be, `-` for what is missing. */
function wrongIn(truth: Truth, groups: SimulatedTargetGroups, arn: string): readonly string[] {
  const wanted = wantedIn(truth, arn);
  const registered = new Set(groups.registered(arn));
  return [
    ...[...registered].filter((key) => !wanted.has(key)).map((key) => `+${key}`),
    ...[...wanted].filter((key) => !registered.has(key)).map((key) => `-${key}`),
  ];
}

function wantedIn({ services, nodes }: Truth, arn: string): ReadonlySet<string> {
  const kind = arn === groupArns[0] ? 'ip' : 'instance';
  const wanted = new Set<string>();
  for (const { targetGroups = [], running } of services.values()) {
    const use = targetGroups.find((one) => one.arn === arn);
    const staying = new Set(running.filter((one) => one.stop === null).map((one) => one.request));
    for (const node of use === undefined ? [] : nodes.values())
      for (const assignment of node.isLost ? [] : node.assigned)
        if (use !== undefined && staying.has(assignment.requestId) && phaseOf(assignment) === 'ready')
          wanted.add(keyIn(kind, use, { node, assignment }) ?? `${node.id} without a port`);
  }
  return wanted;
}

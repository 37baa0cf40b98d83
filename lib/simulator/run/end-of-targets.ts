// How target groups end in a run: each has exactly the replicas that serve and whose services name it, and nothing when
// these are gone.
import type { SimulatedTargetGroups } from '../../adapters/simulated/target-groups.ts';
import { phaseOf } from '../../core/services/replica-state.ts';
import type { TargetGroupUse } from '../../core/services/targets/record.ts';
import { keyIn, usesOf } from '../../core/services/targets/serving.ts';
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
  for (const service of services.values()) {
    // Replicas of earlier revisions stay where they were until others have taken their place.
    const uses = new Map<string, TargetGroupUse>();
    for (const { request, revision, stop } of service.running)
      for (const use of stop === null ? usesOf(service, revision) : []) if (use.arn === arn) uses.set(request, use);
    for (const node of nodes.values())
      for (const assignment of node.isLost ? [] : node.assigned) {
        const use = uses.get(assignment.requestId);
        if (use !== undefined && phaseOf(assignment) === 'ready')
          wanted.add(keyIn(kind, use, { node, assignment }) ?? `${node.id} without a port`);
      }
  }
  return wanted;
}

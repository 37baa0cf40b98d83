// Which replicas are wanted in a target group, and what the groups say of a replica: it is ready when its own check is
// good and every group of its service says so, too.
import type { Assignment, NodeRecord } from '../../records/node.ts';
import type { ServiceRecord } from '../record.ts';
import { revisionOf } from '../record.ts';
import { isRefused } from './moves.ts';
import type { GroupTargets, Target, TargetGroupUse, TargetKind } from './record.ts';
import { targetKey } from './record.ts';

/**
 * What a group says of a replica does not count before it has run for so long, or for the start period of its own check
 * if that is longer: as healthCheckGracePeriodSeconds of ECS.
 */
export const graceMsLeast = 60_000;

/** A replica where it runs. */
export interface Carried {
  readonly node: NodeRecord;
  readonly assignment: Assignment;
}

/** null: its agent has not said yet where it is reached. */
export function keyIn(kind: TargetKind, { port }: TargetGroupUse, { node, assignment }: Carried): string | null {
  const id = kind === 'ip' ? node.address : node.id;
  const open = assignment.ports?.find((one) => one.name === port);
  return id === undefined || open === undefined ? null : targetKey(id, open.port);
}

type Declared = Pick<ServiceRecord, 'targetGroups' | 'revisions'>;

/** Those that a replica of the revision is registered with: others that were declared later are not for it. */
export function usesOf(service: Declared, revision: number): readonly TargetGroupUse[] {
  return revisionOf(service, revision)?.targetGroups ?? service.targetGroups ?? [];
}

/** Each group once: those that are declared, and then those of replicas that were there before. */
export function groupsOf(service: Declared & Pick<ServiceRecord, 'running'>): readonly TargetGroupUse[] {
  const groups = new Map((service.targetGroups ?? []).map((use) => [use.arn, use]));
  for (const revision of new Set(service.running.map((one) => one.revision)))
    for (const use of usesOf(service, revision)) if (!groups.has(use.arn)) groups.set(use.arn, use);
  return [...groups.values()];
}

/** Keys of those that serve by their own check, and shall not go. */
export function wantedIn(
  service: Declared & Pick<ServiceRecord, 'running'>,
  arn: string,
  kind: TargetKind,
  servingOf: (request: string) => Carried | null,
): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { request, revision, stop } of service.running) {
    const use = usesOf(service, revision).find((one) => one.arn === arn);
    const carried = stop === null ? servingOf(request) : null;
    const key = carried && use ? keyIn(kind, use, carried) : null;
    if (key !== null) keys.add(key);
  }
  return keys;
}

export interface GroupsVerdict {
  readonly phase: 'starting' | 'ready' | 'unhealthy';
  /** Of one that is ready: since when the last of the groups has it so. */
  readonly sinceMs: number;
  /** Of one that is not ready: what is missing. */
  readonly message: string | null;
}

/** Of a replica of the revision whose own check is good. `all`: the records of its service's groups. */
export function groupsVerdict(
  service: Declared,
  revision: number,
  carried: Carried,
  all: readonly GroupTargets[],
  nowMs: number,
): GroupsVerdict {
  let verdict: GroupsVerdict = { phase: 'ready', sinceMs: 0, message: null };
  for (const use of usesOf(service, revision)) {
    const group = all.find((one) => one.arn === use.arn);
    if (group !== undefined && isRefused(group)) continue;
    const key = group?.facts ? keyIn(group.facts.kind, use, carried) : null;
    const one = verdictOf(key === null ? undefined : group?.targets[key], use.arn);
    if (verdict.phase === 'ready' || one.phase === 'unhealthy')
      verdict = { ...one, sinceMs: Math.max(verdict.sinceMs, one.sinceMs) };
  }
  const template = revisionOf(service, revision)?.template;
  const startPeriodMs = template?.type === 'task' ? (template.health?.startPeriodMs ?? 0) : 0;
  const graceMs = Math.max(graceMsLeast, startPeriodMs);
  const isEarly = nowMs - (carried.assignment.startedAtMs ?? nowMs) < graceMs;
  return verdict.phase === 'unhealthy' && isEarly ? { ...verdict, phase: 'starting' } : verdict;
}

function verdictOf(target: Target | undefined, arn: string): GroupsVerdict {
  const starting = (message: string): GroupsVerdict => ({ phase: 'starting', sinceMs: 0, message });
  const name = groupName(arn);
  if (target?.state !== 'added') return starting(`it is not registered with target group ${name} yet`);
  const { health } = target;
  if (health === undefined) return starting(`target group ${name} has not been asked for its health yet`);
  const { state, reason, sinceMs } = health;
  const because = reason === null ? '' : ` (${reason})`;
  switch (state) {
    case 'healthy':
    case 'unavailable': // Its health checks are off: its own check is all there is.
      return { phase: 'ready', sinceMs, message: null };
    case 'unused':
      // No load balancer uses the group, so that nobody checks; any other reason is about this target.
      return reason === 'Target.NotInUse'
        ? { phase: 'ready', sinceMs, message: null }
        : starting(`target group ${name} does not use it${because}`);
    case 'unhealthy':
      return { phase: 'unhealthy', sinceMs: 0, message: `target group ${name} has it as unhealthy${because}` };
    case 'initial':
    case 'draining':
    case 'unhealthy.draining':
      return starting(`target group ${name} has it as ${state}${because}`);
  }
}

/** What people call it, from arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID. */
export function groupName(arn: string): string {
  return arn.split('/')[1] ?? arn;
}

/** From the moment that a replica is to go until its TERM: at least as long as the groups let requests end. */
export function drainMsOf(
  service: Declared & Pick<ServiceRecord, 'drainMs' | 'running'>,
  all: readonly GroupTargets[],
): number {
  const groups = groupsOf(service);
  const used = all.filter((one) => groups.some(({ arn }) => arn === one.arn));
  return used.reduce((most, { facts }) => Math.max(most, facts?.delayMs ?? 0), service.drainMs);
}

// What a tick makes of all target groups of a pool: of each record, what is wanted in it and which calls are due.
import type { Observation } from '../../plan/observation.ts';
import { mayUseTargetGroup, targetGroupRefusedText } from '../../access/target-groups.ts';
import type { NodeRecord } from '../../records/node.ts';
import { phaseOf } from '../replica-state.ts';
import type { ServiceRecord } from '../record.ts';
import { callsDueAtMs, inState, isSpent, ofTimesThatCame, withoutDenied, withRefusal, withWanted } from './moves.ts';
import type { GroupTargets, TargetCall, TargetGroupUse } from './record.ts';
import type { Carried } from './serving.ts';
import { groupsOf, wantedIn } from './serving.ts';

/** One group of one service. */
export interface GroupPlan {
  /** As it is stored; null: it is not. */
  readonly before: GroupTargets | null;
  readonly version: number | null;
  /** With what is wanted now. null: it is forgotten. */
  readonly record: GroupTargets | null;
  /** Those that stay registered though their service goes, as nobody may deregister them. */
  readonly givenUp: readonly string[];
  /** Kinds of calls that are due. */
  readonly due: readonly TargetCall[];
  /** Those that are to be deregistered and are registered for another service: no call is made for them. */
  readonly shared: ReadonlySet<string>;
  /** When the next is due; Infinity: when something happens. */
  readonly nextDueAtMs: number;
  /** null: there is no such service any more. */
  readonly service: ServiceRecord | null;
  readonly use: TargetGroupUse | null;
}

type Seen = Pick<Observation, 'pool' | 'services' | 'targets' | 'nodes' | 'nowMs'>;

/** Of one pool; longest not looked at first. What is set aside keeps what is registered. */
export function planTargets(seen: Seen): readonly GroupPlan[] {
  const servingOf = servingIn(seen);
  const services = new Map((seen.services ?? []).map(({ record }) => [`${record.tenant}#${record.name}`, record]));
  const stored = new Map((seen.targets ?? []).map((one) => [`${one.record.service}#${one.record.arn}`, one]));
  const plans: GroupPlan[] = [];
  const add = (
    before: { readonly record: GroupTargets; readonly version: number } | null,
    fresh: GroupTargets,
    service: ServiceRecord | null,
  ): void => {
    const use = service === null ? null : (groupsOf(service).find((one) => one.arn === fresh.arn) ?? null);
    plans.push(planOf({ before, fresh, service, use }, seen.pool, servingOf, seen.nowMs));
  };
  for (const one of stored.values()) {
    const { tenant, name, service: id } = one.record;
    const service = services.get(`${tenant}#${name}`) ?? null;
    if (service?.quarantine !== undefined) continue;
    add(one, ofTimesThatCame(one.record, seen.nowMs), service?.id === id ? service : null);
  }
  for (const { record } of seen.services ?? [])
    for (const { arn } of record.quarantine === undefined ? groupsOf(record) : [])
      if (!stored.has(`${record.id}#${arn}`)) add(null, emptyTargets(record, arn), record);
  return withShared(plans).sort((a, b) => lookedAt(a) - lookedAt(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
}

export function emptyTargets({ pool, tenant, name, id }: ServiceRecord, arn: string): GroupTargets {
  return { pool, tenant, name, service: id, arn, facts: null, targets: {}, lookedAtMs: null, troubles: {} };
}

interface Given {
  readonly before: { readonly record: GroupTargets; readonly version: number } | null;
  readonly fresh: GroupTargets;
  readonly service: ServiceRecord | null;
  readonly use: TargetGroupUse | null;
}

function planOf(
  { before, fresh, service, use }: Given,
  pool: Observation['pool'],
  servingOf: (request: string) => Carried | null,
  nowMs: number,
): GroupPlan {
  const isAllowed = mayUseTargetGroup(pool.targetGroups ?? [], fresh.tenant, fresh.arn);
  const wanted =
    service === null || use === null || fresh.facts === null || !isAllowed
      ? new Set<string>()
      : wantedIn(service, use.arn, fresh.facts.kind, servingOf);
  // Before the group's kind is known again nobody knows what is wanted of those that are there.
  const isKnown = use === null || fresh.facts !== null || !isAllowed;
  const isUsed = use !== null;
  const refusal = isUsed && !isAllowed ? targetGroupRefusedText(pool.name, fresh.tenant, fresh.arn) : null;
  const known = withRefusal(isKnown ? withWanted(fresh, wanted, nowMs) : fresh, refusal, nowMs);
  const isGoing = service === null || service.deletingSinceMs !== null;
  const record = isGoing ? withoutDenied(known, nowMs) : known;
  const state = service?.rollout.state;
  const dueAtMs = callsDueAtMs(record, isUsed && isAllowed, state === 'running' || state === 'rolling-back');
  const kinds = Object.entries(dueAtMs) as [TargetCall, number][];
  return {
    before: before?.record ?? null,
    version: before?.version ?? null,
    record: isSpent(record, isUsed) ? null : record,
    givenUp: record === known ? [] : inState(known, 'removing'),
    due: kinds.filter(([, atMs]) => atMs <= nowMs).map(([kind]) => kind),
    shared: new Set(),
    nextDueAtMs: kinds.reduce((least, [, atMs]) => Math.min(least, atMs), Infinity),
    service,
    use,
  };
}

/** Two services may share a group, and a port may pass from one to the other. */
function withShared(plans: readonly GroupPlan[]): GroupPlan[] {
  const users = new Map<string, number>();
  const wanted = plans.map(({ record }) => {
    const keys = record === null ? [] : [...inState(record, 'adding'), ...inState(record, 'added')];
    return keys.map((key) => `${record?.arn ?? ''} ${key}`);
  });
  for (const key of wanted.flat()) users.set(key, (users.get(key) ?? 0) + 1);
  return plans.map((plan) => {
    const { record } = plan;
    if (record === null) return plan;
    return { ...plan, shared: new Set(inState(record, 'removing').filter((key) => users.has(`${record.arn} ${key}`))) };
  });
}

/** Of attempts that serve by their own check. */
function servingIn({ nodes }: Seen): (request: string) => Carried | null {
  const serving = new Map<string, Carried>();
  for (const { record } of nodes) if (!record.isLost) addServing(serving, record);
  return (request) => serving.get(request) ?? null;
}

function addServing(serving: Map<string, Carried>, node: NodeRecord): void {
  for (const assignment of node.assigned)
    if (phaseOf(assignment) === 'ready') serving.set(assignment.requestId, { node, assignment });
}

function lookedAt({ record }: GroupPlan): number {
  return record?.lookedAtMs ?? 0;
}

function nameOf({ record, before }: GroupPlan): string {
  const { service = '', arn = '' } = record ?? before ?? {};
  return `${service}#${arn}`;
}

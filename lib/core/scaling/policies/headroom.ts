// The policies of a pool's headroom: what each of them wants now, and the nodes that come of it.
import type { CloudWatchMetric, HeadroomPolicy, PoolSpec } from '../../records/pool.ts';
import { unreachable } from '../../values/errors.ts';
import type { Resources } from '../../values/resources.ts';
import type { CloudWatchSeen } from './cloudwatch.ts';
import { asOf, knownOf } from './cloudwatch.ts';
import { manualWish } from './manual.ts';
import type { Combined, Wish } from './policy.ts';
import { countAfter } from './count.ts';
import type { Behaviour, Moved } from './rates.ts';
import { atOnce, behaviourDefault, neverMoved } from './rates.ts';
import { scheduleDueAtMs, scheduleWish } from './schedule.ts';
import { stepWish } from './step.ts';
import { targetWish, toleranceDefault } from './target.ts';

/** What policies have made of the headroom so far. */
export interface PoliciesRecord {
  readonly nodes: number;
  readonly moved: Moved;
  /** Whose wish set it last, and why. */
  readonly reason: string;
}

export const noPolicies: PoliciesRecord = { nodes: 0, moved: neverMoved, reason: '' };

/** Far above what anybody keeps without work. */
const nodesMax = 1_000;

/** `demand`: as last noted; null: the pool keeps no history. */
export interface Signals {
  readonly nowMs: number;
  readonly demand: Resources | null;
  /** Absent: no policy goes by a metric of CloudWatch. */
  readonly cloudWatch?: CloudWatchSeen;
}

export function headroomWishes(policies: readonly HeadroomPolicy[], signals: Signals, nodes: number): readonly Wish[] {
  return policies.map((one) => wishOf(one, signals, nodes));
}

function wishOf(policy: HeadroomPolicy, { nowMs, demand, cloudWatch }: Signals, nodes: number): Wish {
  const name = `${policy.kind} ${policy.name}`;
  const vcpu = demand === null ? null : demand.cpuMilli / 1000;
  if ('cloudWatch' in policy && policy.cloudWatch !== undefined) {
    const known = knownOf(policy.cloudWatch, cloudWatch ?? null, nowMs);
    if (known.kind === 'missing') return { policy: name, wanted: null, reason: known.reason };
    const wish =
      policy.kind === 'step' ? stepWish(name, policy.steps, known.value) : nodesFor(name, policy, known, nodes);
    return { ...wish, reason: `${wish.reason}, ${asOf(known)}` };
  }
  switch (policy.kind) {
    case 'manual':
      return manualWish(name, policy.nodes);
    case 'schedule':
      return scheduleWish(name, policy, nowMs);
    case 'step':
      return stepWish(name, policy.steps, vcpu);
    case 'target':
      return nodesFor(name, policy, vcpu === null ? null : { value: vcpu }, nodes);
    default:
      return unreachable(policy);
  }
}

/** One node for each `target` of a number of all together. */
function nodesFor(
  name: string,
  policy: HeadroomPolicy & { readonly kind: 'target' },
  known: { readonly value: number } | null,
  nodes: number,
): Wish {
  const target = 'vcpuPerNode' in policy ? policy.vcpuPerNode : policy.target;
  const spec = { target, tolerance: policy.tolerance ?? toleranceDefault };
  return targetWish(name, spec, known && { kind: 'total', value: known.value }, nodes);
}

/** What the policies have to know of CloudWatch. */
export function cloudWatchMetricsOf({ policies = [] }: Pick<PoolSpec, 'policies'>): readonly CloudWatchMetric[] {
  return policies.flatMap((one) => ('cloudWatch' in one && one.cloudWatch !== undefined ? [one.cloudWatch] : []));
}

/** Whether one of them goes by the pool's demand. */
export function isByDemand({ policies = [] }: Pick<PoolSpec, 'policies'>): boolean {
  return policies.some(
    (one) => (one.kind === 'target' && 'vcpuPerNode' in one) || (one.kind === 'step' && one.cloudWatch === undefined),
  );
}

function behaviourOf(policies: readonly HeadroomPolicy[]): Behaviour {
  const isByMetric = policies.some((one) => one.kind === 'target' || one.kind === 'step');
  return isByMetric ? { out: atOnce.out, in: behaviourDefault.in } : atOnce;
}

/** The nodes as the policies leave them now; the same record where nothing changes. */
export function applyPolicies(
  before: PoliciesRecord,
  { policies = [], limits }: Pick<PoolSpec, 'policies' | 'limits'>,
  signals: Signals,
): { readonly record: PoliciesRecord; readonly wishes: readonly Wish[]; readonly combined: Combined } {
  const wishes = headroomWishes(policies, signals, before.nodes);
  const max = Math.min(nodesMax, limits.instances ?? nodesMax);
  const scaled = { current: before.nodes, min: 0, max };
  const {
    count: nodes,
    moved,
    combined,
  } = countAfter(before.moved, wishes, scaled, behaviourOf(policies), signals.nowMs);
  const isCalm = nodes === before.nodes && moved === before.moved;
  const record = isCalm ? before : { nodes, moved, reason: nodes === before.nodes ? before.reason : combined.reason };
  return { record, wishes, combined };
}

/** While less is wanted than there is, the window has to pass. */
const lookAgainMs = 30_000;

/** When time alone may change what policies want; null: never. */
export function policiesDueAtMs(
  policies: readonly HeadroomPolicy[],
  { record, combined: wish }: { readonly record: PoliciesRecord; readonly combined: Combined },
  nowMs: number,
  /** When CloudWatch can be read again; null: it is not. */
  readAtMs: number | null = null,
): number | null {
  const times = policies.flatMap((one) => (one.kind === 'schedule' ? (scheduleDueAtMs(one, nowMs) ?? []) : []));
  if (wish.wanted !== record.nodes) times.push(nowMs + lookAgainMs);
  if (readAtMs !== null && cloudWatchMetricsOf({ policies }).length > 0) times.push(readAtMs);
  return times.length === 0 ? null : Math.min(...times);
}

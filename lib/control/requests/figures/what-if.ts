// What would become of a request if something were different: the pool's own decision, on what is there now, once as it
// is and once with the difference. Reads only; EC2 is not asked, so what waits for its answer is left as it is.
import { countingAll } from '../../../core/allocation/constraints/paid-first.ts';
import type { PlannedLaunch } from '../../../core/allocation/types.ts';
import { stopOf, stopText } from '../../../core/costs/budgets.ts';
import { decide } from '../../../core/plan/decide.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import type { Plan } from '../../../core/plan/plan.ts';
import { isClaim } from '../../../core/records/claim.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import type { PoolLimits } from '../../../core/records/pool.ts';
import type { RequestRecord, TaskSpec } from '../../../core/records/request.ts';
import { shapeOf } from '../../../core/tasks/demand.ts';
import { ownValue } from '../../../core/values/dictionary.ts';
import { NotPossibleError } from '../../errors.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { Observed } from '../../tick/observe.ts';
import { observe, rememberingNothing } from '../../tick/observe.ts';
import type { WhatIf, WhatIfAnswer, WhatIfOutcome } from '../../use-cases.ts';
import { readAny } from '../requests.ts';

/** null: there is no such request. @throws NotPossibleError where nothing of it waits for a place */
export async function whatIf(
  ports: ControlPorts,
  settings: ControlSettings,
  tenant: string,
  id: string,
  difference: WhatIf,
): Promise<WhatIfAnswer | null> {
  const record = await readAny(ports, tenant, id);
  if (record === null) return null;
  if (isClaim(record)) throw new NotPossibleError(`${id} is a claim; only of tasks it can be said what would be if`);
  if (record.endedAtMs !== null) throw new NotPossibleError(`${id} has ended; nothing of it waits`);
  const observed = await observe(ports, settings, record.pool, rememberingNothing(), null);
  const own = observed?.observation.requests.find((one) => one.record.id === id);
  if (observed === null || own === undefined)
    throw new NotPossibleError(`pool ${record.pool} does not look at ${id} now: too many wait before it`);
  const decided = (seen: Observation): WhatIfOutcome =>
    outcomeOf(ports, settings, { ...observed, observation: seen }, id);
  return {
    pool: record.pool,
    now: decided(observed.observation),
    then: decided(differing(observed.observation, id, difference)),
  };
}

function differing(seen: Observation, id: string, { limits, requirements, resources, isPaused }: WhatIf): Observation {
  const { paused, ...rest } = seen;
  const specOf = ({ spec }: RequestRecord): TaskSpec => ({
    ...spec,
    requirements: { ...spec.requirements, ...requirements },
    resources: { ...spec.resources, ...resources },
  });
  return {
    ...rest,
    ...(paused === undefined || isPaused === false ? {} : { paused }),
    pool: { ...seen.pool, limits: { ...seen.pool.limits, ...limits } satisfies PoolLimits },
    requests: seen.requests.map((one) =>
      one.record.id === id ? { ...one, record: { ...one.record, spec: specOf(one.record) } } : one,
    ),
  };
}

function outcomeOf(
  ports: ControlPorts,
  settings: ControlSettings,
  observed: Pick<Observed, 'pool' | 'observation'>,
  id: string,
): WhatIfOutcome {
  const { plan, placed, planned } = decidedFor(ports, settings, observed, id);
  if (placed.length > 0) return { kind: 'placed', code: 'placed', message: placedText(placed), launches: [] };
  if (planned.length > 0)
    return { kind: 'bought', code: 'launch', message: planned[0]?.reason ?? '', launches: planned.map(shownLaunch) };
  return { ...waitingOf(plan, observed.observation, id), launches: [] };
}

/** What the next decision does about one request. */
export interface DecidedFor {
  readonly plan: Plan;
  /** The node of each of its tasks that starts at once. */
  readonly placed: readonly NodeRecord[];
  /** What is bought for it. */
  readonly planned: readonly PlannedLaunch[];
}

/** Decides as a tick would, and does nothing of it. */
export function decidedFor(
  ports: ControlPorts,
  settings: ControlSettings,
  { pool, observation }: Pick<Observed, 'pool' | 'observation'>,
  id: string,
): DecidedFor {
  const startedMs = ports.clock.monotonicMs();
  const { plan, tasks } = decide(
    observation,
    settings.decisions,
    { ...settings, specVersion: pool.data.specVersion, newId: () => ports.random.id() },
    countingAll(ports.allocate),
    () => ports.clock.monotonicMs() - startedMs > settings.decisions.allocationBudgetMs,
  );
  const isBuying = plan.actions.some((one) => one.kind === 'launch');
  const planned = tasks.launches.filter((one) => one.tasks.some((share) => share.demandId === id));
  return { plan, placed: placementsOf(plan, id, observation), planned: isBuying ? planned : [] };
}

function placementsOf({ actions }: Plan, id: string, { nodes }: Observation): readonly NodeRecord[] {
  const before = new Set(nodes.flatMap(({ record }) => record.assigned.map((one) => one.attemptId)));
  const now = new Map<string, NodeRecord>();
  for (const action of actions) {
    if (action.kind !== 'change') continue;
    for (const write of action.writes)
      if (write.type === 'node')
        for (const { requestId, attemptId } of write.record.assigned)
          if (requestId === id && !before.has(attemptId)) now.set(attemptId, write.record);
  }
  return [...now.values()];
}

export function placedText(nodes: readonly NodeRecord[]): string {
  const [first = '', ...others] = new Set(nodes.map((one) => `${one.id} (${one.instanceType} in ${one.zone})`));
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`;
  const tasks = nodes.length;
  return `${String(tasks)} ${tasks === 1 ? 'task starts' : 'tasks start'} at once on ${first}${more}`;
}

export function shownLaunch({ offerings, count }: PlannedLaunch): WhatIfOutcome['launches'][number] {
  const [first] = offerings;
  return {
    count,
    instanceType: first?.type.name ?? '',
    zone: first?.zone ?? '',
    capacityType: first?.capacityType ?? 'on-demand',
    usdPerHour: first?.priceUsdPerHour ?? 0,
    alternatives: Math.max(0, offerings.length - 1),
  };
}

/** Why none of it has a place. */
export function waitingOf({ actions }: Plan, { requests }: Observation, id: string): Omit<WhatIfOutcome, 'launches'> {
  const record = requests.find((one) => one.record.id === id)?.record;
  const why = actions.find((one) => one.kind === 'explain')?.why;
  const stop = record && stopOf(why?.stops, record.tenant);
  if (record && stop) {
    const whose = why?.stops?.pool === undefined ? `tenant ${record.tenant}` : `pool ${record.pool}`;
    return { kind: 'waits', code: 'budget_spent', message: stopText(stop, whose) };
  }
  const entry = record && why && (ownValue(why.byShape, shapeOf(record)) ?? why.others);
  if (entry) return { kind: 'waits', code: entry.code, message: entry.message };
  return record && record.counts.pending === 0
    ? { kind: 'placed', code: 'placed', message: 'all of it is on nodes' }
    : { kind: 'waits', code: 'waiting_for_node', message: 'it counts on nodes of the pool that are starting' };
}

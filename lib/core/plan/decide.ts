// One decision: (observation) -> plan. Compares what is wanted with what is there; the edges obey. Tasks and nodes come
// first, and claims have what these leave of the pool's limits: one working copy for both.
import type { Allocate } from '../allocation/types.ts';
import type { ClaimDecision } from '../claims/decide.ts';
import { decideClaims } from '../claims/decide.ts';
import { ClaimWorkingCopy } from '../claims/working-copy.ts';
import { budgetStops, withBudget } from '../costs/budgets.ts';
import { bootFailure } from '../lifetimes/node-ends.ts';
import { rememberBoots } from './capacity-memory.ts';
import type { TaskDecision } from './decide-tasks.ts';
import { decideTasks, earliest, tasksDueAtMs } from './decide-tasks.ts';
import type { Culprit } from './parts/isolate.ts';
import { isolate } from './parts/isolate.ts';
import type { LaunchTerms } from './launches.ts';
import { dueLaunches } from './launches.ts';
import type { Observation, PoolMemory } from './observation.ts';
import type { Plan } from './plan.ts';
import { recordKeys, withoutRecords } from './set-aside.ts';
import { learnedOfferings } from '../tasks/capacity/learning/learn-offerings.ts';
import { withDroughts } from '../tasks/capacity/long-shortage.ts';
import type { DecisionSettings } from '../values/settings.ts';

export interface Decision {
  readonly plan: Plan;
  readonly tasks: TaskDecision;
  readonly claims: ClaimDecision;
  /** What it is about: without what is set aside. */
  readonly observation: Observation;
}

export interface IsolatedDecision extends Decision {
  /** Named as by {@link recordKeys}. */
  readonly culprits: readonly Culprit[];
  /** There are records that it did not get to. */
  readonly hasUntried: boolean;
}

/** All plans of a decision together have the steps of so many: one for the tasks, and one that keeps a reservation. */
const searchesPerDecision = 2;

/** Of every record on which no decision fails; the others are in `culprits`, and their pool goes on without them. */
export function decide(
  seen: Observation,
  settings: DecisionSettings,
  terms: LaunchTerms,
  allocate: Allocate,
  isTooLate: () => boolean,
): IsolatedDecision {
  // Counted, not timed: the same decision on a machine of any speed.
  let steps = 0;
  const shouldStop = (): boolean => (steps += 1) > searchesPerDecision * settings.allocationIterations || isTooLate();
  const { value, culprits, untried } = isolate(
    () => recordKeys(seen),
    (without) => {
      const left = withoutRecords(seen, without);
      // First of all: what is bought must not be what has just failed.
      const booted: Observation = { ...left, memory: withBoots(left, settings) };
      const observation: Observation = {
        ...booted,
        memory: { ...booted.memory, ...withDroughts(booted, settings) },
        offerings: learnedOfferings(booted, settings),
      };
      const copy = new ClaimWorkingCopy(withinBudgets(observation), settings, terms);
      const tasks = decideTasks(copy, seen.memory, allocate, shouldStop);
      const claims = decideClaims(copy);
      for (const action of dueLaunches([...left.launches, ...left.machineLaunches], left.nowMs)) copy.add(action);
      for (const launch of copy.bought) copy.add({ kind: 'launch', launch });
      return { plan: { actions: copy.actions }, tasks, claims, observation };
    },
  );
  return { ...value, culprits, hasUntried: untried.length > 0 };
}

/** Nothing that is read again later: whom a budget stops, and what the pool can pay, is found anew each time. */
function withinBudgets(observation: Observation): Observation {
  const { pool, spent, nowMs } = observation;
  if (spent === undefined) return observation;
  const stops = budgetStops(pool, spent, nowMs);
  return { ...observation, pool: withBudget(pool, spent.pool), ...(stops === undefined ? {} : { stops }) };
}

function withBoots({ memory, nodes, nowMs }: Observation, settings: DecisionSettings): PoolMemory {
  // Nothing to learn: as nearly always, and in a large pool the nodes are thousands.
  if (memory.boots === null && nodes.every(({ record }) => bootFailure(record) === null)) return memory;
  const booted = nodes.map(({ record }) => ({ ...record, failure: bootFailure(record) }));
  return { ...memory, ...rememberBoots(memory, booted, nowMs, settings) };
}

/**
 * When the pool must tick again though nothing wakes it; null: never. `claimsDueAtMs`: for the sake of its claims. What
 * was due by now and is not done by this decision would not be done by one a moment later: it is looked at again as
 * often as nodes that come and go.
 */
export function nextDueAtMs(
  { observation, tasks, claims }: Decision,
  settings: DecisionSettings,
  claimsDueAtMs = claims.nextDueAtMs,
): number | null {
  const { nowMs } = observation;
  const dueAtMs = earliest(tasksDueAtMs(observation, settings, tasks), claimsDueAtMs);
  return dueAtMs !== null && dueAtMs <= nowMs ? nowMs + settings.listingBusyMs : dueAtMs;
}

// What the next task of a pool will look like: as those that run and wait, or, where there are none, as the last ones
// were. Headroom must carry it.
import { demandWithDefaults } from '../allocation/requirement-defaults.ts';
import type { Observation } from '../plan/observation.ts';
import { activeRequests } from '../plan/working-copy.ts';
import type { HeadroomSpec } from '../records/pool.ts';
import type { Offering } from '../values/offering.ts';
import type { Requirements } from '../values/requirements.ts';
import { requirementsKey, unmetRequirement } from '../values/requirements.ts';
import type { Resources } from '../values/resources.ts';
import { fits } from '../values/resources.ts';

export interface TaskShape {
  readonly resources: Resources;
  readonly requirements: Requirements;
}

/** A task that says nothing of its size. */
const defaultTask: Resources = { cpuMilli: 500, memoryMib: 512, gpu: 0 };

/**
 * What headroom carries: a task as declared, with the requirements of those that the pool knows; else the most of each
 * resource that tasks with the commonest requirements ask for, and at least a default task.
 */
export function recentTasks(
  observation: Pick<Observation, 'requests' | 'aside' | 'memory' | 'offerings' | 'pool'>,
): TaskShape {
  const { pool, offerings } = observation;
  const known = knownTasks(observation);
  if (pool.headroom) return declaredShape(pool.headroom, offerings, known?.requirements);
  return known ?? declaredShape({ resources: defaultTask }, offerings);
}

/** What is left open of its requirements is settled as it is for a task. */
export function declaredShape(
  { resources }: Pick<HeadroomSpec, 'resources'>,
  offerings: readonly Offering[],
  requirements: Requirements = {},
): TaskShape {
  const unknown = { id: '', tenant: '', count: 1, priority: 0, createdAtMs: 0, expectedDurationMs: null };
  return {
    resources,
    requirements: demandWithDefaults({ ...unknown, resources, requirements }, offerings).requirements,
  };
}

/** What is there of tasks, or was last; null: the pool had none. */
export function knownTasks(observation: Pick<Observation, 'requests' | 'aside' | 'memory'>): TaskShape | null {
  const byRequirements = new Map<
    string,
    { tasks: number; resources: Resources; readonly requirements: Requirements }
  >();
  for (const { record } of activeRequests(observation)) {
    const { resources, requirements, count } = record.spec;
    const key = requirementsKey(requirements);
    let same = byRequirements.get(key);
    if (!same) byRequirements.set(key, (same = { tasks: 0, resources: defaultTask, requirements }));
    same.tasks += count;
    if (!fits(resources, same.resources)) same.resources = largest(same.resources, resources);
  }
  const [most] = [...byRequirements].sort(([a, one], [b, other]) => other.tasks - one.tasks || (a < b ? -1 : 1));
  if (most) return { resources: most[1].resources, requirements: most[1].requirements };
  return observation.memory.lastTasks ?? null;
}

export function carriesShape(offering: Offering, { resources, requirements }: TaskShape): boolean {
  return fits(resources, offering.type.allocatable) && unmetRequirement(requirements, offering) === null;
}

export function largest(a: Resources, b: Resources): Resources {
  return {
    cpuMilli: Math.max(a.cpuMilli, b.cpuMilli),
    memoryMib: Math.max(a.memoryMib, b.memoryMib),
    gpu: Math.max(a.gpu, b.gpu),
  };
}

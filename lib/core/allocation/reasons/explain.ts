// Why tasks are not placed: one true reason each. Either nothing can ever carry them, or a relation to other
// tasks leaves no place, or what could carry them is out of capacity now, or a limit of the pool is used up:
// which one, by how much.
import type { Offering } from '../../values/offering.ts';
import { isPassed, limitKeys, limitsText, usageOf } from '../../records/limits.ts';
import type { PoolLimits, Usage } from '../../records/pool.ts';
import type { Requirements } from '../../values/requirements.ts';
import { requirementsKey, unmetRequirement, unmetRequirements } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import type { Never } from './satisfiable.ts';
import { amounts, findNever } from './satisfiable.ts';
import type { AllocationInput, Demand, Exclusion, Unplaced } from '../types.ts';

/** True when an empty node of this offering could carry one task of the demand in this pool. */
export function canCarry(
  demand: Pick<Demand, 'resources' | 'requirements'>,
  offering: Offering,
  pool: AllocationInput['pool'],
): boolean {
  return pool.tasksPerNode >= 1 && missesOf(demand, offering, pool).length === 0;
}

/** Every constraint that keeps one task of the demand off an empty node of the offering. */
function missesOf(
  demand: Pick<Demand, 'resources' | 'requirements'>,
  offering: Offering,
  pool: AllocationInput['pool'],
): string[] {
  const { allocatable } = offering.type;
  const misses: string[] = [];
  if (demand.resources.cpuMilli > allocatable.cpuMilli) misses.push('vcpu');
  if (demand.resources.memoryMib > allocatable.memoryMib) misses.push('memory');
  if (demand.resources.gpu > allocatable.gpu) misses.push('gpu');
  if (pool.maxNodeVcpu !== undefined && offering.type.vcpu > pool.maxNodeVcpu) misses.push('maxNodeVcpu');
  misses.push(
    ...unmetRequirements(demand.requirements, offering),
    ...unmetRequirements(pool.requirements, offering).map((key) => `pool.${key}`),
  );
  return misses;
}

/** How the offerings fare with tasks of one shape: who is excluded by what, and by what alone. */
interface Census {
  readonly total: ReadonlyMap<string, number>;
  readonly alone: ReadonlyMap<string, number>;
  /** Offerings that can carry the task and may be bought now. */
  readonly carriers: readonly Offering[];
  /** Those that nothing but the moment keeps from it: they are out of capacity. */
  readonly out: readonly Offering[];
}

/** What is asked of one node, and in which zones (null: any). */
export interface Ask {
  readonly resources: Resources;
  readonly requirements: Requirements;
  readonly zones: readonly string[] | null;
}

/** What stood in the way of a demand's tasks, as the plan saw it. */
export interface Block {
  readonly ask: Ask;
  /** The relation that leaves only these zones, or, with `isClosed`, no place at all; null: none. */
  readonly relation: string | null;
  readonly isClosed: boolean;
  /** What the whole of it would need at once, where less does not help (a gang); null: one more node helps. */
  readonly together: Usage | null;
}

/** Thousands of waiting tasks are of few shapes, and each census asks every offering. */
const censuses = new WeakMap<AllocationInput, Map<string, Census>>();

function censusOf(input: AllocationInput, ask: Ask): Census {
  let byShape = censuses.get(input);
  if (!byShape) {
    byShape = new Map();
    censuses.set(input, byShape);
  }
  const { cpuMilli, memoryMib, gpu } = ask.resources;
  const shape =
    `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(ask.requirements)} `
    + `${ask.zones?.join(',') ?? ''}`;
  const known = byShape.get(shape);
  if (known) return known;
  const census = takeCensus(input, ask);
  byShape.set(shape, census);
  return census;
}

function takeCensus(input: AllocationInput, ask: Ask): Census {
  const total = new Map<string, number>();
  const alone = new Map<string, number>();
  const countOne = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const carriers: Offering[] = [];
  const out: Offering[] = [];
  for (const [at, offering] of [...input.offerings, ...input.unavailable].entries()) {
    const misses = missesOf(ask, offering, input.pool);
    if (ask.zones?.includes(offering.zone) === false) misses.push('relation');
    if (at < input.offerings.length) {
      if (misses.length === 0) carriers.push(offering);
    } else {
      if (misses.length === 0) out.push(offering);
      misses.push('capacity');
    }
    for (const miss of misses) countOne(total, miss);
    const [only] = misses;
    if (misses.length === 1 && only !== undefined) countOne(alone, only);
  }
  return { total, alone, carriers, out };
}

const nevers = new WeakMap<AllocationInput, Map<string, Never | null>>();

/** What the pool can never run: it was accepted before the pool or the catalog changed. */
function neverOf(input: AllocationInput, demand: Demand): Never | null {
  let known = nevers.get(input);
  if (!known) {
    known = new Map<string, Never | null>();
    nevers.set(input, known);
  }
  const { resources, requirements, group, spread, affinity, antiAffinity, gang } = demand;
  const shape = JSON.stringify([
    resources,
    requirements,
    group,
    spread,
    affinity,
    antiAffinity,
    gang === true ? demand.count : demand.count > 1,
  ]);
  let never = known.get(shape);
  if (never === undefined) {
    const { pool } = input;
    const sold = [...input.offerings, ...input.unavailable].filter(
      (one) => unmetRequirement(pool.requirements, one) === null,
    );
    const within = sold.filter((one) => pool.maxNodeVcpu === undefined || one.type.vcpu <= pool.maxNodeVcpu);
    never = findNever(demand, pool, within, sold);
    known.set(shape, never);
  }
  return never;
}

/** The record of `count` unplaced tasks. `usage`: with what the plan buys. */
export function explainUnplaced(
  input: AllocationInput,
  demand: Demand,
  count: number,
  block: Block,
  usage: Usage,
): Unplaced {
  const census = censusOf(input, block.ask);
  const of = (kind: Unplaced['kind'], message: string, blocked: string | null = null): Unplaced => ({
    demandId: demand.id,
    count,
    kind,
    message,
    excluded: exclusionsOf(census, blocked),
    ...(kind === 'shortage' ? { lacking: census.out } : {}),
  });
  const offerings = input.offerings.length + input.unavailable.length;
  const need = amounts(block.ask.resources);
  const never = neverOf(input, demand);
  if (never !== null) {
    const reason = of('unsatisfiable', `Never: ${never.message}.`);
    return never.excluded.some((one) => one.constraint.startsWith('limits.'))
      ? { ...reason, excluded: never.excluded }
      : reason;
  }
  if (block.isClosed && block.relation !== null) {
    const plain = censusOf(input, { ...block.ask, zones: null });
    if (plain.carriers.length + plain.out.length > 0) return of('constraints', block.relation, 'constraints');
  }
  if (census.carriers.length === 0 && census.out.length === 0)
    return of(
      'unsatisfiable',
      `Never: none of the ${String(offerings)} offerings that the pool may buy can carry `
        + `${need}${nearestText(census)}.`,
    );
  const relation = block.relation === null ? '' : `${block.relation} `;
  if (census.carriers.length === 0) {
    const where = block.ask.zones === null ? '' : ` in ${block.ask.zones.join(', ')}`;
    return of('shortage', `${relation}Every offering that can carry ${need}${where} is out of capacity now.`);
  }
  const text = limitText(input, census.carriers, usage, block.together, need);
  if (text !== null) return of('limits', `${relation}${text}`, 'limits');
  // Nothing that is counted stands in its way by itself: it was left out of this plan for the sake
  // of what it goes with.
  return of(
    'constraints',
    `${relation}It has no place beside what this plan places; the pool plans again within a minute or so.`,
    'constraints',
  );
}

function exclusionsOf({ total, alone, carriers }: Census, blocked: string | null): Exclusion[] {
  const blockedOnly: [string, number][] = blocked !== null && carriers.length > 0 ? [[blocked, carriers.length]] : [];
  const nearness = new Map([...alone, ...blockedOnly]);
  return [...total, ...blockedOnly]
    .map(([constraint, offerings]) => ({ constraint, offerings }))
    .sort(
      (a, b) =>
        (nearness.get(a.constraint) ?? Infinity) - (nearness.get(b.constraint) ?? Infinity)
        || 0
        || a.offerings - b.offerings
        || (a.constraint < b.constraint ? -1 : 1),
    );
}

function nearestText({ alone, total }: Census): string {
  const [nearest] = [...(alone.size > 0 ? alone : total)].sort(
    (a, b) => (alone.size > 0 ? a[1] - b[1] : b[1] - a[1]) || (a[0] < b[0] ? -1 : 1),
  );
  return nearest === undefined
    ? ''
    : `; ${alone.size > 0 ? 'only ' : ''}${nearest[0]} keeps it from ${String(nearest[1])} of them`;
}

/**
 * Which limits the nearest way to go on would pass: their values, what is in use, and what would
 * suffice; null: none.
 */
function limitText(
  input: AllocationInput,
  carriers: readonly Offering[],
  usage: Usage,
  together: Usage | null,
  need: string,
): string | null {
  const passed = together === null ? nearestPassed(input.pool.limits, carriers, usage) : { more: together, name: null };
  const named = limitsText(input.pool.limits, limitKeys, usage, passed.more);
  if (named === '') return null;
  const what =
    passed.name === null
      ? 'for all of its tasks at once, and it wants all or none'
      : `for one more node that carries ${need} (${passed.name})`;
  return `The limits of the pool leave no room ${what}: ${named}.`;
}

/** Of what could carry it, so many instances of one, what passes the fewest limits, by the least. */
export function nearestPassed(
  limits: PoolLimits,
  carriers: readonly Offering[],
  usage: Usage,
  count = 1,
): { more: Usage; name: string | null } {
  let best: { more: Usage; name: string; passed: number; by: number } | null = null;
  for (const offering of carriers) {
    const more = usageOf(offering, count);
    let [passed, by] = [0, 0];
    for (const key of limitKeys) {
      const limit = limits[key];
      if (limit === undefined || !isPassed(limits, key, usage[key] + more[key])) continue;
      passed += 1;
      by += (usage[key] + more[key] - limit) / Math.max(limit, more[key]);
    }
    if (best === null || passed < best.passed || (passed === best.passed && by < best.by - 1e-12))
      best = { more, name: offering.type.name, passed, by };
  }
  return best ?? { more: { instances: 1, vcpu: 0, memoryMib: 0, usdPerHour: 0 }, name: null };
}

// Why tasks are not placed: one true reason each. Either nothing can ever carry them, or a relation to other
// tasks leaves no place, or what could carry them is out of capacity now, or a limit of the pool is used up:
// which one, by how much.
import type { Offering } from '../../values/offering.ts';
import { isPassed, lastingLimits, limitKeys, limitsText, usageOf } from '../../records/limits.ts';
import type { PoolLimits, Usage } from '../../records/pool.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import { carriesNow, censusOf } from './census.ts';
import type { Ask, Census, CensusGroup } from './census.ts';
import { fits } from '../../values/resources.ts';
import type { Never } from './satisfiable.ts';
import { amounts, findNever } from './satisfiable.ts';
import type { AllocationInput, Demand, Exclusion, Unplaced } from '../types.ts';

/** True when an empty node of this offering could carry one task of the demand in this pool. */
export function canCarry(
  demand: Pick<Demand, 'resources' | 'requirements'>,
  offering: Offering,
  pool: AllocationInput['pool'],
): boolean {
  return (
    pool.tasksPerNode >= 1
    && fits(demand.resources, offering.type.allocatable)
    && (pool.maxNodeVcpu === undefined || offering.type.vcpu <= pool.maxNodeVcpu)
    && unmetRequirement(demand.requirements, offering) === null
    && unmetRequirement(pool.requirements, offering) === null
  );
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
    const { sold, within } = soldIn(input);
    never = findNever(demand, { ...input.pool, limits: lastingLimits(input.pool.limits) }, within, sold);
    known.set(shape, never);
  }
  return never;
}

interface Sold {
  readonly sold: readonly Offering[];
  /** Of them, those that maxNodeVcpu allows. */
  readonly within: readonly Offering[];
}

const soldLists = new WeakMap<AllocationInput, Sold>();

/** What the pool's requirements allow, out of capacity or not. */
function soldIn(input: AllocationInput): Sold {
  const known = soldLists.get(input);
  if (known) return known;
  const { requirements, maxNodeVcpu = Infinity } = input.pool;
  const sold = [...input.offerings, ...input.unavailable].filter((one) => unmetRequirement(requirements, one) === null);
  const made = { sold, within: sold.filter((one) => one.type.vcpu <= maxNodeVcpu) };
  soldLists.set(input, made);
  return made;
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
    ...(kind === 'shortage' ? { lacking: census.out() } : {}),
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
    if (plain.carriersCount + plain.outCount > 0) return of('constraints', block.relation, 'constraints');
  }
  if (census.carriersCount === 0 && census.outCount === 0)
    return of(
      'unsatisfiable',
      `Never: none of the ${String(offerings)} offerings that the pool may buy can carry `
        + `${need}${nearestText(census)}.`,
    );
  const relation = block.relation === null ? '' : `${block.relation} `;
  if (census.carriersCount === 0) {
    const where = block.ask.zones === null ? '' : ` in ${block.ask.zones.join(', ')}`;
    return of('shortage', `${relation}Every offering that can carry ${need}${where} is out of capacity now.`);
  }
  const text = limitText(input, census, usage, block.together, need);
  if (text !== null) return of('limits', `${relation}${text}`, 'limits');
  // Nothing that is counted stands in its way by itself: it was left out of this plan for the sake
  // of what it goes with.
  return of(
    'constraints',
    `${relation}It has no place beside what this plan places; the pool plans again within a minute or so.`,
    'constraints',
  );
}

function exclusionsOf({ total, alone, carriersCount }: Census, blocked: string | null): Exclusion[] {
  const blockedOnly: [string, number][] = blocked !== null && carriersCount > 0 ? [[blocked, carriersCount]] : [];
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
  census: Census,
  usage: Usage,
  together: Usage | null,
  need: string,
): string | null {
  const passed = together === null ? nearestCarrier(input.pool.limits, census, usage) : { more: together, name: null };
  const named = limitsText(input.pool.limits, limitKeys, usage, passed.more);
  if (named === '') return null;
  const what =
    passed.name === null
      ? 'for all of its tasks at once, and it wants all or none'
      : `for one more node that carries ${need} (${passed.name})`;
  return `The limits of the pool leave no room ${what}: ${named}.`;
}

interface Passed {
  readonly more: Usage;
  readonly name: string;
  readonly passed: number;
  readonly by: number;
}

/** For the usage that was asked about last: every shape of one plan asks about the same. */
const nearestFirst = new WeakMap<
  readonly CensusGroup[],
  { readonly usage: Usage; readonly order: readonly (readonly [CensusGroup, Passed])[] }
>();

function nearestCarrier(limits: PoolLimits, census: Census, usage: Usage): { more: Usage; name: string | null } {
  let known = nearestFirst.get(census.groups);
  if (known?.usage !== usage) {
    const order = census.groups
      .filter((one) => !one.isOut && one.misses.length === 0)
      .map((one) => [one, passedOf(limits, one.first, usage, 1)] as const)
      .sort((a, b) => a[1].passed - b[1].passed || a[1].by - b[1].by);
    known = { usage, order };
    nearestFirst.set(census.groups, known);
  }
  return known.order.find(([group]) => carriesNow(group, census))?.[1] ?? nothingNear;
}

const nothingNear = { more: { instances: 1, vcpu: 0, memoryMib: 0, usdPerHour: 0 }, name: null };

function passedOf(limits: PoolLimits, offering: Offering, usage: Usage, count: number): Passed {
  const more = usageOf(offering, count);
  let [passed, by] = [0, 0];
  for (const key of limitKeys) {
    const limit = limits[key];
    if (limit === undefined || !isPassed(limits, key, usage[key] + more[key])) continue;
    passed += 1;
    by += (usage[key] + more[key] - limit) / (limit > 0 ? limit : 1);
  }
  return { more, name: offering.type.name, passed, by };
}

function isNearer(one: Passed, best: Passed): boolean {
  return one.passed < best.passed || (one.passed === best.passed && one.by < best.by - 1e-12);
}

/** Of what could carry it, so many instances of one, what passes the fewest limits, by the least. */
export function nearestPassed(
  limits: PoolLimits,
  carriers: readonly Offering[],
  usage: Usage,
  count = 1,
): { more: Usage; name: string | null } {
  let best: Passed | null = null;
  for (const offering of carriers) {
    const one = passedOf(limits, offering, usage, count);
    if (best === null || isNearer(one, best)) best = one;
  }
  return best ?? nothingNear;
}

// Where a node serves one tenant at a time, what becomes free there is of use to its tenant alone: whoever has the
// nodes would keep them for as long as he has tasks, whoever else comes first in the order. Here is whose turn it is
// then, and of which nodes one is kept for him until it is empty.
import { orderOf } from '../../allocation/ordering/index.ts';
import { shareNow } from '../../allocation/ordering/fair-share.ts';
import type { AllocationInput, AllocationPlan, Bin, Demand, Unplaced } from '../../allocation/types.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import { subtractResources } from '../../values/resources.ts';
import type { CapacityQuestion } from './capacity-question.ts';

export interface NodesTurn {
  /** Who waits. */
  readonly unplaced: Unplaced;
  /** Nodes of tenants that are served after him, and get more tasks in this plan. */
  readonly nodes: ReadonlySet<string>;
}

/** So many of those that wait, in their order, are looked at. */
const candidatesMax = 50;
/** Each is asked of the engine: the first may not fit on these nodes. */
const turnsMax = 4;

/** The next ones, in the order; none where tenants may share nodes. `lastServedMs`: since when a demand has nothing. */
export function turnsOf(
  { input }: CapacityQuestion,
  plan: AllocationPlan,
  lastServedMs: (demand: Demand) => number,
  settings: Pick<DecisionSettings, 'reserveAfterMs'>,
): readonly NodesTurn[] {
  const waiting = plan.unplaced.filter((one) => one.kind === 'limits').slice(0, candidatesMax);
  if (input.pool.isTenantPerNode !== true || waiting.length === 0) return [];
  const served = servedOnNodes(input, plan);
  if (served.size === 0) return [];
  const byId = new Map(input.demand.map((one) => [one.id, one]));
  const owned = input.bins.filter((bin) => bin.state === 'ready' && bin.tenant !== undefined);
  const comesBefore = input.pool.ordering === 'fair-share' ? byShare(input) : byPlace(input, served);
  const turns: NodesTurn[] = [];
  for (const unplaced of waiting) {
    if (turns.length === turnsMax) break;
    const demand = byId.get(unplaced.demandId);
    if (!demand) continue;
    const isLong = (sinceMs: number): boolean => input.nowMs - sinceMs >= settings.reserveAfterMs;
    const nodes = owned.filter(
      (bin) =>
        bin.tenant !== demand.tenant
        && served.has(bin.tenant ?? '')
        && comesBefore(
          demand,
          bin,
          () => isLong(demand.createdAtMs),
          () => isLong(lastServedMs(demand)),
        ),
    );
    if (nodes.length > 0) turns.push({ unplaced, nodes: new Set(nodes.map(({ id }) => id)) });
  }
  return turns;
}

/** By tenant: its demands that the plan gives more on nodes that are there. */
function servedOnNodes(input: AllocationInput, { placements }: AllocationPlan): ReadonlyMap<string, readonly Demand[]> {
  const byId = new Map(input.demand.map((one) => [one.id, one]));
  const ready = new Set(input.bins.filter((bin) => bin.state === 'ready').map(({ id }) => id));
  const all = placements
    .filter(({ binId }) => ready.has(binId))
    .flatMap(({ tasks }) => tasks.flatMap((one) => byId.get(one.demandId) ?? []));
  return Map.groupBy(all, (one) => one.tenant);
}

/** Whether a demand that waits has more of a right to the node than its tenant has to fill it again. */
type ComesBefore = (demand: Demand, bin: Bin, isOld: () => boolean, isUnserved: () => boolean) => boolean;

/** One for whom others are served that come after him, and who has waited long enough. */
function byPlace(input: AllocationInput, served: ReadonlyMap<string, readonly Demand[]>): ComesBefore {
  const places = new Map<string, number>();
  for (const [at, { demand }] of orderOf(input).entries()) if (!places.has(demand.id)) places.set(demand.id, at);
  const placeOf = ({ id }: Demand): number => places.get(id) ?? Infinity;
  const last = new Map([...served].map(([tenant, list]) => [tenant, Math.max(...list.map(placeOf))]));
  return (demand, bin, isOld) => placeOf(demand) < (last.get(bin.tenant ?? '') ?? -1) && isOld();
}

/** One whose tenant has less than the other would have without the node; or who has nothing, in turns. */
function byShare(input: AllocationInput): ComesBefore {
  const share = shareNow(input);
  return ({ tenant }, { tenant: other = '', offering, free }, _isOld, isUnserved) => {
    const own = share(tenant);
    const without = share(other, subtractResources(offering.type.allocatable, free));
    return without > own + leastDifference || (own === 0 && isUnserved());
  };
}

/** Rounding is no reason to move a node. */
const leastDifference = 1e-9;

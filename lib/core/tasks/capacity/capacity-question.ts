// What the allocation engine is asked for the tasks of a pool: their demand, the nodes that are there or coming, and
// what may be bought.
import { poolAsked } from './pool-asked.ts';
import type { AllocationInput, Demand } from '../../allocation/types.ts';
import { isNamed } from '../../catalog/commitments.ts';
import { hasRefusals, isRefused, reservationRefusal } from '../../plan/capacity-memory.ts';
import type { Observation } from '../../plan/observation.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { binsOf } from './bins.ts';
import { demandOf } from '../demand.ts';
import { onDemandFirst } from './spot-fallback.ts';
import { withPredictions } from './predictions.ts';
import type { MountGate } from '../mounts.ts';
import type { TenantWeights } from '../../records/tenant.ts';
import { defaultWeight } from '../../records/tenant.ts';
import { dictionary } from '../../values/dictionary.ts';
import type { Offering } from '../../values/offering.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, noResources } from '../../values/resources.ts';
import type { DecisionSettings } from '../../values/settings.ts';

export interface CapacityQuestion {
  /** Of tasks that are kept apart. */
  readonly isAlone: boolean;
  readonly input: AllocationInput;
  readonly demand: readonly Demand[];
  /** Why demands would rather have on-demand nodes (see spot-fallback.ts). */
  readonly onDemand: ReadonlyMap<string, string>;
}

/** Far above every limit. What a paused pool has counts as more than that: nothing is bought, what is there is used. */
const endless = 1_000_000_000;

/** The same question where nothing may be bought. */
export function withoutBuying({ paid: _paid, ...input }: AllocationInput): AllocationInput {
  return {
    ...input,
    pool: { ...input.pool, limits: { instances: endless, ...input.pool.limits } },
    usage: { ...input.usage, instances: 2 * endless },
  };
}

export function capacityQuestion(
  observation: Observation,
  copy: WorkingCopy,
  settings: DecisionSettings,
  shouldStop: () => boolean,
  mounts: MountGate,
): CapacityQuestion {
  const { pool, nowMs, memory } = observation;
  const demand = observation.isPoolDeleting
    ? []
    : copy
        .waiting()
        .map((record) => demandOf(record, copy, 'together', pool))
        .filter((one) => one !== null)
        .flatMap((one) => mounts.admit(one));
  // The same array while nothing is refused: what is worked out per set of offerings can be kept.
  const isAllAvailable = !hasRefusals(memory, nowMs);
  const isAvailable = (offering: Offering): boolean => isAllAvailable || !isRefused(memory, offering, nowMs);
  const { input, reasons } = onDemandFirst(
    copy,
    withPredictions(copy, {
      nowMs,
      demand,
      ...binsOf(observation, copy, settings),
      offerings: isAllAvailable ? observation.offerings : observation.offerings.filter(isAvailable),
      unavailable: isAllAvailable ? [] : observation.offerings.filter((offering) => !isAvailable(offering)),
      pool: poolAsked(pool, observation.paused ? { instances: endless, ...pool.limits } : pool.limits),
      usage: observation.paused ? { ...copy.usage(), instances: 2 * endless } : copy.usage(),
      ...paidNow(observation, copy),
      ...(memory.passedOver ? { passedOver: memory.passedOver } : {}),
      ...(pool.ordering === 'fair-share' ? { tenants: tenantsOf(copy, observation.tenantWeights) } : {}),
      offeringsPerLaunch: settings.offeringsPerLaunch,
      iterations: settings.allocationIterations,
      shouldStop,
    }),
  );
  return { isAlone: false, demand, input, onDemand: reasons };
}

/** Without reservations that EC2 has just refused. */
function paidNow({ paused, memory, nowMs }: Observation, copy: WorkingCopy): Pick<AllocationInput, 'paid'> {
  if (copy.paid.left === undefined || paused) return {};
  const paid = copy.paid.left.filter(
    ({ commitment: one }) => !isNamed(one) || reservationRefusal(memory, one, nowMs) === null,
  );
  return paid.length === 0 ? {} : { paid };
}

/** Of each tenant its weight, and what its tasks have of the pool's nodes now, those that drain included. */
function tenantsOf(copy: WorkingCopy, weights: TenantWeights = {}): NonNullable<AllocationInput['tenants']> {
  const tenants = dictionary<{ readonly weight: number; readonly inUse: Resources }>();
  for (const [tenant, weight] of Object.entries(weights)) tenants[tenant] = { weight, inUse: noResources };
  for (const node of copy.nodes()) {
    if (node.isLost) continue;
    for (const one of node.assigned) {
      const tenant = copy.request(one.requestId)?.tenant;
      if (tenant === undefined) continue;
      const { weight, inUse } = tenants[tenant] ?? { weight: defaultWeight, inUse: noResources };
      tenants[tenant] = { weight, inUse: addResources(inUse, one.resources) };
    }
  }
  return tenants;
}

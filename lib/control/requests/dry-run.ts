// A dry run without side effects: the same engine, on demand and nodes that the caller makes up.
import { countingAll } from '../../core/allocation/constraints/paid-first.ts';
import { withOnDemandShare } from '../../core/tasks/capacity/on-demand-share.ts';
import { poolAsked } from '../../core/tasks/capacity/pool-asked.ts';
import { adviceFor } from '../../core/allocation/reasons/slightly-less.ts';
import type { AllocationInput, AllocationPlan, Bin } from '../../core/allocation/types.ts';
import { paidBeside } from '../../core/costs/commitments.ts';
import { offeringId } from '../../core/values/offering.ts';
import { demandWithDefaults } from '../../core/allocation/requirement-defaults.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import { noUsage } from '../../core/records/pool.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { dictionary } from '../../core/values/dictionary.ts';
import type { Resources } from '../../core/values/resources.ts';
import { noResources } from '../../core/values/resources.ts';
import { InvalidPoolError } from '../errors.ts';
import { offeringsOfPool } from './pools.ts';
import { listTenants } from './tenants.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { PlanQuestion } from '../use-cases.ts';

export async function planDryRun(
  ports: ControlPorts,
  settings: ControlSettings,
  question: PlanQuestion,
): Promise<AllocationPlan> {
  const { pool } = question;
  const offerings = await offeringsOfPool(ports, pool);
  const demand = question.demand.map((one) => demandWithDefaults(one, offerings));
  const byId = new Map(offerings.map((offering) => [offering.id, offering]));
  const bins = question.nodes.flatMap((node, n) => {
    const offering = byId.get(offeringId(node.instanceType, node.zone, node.capacityType));
    if (!offering)
      throw new InvalidPoolError(
        `nodes.${String(n)}: pool ${pool.name} offers no ${node.capacityType} ${node.instanceType} in ${node.zone}`,
      );
    return Array.from({ length: node.count }, (_, i): Bin => ({
      id: `node-${String(n)}-${String(i)}`,
      state: 'ready',
      offering,
      free: offering.type.allocatable,
      freeTasks: pool.tasksPerNode,
      groups: {},
      antiAffinityGroups: [],
      expectedEmptyAtMs: null,
    }));
  });
  const startedMs = ports.clock.monotonicMs();
  const { allocationBudgetMs, allocationIterations } = settings.decisions;
  let isCut = false;
  const allocate = countingAll(ports.allocate);
  const input: AllocationInput = {
    nowMs: ports.clock.nowMs(),
    demand,
    bins,
    offerings,
    unavailable: [],
    pool: poolAsked(pool),
    usage: noUsage,
    ...paidBeside(pool, bins, ports.clock.nowMs()),
    ...(pool.ordering === 'fair-share' ? { tenants: await weighted(ports) } : {}),
    offeringsPerLaunch: settings.decisions.offeringsPerLaunch,
    shouldStop: () => (isCut ||= ports.clock.monotonicMs() - startedMs > allocationBudgetMs),
    iterations: question.iterations ?? allocationIterations,
  };
  const plan = shared(allocate(input), input, pool);
  // What a slow machine had no time for is about the plan, not about the advice.
  const answer = { ...plan, ...(isCut ? { isCutShort: true } : {}) };
  return { ...answer, advice: adviceFor(allocate, input, plan) };
}

/** With the pool's share on demand. */
function shared(plan: AllocationPlan, input: AllocationInput, pool: PoolSpec): AllocationPlan {
  const { demand, offerings, usage, nowMs, bins } = input;
  const vcpuOf = (of: readonly Bin[]): number => of.reduce((sum, bin) => sum + bin.offering.type.vcpu, 0);
  const onDemand = bins.filter(({ offering }) => offering.capacityType === 'on-demand');
  const present = { vcpu: vcpuOf(bins), onDemandVcpu: vcpuOf(onDemand) };
  const context = { pool, offerings, memory: emptyMemory, nowMs, usage, present };
  const launches = withOnDemandShare(plan.launches, demand, context);
  const costUsdPerHour = plan.costUsdPerHour + priceOf(launches) - priceOf(plan.launches);
  const { lowerBoundUsdPerHour: bound } = plan;
  const gapPercent =
    launches === plan.launches || bound === null || bound === 0 ? plan.gapPercent : (costUsdPerHour / bound - 1) * 100;
  return { ...plan, launches, costUsdPerHour, gapPercent };
}

function priceOf(launches: AllocationPlan['launches']): number {
  return launches.reduce((sum, { offerings: [first], count }) => sum + count * (first?.priceUsdPerHour ?? 0), 0);
}

/** Nobody has anything on nodes that are made up. */
async function weighted(ports: ControlPorts): Promise<NonNullable<AllocationInput['tenants']>> {
  const tenants = dictionary<{ readonly weight: number; readonly inUse: Resources }>();
  for (const { name, weight } of await listTenants(ports)) tenants[name] = { weight, inUse: noResources };
  return tenants;
}

// The dry run: a pool and demands in, what would be placed and bought out. The CLI's offline plan uses the same.
import * as z from 'zod';
import type { AllocationPlan, Demand, TaskShare } from '../../core/allocation/types.ts';
import type { InstanceType } from '../../core/values/offering.ts';
import { withImage } from '../../core/allocation/requirement-defaults.ts';
import { limits } from '../limits.ts';
import { poolBody } from './pools.ts';
import { constraintsOf, demandFields, msOrNull, resourcesOf, runFields, wishedOf } from './requests.ts';
import { requirementsOf } from './requirements.ts';
import { poolName, wholeNumber } from './values.ts';

/** A request as it would be submitted, with an id of the caller's choice; what it runs does not matter. */
export const planDemand = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'Names it in the answer; its position (request-1, …) unless given.' }),
    tenant: z.string().min(1).max(100).optional(),
    type: z.enum(['task', 'virtual_machine', 'storage', 'network']).default('task'),
    pool: poolName.optional().meta({ description: "Ignored: the plan's pool counts." }),
    ...demandFields,
    ...runFields,
  })
  .meta({ id: 'PlanRequest' });
export type PlanDemand = z.output<typeof planDemand>;

export const planNode = z.strictObject({
  instanceType: z.string().min(1).max(64),
  zone: z.string().min(1).max(64),
  capacityType: z.enum(['spot', 'on-demand'], 'must be "spot" or "on-demand"').default('on-demand'),
  count: wholeNumber(1, limits.countMax).default(1),
});

export const planBody = z
  .strictObject({
    pool: z.union([poolName, poolBody]).meta({ description: 'The name of a pool, or a pool as it would be put.' }),
    requests: z
      .array(planDemand, 'must be a list of requests')
      .min(1, 'must hold at least one request')
      .max(
        limits.planRequests,
        `must hold at most ${String(limits.planRequests)} requests; use count for identical ones`,
      ),
    nodes: z.array(planNode).max(1_000).default([]).meta({ description: 'Nodes taken as running and empty.' }),
    iterations: wholeNumber(0, limits.planIterationsMax)
      .optional()
      .meta({
        description:
          'Steps of the search for a cheaper plan: the same number gives the same plan. As many as a tick takes unless '
          + 'given.',
      }),
  })
  .meta({ id: 'PlanQuestion' });
export type PlanBody = z.output<typeof planBody>;

/** `index` names a demand without an id, and keeps the order of equals. */
export function demandOf(body: PlanDemand, index: number, tenant: string): Demand {
  return {
    id: body.id ?? `request-${String(index + 1)}`,
    tenant: body.tenant ?? tenant,
    count: body.count,
    resources: resourcesOf(body.resources),
    requirements: withImage({
      requirements: wishedOf(body),
      gpu: 0,
      image: body.image ?? null,
      preferences: body.preferences?.map((one) => ({ requirements: requirementsOf(one.requirements) })) ?? [],
    }),
    priority: body.priority,
    createdAtMs: index,
    expectedDurationMs: msOrNull(body.expectedDurationSeconds),
    ...constraintsOf(body),
  };
}

/** Ids that occur more than once: the engine needs them unique. */
export function repeatedIds(demand: readonly Demand[]): string[] {
  const seen = new Set<string>();
  return [...new Set(demand.map((one) => one.id).filter((id) => seen.has(id) || !seen.add(id)))];
}

const shares = z.array(z.object({ requestId: z.string(), count: z.int() }));

export const planView = z
  .object({
    placements: z.array(z.object({ nodeId: z.string(), tasks: shares })),
    launches: z
      .array(
        z.object({
          instanceType: z.string(),
          zone: z.string(),
          capacityType: z.enum(['spot', 'on-demand']),
          priceUsdPerHour: z.number(),
          gpu: z
            .object({ name: z.string(), manufacturer: z.string(), count: z.int(), memoryMib: z.int().nullable() })
            .nullable()
            .meta({ description: 'memoryMib: of each.' }),
          requestIds: z.array(z.string()),
          tasks: shares,
          reason: z.string(),
        }),
      )
      .meta({ description: 'One entry per node that would be bought.' }),
    costUsdPerHour: z.number().meta({ description: 'List prices, and creditsUsdPerHour; without what is paid for.' }),
    paidUsdPerHour: z.number().meta({ description: 'List prices of nodes that commitments of the pool pay for.' }),
    creditsUsdPerHour: z
      .number()
      .meta({
        description:
          'Surplus CPU credits that the burstable types among them bill at full load, where not all '
          + 'their tasks are bursty.',
      }),
    lowerBoundUsdPerHour: z.number().nullable(),
    gapPercent: z.number().nullable(),
    coefficients: z
      .object({ vcpuUsdPerHour: z.number(), memoryGibUsdPerHour: z.number(), gpuUsdPerHour: z.number() })
      .nullable(),
    isCutShort: z
      .boolean()
      .meta({
        description: 'The server was too slow for all steps of the search: with more time the plan may be cheaper.',
      }),
    advice: z
      .array(z.object({ requestId: z.string(), message: z.string() }))
      .meta({
        description:
          'Requests that would make this plan a tenth cheaper or more if they asked for slightly less, usually memory '
          + 'that is just over what a node leaves for tasks. For plans of up to 20 requests.',
      }),
    unplaceable: z.array(
      z.object({
        requestId: z.string(),
        count: z.int(),
        kind: z.enum(['unsatisfiable', 'shortage', 'limits', 'constraints']),
        reasons: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'Plan' });
export type PlanView = z.output<typeof planView>;

const sharesView = (tasks: readonly TaskShare[]): PlanView['placements'][number]['tasks'] =>
  tasks.map((one) => ({ requestId: one.demandId, count: one.count }));

function gpuOf({
  gpu: count,
  gpuName,
  gpuManufacturer,
  gpuMemoryMib,
}: InstanceType): PlanView['launches'][number]['gpu'] {
  return count === 0
    ? null
    : { name: gpuName ?? 'unknown', manufacturer: gpuManufacturer ?? 'unknown', count, memoryMib: gpuMemoryMib };
}

export function presentPlan(plan: AllocationPlan): PlanView {
  return {
    placements: plan.placements.map((one) => ({ nodeId: one.binId, tasks: sharesView(one.tasks) })),
    launches: plan.launches.flatMap((launch) => {
      const [offering] = launch.offerings;
      if (offering === undefined) return [];
      return Array.from({ length: launch.count }, () => ({
        instanceType: offering.type.name,
        zone: offering.zone,
        capacityType: offering.capacityType,
        priceUsdPerHour: offering.priceUsdPerHour,
        gpu: gpuOf(offering.type),
        requestIds: launch.tasks.map((one) => one.demandId),
        tasks: sharesView(launch.tasks),
        reason: launch.reason,
      }));
    }),
    costUsdPerHour: plan.costUsdPerHour,
    paidUsdPerHour: plan.paidUsdPerHour ?? 0,
    creditsUsdPerHour: plan.creditsUsdPerHour ?? 0,
    lowerBoundUsdPerHour: plan.lowerBoundUsdPerHour,
    gapPercent: plan.gapPercent,
    coefficients: plan.coefficients,
    isCutShort: plan.isCutShort ?? false,
    advice: (plan.advice ?? []).map((one) => ({ requestId: one.demandId, message: one.message })),
    unplaceable: plan.unplaced.map((one) => ({
      requestId: one.demandId,
      count: one.count,
      kind: one.kind,
      reasons: [
        one.message,
        ...one.excluded
          .filter((item) => !one.message.includes(`${item.constraint} excludes ${String(item.offerings)}`))
          .map(
            (item) =>
              `${item.constraint} excludes ${String(item.offerings)} offering${item.offerings === 1 ? '' : 's'}`,
          ),
      ],
    })),
  };
}

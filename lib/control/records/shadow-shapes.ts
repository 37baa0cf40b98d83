// What stored records say of shadows: of a pool its second policy, and what is kept of it from tick to tick.
import { anyObject, count, flag, list, mapOf, number, object, oneOf, optional, orNull, text } from './checks.ts';
import { poolDisruption } from './disruption-shapes.ts';

export const shadowPolicy = object({
  requirements: optional(anyObject),
  tasksPerNode: optional(count),
  maxNodeVcpu: optional(number),
  ordering: optional(oneOf('fifo', 'priority', 'fair-share')),
  placement: optional(oneOf('least-cost', 'spread', 'least-allocated', 'most-allocated', 'balanced')),
  idleAfterMs: optional(number),
  patienceMs: optional(number),
  onDemand: optional(object({ baseVcpu: number, percent: number })),
  disruption: optional(poolDisruption),
  objective: optional(oneOf('cost-over-time', 'cost-now')),
});

const capacityType = oneOf('on-demand', 'spot');
const sums = object({
  ...{ usd: number, spotUsd: number, launches: count, ends: count, moves: count },
  waits: object({ count, sumMs: number, buckets: list(count) }),
});

export const shadow = object({
  ...{ revision: text, sinceMs: number, atMs: number, dueAtMs: orNull(number) },
  stopped: optional(object({ reason: text, atMs: number, againAtMs: number })),
  requests: mapOf(
    object({
      ...{ tenant: text, createdAtMs: number },
      spec: object({
        resources: object({ cpuMilli: number, memoryMib: number, gpu: number }),
        ...{ requirements: anyObject, priority: number },
      }),
    }),
  ),
  tasks: list(
    object({
      ...{ request: text, index: count, attempt: count, hasStarted: flag, movedAttempt: optional(count) },
      isOver: optional(flag),
      ...{ livePlacedAtMs: orNull(number), tookMs: orNull(number), node: orNull(text), placedAtMs: orNull(number) },
    }),
  ),
  nodes: list(
    object({
      ...{ id: text, instanceType: text, zone: text, capacityType, priceUsdPerHour: number, tasksMax: count },
      ...{ createdAtMs: number, readyAtMs: number, emptySinceMs: orNull(number), drain: optional(anyObject) },
      ...{ replaces: optional(list(text)), reservation: optional(text) },
    }),
  ),
  sums,
  live: object({ nodes: list(object({ id: text, capacityType, priceUsdPerHour: number, createdAtMs: number })), sums }),
  ...{ named: count, cutShort: count, isBootGuessed: flag, consolidatedAtMs: optional(number) },
});

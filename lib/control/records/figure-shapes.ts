// What stored records say of a pool's figures.
import type { OfferingSums } from '../../core/lifetimes/offerings.ts';
import type { Check } from './checks.ts';
import { count, list, mapOf, number, object, optional, orNull, text } from './checks.ts';

const resources = object({ cpuMilli: number, memoryMib: number, gpu: number });
const cost = object({
  ...{ type: text, pool: text, tenant: text },
  ...{ requests: count, instances: count, stopped: count, volumeGib: number, usdPerHour: number },
});

/** As the last tick left them, in the lock. */
const present = object({
  atMs: number,
  nodes: mapOf(count),
  nodesByType: mapOf(count),
  allocatable: resources,
  assigned: resources,
  open: mapOf(count),
  openTasks: object({ pending: number, running: number }),
  oldestPendingAtMs: orNull(number),
  quarantined: count,
  costs: optional(list(cost)),
  usage: object({ instances: number, vcpu: number, memoryMib: number, usdPerHour: number }),
  usdPerHour: number,
  spentUsd: number,
  headroomNodes: count,
  seen: optional(count),
  ended: optional(object({ ended: mapOf(count), spentUsd: number, launchedNodes: number, goneNodes: number })),
});

/** What the lock says of a pool that ticks keep copies of. */
export const leftOfLarge = {
  listedSinceMs: optional(number),
  present: optional(present),
  noted: optional(object({ from: count, through: count })),
  compact: optional(object({ slot: count, hash: text, epoch: count, readAnewAtMs: number })),
};

/** What a pool has learned of one offering. */
export const offeringSums = object({
  refused: number,
  failed: number,
  booted: number,
  bootSeconds: number,
  bootLogs: number,
  hours: number,
  interrupted: number,
  atMs: number,
} satisfies Record<keyof OfferingSums, Check>);

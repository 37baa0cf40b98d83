// What a pool's history has of tasks that ran and of shortages, as the API shows it.
import * as z from 'zod';
import type { ArchivePart, PastRequest, PastTask } from '../../../core/forecast/archive.ts';
import { tasksInPart } from '../../../core/forecast/archive.ts';
import type { Shortage } from '../../../core/forecast/shortages.ts';
import { resourcesView, resourcesViewSchema, taskView } from '../requests.ts';
import { compact, pageQuery, time, timeOf } from '../values.ts';

export const pastTasksQuery = z.strictObject({
  since: time.optional().meta({ description: 'Of requests accepted since then.' }),
  cursor: pageQuery.cursor,
});

export const shortagesQuery = z.strictObject({ since: time.optional(), cursor: pageQuery.cursor });

const texts = z.array(z.string()).optional();

const pastTask = z.object({
  index: z.int(),
  startedAt: time,
  endedAt: time,
  node: taskView.shape.node,
  usage: z.object({ memoryPeakMib: z.int().nullable(), cpuSeconds: z.number().nullable() }),
});

const pastRequest = z.object({
  id: z.string(),
  tenant: z.string(),
  state: z.string(),
  createdAt: time,
  resources: resourcesViewSchema,
  name: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  group: z.string().optional(),
  priority: z.int(),
  deadlineSeconds: z.number().optional(),
  disruption: z.enum(['never', 'restart', 'checkpoint']).optional(),
  zone: texts,
  arch: texts,
  capacityType: texts,
  tasks: z.array(pastTask).meta({ description: 'The last attempt of each that ran.' }),
});
export type PastRequestView = z.output<typeof pastRequest>;

export const pastTasksView = z
  .object({
    items: z
      .array(pastRequest)
      .meta({
        description:
          'In order of their ends, by the hour or so. A large array comes in several items, and after a failure of the '
          + 'controller a later page may have a task again: `id` and `index` tell.',
      }),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'PastTasks' });
export type PastTasksView = z.output<typeof pastTasksView>;

export function presentPastTasks(parts: readonly ArchivePart[], nextCursor: string | null): PastTasksView {
  return { items: parts.flatMap((part) => part.requests.map((one) => presentRequest(part, one))), nextCursor };
}

function presentRequest(part: ArchivePart, request: PastRequest): PastRequestView {
  const { id, tenant, state, createdAtMs, resources, name, labels, group, priority, deadlineMs, disruption } = request;
  const { zone, arch, capacityType } = request;
  return {
    ...{ id, tenant, state, createdAt: timeOf(createdAtMs), resources: resourcesView(resources), priority },
    ...compact({ name, labels, group, disruption }),
    ...compact({ deadlineSeconds: deadlineMs === undefined ? undefined : deadlineMs / 1_000 }),
    ...compact({ zone: listOf(zone), arch: listOf(arch), capacityType: listOf(capacityType) }),
    tasks: tasksInPart(part, request).map(presentTask),
  };
}

function listOf(values: readonly string[] | undefined): string[] | undefined {
  return values && [...values];
}

function presentTask({
  index,
  startedAtMs,
  endedAtMs,
  node,
  memoryPeakMib,
  cpuMs,
}: PastTask): PastRequestView['tasks'][0] {
  return {
    ...{ index, startedAt: timeOf(startedAtMs), endedAt: timeOf(endedAtMs) },
    node: node && {
      id: node.nodeId,
      instanceType: node.instanceType,
      zone: node.zone,
      capacityType: node.capacityType,
      priceUsdPerHour: node.priceUsdPerHour,
    },
    usage: { memoryPeakMib, cpuSeconds: cpuMs === null ? null : cpuMs / 1_000 },
  };
}

export const shortagesView = z
  .object({
    items: z.array(
      z.object({
        at: time,
        until: time.meta({ description: 'When the pool would have asked again; it did sooner where others came.' }),
        offering: z.string().meta({ description: 'Type, zone and capacity type, `*` for any.' }),
        code: z.string().meta({ description: "EC2's." }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Shortages' });
export type ShortagesView = z.output<typeof shortagesView>;

export function presentShortages(shortages: readonly Shortage[], nextCursor: string | null): ShortagesView {
  const items = shortages.map(({ fromMs, untilMs, offering, code }) => ({
    ...{ at: timeOf(fromMs), until: timeOf(untilMs), offering, code },
  }));
  return { items, nextCursor };
}

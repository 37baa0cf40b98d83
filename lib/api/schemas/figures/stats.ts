// Figures of the installation as the API shows them, and its health.
import * as z from 'zod';
import { requestState, resourcesViewSchema } from '../requests.ts';
import { time } from '../values.ts';

const percentiles = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  count: z.int(),
});
const figures = z.object({ source: z.string(), region: z.string(), asOf: z.string(), ageSeconds: z.number() });
const tasks = z.object({ pending: z.int(), running: z.int() });
const share = z.number().nullable();

export const statsView = z
  .object({
    figuresOf: z
      .string()
      .meta({
        description:
          'When the oldest of the figures of what is there was taken: those of a large pool are as its last tick left '
          + 'them, also if that is long ago because nothing has happened since.',
      }),
    requests: z.record(requestState, z.int()).meta({ description: 'Counts by state.' }),
    tasks: tasks.meta({ description: 'Of open requests; of arrays in large pools as of their last ticks.' }),
    oldestPendingAt: time
      .nullable()
      .meta({
        description: 'When the oldest request that waits, and is not set aside, was accepted; null: none waits.',
      }),
    quarantined: z.int().meta({ description: 'Requests left aside because planning them failed.' }),
    nodes: z.record(z.string(), z.int()).meta({ description: 'Counts by state.' }),
    nodesByType: z.record(z.string(), z.int()),
    launchedNodes: z.int(),
    goneNodes: z.int(),
    allocatable: resourcesViewSchema.meta({ description: 'What tasks may use of ready nodes.' }),
    assigned: resourcesViewSchema.meta({ description: 'What tasks on ready nodes asked for.' }),
    utilisation: z
      .object({ cpu: share, memory: share, gpu: share })
      .meta({ description: 'Assigned over allocatable of ready nodes, 0 to 1; null without nodes.' }),
    usage: z
      .object({ instances: z.number(), vcpu: z.number(), memoryMib: z.number(), usdPerHour: z.number() })
      .meta({ description: 'What pools have and reserve.' }),
    headroomNodes: z
      .int()
      .meta({
        description: 'Nodes without work that pools keep as declared or because of alarms: the sum of their floors.',
      }),
    usdPerHour: z
      .number()
      .meta({
        description:
          'Of what runs and what is stored, kept volumes too: stopped machines count in usage, and '
          + 'cost their disks only.',
      }),
    spentUsd: z.number(),
    claimed: z
      .array(
        z.object({
          type: z.string(),
          pool: z.string(),
          tenant: z.string(),
          requests: z.int(),
          instances: z.int(),
          stopped: z.int(),
          volumeGib: z.number(),
          usdPerHour: z.number(),
        }),
      )
      .optional()
      .meta({
        description:
          'Claims now, by type, pool and tenant (to tenants all but their own is "(others)"); '
          + 'volumes at their hourly rate. The type kept-volume is of volumes that wait for their next request. '
          + 'The tenant (warm) is the warm pool.',
      }),
    catalog: z
      .object({ offerings: figures, onDemandPrices: figures })
      .meta({
        description:
          'Where offerings (with spot prices) and on-demand prices come from: "ec2", "price-list", "simulated", '
          + 'or "packaged" figures that stand in until AWS has been asked.',
      }),
    pools: z
      .array(
        z.object({
          pool: z.string(),
          tasks,
          nodes: z.int().meta({ description: 'In all states.' }),
          instances: z.int().meta({ description: 'Nodes and machines, as limits count them.' }),
          usdPerHour: z.number(),
        }),
      )
      .meta({ description: 'What each pool has, by name; of more than 100 the first.' }),
    latencyMs: z.object({ acceptedToPlaced: percentiles, placedToRunning: percentiles, runningToEnded: percentiles }),
  })
  .meta({ id: 'Stats' });
export type StatsView = z.output<typeof statsView>;

export const healthView = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

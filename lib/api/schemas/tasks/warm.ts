// Machines and nodes that a pool keeps ready, as the API takes and shows them.
import * as z from 'zod';
import type { NodeState } from '../../../core/records/node.ts';
import type { WarmNodesSpec, WarmSpec } from '../../../core/records/pool.ts';
import { limits } from '../../limits.ts';
import { lookOf, machineLook } from '../claims.ts';
import { compact, wholeNumber } from '../values.ts';

const warmMax = 50;

export const warm = z.strictObject({
  running: wholeNumber(0, warmMax).default(0).meta({ description: 'Taken at once.' }),
  stopped: wholeNumber(0, warmMax).default(0).meta({ description: 'Started when taken; costs its disks only.' }),
  ...machineLook,
});

/** Where nothing is said about them. */
const warmNeeds = { vcpu: 2, memoryMib: 4_096 };

export function warmOf(body: z.output<typeof warm>): WarmSpec {
  return {
    running: body.running,
    stopped: body.stopped,
    ...lookOf(body.instanceType === undefined && body.needs === undefined ? { ...body, needs: warmNeeds } : body),
  };
}

export const warmView = z.object({
  running: z.int(),
  stopped: z.int(),
  instanceType: z.string().exactOptional(),
  zone: z.string().exactOptional(),
  image: z.string().exactOptional(),
  needs: z
    .object({
      vcpu: z.int(),
      memoryMib: z.int(),
      gpu: z.int(),
      arch: z.string(),
      localDiskGib: z.int(),
      networkGbps: z.int(),
    })
    .partial()
    .exactOptional(),
});

/** As it was declared: what it leaves out, nobody said. */
export function presentWarm({
  running,
  stopped,
  needs,
  requirements: { instanceType, zone, minLocalDiskGib, minNetworkGbps },
  imageId,
}: WarmSpec): z.output<typeof warmView> {
  const shown = compact({
    vcpu: needs.vcpu || undefined,
    memoryMib: needs.memoryMib || undefined,
    gpu: needs.gpu || undefined,
    arch: needs.arch ?? undefined,
    localDiskGib: minLocalDiskGib,
    networkGbps: minNetworkGbps,
  });
  return compact({
    running,
    stopped,
    instanceType: instanceType?.[0],
    zone: zone?.[0],
    image: imageId ?? undefined,
    needs: Object.keys(shown).length === 0 ? undefined : shown,
  });
}

const expireAfterSecondsDefault = 7 * 86_400;

export const warmNodes = z
  .strictObject({
    stopped: wholeNumber(0, warmMax).meta({
      description: 'So many of its on-demand nodes are stopped when they have no work, in place of being terminated.',
    }),
    minStopped: wholeNumber(0, warmMax)
      .default(0)
      .meta({ description: 'So many are bought, set up and stopped before anybody asks. At most as many as stopped.' }),
    expireAfterSeconds: z
      .number('must be a number of seconds')
      .min(3_600, 'must be at least an hour (3600)')
      .max(limits.durationSecondsMax)
      .default(expireAfterSecondsDefault)
      .meta({ description: 'At this age they are terminated in place of being stopped.' }),
  })
  .refine(({ stopped, minStopped }) => minStopped <= stopped, {
    path: ['minStopped'],
    message: 'must not be more than stopped',
  })
  .meta({
    description:
      'Nodes for tasks that are stopped when they have no work, cost their root volume then, and are started before '
      + 'others are bought (docs/elastic-fleet.md).',
  });

export function warmNodesOf({ stopped, minStopped, expireAfterSeconds }: z.output<typeof warmNodes>): WarmNodesSpec {
  const expireAfterMs = Math.round(expireAfterSeconds * 1_000);
  return { stopped, ...(minStopped === 0 ? {} : { minStopped }), expireAfterMs };
}

export const warmNodesView = z.object({
  stopped: z.int(),
  minStopped: z.int().exactOptional(),
  expireAfterSeconds: z.number(),
  lacking: z
    .string()
    .exactOptional()
    .meta({
      description: 'Why fewer than minStopped are ready, as of the last tick; absent where they are, or are bought.',
    }),
});

export function presentWarmNodes(
  { expireAfterMs, ...spec }: WarmNodesSpec,
  lacking?: string,
): z.output<typeof warmNodesView> {
  return { ...spec, expireAfterSeconds: expireAfterMs / 1_000, ...(lacking === undefined ? {} : { lacking }) };
}

export function mayHaveOnDemand(body: {
  readonly warmNodes?: unknown;
  readonly requirements: { readonly capacityType?: readonly string[] | undefined };
}): boolean {
  const { capacityType } = body.requirements;
  return body.warmNodes === undefined || capacityType === undefined || capacityType.includes('on-demand');
}

const nodeStates: Record<NodeState, true> = {
  launching: true,
  ready: true,
  stopping: true,
  stopped: true,
  starting: true,
  draining: true,
  terminating: true,
};

export const nodeState = z.enum(Object.keys(nodeStates) as NodeState[]);

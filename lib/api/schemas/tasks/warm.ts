// Machines that a pool keeps ready, as the API takes and shows them.
import * as z from 'zod';
import type { WarmSpec } from '../../../core/records/pool.ts';
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

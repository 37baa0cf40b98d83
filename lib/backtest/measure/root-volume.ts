// The root volume of a node: its size as the stack has it (lib/infra), and what it costs beside the instance.
import { volumeFacts } from '../../core/claims/volumes/storage-choice.ts';
import { hoursPerMonth } from '../../core/claims/volumes/volume-cost.ts';
import type { InstanceType } from '../../core/values/offering.ts';

/** Unless the installation says otherwise. */
export const defaultRootVolumeGib = 20;

/** What CUDA, the driver and the container toolkit of the image for GPUs take, and some room. */
export const gpuRootVolumeGib = 120;

/** At the list price of gp3 in us-east-1, by AWS's rule of 730 hours a month. 0 GiB: there is none. */
export function rootVolumeUsdPerHour(type: Pick<InstanceType, 'allocatable'>, givenGib: number): number {
  const gib = givenGib > 0 && type.allocatable.gpu > 0 ? Math.max(gpuRootVolumeGib, givenGib) : givenGib;
  return (gib * volumeFacts.gp3.usdPerGibMonth) / hoursPerMonth;
}

// The root volume of a node: its size as the stack has it (lib/infra), and what it costs beside the instance.
import type { InstanceType } from '../values/offering.ts';

/** "Amazon EBS pricing", us-east-1, 2026-11: gp3. */
export const gp3UsdPerGibMonth = 0.08;

/** AWS's own rule for a monthly price by the hour. */
export const hoursPerMonth = 730;

/** Unless the installation says otherwise. */
export const defaultRootVolumeGib = 20;

/** What CUDA, the driver and the container toolkit of the image for GPUs take, and some room. */
export const gpuRootVolumeGib = 120;

/** 0 GiB: there is none. */
export function rootVolumeUsdPerHour(type: Pick<InstanceType, 'allocatable'>, givenGib: number): number {
  const gib = givenGib > 0 && type.allocatable.gpu > 0 ? Math.max(gpuRootVolumeGib, givenGib) : givenGib;
  return (gib * gp3UsdPerGibMonth) / hoursPerMonth;
}

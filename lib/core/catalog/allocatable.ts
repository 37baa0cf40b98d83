// What tasks may use of an instance type: less than its hardware, by Karpenter's formulas for hosts of containers.
import type { Arch } from '../values/offering.ts';
import type { Resources } from '../values/resources.ts';

/**
 * Of the memory without 7.5 % for the hypervisor (and 64 MiB on arm64), 100 MiB as a margin, 255 MiB and 11
 * more per pod that the network interfaces allow; of the vCPUs without 6 % of the first, 1 % of the second, 0.5
 * % of the third and fourth, 0.25 % of each other.
 */
export function allocatableOf(
  {
    arch,
    vcpu,
    memoryMib,
    gpu,
  }: { readonly arch: Arch; readonly vcpu: number; readonly memoryMib: number; readonly gpu: number },
  podsMax: number,
): Resources {
  const reservedMilli = 60 + (vcpu > 1 ? 10 : 0) + 5 * Math.min(2, Math.max(0, vcpu - 2)) + 2.5 * Math.max(0, vcpu - 4);
  const usableMib = arch === 'arm64' ? memoryMib - 64 : memoryMib;
  return {
    cpuMilli: Math.floor(vcpu * 1_000 - reservedMilli),
    memoryMib: Math.floor(usableMib * 0.925 - 100 - 255 - 11 * podsMax),
    gpu,
  };
}

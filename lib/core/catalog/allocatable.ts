// What tasks may use of an instance type: all of its vCPUs, and less than its memory.
import type { Arch } from '../values/offering.ts';
import type { Resources } from '../values/resources.ts';

/**
 * CPU can be shared, memory cannot. What the agent and the system use of the CPU comes out of all tasks' by their
 * weights (`agent/tasks/cpu.ts`), so that a whole number of vCPUs fits a node of as many. Of the memory, by Karpenter's
 * formula for hosts of containers, what is left without 7.5 % for the hypervisor (and 64 MiB on arm64), 100 MiB as a
 * margin, 255 MiB and 11 more per pod that the network interfaces allow.
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
  const usableMib = arch === 'arm64' ? memoryMib - 64 : memoryMib;
  return { cpuMilli: vcpu * 1_000, memoryMib: Math.floor(usableMib * 0.925 - 100 - 255 - 11 * podsMax), gpu };
}

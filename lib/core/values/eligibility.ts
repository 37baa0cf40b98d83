// Which types are bought without being named. Everything else is an offering only of a pool whose own requirements
// name it: what the nodes' image cannot boot, what is sold in other ways or has quotas of its own, and what AWS itself
// no longer calls current.
import type { InstanceType } from './offering.ts';

export type NotGeneric =
  'does-not-boot' | 'bare-metal' | 'hpc' | 'high-memory' | 'mac' | 'previous-generation' | 'accelerator';

/** Every reason why the type is bought only where a pool names it; none: it is bought wherever it fits. */
export function whyNotGeneric(type: InstanceType): readonly NotGeneric[] {
  const { category } = type;
  const reasons: readonly (readonly [NotGeneric, boolean])[] = [
    ['does-not-boot', !bootsAmazonLinux(type)],
    ['mac', category === 'mac'],
    ['hpc', category === 'hpc'],
    ['high-memory', category === 'u'],
    ['bare-metal', type.isBareMetal],
    ['previous-generation', !type.isCurrentGeneration],
    // Nothing that a task asks for names these devices: a plain task would only pay with other
    // people's scarce capacity.
    ['accelerator', type.accelerator !== null && type.gpu === 0],
  ];
  return reasons.filter(([, claims]) => claims).map(([reason]) => reason);
}

/**
 * Amazon Linux 2023 is an HVM image that boots by BIOS or UEFI on amd64 and by UEFI alone on arm64; its documentation
 * leaves out A1, of which DescribeInstanceTypes says nothing of the kind. EC2 names paravirtual beside hvm for first
 * generations (t1, m1, m2, c1), but starts non-Windows HVM images on none of them.
 */
function bootsAmazonLinux({ family, arch, virtualizationTypes, bootModes }: InstanceType): boolean {
  if (family === 'a1' || !virtualizationTypes.includes('hvm')) return false;
  if (['t1', 'm1', 'm2', 'c1'].includes(family)) return false;
  // Old answers have no boot modes: then the architecture's usual one is there.
  return (
    bootModes.length === 0 || bootModes.includes('uefi') || (arch === 'amd64' && bootModes.includes('legacy-bios'))
  );
}

/** For people, e.g. in the reason why a task waits. */
export const notGenericText: Readonly<Record<NotGeneric, string>> = {
  'does-not-boot': 'Amazon Linux 2023 does not boot on it',
  'bare-metal': 'it is bare metal',
  hpc: 'it is made for HPC clusters, with quotas and zones of its own',
  'high-memory': 'it is a high memory type, with quotas of its own',
  mac: 'it runs macOS on dedicated hosts',
  'previous-generation': 'AWS calls it a previous generation',
  accelerator: 'its accelerators are no GPUs, and no task can ask for them',
};

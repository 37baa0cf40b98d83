// Which offerings a request or a pool accepts: lists of allowed values; an absent key allows all.
import type { Offering } from './offering.ts';

export interface Requirements {
  readonly instanceCategory?: readonly string[];
  readonly instanceFamily?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly arch?: readonly string[];
  readonly zone?: readonly string[];
  readonly capacityType?: readonly string[];
  /** Smallest instance generation allowed, e.g. 6 for c6i and newer. */
  readonly minInstanceGeneration?: number;
  /** NVMe instance store of the whole instance. */
  readonly minLocalDiskGib?: number;
  /** Baseline bandwidth of the whole instance; a type without a known one does not meet it. */
  readonly minNetworkGbps?: number;
}

export type RequirementKey = keyof Requirements;

export const requirementKeys: readonly RequirementKey[] = [
  'instanceCategory', 'instanceFamily', 'instanceType', 'arch', 'zone', 'capacityType', 'minInstanceGeneration', 'minLocalDiskGib', 'minNetworkGbps',
];

/** The first key of `requirements` that `offering` does not meet, in the order of {@link requirementKeys}; null if it meets all. */
export function unmetRequirement(requirements: Requirements, offering: Pick<Offering, 'type' | 'zone' | 'capacityType'>): RequirementKey | null {
  const { type } = offering;
  if (requirements.instanceCategory && !requirements.instanceCategory.includes(type.category)) return 'instanceCategory';
  if (requirements.instanceFamily && !requirements.instanceFamily.includes(type.family)) return 'instanceFamily';
  if (requirements.instanceType && !requirements.instanceType.includes(type.name)) return 'instanceType';
  if (requirements.arch && !requirements.arch.includes(type.arch)) return 'arch';
  if (requirements.zone && !requirements.zone.includes(offering.zone)) return 'zone';
  if (requirements.capacityType && !requirements.capacityType.includes(offering.capacityType)) return 'capacityType';
  if (requirements.minInstanceGeneration !== undefined && type.generation < requirements.minInstanceGeneration) return 'minInstanceGeneration';
  if (requirements.minLocalDiskGib !== undefined && type.localDiskGib < requirements.minLocalDiskGib) return 'minLocalDiskGib';
  if (requirements.minNetworkGbps !== undefined && (type.networkMbps ?? 0) < requirements.minNetworkGbps * 1000) return 'minNetworkGbps';
  return null;
}

/** A canonical text of the requirements: equal texts accept the same offerings. */
export function requirementsKey(requirements: Requirements): string {
  return requirementKeys
    .filter((key) => requirements[key] !== undefined)
    .map((key) => {
      const value = requirements[key];
      return `${key}=${Array.isArray(value) ? [...new Set(value as string[])].sort().join(',') : String(value)}`;
    })
    .join(';');
}

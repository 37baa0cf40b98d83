// What can be bought: instance types (facts of the catalog) and offerings (type x zone x capacity type).
import type { Resources } from './resources.ts';

export type Arch = 'amd64' | 'arm64';
export type CapacityType = 'spot' | 'on-demand';

/** One EC2 instance type. `allocatable` is what tasks may use: less than the hardware, which the host shares. */
export interface InstanceType {
  /** e.g. `c7g.xlarge` */
  readonly name: string;
  /** e.g. `c7g` */
  readonly family: string;
  /** e.g. `c` */
  readonly category: string;
  readonly generation: number;
  /** e.g. `xlarge` */
  readonly size: string;
  readonly arch: Arch;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpu: number;
  readonly gpuName: string | null;
  readonly isBareMetal: boolean;
  /** NVMe instance store, which is there at every launch and gone with the instance; 0: none. */
  readonly localDiskGib: number;
  /** The baseline, which lasts; null where AWS names none ("moderate"). */
  readonly networkMbps: number | null;
  readonly allocatable: Resources;
  /** null where the type is not sold on demand in the region. */
  readonly onDemandUsdPerHour: number | null;
  /** An estimate from the 30-day average saving, without zone; null where not sold as spot. */
  readonly spotUsdPerHour: number | null;
  /** EC2 spot advisor's band: 0 (<5 % a month), 1 (5-10), 2 (10-15), 3 (15-20), 4 (>20); null where unknown. */
  readonly spotInterruptionBand: number | null;
}

/** One thing that can be bought, at one price. */
export interface Offering {
  /** `c7g.xlarge/us-east-1a/spot`: unique and the tie-breaker of every order. */
  readonly id: string;
  readonly type: InstanceType;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
}

export function offeringId(instanceType: string, zone: string, capacityType: CapacityType): string {
  return `${instanceType}/${zone}/${capacityType}`;
}

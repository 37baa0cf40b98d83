// What can be bought: instance types (facts of the catalog) and offerings (type x zone x capacity type).
import type { Resources } from './resources.ts';

export type Arch = 'amd64' | 'arm64';
export type CapacityType = 'spot' | 'on-demand';

/** What a type has beside or in place of GPUs: Neuron devices, inference or media accelerators, FPGAs. */
export interface Accelerator {
  /** e.g. `inferentia2` */
  readonly name: string;
  readonly manufacturer: string;
  readonly count: number;
  /** Of each; null where AWS names none. */
  readonly memoryMib: number | null;
}

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
  /** Whole GPUs: 0 also where a type has a part of one, which `gpuName` then names. */
  readonly gpu: number;
  /** e.g. `t4`, `radeon-pro-v520` */
  readonly gpuName: string | null;
  /** `nvidia` or `amd` */
  readonly gpuManufacturer: string | null;
  /** Of each GPU, or of the part. */
  readonly gpuMemoryMib: number | null;
  readonly accelerator: Accelerator | null;
  /** `intel`, `amd` or `aws` */
  readonly cpuManufacturer: string;
  /** `nitro` or `xen`; null: bare metal. */
  readonly hypervisor: string | null;
  readonly isBareMetal: boolean;
  /** CPU by credits: a baseline is paid for, what is used above it costs more (see catalog/burstable.ts). */
  readonly isBurstable: boolean;
  readonly isCurrentGeneration: boolean;
  /** `hvm`, `paravirtual` */
  readonly virtualizationTypes: readonly string[];
  /** `legacy-bios`, `uefi` */
  readonly bootModes: readonly string[];
  /** `on-demand`, `spot`, `capacity-block` */
  readonly usageClasses: readonly string[];
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
  /** What is billed by the hour; burstable types bill surplus credits beside it. */
  readonly priceUsdPerHour: number;
  /** The price is the pool's own (see catalog/own-prices.ts); absent: the catalog's. */
  readonly isOwnPrice?: true;
  /** Set while a plan is made, on what only bursty tasks may have for its price (see allocation/credits.ts). */
  readonly isForBursts?: boolean;
  /** Set while a plan is made, on that of a node whose agent is of a version before (see tasks/capacity/agents.ts). */
  readonly isOfEarlierAgent?: true;
  /** Set while a plan is made for an adaptive pool (see lifetimes/effective-prices.ts); absent: it counts its price. */
  readonly learned?: LearnedPrice;
}

/** How much an offering counts when nodes are chosen; limits, budgets and costs go by its price. */
export interface LearnedPrice {
  /** Times its price; above 1: it is worse than what nothing is known of. */
  readonly factor: number;
  /** The least that what was learned allows for; the same as `factor`: there is nothing to try again. */
  readonly hopeful: number;
  /** For people, after the offering's name. */
  readonly because: string;
  /** `factor` is the hopeful one: what is bought of it is a trial. */
  readonly isTrial?: true;
}

export function offeringId(instanceType: string, zone: string, capacityType: CapacityType): string {
  return `${instanceType}/${zone}/${capacityType}`;
}

const indexes = new WeakMap<readonly Offering[], ReadonlyMap<string, Offering>>();

/** Made once for each list. */
export function offeringsById(offerings: readonly Offering[]): ReadonlyMap<string, Offering> {
  const index = indexes.get(offerings) ?? new Map(offerings.map((one) => [one.id, one]));
  indexes.set(offerings, index);
  return index;
}

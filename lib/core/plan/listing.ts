// What EC2 shows of a pool, as a decision reads it: complete listings, of one moment for nodes and claims.
import type { CapacityType } from '../values/offering.ts';
import type { PermissionRule } from '../records/security-group.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** What EC2 says of one instance, as the last listing had it. */
export interface ListedInstance {
  readonly id: string;
  readonly state: InstanceState;
  readonly stateReason: string | null;
}

/** Instances of nodes. */
export interface Listing {
  readonly atMs: number;
  readonly instances: ReadonlyMap<string, ListedInstance>;
}

/** An instance of a claim. */
export interface SeenMachine extends ListedInstance {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly disks: readonly { readonly device: string; readonly volumeId: string }[];
  readonly groupIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface SeenVolume {
  readonly id: string;
  readonly state: 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
  readonly zone: string;
  readonly type: string;
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly attachments: readonly { readonly instanceId: string; readonly device: string; readonly state: string }[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface SeenSnapshot {
  readonly id: string;
  readonly state: 'pending' | 'completed' | 'error';
  readonly volumeId: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SeenGroup {
  readonly id: string;
  readonly name: string;
  readonly rules: readonly PermissionRule[];
}

/** What claims have. */
export interface ClaimListing {
  readonly atMs: number;
  readonly machines: ReadonlyMap<string, SeenMachine>;
  readonly volumes: ReadonlyMap<string, SeenVolume>;
  readonly snapshots: readonly SeenSnapshot[];
  /** By name, which is unique in the VPC. */
  readonly groups: ReadonlyMap<string, SeenGroup>;
}

// What the EC2 front keeps beside instances: one record type per family. All times are milliseconds since 1970.
import type { LaunchParameters } from './families/launching/launch-parameters.ts';
import type { Tags } from './tags.ts';

/** What all instances of one reservation share. */
export interface LaunchSpec {
  readonly id: string;
  readonly parameters: LaunchParameters;
  readonly imageId: string;
  readonly architecture: string;
  readonly platform: 'windows' | null;
  readonly keyName: string | null;
  /** What was put into it for that key; a later key of the same name is another. */
  readonly publicKey: string | null;
  readonly isPublicIp: boolean;
  readonly spotInterruptionBehavior: 'terminate' | 'stop' | 'hibernate';
  readonly spotType: 'one-time' | 'persistent';
  readonly fleetId: string | null;
}

export interface VolumeAttachment {
  readonly instanceId: string;
  readonly device: string;
  readonly attachedAtMs: number;
  readonly deleteOnTermination: boolean;
  /** When a detachment was asked for; null while attached. */
  readonly detachingSinceMs: number | null;
  /** When it is done, if nothing is mounted then. */
  readonly detachedAtMs: number | null;
  /** The file system on it is mounted: a detachment without force stays `busy`. */
  readonly isMounted: boolean;
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly sizeGib: number;
  readonly type: string;
  readonly iops: number | null;
  readonly throughput: number | null;
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly isMultiAttach: boolean;
  readonly snapshotId: string;
  readonly createdAtMs: number;
  readonly availableAtMs: number;
  readonly attachments: readonly VolumeAttachment[];
  readonly modification: VolumeModification | null;
  readonly tags: Tags;
}

export interface VolumeProperties {
  readonly sizeGib: number;
  readonly type: string;
  readonly iops: number | null;
  readonly throughput: number | null;
  readonly isMultiAttach: boolean;
}

export interface VolumeModification {
  readonly from: VolumeProperties;
  readonly to: VolumeProperties;
  readonly startedAtMs: number;
  readonly optimizingAtMs: number;
  readonly completedAtMs: number;
}

export interface Snapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly description: string;
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly startedAtMs: number;
  readonly completedAtMs: number;
  /** Accounts that may use it, or `all`; absent: none. */
  readonly sharedWith?: readonly string[];
  readonly tags: Tags;
}

export interface SecurityGroupRule {
  readonly id: string;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrIpv4: string | null;
  readonly cidrIpv6: string | null;
  readonly prefixListId: string | null;
  readonly groupId: string | null;
  readonly description: string | null;
  readonly tags: Tags;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly rules: readonly SecurityGroupRule[];
  readonly tags: Tags;
}

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
  readonly isDefault: boolean;
  /** Absent: as EC2 makes them, for the default VPC and for others. */
  readonly tenancy?: 'default' | 'dedicated';
  readonly hasDnsSupport?: boolean;
  readonly hasDnsHostnames?: boolean;
  readonly hasUsageMetrics?: boolean;
  /** Beside the first. */
  readonly moreCidrs?: readonly { readonly id: string; readonly cidr: string }[];
  readonly tags: Tags;
}

export interface InternetGateway {
  readonly id: string;
  /** null: it is attached to none. */
  readonly vpcId: string | null;
  readonly tags: Tags;
}

/** A network interface whose instance is gone, and which was to stay. */
export interface KeptInterface {
  readonly id: string;
  readonly subnetId: string;
  /** As a number. */
  readonly privateIp: number;
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly isChecked: boolean;
  readonly tags: Tags;
}

export interface ElasticAddress {
  readonly id: string;
  /** As a number. */
  readonly publicIp: number;
  /** null: it is with nothing. */
  readonly association: {
    readonly id: string;
    readonly instanceId?: string;
    readonly natGatewayId?: string;
    /** Of the NAT gateway; an instance has its own. */
    readonly privateIp?: number;
  } | null;
  readonly tags: Tags;
}

export interface NatGateway {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  /** As a number. */
  readonly privateIp: number;
  /** null: it is a private one. */
  readonly allocationId: string | null;
  readonly publicIp: number | null;
  readonly createdAtMs: number;
  /** When it is available, or has failed. */
  readonly availableAtMs: number;
  /** Why it will not become available; null: it will. */
  readonly failure: string | null;
  /** null: nobody has deleted it. */
  readonly deletedAtMs: number | null;
  /** Whether its addresses are free again. */
  readonly isEmptied: boolean;
  readonly tags: Tags;
}

export interface PlacementGroup {
  readonly id: string;
  readonly name: string;
  readonly strategy: 'cluster' | 'spread' | 'partition';
  /** null: of other strategies than `partition`. */
  readonly partitionCount: number | null;
  /** null: of other strategies than `spread`. */
  readonly spreadLevel: 'host' | 'rack' | null;
  readonly tags: Tags;
}

export interface CapacityReservation {
  readonly id: string;
  readonly instanceType: string;
  readonly platform: 'Linux/UNIX' | 'Windows';
  readonly zone: string;
  readonly tenancy: 'default' | 'dedicated';
  readonly count: number;
  /** Instances in it, as many as it has room for. */
  readonly usedBy: readonly string[];
  readonly isEbsOptimized: boolean;
  readonly endAtMs: number | null;
  readonly criteria: 'open' | 'targeted';
  readonly state: 'active' | 'cancelled' | 'expired';
  /** A Capacity Block: from when on it can be launched into, by its own market type. Absent: a reservation. */
  readonly blockFromMs?: number;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** What an account has chosen for all its volumes. */
export interface EbsDefaults {
  readonly id: 'ebs';
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
}

/** An image that the account has made. */
export interface OwnImage {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64' | 'any';
  readonly platform: 'windows' | null;
  /** null: it was made of none. */
  readonly sourceInstanceId: string | null;
  /** Of which it is a copy; absent: of none. */
  readonly sourceImageId?: string;
  /** Accounts that may launch it, or `all`; absent: none. */
  readonly sharedWith?: readonly string[];
  /** The root first. */
  readonly disks: readonly ImageDisk[];
  readonly createdAtMs: number;
  readonly availableAtMs: number;
  readonly tags: Tags;
}

export interface ImageDisk {
  readonly device: string;
  readonly snapshotId: string;
  readonly sizeGib: number;
  readonly type: string;
  readonly isEncrypted: boolean;
  readonly deleteOnTermination: boolean;
}

export interface Route {
  readonly cidr: string;
  /** `local`, or an internet gateway. */
  readonly gatewayId: string | null;
  readonly instanceId: string | null;
  readonly natGatewayId?: string;
}

export interface RouteTable {
  readonly id: string;
  readonly vpcId: string;
  readonly isMain: boolean;
  readonly routes: readonly Route[];
  /** Without a subnet: that of the main table, with all subnets that have no other. */
  readonly associations: readonly { readonly id: string; readonly subnetId: string | null }[];
  readonly tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  /** First address, and how many bits are the network's. */
  readonly network: number;
  readonly prefix: number;
  readonly isDefaultForAz: boolean;
  readonly mapPublicIpOnLaunch: boolean;
  /** What instances in it are called; absent: by their addresses, without records for their ids. */
  readonly namesOnLaunch?: {
    readonly hostnameType: 'ip-name' | 'resource-name';
    readonly hasARecord: boolean;
    readonly hasAaaaRecord: boolean;
  };
  readonly tags: Tags;
}

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | null;
  readonly createdAtMs: number;
  readonly data: LaunchParameters;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly defaultVersion: number;
  readonly latestVersion: number;
  readonly versions: readonly LaunchTemplateVersion[];
  readonly tags: Tags;
}

export interface KeyPair {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** What a ClientToken of anything but instances was used for: the answer, to be given again. */
export interface UsedToken {
  readonly id: string;
  readonly parameters: string;
  /** The id of what it made. */
  readonly madeId: string;
}

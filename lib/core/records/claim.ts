// What is held rather than run: virtual machines, volumes and security groups, and the one record of each such
// request. Beside what was asked for it names every part that EC2 has, or may have, because of it.
import type { TokenCalls } from './launch.ts';
import type { Arch, CapacityType } from '../values/offering.ts';
import type { Usage } from './pool.ts';
import type { RequestRecord, RequestState } from './request.ts';
import type { Requirements } from '../values/requirements.ts';

export type VolumeType = 'gp3' | 'io2' | 'st1' | 'sc1';
export type ReleasePolicy = 'delete' | 'snapshot' | 'keep';
export type StorageStrategy = 'cheapest' | 'reuse-first' | 'performance';

/** What a volume must be able to do; null: no need of that kind. */
export interface VolumeNeeds {
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  /** null: the cheapest that meets the needs. */
  readonly volumeType: VolumeType | null;
}

export interface VolumeWish extends VolumeNeeds {
  readonly snapshotId: string | null;
  readonly strategy: StorageStrategy;
  readonly onRelease: ReleasePolicy;
  readonly keepMs: number;
}

/** One rule of a security group: to or from one network, or the group of another network request. */
export interface NetworkRule {
  /** `-1`: all protocols, without ports. */
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '-1';
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr: string | null;
  /** A network request of the same tenant, whose group is the other side. */
  readonly request: string | null;
}

export interface NetworkWish {
  readonly ingress: readonly NetworkRule[];
  /** null: everything may leave, as in a new group of EC2. */
  readonly egress: readonly NetworkRule[] | null;
  readonly sharing: 'share' | 'dedicated';
  readonly allowPublic: boolean;
}

interface ClaimSpecBase {
  readonly count: number;
  /** null: until it is released. */
  readonly leaseMs: number | null;
  /** Time after acceptance by which it must be granted; else it ends as `expired`. */
  readonly deadlineMs: number | null;
  readonly requirements: Requirements;
}

export interface MachineSpec extends ClaimSpecBase {
  readonly type: 'virtual_machine';
  /** Hardware of the instance, not what a shared host leaves. */
  readonly needs: {
    readonly vcpu: number;
    readonly memoryMib: number;
    readonly gpu: number;
    readonly arch: Arch | null;
  };
  readonly capacityType: CapacityType;
  readonly subnetId: string | null;
  readonly imageId: string | null;
  /** Base64, as EC2 takes it. */
  readonly userData: string | null;
  readonly keyName: string | null;
  readonly instanceProfile: string | null;
  /** New volumes of each machine. */
  readonly volumes: readonly VolumeWish[];
  readonly network: NetworkWish | null;
  /** Storage and network requests that it uses. */
  readonly volumeRequests: readonly string[];
  readonly networkRequests: readonly string[];
}

export interface StorageSpec extends ClaimSpecBase {
  readonly type: 'storage';
  readonly volume: VolumeWish;
  readonly zone: string | null;
  /** A virtual machine's request, which holds the volume until either goes. */
  readonly attachTo: string | null;
}

export interface NetworkSpec extends ClaimSpecBase {
  readonly type: 'network';
  readonly network: NetworkWish;
}

export type ClaimSpec = MachineSpec | StorageSpec | NetworkSpec;

/** What is to be had, or is had, of EBS: the outcome of the storage choice. */
export interface VolumeShape {
  readonly type: VolumeType;
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly usdPerMonth: number;
}

/**
 * wanted -> asked (a call may have been made) -> there -> (releasing: snapshot, deletion) -> gone | kept.
 * `askedAtMs` is written before the call, so that a crash leaves a look-up by token or tag to be done.
 */
export interface VolumePart {
  /** Unique among all parts of the installation: the tag `bellows:part`, and the ClientToken where EC2 takes one. */
  readonly key: string;
  readonly shape: VolumeShape;
  readonly state: 'wanted' | 'asked' | 'there' | 'gone' | 'kept';
  readonly volumeId: string | null;
  readonly zone: string | null;
  readonly device: string | null;
  readonly askedAtMs: number | null;
  readonly onRelease: ReleasePolicy;
  /** How long this volume is kept; absent in records of earlier versions. */
  readonly keepMs?: number;
  /** Since when it costs what its shape does, and what it cost before; absent: since it was asked for, and nothing. */
  readonly costSinceMs?: number;
  readonly paidUsd?: number;
  /** The final snapshot, when the policy says so. */
  readonly snapshot: FinalSnapshot | null;
  /** Of a volume that is kept. */
  readonly keptUntilMs?: number;
  /** Since when EC2's listings lack it, though it was there. */
  readonly missingSinceMs: number | null;
}

export interface FinalSnapshot {
  /** The one that counts. */
  readonly id: string | null;
  readonly askedAtMs: number;
  readonly missingSinceMs: number | null;
  /** Of each call that may have made one, oldest first; absent in records of earlier versions. */
  readonly intents?: readonly string[];
  readonly failures?: number;
  /** After a failure: when it is made anew. */
  readonly nextTryAtMs?: number | null;
}

/** One instance of a virtual machine request. */
export interface MachinePart {
  readonly index: number;
  /** wanted (or asked for: an open launch names it) -> there -> gone. */
  readonly state: 'wanted' | 'there' | 'gone';
  readonly launchId: string | null;
  readonly instanceId: string | null;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  /** Counts against the pool's limits from `there` to `gone`; before, the launch does. */
  readonly reserved: Usage;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly volumes: readonly VolumePart[];
  readonly thereSinceMs: number | null;
  readonly missingSinceMs: number | null;
  /** Since when it is stopped, and for how long it was before: its hours then cost nothing but its disks. */
  readonly stoppedSinceMs?: number | null;
  readonly stoppedMs?: number;
  /** Of the disks that its image brought. */
  readonly imageGib?: number;
  /** The warm machine that it was; absent: launched for its request. */
  readonly warm?: { readonly id: string; readonly spec: MachineSpec };
}

/**
 * Who has the volume, and so alone may have it attached: a machine of a virtual machine request,
 * or a task on a node.
 */
export interface VolumeUse {
  readonly request: string;
  readonly machine: number;
  readonly device: string;
  readonly node?: {
    readonly id: string;
    readonly attemptId: string;
    readonly sinceMs: number;
    /** As EC2's listing has shown it. */
    readonly isAttached: boolean;
    /** EC2 does not attach it there. */
    readonly refusal: string | null;
  };
}

/** A call that EC2 refused for what passes by itself, so often in a row. */
export interface CallRefusal {
  /** A zone, an instance, or `*`: all of the account. */
  readonly about: string;
  readonly times: number;
  /** It is not asked again before this. */
  readonly nextTryAtMs: number;
  readonly reason: 'no_capacity' | 'account_limit';
  readonly message: string;
}

export interface ClaimFault {
  readonly code: string;
  readonly message: string;
}

/** How a request that is being given back will end. */
export interface ClaimEnding {
  readonly state: Extract<RequestState, 'released' | 'failed' | 'cancelled' | 'expired'>;
  readonly reason: string;
}

/**
 * pending -> active -> releasing -> released | failed | cancelled | expired; pending -> releasing.
 * Whatever ends goes through `releasing`, and leaves it only when nothing of it is left in EC2.
 */
export interface ClaimRecord extends Omit<RequestRecord, 'spec' | 'tasks' | 'state' | 'closed'> {
  readonly spec: ClaimSpec;
  readonly tasks: readonly never[];
  readonly state: Exclude<RequestState, 'running' | 'succeeded'>;
  readonly leaseEndsAtMs: number | null;
  /** The end of lease that was announced already. */
  readonly leaseToldForMs: number | null;
  readonly ending: ClaimEnding | null;
  /** EC2's refusal of a part: the grant is rolled back. */
  readonly fault: ClaimFault | null;
  readonly machines: readonly MachinePart[];
  /** Of a storage request. */
  readonly volume: VolumePart | null;
  /** Of a storage request. */
  readonly usedBy: VolumeUse | null;
  /** Its security groups in EC2, once it was granted. */
  readonly groupIds: readonly string[];
  /** Group documents whose deletion it waits for while it is being given back. */
  readonly waitsForGroups: readonly string[];
  /** Since when it is being given back. */
  readonly releasingSinceMs?: number;
  /** Of its groups, once it has ended: those that others use. */
  readonly sharedGroupIds?: readonly string[];
  /** Wished by the caller; `stopped` machines keep their parts. */
  readonly power: 'running' | 'stopped';
  /**
   * EC2 refused to start it for what passes by itself, so often in a row, and is not asked again before
   * this; null, absent: no.
   */
  readonly startRefused?: { readonly times: number; readonly nextTryAtMs: number } | null;
  /** Of its volume: what EC2 does not make or attach now; absent: nothing. */
  readonly refusals?: readonly CallRefusal[];
  /** A resize that was asked for and is not there yet. */
  readonly wantedShape: VolumeShape | null;
  /** The resize is within the limits, counts against them, and EC2 may have been asked. */
  readonly isResizing: boolean;
  /** When EC2 took the last change of its volume, at the latest; absent: none is known. */
  readonly modifiedAtMs?: number;
  /** EC2 refused a further change so soon, and is not asked again before this. */
  readonly modifyAgainAtMs?: number | null;
  /** Rules that were asked for in place of its network's, and are not in force yet. */
  readonly wantedNetwork: NetworkWish | null;
  /** The rules that were in force before its latest edits; absent: they were never edited. */
  readonly networkBeforeEdits?: NetworkWish;
  readonly networkEditedAtMs?: number;
  /** Of a storage request: whoever uses it shall let go of it. */
  readonly isDetaching: boolean;
  /**
   * When it first had, or asked for, anything of EC2's: bounds the grant. null again while it waits
   * for what EC2 refused.
   */
  readonly grantSinceMs: number | null;
}

/** Snapshots from which its volumes shall be made. */
export function snapshotsNamed(spec: ClaimSpec): readonly string[] {
  const wishes = spec.type === 'storage' ? [spec.volume] : spec.type === 'virtual_machine' ? spec.volumes : [];
  return [...new Set(wishes.flatMap((wish) => wish.snapshotId ?? []))];
}

/** Everything under /v1/requests: told apart by `spec.type`. */
export type AnyRequest = RequestRecord | ClaimRecord;

export function isClaim(record: AnyRequest): record is ClaimRecord {
  return record.spec.type !== 'task';
}

/**
 * A security group, alone or shared: its document counts references, and the write that takes the last one away
 * sets `deleting`. A group that is being deleted takes no reference: the next one is made under another name.
 *
 *   creating ──its rules are there──▶ active ──other rules, nobody else's──▶ changing ──▶ active;  any ──▶ deleting
 */
export interface GroupRecord {
  readonly id: string;
  readonly pool: string;
  readonly tenant: string;
  /** The request that had it made; of a dedicated group: whose it is. */
  readonly owner: string;
  /** Tenant and rules; null: dedicated to its owner (and the machines that use the owner). */
  readonly shareKey: string | null;
  /** Unique in the VPC: EC2 takes no ClientToken for groups. */
  readonly name: string;
  readonly wish: NetworkWish;
  readonly state: 'creating' | 'active' | 'changing' | 'deleting';
  readonly groupId: string | null;
  readonly references: readonly string[];
  readonly createdAtMs: number;
  readonly missingSinceMs: number | null;
  readonly fault: ClaimFault | null;
  /** What EC2 does not make of it now; absent: nothing. */
  readonly refusals?: readonly CallRefusal[];
}

/** The complete RunInstances request; its id is the ClientToken and the tag `bellows:launch`. */
export interface FrozenMachines {
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string | null;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  readonly count: number;
  readonly imageId: string;
  readonly userData: string | null;
  readonly keyName: string | null;
  readonly instanceProfile: string | null;
  readonly groupIds: readonly string[];
  readonly disks: readonly {
    readonly device: string;
    readonly shape: VolumeShape;
    readonly snapshotId: string | null;
    readonly deleteOnTermination: boolean;
  }[];
  readonly tags: Readonly<Record<string, string>>;
  /** Of burstable types alone: EC2 refuses it for every other. */
  readonly cpuCredits?: 'unlimited';
}

/**
 * open (a call may have been made; only an answer to its token closes it) -> deleted with the write that
 * hands out its instances.
 */
export interface MachineLaunch extends TokenCalls {
  readonly id: string;
  readonly pool: string;
  readonly request: FrozenMachines;
  /** The k-th instance of the answer is for the k-th member. */
  readonly members: readonly { readonly request: string; readonly index: number }[];
  readonly reserved: Usage;
  readonly createdAtMs: number;
}

/** A volume kept for the next request of its tenant. */
export interface KeptVolume {
  readonly id: string;
  readonly pool: string;
  readonly tenant: string;
  readonly zone: string;
  readonly shape: VolumeShape;
  readonly keptUntilMs: number;
  /** Absent in records of earlier versions. */
  readonly keptSinceMs?: number;
  /** EC2 is asked to delete it: nobody takes it over any more. */
  readonly isGoing: boolean;
  readonly missingSinceMs: number | null;
}

export const tagRequest = 'bellows:request';
export const tagPart = 'bellows:part';
/** On final snapshots alone: the one call that made it. */
export const tagIntent = 'bellows:intent';
/** Whose a snapshot is: it outlives the records. */
export const tagTenant = 'bellows:tenant';

/** Names of tenants may have characters that tags may not, and more of them. */
export function tenantText(tenant: string): string {
  return tenant.replaceAll(/[^\p{L}\p{N} _.:/=+\-@]/gu, '-').slice(0, 256);
}

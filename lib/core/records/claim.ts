// A claim: a request for what is kept, not run (virtual machines, volumes, security groups). Its row has what was
// asked for and how far that is; each machine and volume that EC2 has because of it has a document of its own.
import type { Arch, CapacityType } from '../values/offering.ts';
import type { MachinePart } from './machine.ts';
import type { Named, RequestRecord, RequestState, ServiceMember } from './request.ts';
import type { Requirements } from '../values/requirements.ts';
import type { NetworkWish } from './security-group.ts';
import type { VolumePart, VolumeShape, VolumeUse, VolumeWish } from './volume.ts';

interface ClaimSpecBase extends Named {
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
  /** The service that it is a replica of. */
  readonly service?: ServiceMember;
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

/** How a request that is being released will end. */
export interface ClaimEnding {
  readonly state: Extract<RequestState, 'released' | 'failed' | 'cancelled' | 'expired'>;
  readonly reason: string;
}

/**
 * pending -> active -> releasing -> released | failed | cancelled | expired; pending -> releasing.
 * Whatever ends goes through `releasing`, and leaves it only when nothing of it is left in EC2.
 */
export interface ClaimRow extends Omit<RequestRecord, 'spec' | 'tasks' | 'state' | 'closed'> {
  readonly spec: ClaimSpec;
  readonly tasks: readonly never[];
  readonly state: Exclude<RequestState, 'running' | 'succeeded'>;
  readonly leaseEndsAtMs: number | null;
  /** The end of lease that was announced already. */
  readonly leaseAnnouncedForMs: number | null;
  readonly ending: ClaimEnding | null;
  /** EC2's refusal of a part: the grant is rolled back. */
  readonly fault: ClaimFault | null;
  /** Of a storage request. Beside the callers' wishes, so that of two who want the volume one wins. */
  readonly usedBy: VolumeUse | null;
  /** Its security groups in EC2, once it was granted. */
  readonly groupIds: readonly string[];
  /** Group documents whose deletion it waits for while it is being released. */
  readonly waitsForGroups: readonly string[];
  /** Since when it is being released. */
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
  /** Of a storage request: it is to be detached from whoever uses it. */
  readonly isDetaching: boolean;
  /**
   * When it first had, or asked for, anything of EC2's: bounds the grant. null again while it waits
   * for what EC2 refused.
   */
  readonly grantSinceMs: number | null;
  /** Nothing is asked of EC2 before this; absent: at once. */
  readonly notBeforeMs?: number;
  /** Of a replica: how what its service had in its place before has ended. Absent: nothing did by itself. */
  readonly after?: string;
  /** EC2 has said that it takes a machine of it, when and why. Absent: it has said nothing. */
  readonly leaving?: { readonly instanceId: string; readonly reason: string; readonly atMs: number };
  /** What the pool's days know of its costs (see claims/spent.ts); absent: nothing. */
  readonly billed?: { readonly toMs: number; readonly nanoUsd: number };
}

/** A claim with its machines and volumes, put together from its row and their documents (claims/documents.ts). */
export interface ClaimRecord extends ClaimRow {
  readonly machines: readonly MachinePart[];
  /** Of a storage request. */
  readonly volume: VolumePart | null;
}

/** Snapshots from which its volumes shall be made. */
export function snapshotsNamed(spec: ClaimSpec): readonly string[] {
  const wishes = spec.type === 'storage' ? [spec.volume] : spec.type === 'virtual_machine' ? spec.volumes : [];
  return [...new Set(wishes.flatMap((wish) => wish.snapshotId ?? []))];
}

/** Everything under /v1/requests: told apart by `spec.type`. */
export type AnyRequest = RequestRecord | ClaimRecord;
/** The same as it is stored. */
export type AnyRow = RequestRecord | ClaimRow;

export function isClaim<T extends AnyRow>(record: T): record is Exclude<T, RequestRecord> {
  return record.spec.type !== 'task';
}

export const tagRequest = 'bellows:request';
export const tagPart = 'bellows:part';
/** On final snapshots alone: the one call that made it. */
export const tagIntent = 'bellows:intent';
/** Whose a snapshot is: it outlives the records. */
export const tagTenant = 'bellows:tenant';

/** Before the key of a label: so no label stands for a tag that permissions rest on. */
const tagLabel = 'bellows:label:';

/**
 * Labels as tags of EC2. Keys and values of labels (at most 63 and 128 characters) have no character that tags may not
 * have, and with five keys a resource has far less than the 50 tags that it may have.
 */
export function labelTags(labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${tagLabel}${key}`, value]));
}

/** Names of tenants may have characters that tags may not, and more of them. */
export function tenantText(tenant: string): string {
  return tenant.replaceAll(/[^\p{L}\p{N} _.:/=+\-@]/gu, '-').slice(0, 256);
}

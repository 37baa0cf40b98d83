// The resources port: EC2 as far as what is held needs it (instances of their own, volumes, snapshots, groups).
// Every call may have its effect and lose its answer; which of them may simply be repeated is said beside each.
import { BellowsError } from '../core/values/errors.ts';
import type { FrozenMachines } from '../core/records/claim.ts';
import type { VolumeShape } from '../core/records/volume.ts';
import type { PermissionRule } from '../core/claims/network-rules.ts';
import type { CapacityType } from '../core/values/offering.ts';
import type { ErrorScope, InstanceState } from './compute.ts';

type Tags = Readonly<Record<string, string>>;

export interface ListedMachine {
  readonly id: string;
  readonly state: InstanceState;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly launchedAtMs: number;
  readonly launchIndex: number;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly disks: readonly { readonly device: string; readonly volumeId: string }[];
  /** Security groups of its one interface; none once it has ended. */
  readonly groupIds: readonly string[];
  readonly tags: Tags;
  readonly stateReason: string | null;
}

export interface ListedVolume {
  readonly id: string;
  readonly state: 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
  readonly zone: string;
  readonly type: string;
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly attachments: readonly { readonly instanceId: string; readonly device: string; readonly state: string }[];
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface ListedSnapshot {
  readonly id: string;
  readonly state: 'pending' | 'completed' | 'error';
  readonly volumeId: string;
  readonly startedAtMs: number;
  readonly tags: Tags;
}

export interface ListedGroup {
  readonly id: string;
  readonly name: string;
  readonly rules: readonly PermissionRule[];
  readonly tags: Tags;
}

/** Everything of one pool (or of the whole installation) that was asked for by requests which hold. */
export interface ResourceListing {
  readonly machines: readonly ListedMachine[];
  readonly volumes: readonly ListedVolume[];
  readonly snapshots: readonly ListedSnapshot[];
  readonly groups: readonly ListedGroup[];
}

export interface ResourceFilter {
  readonly installation: string;
  readonly pool?: string;
  readonly launchId?: string;
}

export interface Resources {
  /**
   * Complete (all pages), by tag; what is terminated stays in it while EC2 shows it. Lags behind every
   * change. With `launchId`: only the machines of that launch, and nothing else. @throws
   * ComputeThrottledError, ComputeUnknownError
   */
  list(filter: ResourceFilter): Promise<ResourceListing>;
  /**
   * RunInstances with `token`: repeating it launches nothing more. In the order of launch; may be fewer than
   * asked for, and a repeat may list fewer than there are. @throws ResourceRefusedError, TokenUsedError,
   * ComputeThrottledError, ComputeUnknownError
   */
  launch(token: string, request: FrozenMachines): Promise<readonly ListedMachine[]>;
  /** May be repeated. Ids that EC2 does not know (yet) are left out of what was accepted. */
  terminate(ids: readonly string[]): Promise<readonly string[]>;
  /** May be repeated. @throws ResourceRefusedError */
  stop(ids: readonly string[]): Promise<void>;
  /** May be repeated. @throws ResourceRefusedError, e.g. without capacity */
  start(ids: readonly string[]): Promise<void>;
  /** With `token`: repeating it makes nothing more. Answers the id. */
  createVolume(
    token: string,
    volume: {
      readonly zone: string;
      readonly shape: VolumeShape;
      readonly snapshotId: string | null;
      readonly tags: Tags;
    },
  ): Promise<string>;
  /** A repeat is refused with `VolumeInUse`. */
  attach(volumeId: string, instanceId: string, device: string): Promise<void>;
  /** A repeat is refused with `IncorrectState`. A mounted volume stays `busy`. */
  detach(volumeId: string, instanceId: string): Promise<void>;
  /** Not to be repeated before the listing shows the old shape still. */
  modify(volumeId: string, shape: VolumeShape): Promise<void>;
  /** No token: look for the tag before it is repeated. Answers the id. */
  snapshot(volumeId: string, tags: Tags): Promise<string>;
  /** True: deleted, or known to be gone. */
  deleteVolume(volumeId: string): Promise<void>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** Of any snapshots that the account may see, at most 200; others are left out. Absent where EC2 cannot be asked. */
  readonly snapshotTags?: (ids: readonly string[]) => Promise<ReadonlyMap<string, Tags>>;
  /** No token, but the name is unique: a repeat is refused with `InvalidGroup.Duplicate`. Answers the id. */
  createGroup(name: string, description: string, tags: Tags): Promise<string>;
  /** A rule that is there already is refused with `InvalidPermission.Duplicate`, and none of the call is added. */
  authorize(groupId: string, rules: readonly PermissionRule[]): Promise<void>;
  /** A rule that is not there is refused with `InvalidPermission.NotFound`. */
  revoke(groupId: string, rules: readonly PermissionRule[]): Promise<void>;
  /**
   * The machine wears exactly these groups from now on, running or stopped. May be repeated. @throws
   * ResourceRefusedError
   */
  setGroups(instanceId: string, groupIds: readonly string[]): Promise<void>;
  /** In place of what these tags were on the instances and volumes. May be repeated. */
  tag(ids: readonly string[], tags: Tags): Promise<void>;
  /** Refused with `DependencyViolation` while anything uses it. */
  deleteGroup(groupId: string): Promise<void>;
}

/** EC2 refused the call: it had no effect. What it is about decides whether waiting, or another offering, helps. */
export class ResourceRefusedError extends BellowsError {
  readonly ec2Code: string;
  readonly scope: ErrorScope;
  /** EC2 has noted the token: no other call with it makes anything. Otherwise one that is under way still may. */
  readonly isTokenUsed: boolean;
  constructor(ec2Code: string, message: string, scope: ErrorScope, isTokenUsed = false) {
    super('resource_refused', `${ec2Code}: ${message}`);
    this.ec2Code = ec2Code;
    this.scope = scope;
    this.isTokenUsed = isTokenUsed;
  }
}

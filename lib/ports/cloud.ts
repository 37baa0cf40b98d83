// The cloud port: all of EC2 that control needs, with its error contract: instances (nodes and the machines of claims),
// volumes, snapshots, security groups. Every call may have its effect and lose its answer; which of them may simply be
// repeated is said beside each. One contract suite holds all adapters to this text.
import type { PermissionRule } from '../core/records/security-group.ts';
import type { LaunchFault } from '../core/plan/capacity-memory.ts';
import type { InstanceState, SeenVolume } from '../core/plan/listing.ts';
import type { VolumeShape } from '../core/records/volume.ts';
import type { FrozenFleet, FrozenInstances } from '../core/records/launch.ts';
import { BellowsError } from '../core/values/errors.ts';
import type { CapacityType } from '../core/values/offering.ts';

export type { InstanceState, LaunchFault };

export type Tags = Readonly<Record<string, string>>;

/** A node, or the machine of a claim: its tags say which. */
export interface Instance {
  readonly id: string;
  readonly state: InstanceState;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly launchedAtMs: number;
  /** Its place within its launch. */
  readonly launchIndex: number;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly disks: readonly { readonly device: string; readonly volumeId: string }[];
  /** Security groups of its one interface; none once it is terminated. */
  readonly groupIds: readonly string[];
  readonly tags: Tags;
  /** Why EC2 (or we) ended it, as EC2 says it; null while it runs. */
  readonly stateReason: string | null;
}

export interface ListedVolume extends SeenVolume {
  readonly createdAtMs: number;
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

export interface CloudListing {
  readonly instances: readonly Instance[];
  readonly volumes: readonly ListedVolume[];
  readonly snapshots: readonly ListedSnapshot[];
  readonly groups: readonly ListedGroup[];
}

export interface ListingScope {
  readonly installation: string;
  readonly pool?: string;
  readonly launchId?: string;
  /** `instances`: one describe call, and the rest of the listing stays empty. */
  readonly things: 'instances' | 'all';
}

export interface LaunchAnswer {
  /** May be fewer than asked for (partial fleet), or none on a replay that does not list them. */
  readonly instances: readonly Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>[];
  /**
   * What a fault is about decides what is excluded, and for how long (core/plan/capacity-memory.ts, which maps EC2's
   * codes for all adapters). A fault that EC2 ties to one override (`LaunchTemplateAndOverrides`) names it in `about`,
   * and is that offering's own whatever its code, unless the code is known to be wider (`quota`, `subnet`,
   * `capacity-type`).
   */
  readonly faults: readonly LaunchFault[];
  /** The token had been used with the same parameters: EC2 did nothing new. */
  readonly isReplay: boolean;
}

export interface TerminateAnswer {
  /** Accepted by EC2 (shutting-down or already terminated). */
  readonly accepted: readonly string[];
  /** Not accepted, with EC2's code (`InvalidInstanceID.NotFound` is no evidence that it is gone). */
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}

export interface VolumeRequest {
  readonly zone: string;
  readonly shape: VolumeShape;
  readonly snapshotId: string | null;
  readonly tags: Tags;
}

/**
 * Every method may throw CloudThrottledError (nothing happened; repeat later) and CloudUnknownError (no answer: it may
 * or may not have had its effect). Changes may throw CloudRefusedError: the call had no effect.
 */
export interface Cloud {
  /**
   * Complete (all pages), by tag; what is terminated stays in it while EC2 shows it. Lags behind every change.
   * Volumes, snapshots and groups are those of claims: what is a node's own goes with its instance.
   */
  list(scope: ListingScope): Promise<CloudListing>;
  /**
   * CreateFleet of the frozen request with `token` as ClientToken. An answer, also one without instances (all
   * offerings out of capacity), is known and final: repeating gives the same.
   * @throws TokenUsedError the token was used before with other parameters, or its instances are terminated
   * @throws CloudRefusedError EC2 refused the whole request (permission, invalid; no override named): nothing was
   *   launched
   */
  launchFleet(token: string, request: FrozenFleet): Promise<LaunchAnswer>;
  /**
   * RunInstances with `token`: repeating it launches nothing more. In the order of launch; may be fewer than
   * asked for, and a repeat may list fewer than there are. @throws TokenUsedError, CloudRefusedError
   */
  runInstances(token: string, request: FrozenInstances): Promise<readonly Instance[]>;
  /**
   * Per id, and may be repeated; batches per zone, halves a failing batch and sets the culprit aside. A refusal is
   * part of the answer, never thrown.
   */
  terminate(ids: readonly string[]): Promise<TerminateAnswer>;
  /** May be repeated. */
  stop(ids: readonly string[]): Promise<void>;
  /** May be repeated. Refused e.g. without capacity. */
  start(ids: readonly string[]): Promise<void>;
  /** With `token`: repeating it makes nothing more. Answers the id. */
  createVolume(token: string, volume: VolumeRequest): Promise<string>;
  /** A repeat is refused with `VolumeInUse`. */
  attach(volumeId: string, instanceId: string, device: string): Promise<void>;
  /** A repeat is refused with `IncorrectState`. A mounted volume stays `busy`. */
  detach(volumeId: string, instanceId: string): Promise<void>;
  /** Not to be repeated before the listing shows the old shape still. */
  modify(volumeId: string, shape: VolumeShape): Promise<void>;
  /** No token: look for the tag before it is repeated. Answers the id. */
  snapshot(volumeId: string, tags: Tags): Promise<string>;
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
  /** The machine has exactly these groups attached from now on, running or stopped. May be repeated. */
  setGroups(instanceId: string, groupIds: readonly string[]): Promise<void>;
  /** In place of what these tags were on the instances and volumes. May be repeated. */
  tag(ids: readonly string[], tags: Tags): Promise<void>;
  /** Refused with `DependencyViolation` while anything uses it. */
  deleteGroup(groupId: string): Promise<void>;
}

/** The request rate is exceeded; nothing happened. */
export class CloudThrottledError extends BellowsError {
  constructor(message: string) {
    super('cloud_throttled', message);
  }
}

/** No answer: the call may or may not have had its effect. */
export class CloudUnknownError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('cloud_outcome_unknown', message, options);
  }
}

/** `IdempotentParameterMismatch` or `IdempotentInstanceTerminated`: the token was used. */
export class TokenUsedError extends BellowsError {
  readonly awsCode: 'IdempotentParameterMismatch' | 'IdempotentInstanceTerminated';
  constructor(awsCode: TokenUsedError['awsCode'], message: string) {
    super('launch_token_used', message);
    this.awsCode = awsCode;
  }
}

/** EC2 refused the call: it had no effect. What it is about decides whether waiting, or another offering, helps. */
export class CloudRefusedError extends BellowsError {
  readonly fault: LaunchFault;
  /** EC2 has noted the token: no other call with it makes anything. Otherwise one that is under way still may. */
  readonly isTokenUsed: boolean;
  constructor(fault: LaunchFault, isTokenUsed = false) {
    super('cloud_refused', `${fault.code}: ${fault.message}`);
    this.fault = fault;
    this.isTokenUsed = isTokenUsed;
  }
}

/** EC2 gave no answer to rely on now: the same is asked again at the next look. */
export function isPassing(error: unknown): error is CloudThrottledError | CloudUnknownError {
  return error instanceof CloudThrottledError || error instanceof CloudUnknownError;
}

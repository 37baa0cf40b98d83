// An instance of the cloud, and what describe shows of it at a time.
import { assert } from '../../../core/values/errors.ts';
import type { CapacityType } from '../../../core/values/offering.ts';
import type { InstanceState } from '../../../ports/cloud.ts';

/**
 * pending -> running -> shutting-down -> terminated; pending -> shutting-down;
 * running -> stopping -> stopped -> pending; stopped -> terminated.
 */
export interface Transition {
  readonly state: InstanceState;
  readonly atMs: number;
  /** From when on describe shows it. Never before that of an earlier transition. */
  readonly visibleAtMs: number;
  readonly reason: StateReason | null;
}

export interface StateReason {
  /** e.g. `Server.SpotInstanceTermination` */
  readonly code: string;
  readonly message: string;
}

/** What will happen to an instance by itself. */
export type TimerKind = 'run' | 'launch-fails' | 'notice' | 'reclaim' | 'terminated' | 'stopped' | 'forget';

export interface Timer {
  readonly kind: TimerKind;
  readonly atMs: number;
}

export interface InstanceRecord {
  readonly id: string;
  readonly reservationId: string;
  /** Its place among all instances: those that were launched later have larger ones. */
  readonly serial: number;
  /** Position within its launch. */
  readonly launchIndex: number;
  /** The ClientToken of the call that launched it. */
  readonly token: string | null;
  instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  priceUsdPerHour: number;
  vcpu: number;
  launchedAtMs: number;
  tags: Readonly<Record<string, string>>;
  /** The last is the present truth; older ones are kept while describe may still show them. */
  history: readonly Transition[];
  timers: readonly Timer[];
  /** false: it reaches `running`, but its system never comes up. */
  readonly boots: boolean;
  /** When EC2 takes it, once the notice was given. */
  reclaimAtMs: number | null;
  /** When EC2 recommended to replace it; null: it did not. */
  rebalanceAtMs: number | null;
  /** What EC2 does with it then (of spot instances that were asked for so). */
  onReclaim: 'terminate' | 'stop' | 'hibernate';
  /** Spent in billed periods that have ended. */
  billedUsd: number;
  /** Since when it is being billed; null while it is not. */
  billedSinceMs: number | null;
  isTerminationProtected: boolean;
  /** What the EC2 front keeps beyond the model; null without it. */
  details: InstanceDetails | null;
}

/** What one instance has for itself beyond its launch specification. */
export interface InstanceDetails {
  /** Key of the launch specification that all instances of one launch share. */
  readonly launchSpecId: string;
  readonly subnetId: string;
  /** As a number; null once it is released. */
  readonly privateIp: number | null;
  readonly securityGroupIds: readonly string[];
  /** Of the stored spot request that launched it; absent: its request follows from it. */
  readonly spotRequestId?: string;
  /** The elastic address that it has; absent: none. */
  readonly elastic?: {
    /** As a number. */
    readonly publicIp: number;
    readonly allocationId: string;
    readonly associationId: string;
  };
  /** Attached volumes, the root volume first. */
  readonly volumeIds: readonly string[];
  /** Changed since the launch; absent: as launched. */
  readonly changed?: {
    readonly userData?: string;
    readonly sourceDestCheck?: boolean;
    readonly ebsOptimized?: boolean;
    readonly disableApiStop?: boolean;
    readonly shutdownBehavior?: 'stop' | 'terminate';
    readonly isMonitored?: boolean;
    readonly metadataOptions?: MetadataOptions;
    /** null: there is none any more. */
    readonly profile?: { readonly Arn: string | undefined; readonly Name: string | undefined } | null;
  };
}

/** How an instance may ask for metadata. */
export interface MetadataOptions {
  readonly httpTokens: 'optional' | 'required';
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: 'enabled' | 'disabled';
  readonly httpProtocolIpv6: 'enabled' | 'disabled';
  readonly instanceMetadataTags: 'enabled' | 'disabled';
}

export function presentOf(instance: InstanceRecord): Transition {
  const last = instance.history.at(-1);
  assert(last, `instance ${instance.id} has no state`);
  return last;
}

/** What describe shows at that time; null while the instance has not appeared yet. */
export function shownOf(instance: InstanceRecord, nowMs: number): Transition | null {
  for (let at = instance.history.length - 1; at >= 0; at--) {
    const transition = instance.history[at];
    if (transition && transition.visibleAtMs <= nowMs) return transition;
  }
  return null;
}

export function isAlive(instance: InstanceRecord): boolean {
  const { state } = presentOf(instance);
  return state !== 'shutting-down' && state !== 'terminated';
}

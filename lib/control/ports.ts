// What control stands on: every port in one bundle, and the settings of this installation.
import type { Allocate } from '../core/allocation/types.ts';
import type { Arch } from '../core/values/offering.ts';
import type { DecisionSettings } from '../core/values/settings.ts';
import type { Bells } from '../ports/bells.ts';
import type { WakeBus } from '../ports/bus.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventSink } from '../ports/events.ts';
import type { Log } from '../ports/log.ts';
import type { MetricSource } from '../ports/metrics/cloudwatch.ts';
import type { Metrics } from '../ports/metrics/published.ts';
import type { Outputs } from '../ports/outputs.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { CompactCopies } from '../ports/store/compact-copies.ts';
import type { TargetGroups } from '../ports/ec2/target-groups.ts';
import type { FencedWrites } from './coordination/fenced-writes.ts';
import type { WebhookReach } from './events/webhooks/addresses.ts';

export interface ControlPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly catalog: Catalog;
  readonly outputs: Outputs;
  readonly bus: WakeBus;
  readonly bells: Bells;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Absent: processes without a copy of a large pool read everything, or nobody ticks here. */
  readonly compactCopies?: CompactCopies;
  /** Absent: nothing is registered here, and ticks leave what is to be registered alone. */
  readonly targetGroups?: TargetGroups;
  readonly allocate: Allocate;
  /** What ticks read for policies; absent: there is no CloudWatch, or nobody ticks here. */
  readonly cloudWatch?: MetricSource;
  /** In front of all that a tick plans, which may ask the engine several times; absent: nothing bounds it. */
  readonly limitAllocation?: (allocate: Allocate) => Allocate;
  /** Of the process that ticks; absent: nobody knows what is under way, and a lock that is released is in doubt. */
  readonly fencedWrites?: FencedWrites;
}

/** What publishing metrics needs. */
export interface MetricsPorts extends Pick<ControlPorts, 'store' | 'clock' | 'log'> {
  readonly metrics: Metrics;
}

/** Enough for what only reads. */
export type ReadingPorts = Pick<ControlPorts, 'store' | 'clock' | 'random'>;

export interface ControlSettings {
  readonly decisions: DecisionSettings;
  /** The tag value by which this installation knows its own. */
  readonly installation: string;
  readonly templateVersion: string;
  /** Of each node's root volume; absent: as the stack has it by default (core/catalog/root-volume.ts). */
  readonly rootVolumeGib?: number;
  /** Of machines whose request names none. */
  readonly machineImages: Readonly<Record<Arch, string>>;
  /** Where machines may be put by name. */
  readonly subnets: readonly { readonly zone: string; readonly subnetId: string }[];
  /** Labels by which requests are found without reading all (requests/lists/listed.ts). */
  readonly labelKeys: readonly string[];
  /** A tick lock not released within this time may be taken over; the fence then stops its old holder. */
  readonly lockLeaseMs: number;
  /** A tick starts no new round and sends no launch after this time. */
  readonly tickBudgetMs: number;
  readonly tickRoundsMax: number;
  /**
   * What is on the move in EC2 and is to be looked at again this soon is waited for: the schedule comes
   * once a minute. 0: never.
   */
  readonly nextLookMs: number;
  /** Most waiting requests that one tick looks at (see open-window.ts for which), besides those that nodes name. */
  readonly observedRequestsMax: number;
  /** How often agents call, by state of the node. */
  readonly syncBusyMs: number;
  readonly syncIdleMs: number;
  /** After ends: the tick that they wake is about to place more. */
  readonly syncSoonMs: number;
  /** The same while they wait at their bells, which call them when there is something for them. */
  readonly syncListeningBusyMs: number;
  readonly syncListeningIdleMs: number;
  /** Orphans are reaped at the second sighting, this long after the first. */
  readonly orphanAgeMs: number;
  /** Ended requests and their keys are kept this long. */
  readonly keepEndedMs: number;
  /** Tasks that have ended are put into the archive together, so long after the first of them; null: never. */
  readonly archiveAfterMs: number | null;
  /**
   * While ends cannot be published, a node's document names no more of them than this: further ones stay
   * among the open requests.
   */
  readonly unpublishedEndsMax: number;
  /** Pools with so many records or more are copied from tick to tick, and their changes are listed (store/copy). */
  readonly copiedFromRecords: number;
  /** So long a copy is used before everything is read anew, whatever was missed. */
  readonly copyLifeMs: number;
  /** So many requests of a copy are compared with the store after other ticks have written. */
  readonly copyCheckedMax: number;
  /** Of a compact copy's part, and how long after one was begun another one is, at the soonest. */
  readonly compactPartRecords: number;
  readonly compactEveryMs: number;
  /** By how much the clocks of two processes differ at most. */
  readonly clocksApartMs: number;
  /** Events younger than this are not shown yet: another process may still write one before them. */
  readonly eventsSettleMs: number;
  /** Which addresses webhooks may have. */
  readonly webhookReach: WebhookReach;
  /** So long after its changes began to be listed nobody is left who does not know. */
  readonly listedSettleMs: number;
}

export const awsSettings: Omit<ControlSettings, 'decisions' | 'installation' | 'templateVersion'> = {
  // Amazon Linux, resolved by EC2 itself.
  machineImages: {
    amd64: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    arm64: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
  },
  subnets: [],
  labelKeys: [],
  lockLeaseMs: 60_000,
  tickBudgetMs: 25_000,
  tickRoundsMax: 8,
  nextLookMs: 5_500,
  observedRequestsMax: 20_000,
  syncBusyMs: 5_000,
  syncIdleMs: 15_000,
  syncSoonMs: 1_500,
  syncListeningBusyMs: 15_000,
  syncListeningIdleMs: 30_000,
  orphanAgeMs: 60_000,
  keepEndedMs: 7 * 24 * 3_600_000,
  archiveAfterMs: 3_600_000,
  unpublishedEndsMax: 200,
  copiedFromRecords: 500,
  copyLifeMs: 3_600_000,
  copyCheckedMax: 100,
  compactPartRecords: 10_000,
  compactEveryMs: 300_000,
  clocksApartMs: 1_000,
  eventsSettleMs: 5_000,
  webhookReach: 'public',
  listedSettleMs: 15_000,
};

export const localSettings: typeof awsSettings = {
  ...awsSettings,
  lockLeaseMs: 15_000,
  tickBudgetMs: 5_000,
  nextLookMs: 0,
  syncBusyMs: 250,
  syncIdleMs: 400,
  syncSoonMs: 60,
  syncListeningBusyMs: 2_000,
  syncListeningIdleMs: 2_000,
  eventsSettleMs: 1_500,
  webhookReach: 'loopback',
};

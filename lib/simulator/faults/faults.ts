// Which faults a run has and how often: every kind is drawn anew for each seed, and many runs leave most kinds
// out, because a bug often needs one fault at a high rate and hides behind ten at a middling one.
import type { Streams } from '../random.ts';

/** A rate per port call, sync, boot, minute or node (see {@link faultKinds}); 0: this run is without it. */
export type FaultRates = Readonly<Record<FaultKind, number>>;

/** kind -> [lowest, highest rate when it is there]. */
const ranges = {
  /** Per port call of a controller: its process dies before the call has any effect. */
  crashBefore: [0.0003, 0.02],
  /** Per port call: dies after the effect, before the answer. */
  crashAfter: [0.0003, 0.02],
  /** Per port call: the process stands still for half a minute to eight minutes, then goes on. */
  pause: [0.0002, 0.006],
  /** Per call that launches something: the process stands still right before it, for as long. */
  launchPaused: [0.01, 0.3],
  /** Per port call: the call takes seconds. */
  slowCall: [0.001, 0.05],
  wakeLost: [0.02, 1],
  wakeDelayed: [0.02, 0.5],
  wakeDoubled: [0.02, 0.5],
  /** Per call of a bell's port: it fails. At 1 there are no bells until the calm. */
  bellFails: [0.02, 1],
  /** Per ring. */
  bellLost: [0.02, 1],
  bellLate: [0.02, 0.5],
  bellDoubled: [0.02, 0.5],
  /** Per minute of the schedule: it comes twice, late, or not at all. */
  scheduleDisturbed: [0.02, 0.5],
  storeConflict: [0.002, 0.1],
  storeThrottle: [0.002, 0.1],
  /** Per write: it happens, but no answer comes. */
  storeAnswerLost: [0.001, 0.05],
  /** Per write: it does not happen, and no answer comes. */
  storeRequestLost: [0.001, 0.05],
  /**
   * Per call that publishes events: it fails, whether they were taken or not. At 1 the event bus is
   * down until the calm.
   */
  publishFails: [0.05, 1],
  /** Indexes lag by up to this many seconds. */
  staleIndex: [0.5, 30],
  /** Per page. */
  shortPage: [0.05, 0.9],
  computeThrottle: [0.01, 0.4],
  computeAnswerLost: [0.01, 0.4],
  computeRequestLost: [0.01, 0.4],
  /** Per minute: one offering, a zone, or everything is out of capacity for a while. */
  ice: [0.02, 0.5],
  partialFleet: [0.05, 0.7],
  neverBoots: [0.01, 0.3],
  /** Per boot: takes up to 20 minutes. */
  slowBoot: [0.02, 0.4],
  /** Describe lags by up to this many seconds. */
  describeLag: [2, 60],
  accountLimit: [0.01, 0.2],
  /** Per minute: EC2 gives notice to a share of the spot nodes. */
  spotStorm: [0.05, 0.5],
  /** Per minute: an instance ends without notice. */
  instanceDies: [0.02, 0.3],
  /** Per minute: an instance with this installation's tags appears that no record knows. */
  strayInstance: [0.01, 0.1],
  /** Per agent and minute. */
  agentDies: [0.002, 0.1],
  agentHangs: [0.002, 0.05],
  agentRestarts: [0.002, 0.1],
  partition: [0.002, 0.05],
  /** Per sync. */
  syncLost: [0.005, 0.2],
  syncReplyLost: [0.005, 0.2],
  syncLate: [0.005, 0.1],
  syncDoubled: [0.005, 0.2],
  /** Controllers' clocks are off by up to this many milliseconds. */
  clockSkew: [50, 2_000],
  /** Per minute: one controller's clock jumps by up to {@link FaultRates.clockSkew}'s highest value. */
  clockJump: [0.02, 0.3],
  /** Per minute: a changed pool spec, a new template version, lowered or raised limits. */
  deploy: [0.02, 0.2],
  /**
   * Per minute, where things are claimed: a volume, group or machine with this installation's tags appears
   * that no record knows.
   */
  strayResource: [0.01, 0.1],
  /** Per minute, where things are claimed: an operator deletes a pool, and declares it again a while later. */
  poolDeletion: [0.02, 0.2],
  /** Per run: the whole control plane is away for two to fifteen minutes. */
  outage: [1, 1],
  /** Per run: the event bus fails or times out for minutes, events and wakes alike. */
  busOutage: [1, 1],
  /** Per run: the store of outputs fails or times out for minutes. */
  outputsOutage: [1, 1],
  /** Per run: CloudWatch fails or times out for minutes; metrics are published every minute. */
  metricsOutage: [1, 1],
  /** Per call that reads CloudWatch. */
  metricsRefused: [0.02, 0.9],
  /** Per metric that is read: CloudWatch fails to work it out. */
  metricFailed: [0.02, 0.5],
  /** Per number and minute: it never comes. */
  metricMissing: [0.05, 1],
  /** Per number and minute: it comes minutes later. */
  metricLate: [0.05, 0.9],
  /** Per run: the store throttles half of its calls, or nearly all of them, for minutes. */
  storeOutage: [1, 1],
  /** Per read of several items: a part of them is answered later, as unprocessed keys are. */
  partialBatch: [0.05, 0.9],
  /** Per read of a part of a compact copy, or of its manifest: it is gone, cut short, or what was there before. */
  copyLost: [0.01, 0.5],
  copyTorn: [0.01, 0.5],
  copyStale: [0.01, 0.5],
  /** Per call about a compact copy: it fails, and a write may have happened. */
  copyRefused: [0.01, 1],
  /** Per minute: a vCPU quota of the account is lowered, raised or taken away; such a run begins with small ones. */
  quota: [0.05, 0.6],
  /** Per minute: the spot prices of one zone move. */
  priceMove: [0.05, 0.8],
  /** Per run: spot is as dear as on-demand in one zone. */
  dearZone: [1, 1],
  /** Per minute: one limit of a pool changes. */
  limitChange: [0.03, 0.3],
  /** Per minute: an operator pauses or resumes a pool, or cordons, drains or terminates a node. */
  operatorOrder: [0.03, 0.5],
} as const satisfies Record<string, readonly [number, number]>;

export type FaultKind = keyof typeof ranges;

/** They mark a whole run, so fewer runs have them. */
const ofRuns: readonly FaultKind[] = ['outage', 'busOutage', 'outputsOutage', 'metricsOutage', 'storeOutage'];

export const faultKinds = Object.keys(ranges) as readonly FaultKind[];

export const noFaults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultRates;

/** Draws the rates. A tenth of the runs has no fault at all: they show what is wrong even in good weather. */
export function drawFaults(streams: Streams): FaultRates {
  const stream = streams.named('faults');
  const share = stream.chance(0.1) ? 0 : stream.pick([0.1, 0.3, 0.6, 0.9]);
  return Object.fromEntries(
    faultKinds.map((kind) => {
      const [min, max] = ranges[kind];
      const own = streams.named(`rate of ${kind}`);
      const rate = own.logBetween(min, max);
      const isThere = own.chance(ofRuns.includes(kind) ? share * 0.4 : share);
      return [kind, isThere ? rate : 0];
    }),
  ) as FaultRates;
}

/**
 * A decision of a wide world makes ten times the calls of an ordinary one; a deploy or another limit would make the
 * world narrow.
 */
export function wideFaults(rates: FaultRates): FaultRates {
  const isOfCalls = (kind: FaultKind): boolean => /^(crash|pause|slowCall|store|compute|sync)/.test(kind);
  const rarer = Object.fromEntries(
    faultKinds.map((kind) => [kind, isOfCalls(kind) ? rates[kind] / 10 : rates[kind]]),
  ) as FaultRates;
  return withoutKinds(rarer, ['deploy', 'limitChange', 'poolDeletion']);
}

export function withoutKinds(rates: FaultRates, kinds: readonly FaultKind[]): FaultRates {
  return Object.fromEntries(faultKinds.map((kind) => [kind, kinds.includes(kind) ? 0 : rates[kind]])) as FaultRates;
}

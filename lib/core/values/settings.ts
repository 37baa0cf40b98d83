// Every timing and bound that decisions use, in one place, with the reason for its size.

export interface DecisionSettings {
  /** An agent without a successful sync for this long kills its tasks. */
  readonly fenceMs: number;
  /** TERM to KILL. */
  readonly killGraceMs: number;
  /** For the clocks' and the network's uncertainty on top of fence and grace. */
  readonly silenceMarginMs: number;
  /** A heartbeat without news is written only when the last written one is older than this. */
  readonly lastSeenWriteMs: number;
  /** How long a mass silence (an outage of ours, rather than of the nodes) is borne before nodes may count as lost. */
  readonly massSilenceWaitMs: number;
  /** A node whose agent has not called by then is terminated. */
  readonly bootTimeoutMs: number;
  /** Absent from EC2's listings: counts for nodes older than this … */
  readonly missingMinAgeMs: number;
  /** … after two listings this far apart. */
  readonly listingsApartMs: number;
  /** A listing is taken again when older than this, while something is on the move … */
  readonly listingBusyMs: number;
  /** … and when older than this while there are nodes at all. */
  readonly listingCalmMs: number;
  /**
   * What was out of capacity is not asked for again for this long; longer each time, up to the most. In a long shortage
   * the most is how often one tries (tasks/capacity/long-shortage.ts): 10 times in 90 minutes, and within 10 minutes.
   */
  readonly outOfCapacityMs: number;
  readonly outOfCapacityMaxMs: number;
  /** After a refusal for the account, twice as long each time: a quota, a permission. */
  readonly accountPauseMs: number;
  readonly accountPauseMaxMs: number;
  /** After an offering's own fault, nodes that never called, and a gang of which only a part came. */
  readonly ownFaultMs: number;
  readonly ownFaultMaxMs: number;
  /** A call whose sender stood still before it, or whose answer was lost, reaches EC2 within this time or never. */
  readonly callLifeMs: number;
  readonly offeringsPerLaunch: number;
  readonly nodesPerLaunch: number;
  /**
   * Improvement steps that one allocation may take, and the time that ends it on a machine too slow for them: the same
   * steps give the same plan, so the time is to be more than they usually take.
   */
  readonly allocationIterations: number;
  readonly allocationBudgetMs: number;
  /** A pool with tasks that have no place looks again within this time, whatever else happens … */
  readonly unplacedAgainMs: number;
  /** … and within this time for those that it can never run: as often as the catalog is read when nothing is due. */
  readonly neverAgainMs: number;
  /** For who does not fit, nodes are kept when nothing of it was placed for this long (see capacity/reservation.ts). */
  readonly reserveAfterMs: number;
  /** After a wake a pool ticks once more when the index must have caught up. */
  readonly indexSettleMs: number;
}

export const awsDecisionSettings: DecisionSettings = {
  fenceMs: 180_000,
  killGraceMs: 10_000,
  silenceMarginMs: 10_000,
  lastSeenWriteMs: 60_000,
  massSilenceWaitMs: 600_000,
  bootTimeoutMs: 900_000,
  missingMinAgeMs: 300_000,
  listingsApartMs: 60_000,
  listingBusyMs: 5_000,
  listingCalmMs: 60_000,
  outOfCapacityMs: 240_000,
  outOfCapacityMaxMs: 540_000,
  accountPauseMs: 60_000,
  accountPauseMaxMs: 900_000,
  ownFaultMs: 300_000,
  ownFaultMaxMs: 3_600_000,
  callLifeMs: 900_000,
  offeringsPerLaunch: 15,
  nodesPerLaunch: 50,
  allocationIterations: 200,
  allocationBudgetMs: 5_000,
  indexSettleMs: 60_000,
  unplacedAgainMs: 60_000,
  neverAgainMs: 6 * 3_600_000,
  reserveAfterMs: 300_000,
};

/** On one machine boots take seconds and the fence is a minute. */
export const localDecisionSettings: DecisionSettings = {
  ...awsDecisionSettings,
  fenceMs: 60_000,
  killGraceMs: 3_000,
  // A tick keeps its lock for seconds here.
  allocationBudgetMs: 1_000,
  silenceMarginMs: 5_000,
  lastSeenWriteMs: 10_000,
  massSilenceWaitMs: 120_000,
  bootTimeoutMs: 120_000,
  listingBusyMs: 1_000,
  listingCalmMs: 10_000,
  outOfCapacityMs: 30_000,
  outOfCapacityMaxMs: 120_000,
  accountPauseMs: 15_000,
  accountPauseMaxMs: 120_000,
  ownFaultMs: 60_000,
  ownFaultMaxMs: 600_000,
  indexSettleMs: 2_000,
  unplacedAgainMs: 10_000,
  reserveAfterMs: 60_000,
};

/** A node silent for this long may be given up: its agent has killed its tasks by then. */
export function silentAfterMs(settings: DecisionSettings): number {
  return settings.lastSeenWriteMs + settings.fenceMs + settings.killGraceMs + settings.silenceMarginMs;
}

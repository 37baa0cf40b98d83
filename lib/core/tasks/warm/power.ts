// A warm node's way: it stops when it has no work, and starts when it is wanted, each by a recorded decision that a
// call of EC2 follows. While it is stopped it costs its root volume, and of the pool's limits it takes only that.
import { unbilled, withoutBills } from '../../costs/bills.ts';
import { withMeter } from '../../costs/meter.ts';
import type { CostEntry } from '../../costs/days.ts';
import type { Listing } from '../../plan/listing.ts';
import type { NodeRecord, NodeWarm } from '../../records/node.ts';
import { isOff, newWarm } from '../../records/node.ts';
import type { Usage } from '../../records/pool.ts';
import type { DecisionSettings } from '../../values/settings.ts';

/** So long after EC2 accepted a stop or a start, and a listing shows nothing of it, it is asked for again. */
export const askedAgainMs = 60_000;

/** What a node has cost until now, by the prices that it had. */
export function nodeUsd(
  { createdAtMs, priceUsdPerHour, warm }: Pick<NodeRecord, 'createdAtMs' | 'priceUsdPerHour' | 'warm'>,
  nowMs: number,
): number {
  const { spentUsd, sinceMs } = warm ?? { spentUsd: 0, sinceMs: createdAtMs };
  return spentUsd + (Math.max(0, nowMs - sinceMs) / 3_600_000) * priceUsdPerHour;
}

/** A node as its pool's days know it now. */
export interface Settled {
  readonly node: NodeRecord;
  /** What passes to them in the same write. */
  readonly costs: readonly CostEntry[];
}

function warmOf({ warm, createdAtMs, priceUsdPerHour }: NodeRecord): NodeWarm {
  return warm ?? newWarm(createdAtMs, priceUsdPerHour);
}

/** It takes no more tasks: EC2 is asked next. */
export function stopping(node: NodeRecord, nowMs: number): NodeRecord {
  const { acceptedAtMs: _accepted, unheardUntilMs: _unheard, ...warm } = warmOf(node);
  return { ...node, state: 'stopping', warm: { ...warm, askedAtMs: nowMs } };
}

/** EC2 says that it is stopped. A call that nobody knows the end of may still come, within `callLifeMs`. */
export function stopped(
  node: NodeRecord,
  volumeUsdPerHour: number,
  { nowMs, callLifeMs, promptMs }: { readonly nowMs: number; readonly callLifeMs: number; readonly promptMs: number },
): Settled {
  const warm = warmOf(node);
  const { acceptedAtMs, askedAtMs, unheardUntilMs } = warm;
  const isHeard =
    unheardUntilMs === undefined && acceptedAtMs !== undefined && Math.abs(acceptedAtMs - askedAtMs) <= promptMs;
  return withPrice(
    {
      ...node,
      state: 'stopped',
      lastSeenAtMs: null,
      emptySinceMs: null,
      reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: volumeUsdPerHour },
      warm: { ...warm, stops: warm.stops + 1, ...(isHeard ? {} : { unheardUntilMs: nowMs + callLifeMs }) },
    },
    volumeUsdPerHour,
    nowMs,
  );
}

/** It counts like one that is bought from this write on. `full`: what an instance of its type counts now. */
export function starting(node: NodeRecord, full: Usage, nowMs: number): Settled {
  return running(node, 'starting', full, nowMs);
}

/** It was started, and not by a decision of ours: it stops again. */
export function stoppingAgain(node: NodeRecord, full: Usage, nowMs: number): Settled {
  return running(node, 'stopping', full, nowMs);
}

function running(node: NodeRecord, state: 'starting' | 'stopping', reserved: Usage, nowMs: number): Settled {
  const { acceptedAtMs: _accepted, unheardUntilMs: _unheard, ...warm } = warmOf(node);
  const { usdPerHour } = reserved;
  return withPrice(
    { ...node, state, reserved, warm: { ...warm, askedAtMs: nowMs, runningUsdPerHour: usdPerHour } },
    usdPerHour,
    nowMs,
  );
}

/** EC2 refused to start it: it is stopped as before. */
export function stoppedAgain(node: NodeRecord, volumeUsdPerHour: number, nowMs: number): Settled {
  const warm = warmOf(node);
  return withPrice(
    {
      ...node,
      state: 'stopped',
      reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: volumeUsdPerHour },
      warm,
    },
    volumeUsdPerHour,
    nowMs,
  );
}

/** Its agent has called after its start. */
export function startedWarm(warm: NodeWarm, nowMs: number): NodeWarm {
  return { ...warm, lastStart: { readyAtMs: nowMs, tookMs: Math.max(0, nowMs - warm.askedAtMs) } };
}

/** What it cost until now is settled at the price that it had, which is still in the document. */
function withPrice(node: NodeRecord, usdPerHour: number, nowMs: number): Settled {
  const warm = warmOf(node);
  return {
    node: {
      ...withoutBills(withMeter(node, nowMs), nowMs),
      priceUsdPerHour: usdPerHour,
      warm: { ...warm, spentUsd: nodeUsd(node, nowMs), sinceMs: nowMs },
    },
    costs: unbilled(node, nowMs),
  };
}

/**
 * We stop it or have stopped it, or it has just been started: EC2's listings may show for a while what was before. One
 * that we stopped and terminate now has not ended while it is stopped.
 */
export function isKnownToStop(
  node: Pick<NodeRecord, 'state' | 'warm' | 'assigned'>,
  { atMs }: Pick<Listing, 'atMs'>,
  { listingsApartMs }: Pick<DecisionSettings, 'listingsApartMs'>,
): boolean {
  if (node.warm === undefined) return false;
  if (isOff(node) || node.state === 'terminating') return true;
  // By order, from being stopped: it is terminated next.
  if (node.state === 'draining' && node.assigned.length === 0) return true;
  const { lastStart } = node.warm;
  return lastStart !== undefined && atMs - lastStart.readyAtMs < listingsApartMs;
}

// Warm nodes beside the methods of disruption: one that would go because it has no work is stopped instead, and what
// EC2 shows of stops and starts is followed up. Whatever was lost on the way, the document says what is to be.
import { rootVolumeUsdPerHour, defaultRootVolumeGib } from '../catalog/root-volume.ts';
import { nodeNote } from '../plan/change.ts';
import type { Observation } from '../plan/observation.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { usageOf } from '../records/limits.ts';
import type { NodeRecord, NodeWarm } from '../records/node.ts';
import type { PoolSpec } from '../records/pool.ts';
import { askedAgainMs, stopped, stopping, stoppingAgain } from '../tasks/warm/power.ts';
import { isWarmNode, warmCount } from '../tasks/warm/stock.ts';
import { offeringId } from '../values/offering.ts';
import type { DecisionSettings } from '../values/settings.ts';
import type { DisruptionContext } from './method.ts';
import { driftOf } from './methods/drift.ts';
import { expiresAtMs } from './methods/expiry.ts';

export type WarmContext = Pick<DisruptionContext, 'templateVersion' | 'rootVolumeGib'>;

/** Of one decision. */
export class WarmNodes {
  readonly #copy: WorkingCopy;
  readonly #settings: DecisionSettings;
  readonly #context: WarmContext;
  readonly #due: { readonly stop: NodeRecord[]; readonly start: NodeRecord[] } = { stop: [], start: [] };
  #count: number | null = null;

  constructor(copy: WorkingCopy, settings: DecisionSettings, context: WarmContext) {
    this.#copy = copy;
    this.#settings = settings;
    this.#context = context;
  }

  /** Of a node without work: false: it goes. */
  stopInstead(node: NodeRecord): boolean {
    const { seen, nowMs } = this.#copy;
    const { warmNodes } = seen.pool;
    if (warmNodes === undefined || seen.isPoolDeleting || !mayStop(node, seen, this.#context)) return false;
    this.#count ??= warmCount(
      this.#copy.nodes(),
      seen.launches.map(({ record }) => record),
    );
    const after = this.#count + (isWarmNode(node) ? 0 : 1);
    if (after > warmNodes.stopped) return false;
    this.#count = after;
    const reason = `without work, and one of the ${String(warmNodes.stopped)} nodes that the pool stops then`;
    const next = stopping(node, nowMs);
    this.#copy.change('power', reason, [this.#copy.setNode(next)], {
      activity: nodeNote('node_stopping', next, reason),
    });
    return true;
  }

  /** Of a node that stops, is stopped or starts, which no method takes. */
  follow(node: NodeRecord): void {
    const { listing } = this.#copy.seen;
    const shown = listing?.instances.get(node.id)?.state;
    const warm = node.warm;
    if (warm === undefined) return;
    const isAnswered = warm.acceptedAtMs !== undefined && this.#copy.nowMs - warm.acceptedAtMs < askedAgainMs;
    const isShownSince = listing !== null && listing.atMs >= (warm.acceptedAtMs ?? warm.askedAtMs) + askedAgainMs;
    switch (node.state) {
      case 'stopping':
        if (shown === 'stopped' && listing !== null && listing.atMs >= sinceWhen(warm, this.#settings))
          this.#isStopped(node);
        else if (listing !== null && listing.atMs > warm.askedAtMs + this.#settings.bootTimeoutMs)
          this.#terminate(node);
        else if (!isAnswered && shown !== 'stopping' && shown !== 'shutting-down') this.#due.stop.push(node);
        break;
      case 'starting':
        if (warm.acceptedAtMs === undefined || (!isAnswered && isShownSince && shown === 'stopped'))
          this.#due.start.push(node);
        break;
      case 'stopped':
        if (
          (shown === 'running' || shown === 'pending')
          && listing !== null
          && listing.atMs >= warm.sinceMs + askedAgainMs
        )
          this.#stopAgain(node);
        break;
      default:
    }
  }

  /** The calls that are due. */
  end(): void {
    const { stop, start } = this.#due;
    if (stop.length > 0) this.#copy.add({ kind: 'power', to: 'stop', nodes: stop });
    if (start.length > 0) this.#copy.add({ kind: 'power', to: 'start', nodes: start });
  }

  #isStopped(node: NodeRecord): void {
    const { nowMs } = this.#copy;
    const { callLifeMs, listingBusyMs } = this.#settings;
    const usd = volumeUsdPerHour(node, this.#context);
    const { node: next, costs } = stopped(node, usd, { nowMs, callLifeMs, promptMs: listingBusyMs });
    const reason = 'EC2 has stopped it; until it starts again it costs its root volume';
    this.#copy.change('power', reason, [this.#copy.setNode(next)], {
      activity: nodeNote('node_stopped', next, reason),
      costs,
    });
  }

  /** A stop may hang in EC2 for hours, and the node counts like one that runs for so long. */
  #terminate(node: NodeRecord): void {
    const reason = 'EC2 has not stopped it within the boot time; it is terminated';
    const drain = { by: 'refused-power', reason, atMs: this.#copy.nowMs, deadlineMs: null } as const;
    const next: NodeRecord = { ...node, state: 'terminating', drain };
    this.#copy.change('drain', reason, [this.#copy.setNode(next)], {
      activity: nodeNote('node_draining', next, reason),
    });
  }

  #stopAgain(node: NodeRecord): void {
    const { offerings, nowMs } = this.#copy.seen;
    const id = offeringId(node.instanceType, node.zone, node.capacityType);
    const offering = offerings.find((one) => one.id === id);
    // Of no known price: drift takes it.
    if (offering === undefined) return;
    const { node: next, costs } = stoppingAgain(node, usageOf(offering), nowMs);
    const reason = 'it runs though the pool did not start it, and stops again';
    this.#copy.change('power', reason, [this.#copy.start(next)], {
      activity: nodeNote('node_stopping', next, reason),
      costs,
    });
  }
}

export function volumeUsdPerHour({ allocatable }: NodeRecord, { rootVolumeGib }: WarmContext): number {
  return rootVolumeUsdPerHour({ allocatable }, rootVolumeGib ?? defaultRootVolumeGib);
}

/** Spot instances cannot be stopped and started as one likes; what is wrong with a node is not kept. */
function mayStop(
  node: NodeRecord,
  seen: Pick<Observation, 'pool' | 'offerings' | 'nowMs'>,
  { templateVersion }: WarmContext,
): boolean {
  const { capacityType, reservation, announced, trouble, startFailures } = node;
  const isSound = [reservation, announced, trouble, startFailures].every((one) => one === undefined);
  return (
    node.state === 'ready'
    && capacityType === 'on-demand'
    && isSound
    && node.assigned.length === 0
    && !isExpired(node, seen.pool, seen.nowMs)
    && driftOf(node, { observation: seen, ...(templateVersion === undefined ? {} : { templateVersion }) }) === null
  );
}

function isExpired(node: NodeRecord, pool: PoolSpec, nowMs: number): boolean {
  const atMs = expiresAtMs({ ...node, state: 'stopped' }, pool);
  return atMs !== null && atMs <= nowMs;
}

/** What a listing shows of a stop is of this one from then on: it may lag, and show the one before its last start. */
function sinceWhen({ askedAtMs, lastStart }: NodeWarm, { listingsApartMs }: DecisionSettings): number {
  return lastStart === undefined ? askedAtMs : Math.max(askedAtMs, lastStart.readyAtMs + listingsApartMs);
}

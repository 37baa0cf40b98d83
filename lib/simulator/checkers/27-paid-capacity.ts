// Invariant 27: no commitment pays for more than there is of it. What is launched as paid for, together with what such
// launches made and is still there, is at most as many instances as are reserved, of the type and in the zone, or at
// most the use on demand that a savings plan pays for; and nothing of one that has ended. Into what has to be named
// goes what names it, and that within its time; into a block no machine without a lease; and what EC2 has refused is
// not asked for again and again. Pools here have one at most.
import { blockClosesEarlyMs, isNamed } from '../../core/catalog/commitments.ts';
import type { Commitment } from '../../core/catalog/commitments.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import type { LaunchRecord } from '../../core/records/launch.ts';
import { epochMs } from '../kernel.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '27: no commitment pays for more than there is of it';

export function paidCapacity(truth: Truth): Watcher {
  const paid = new Map<string, LaunchRecord>();
  const refusals = new Refusals();
  let fresh: LaunchRecord[] = [];
  return {
    launch(before, after) {
      if (after?.state === 'settled' && after.request.reservation !== undefined) refusals.settled(after, truth.nowMs);
      if (before !== null || after?.state !== 'open') return;
      if (after.paidBy !== undefined || after.request.reservation !== undefined) fresh.push(after);
    },
    written() {
      const made = fresh;
      fresh = [];
      for (const one of made) paid.set(one.id, one);
      for (const one of made) {
        const wrong =
          objectionTo(one, countedOf(one, paid, truth), truth)
          ?? leaseless(one, truth)
          ?? refusals.objectionTo(one, truth);
        if (wrong !== null) truth.violate(name, `launch ${one.id} in pool ${one.pool}: ${wrong}`, [one.id]);
      }
    },
  };
}

/**
 * Of a refusal nobody may know, as where who heard it died. What was refused by several decisions, one after another,
 * and all just now, was forgotten.
 */
class Refusals {
  static readonly windowMs = 20_000;
  static readonly most = 2;
  /** By pool and reservation; of machines by request, too: what is wrong with one is nothing to the others. */
  readonly #refused = new Map<string, { readonly decidedAtMs: number; readonly atMs: number }[]>();

  settled(launch: LaunchRecord, nowMs: number): void {
    const { request, outcome, createdAtMs } = launch;
    if (outcome?.startsWith('0 of ') !== true || outcome === `0 of ${String(request.count)} launched`) return;
    const key = keyOf(launch);
    this.#refused.set(key, [...(this.#refused.get(key) ?? []), { decidedAtMs: createdAtMs, atMs: nowMs }]);
  }

  objectionTo(launch: LaunchRecord, { nowMs }: Truth): string | null {
    const all = this.#refused.get(keyOf(launch)) ?? [];
    const just = all.filter((one) => one.atMs > nowMs - Refusals.windowMs);
    const times = new Set(just.map((one) => one.decidedAtMs)).size;
    return times <= Refusals.most ? null : `EC2 has just refused ${String(times)} decisions in a row to launch into it`;
  }
}

function keyOf(launch: LaunchRecord): string {
  const requests = isNodeLaunch(launch) ? [] : launch.members.map(({ request }) => request);
  return [launch.pool, launch.request.reservation?.id ?? '', ...requests].join(' ');
}

/** EC2 ends what is in a block. */
function leaseless(launch: LaunchRecord, truth: Truth): string | null {
  if (isNodeLaunch(launch) || launch.request.reservation?.kind !== 'capacity-block') return null;
  const without = launch.members.find(({ request }) => truth.claims.get(request)?.spec.leaseMs === null);
  return without === undefined ? null : `${without.request} has no lease, and EC2 ends what is in a block`;
}

/** Prices of what launches have made and is there; what was stopped leaves what pays for it by itself. */
function machinesOf(launchId: string, truth: Truth): readonly number[] {
  return [...truth.claims.values()].flatMap(({ machines }) =>
    machines
      .filter((part) => part.launchId === launchId && part.state === 'there')
      .filter((part) => part.reservation !== undefined || (part.stoppedMs === undefined && !part.stoppedSinceMs))
      .map((part) => part.priceUsdPerHour),
  );
}

/** The same of nodes. */
function nodesOf(launchId: string, truth: Truth): readonly number[] {
  return [...truth.nodes.values()]
    .filter((node) => node.launchId === launchId && node.state !== 'stopped')
    .map((node) => node.priceUsdPerHour);
}

/** Instances, and USD per hour, of this commitment: of launches that are open, and of what the others have made. */
function countedOf(
  { pool, paidBy }: LaunchRecord,
  paid: ReadonlyMap<string, LaunchRecord>,
  truth: Truth,
): { readonly instances: number; readonly usdPerHour: number } {
  let [instances, usdPerHour] = [0, 0];
  for (const one of paid.values()) {
    if (one.pool !== pool || one.paidBy !== paidBy) continue;
    const now = truth.launches.get(one.id);
    const made = isNodeLaunch(one) ? nodesOf(one.id, truth) : machinesOf(one.id, truth);
    const isOpen = now?.state === 'open';
    instances += isOpen ? one.request.count : made.length;
    usdPerHour += isOpen ? one.reserved.usdPerHour : made.reduce((sum, price) => sum + price, 0);
  }
  return { instances, usdPerHour };
}

/** Clocks of controllers are off by seconds. */
const skewMs = 60_000;

function isWithinItsTime(one: Commitment, nowMs: number): boolean {
  const closesEarlyMs = one.kind === 'capacity-block' ? blockClosesEarlyMs : 0;
  const fromMs = isNamed(one) ? (one.fromMs ?? 0) : 0;
  return nowMs >= fromMs - skewMs && nowMs <= (one.untilMs ?? Infinity) - closesEarlyMs + skewMs;
}

function objectionTo(
  launch: LaunchRecord,
  counted: { readonly instances: number; readonly usdPerHour: number },
  truth: Truth,
): string | null {
  const { paidBy, request } = launch;
  const asked = isNodeLaunch(launch) ? launch.request.overrides : [launch.request];
  const pool = truth.pools.get(request.tags['bellows:pool'] ?? '');
  const one = pool?.spec.commitments?.find((commitment) => commitment.name === paidBy);
  if (one === undefined) return `there is no commitment ${String(paidBy)}`;
  if (!isWithinItsTime(one, epochMs + truth.nowMs)) return `${one.name} has not begun, or has ended`;
  if (request.reservation?.id !== (isNamed(one) ? one.name : undefined))
    return `${one.name} is ${isNamed(one) ? '' : 'not '}launched into by its name`;
  if (request.capacityType !== 'on-demand') return `${one.name} pays for nothing on spot`;
  if (one.kind === 'savings-plan') {
    const most = one.usdPerHour / (1 - one.discountPercent / 100);
    const isIts = asked.every(
      ({ instanceType }) => (one.instanceFamily ?? instanceType.split('.')[0]) === instanceType.split('.')[0],
    );
    if (!isIts) return `${one.name} is of another family`;
    return counted.usdPerHour <= most + 1e-6
      ? null
      : `${String(counted.usdPerHour)} USD/h of ${String(most)} are paid for`;
  }
  const isIts = asked.every(
    ({ instanceType, zone }) => instanceType === one.instanceType && (one.zone ?? zone) === zone,
  );
  if (!isIts) return `${one.name} is of another type or zone`;
  return counted.instances <= one.count ? null : `${String(counted.instances)} of ${String(one.count)} are paid for`;
}

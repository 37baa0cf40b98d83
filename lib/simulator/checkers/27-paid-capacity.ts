// Invariant 27: no commitment pays for more than there is of it. What is launched as paid for, together with what such
// launches made and is still there, is at most as many instances as are reserved, of the type and in the zone, or at
// most the use on demand that a savings plan pays for; and nothing of one that has ended. Into what has to be named
// goes what names it, and that within its time. Pools here have one at most.
import { blockClosesEarlyMs, isNamed } from '../../core/catalog/commitments.ts';
import type { Commitment } from '../../core/catalog/commitments.ts';
import type { NodeLaunch } from '../../core/records/launch.ts';
import { epochMs } from '../kernel.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '27: no commitment pays for more than there is of it';

export function paidCapacity(truth: Truth): Watcher {
  const paid = new Map<string, NodeLaunch>();
  let fresh: NodeLaunch[] = [];
  return {
    launch(before, after) {
      if (before !== null || after?.state !== 'open' || after.request.call !== 'fleet') return;
      const launch = after as NodeLaunch;
      if (launch.paidBy !== undefined || launch.request.reservation !== undefined) fresh.push(launch);
    },
    written() {
      const made = fresh;
      fresh = [];
      for (const one of made) paid.set(one.id, one);
      for (const one of made) {
        const wrong = objectionTo(one, countedOf(one, paid, truth), truth);
        if (wrong !== null) truth.violate(name, `launch ${one.id} in pool ${one.pool}: ${wrong}`, [one.id]);
      }
    },
  };
}

/** Instances, and USD per hour, of this commitment: of launches that are open, and of nodes of the others. */
function countedOf(
  { pool, paidBy }: NodeLaunch,
  paid: ReadonlyMap<string, NodeLaunch>,
  truth: Truth,
): { readonly instances: number; readonly usdPerHour: number } {
  let [instances, usdPerHour] = [0, 0];
  for (const one of paid.values()) {
    if (one.pool !== pool || one.paidBy !== paidBy) continue;
    const now = truth.launches.get(one.id);
    const nodes = [...truth.nodes.values()].filter((node) => node.launchId === one.id);
    const isOpen = now?.state === 'open';
    instances += isOpen ? one.request.count : nodes.length;
    usdPerHour += isOpen ? one.reserved.usdPerHour : nodes.reduce((sum, node) => sum + node.priceUsdPerHour, 0);
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
  { paidBy, request }: NodeLaunch,
  counted: { readonly instances: number; readonly usdPerHour: number },
  truth: Truth,
): string | null {
  const pool = truth.pools.get(request.tags['bellows:pool'] ?? '');
  const one = pool?.spec.commitments?.find((commitment) => commitment.name === paidBy);
  if (one === undefined) return `there is no commitment ${String(paidBy)}`;
  if (!isWithinItsTime(one, epochMs + truth.nowMs)) return `${one.name} has not begun, or has ended`;
  if (request.reservation?.id !== (isNamed(one) ? one.name : undefined))
    return `${one.name} is ${isNamed(one) ? '' : 'not '}launched into by its name`;
  if (request.capacityType !== 'on-demand') return `${one.name} pays for no spot nodes`;
  if (one.kind === 'savings-plan') {
    const most = one.usdPerHour / (1 - one.discountPercent / 100);
    const isIts = request.overrides.every(
      ({ instanceType }) => (one.instanceFamily ?? instanceType.split('.')[0]) === instanceType.split('.')[0],
    );
    if (!isIts) return `${one.name} is of another family`;
    return counted.usdPerHour <= most + 1e-6
      ? null
      : `${String(counted.usdPerHour)} USD/h of ${String(most)} are paid for`;
  }
  const isIts = request.overrides.every(
    ({ instanceType, zone }) => instanceType === one.instanceType && (one.zone ?? zone) === zone,
  );
  if (!isIts) return `${one.name} is of another type or zone`;
  return counted.instances <= one.count ? null : `${String(counted.instances)} of ${String(one.count)} are paid for`;
}

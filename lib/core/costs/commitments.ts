// Which of a pool's instances its commitments pay for now, and what is left of them. EC2 settles it anew each hour, in
// this order: reserved instances of a zone, then of any zone, then savings plans, each the oldest instances first. What
// was launched into a named reservation is paid for by that one alone.
import type { AllocationInput, Bin, PaidCapacity } from '../allocation/types.ts';
import { coveredUsdPerHour, isLive, isNamed, isOpen, paysFor } from '../catalog/commitments.ts';
import type { Commitment, NamedReservation } from '../catalog/commitments.ts';
import type { ClaimRecord } from '../records/claim.ts';
import type { LaunchRecord } from '../records/launch.ts';
import { isNodeLaunch } from '../records/launch.ts';
import type { NodeRecord } from '../records/node.ts';
import type { PoolSpec } from '../records/pool.ts';
import { assert } from '../values/errors.ts';

/** Of instances, or of USD per hour. */
export interface CommitmentUse {
  readonly commitment: Commitment;
  readonly used: number;
  readonly of: number;
}

export interface Paid {
  /** Of each instance that is paid for the part that is, whatever comes of it, above 0 and at most 1; by its id. */
  readonly shares: ReadonlyMap<string, number>;
  /** In the order of the declaration, without those that are over. */
  readonly uses: readonly CommitmentUse[];
  /** undefined: nothing is left, or there never was anything. */
  readonly left: PaidCapacity | undefined;
}

/** What of a node says who pays for it. */
export type PaidNode = Pick<
  NodeRecord,
  'id' | 'instanceType' | 'zone' | 'capacityType' | 'priceUsdPerHour' | 'createdAtMs' | 'reservation'
>
  & Partial<Pick<NodeRecord, 'state'>>;

export interface PaidFor {
  readonly nodes: Iterable<PaidNode>;
  readonly launches: Iterable<LaunchRecord>;
  readonly claims: Iterable<ClaimRecord>;
}

/** One instance, or one that a launch may make: of which types and zones it may be. */
interface Running {
  readonly id: string;
  readonly sinceMs: number;
  readonly usdPerHour: number;
  /** Id of what it was launched into; absent: nothing was named. */
  readonly reservation?: string | undefined;
  readonly maybe: readonly { readonly instanceType: string; readonly zone: string }[];
  /** For each of them, the part that nothing pays for yet if it is that one. */
  readonly unpaid: number[];
}

const nothingPaid: Paid = { shares: new Map(), uses: [], left: undefined };

/** Amounts of USD are sums of many. */
const tolerance = 1e-9;

/** Instances count until EC2 has said that they are gone, and launches for the most that may come of them. */
export function paidOf({ commitments = [] }: Pick<PoolSpec, 'commitments'>, records: PaidFor, nowMs: number): Paid {
  const live = commitments.filter((one) => isLive(one, nowMs));
  if (live.length === 0) return nothingPaid;
  const used = new Map(live.map((one) => [one, 0]));
  const running = runningOf(records);
  for (const one of live.filter(isNamed)) used.set(one, takenByNamed(one, running));
  for (const one of inOrder(live)) {
    const whole = one.kind === 'reserved-instances' ? one.count : coveredUsdPerHour(one);
    let amount = 0;
    for (const instance of running) amount += takenBy(one, instance, whole - amount);
    used.set(one, amount);
  }
  const shares = new Map<string, number>();
  for (const { id, unpaid } of running) {
    const share = 1 - unpaid.reduce((most, one) => Math.max(most, one), 0);
    if (share > tolerance) shares.set(id, share);
  }
  const uses = live.map((one): CommitmentUse => {
    const amount = used.get(one) ?? 0;
    return one.kind === 'savings-plan'
      ? { commitment: one, used: amount * (1 - one.discountPercent / 100), of: one.usdPerHour }
      : { commitment: one, used: amount, of: one.count };
  });
  return { shares, uses, left: leftOf(uses, nowMs) };
}

/** Answers with all that are in it. Where the declaration has fewer, it pays for so many, the oldest. */
function takenByNamed({ name, count }: NamedReservation, running: readonly Running[]): number {
  const its = running.filter((one) => one.reservation === name);
  for (const { unpaid } of its.slice(0, count)) unpaid.fill(0);
  return its.length;
}

/** Pays for the instance, whatever comes of it, as far as there is `left`; answers with how much. */
function takenBy(one: Applied, { usdPerHour, maybe, unpaid }: Running, left: number): number {
  const most = maybe.reduce(
    (max, { instanceType, zone }, at) => (paysFor(one, instanceType, zone) ? Math.max(max, unpaid[at] ?? 0) : max),
    0,
  );
  const need = one.kind === 'reserved-instances' ? most : usdPerHour * most;
  const part = Math.min(need, left);
  if (part <= tolerance || (one.kind === 'reserved-instances' && part < 1)) return 0;
  const share = one.kind === 'reserved-instances' ? 1 : part / usdPerHour;
  for (const [at, { instanceType, zone }] of maybe.entries()) {
    const rest = (unpaid[at] ?? 0) - share;
    if (paysFor(one, instanceType, zone)) unpaid[at] = rest > tolerance ? rest : 0;
  }
  return part;
}

type Applied = Exclude<Commitment, NamedReservation>;

/** What EC2 applies by itself: those of a zone come first, and instances before USD. */
function inOrder(commitments: readonly Commitment[]): readonly Applied[] {
  const rank = (one: Applied): number =>
    one.kind === 'savings-plan' ? (one.instanceFamily === undefined ? 3 : 2) : one.zone === undefined ? 1 : 0;
  return commitments.flatMap((one) => (isNamed(one) ? [] : [one])).sort((a, b) => rank(a) - rank(b));
}

function runningOf({ nodes, launches, claims }: PaidFor): readonly Running[] {
  const running: Running[] = [];
  const add = (one: Omit<Running, 'unpaid'>): void => {
    assert(one.maybe.length > 0, 'an instance is of some type');
    running.push({ ...one, unpaid: one.maybe.map(() => 1) });
  };
  for (const { id, instanceType, zone, capacityType, priceUsdPerHour, createdAtMs, reservation, state } of nodes)
    if (capacityType === 'on-demand' && state !== 'stopped')
      add({ id, sinceMs: createdAtMs, usdPerHour: priceUsdPerHour, reservation, maybe: [{ instanceType, zone }] });
  for (const { machines } of claims)
    for (const { state, instanceId, instanceType, zone, capacityType, priceUsdPerHour, ...part } of machines) {
      const { reservation, thereSinceMs, stoppedSinceMs } = part;
      // One that is stopped is started again only into the reservation that it was launched into: it keeps its place.
      const isOff = state !== 'there' || (typeof stoppedSinceMs === 'number' && reservation === undefined);
      if (isOff || capacityType !== 'on-demand' || instanceType === null || zone === null) continue;
      const [sinceMs, maybe] = [thereSinceMs ?? 0, [{ instanceType, zone }]];
      add({ id: instanceId ?? '', sinceMs, usdPerHour: priceUsdPerHour, reservation, maybe });
    }
  for (const launch of launches) {
    const { id, createdAtMs, request } = launch;
    if (request.capacityType !== 'on-demand') continue;
    const maybe = isNodeLaunch(launch) ? launch.request.overrides : [launch.request];
    const usdPerHour = launch.reserved.usdPerHour / Math.max(1, request.count);
    const reservation = request.reservation?.id;
    for (let at = 0; at < request.count; at += 1)
      add({ id: `${id}#${String(at)}`, sinceMs: createdAtMs, usdPerHour, reservation, maybe });
  }
  return running.sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1));
}

/** What is left of a pool's commitments beside nodes that are made up. */
export function paidBeside(
  pool: Pick<PoolSpec, 'commitments'>,
  bins: readonly Bin[],
  nowMs: number,
): Pick<AllocationInput, 'paid'> {
  const nodes = bins.map(({ id, offering: { type, zone, capacityType, priceUsdPerHour } }) => ({
    ...{ id, zone, capacityType, priceUsdPerHour },
    instanceType: type.name,
    createdAtMs: nowMs,
  }));
  const { left } = paidOf(pool, { nodes, launches: [], claims: [] }, nowMs);
  return left === undefined ? {} : { paid: left };
}

function leftOf(uses: readonly CommitmentUse[], nowMs: number): PaidCapacity | undefined {
  const left = uses.flatMap(({ commitment, used, of }) => {
    if (!isOpen(commitment, nowMs)) return [];
    const rest = commitment.kind === 'savings-plan' ? (of - used) / (1 - commitment.discountPercent / 100) : of - used;
    return rest > tolerance ? [{ commitment, left: rest, used, of }] : [];
  });
  return left.length === 0 ? undefined : left;
}

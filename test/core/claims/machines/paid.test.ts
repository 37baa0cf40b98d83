// Machines of claims fill what is paid for first: which type is bought then, and what is launched into by its name.
import { describe, expect, test } from '@jest/globals';
import { decideBuying } from '../../../../lib/core/claims/machines/buy.ts';
import { warmTenant } from '../../../../lib/core/claims/machines/warm.ts';
import type { Commitment } from '../../../../lib/core/catalog/commitments.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import type { MachineLaunch, NodeLaunch } from '../../../../lib/core/records/launch.ts';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import {
  claimCopy,
  claimListing,
  lastEntry,
  launch,
  machineSpec,
  machineThere,
  machines,
  machineWish,
  node,
  nowMs,
  offer,
  pool,
  smallType,
  typeOf,
} from '../../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;

const hour = 3_600_000;
const largeType = typeOf('m7.xlarge', 4, 16, 0.19);
const burstType = typeOf('t3.xlarge', 4, 16, 0.15, { isBurstable: true });
const gpuType = typeOf('g6.large', 4, 16, 0.18, { gpu: 1 });
/** The small type costs 0.1 USD/h. */
const market: readonly Offering[] = [smallType, largeType, burstType, gpuType].flatMap((type) =>
  ['za', 'zb'].flatMap((zone) => [offer(type, zone, 'on-demand'), offer(type, zone, 'spot')]),
);
const reserved = (instanceType: string, count: number, more: object = {}): Commitment => ({
  kind: 'reserved-instances',
  name: `ri-${instanceType}`,
  instanceType,
  count,
  ...more,
});
const saved = (usdPerHour: number, more: object = {}): Commitment => ({
  kind: 'savings-plan',
  name: 'sp',
  usdPerHour,
  discountPercent: 0,
  ...more,
});
const named = (more: object = {}): Commitment => ({
  ...{ kind: 'capacity-reservation', name: 'cr-1', instanceType: 'm7.xlarge', zone: 'zb', count: 2 },
  ...more,
});
const blockUntil = (untilMs: number): Commitment => named({ kind: 'capacity-block', untilMs });

function bought(commitments: readonly Commitment[], claims: readonly ClaimRecord[], world: World = {}): Copy {
  const copy = claimCopy({
    listing: claimListing({}),
    pool: pool({ commitments }),
    offerings: market,
    ...world,
    claims: [...claims, ...(world.claims ?? [])],
  });
  decideBuying(copy, claims);
  return copy;
}

const launchesIn = (copy: Copy): readonly MachineLaunch[] =>
  copy.bought.filter((one): one is MachineLaunch => !isNodeLaunch(one));
const launchesOf = (copy: Copy): readonly string[] =>
  launchesIn(copy).map(({ request, members, paidBy = 'nobody' }) => {
    const into = request.reservation === undefined ? '' : ` into ${request.reservation.id}`;
    return `${request.instanceType} ${request.zone}: ${members.map((m) => m.request).join(' ')} by ${paidBy}${into}`;
  });
const wish = (id: string, more: Parameters<typeof machineWish>[1] = {}): ClaimRecord => machineWish(id, more);

describe('a machine', () => {
  test('is of the type that is paid for, though another is cheaper, as long as there is some of it', () => {
    const copy = bought([reserved('m7.xlarge', 1)], [wish('a'), wish('b')]);
    expect(launchesOf(copy)).toEqual(['m7.xlarge za: a by ri-m7.xlarge', 'c7.large za: b by nobody']);
    expect(launchesIn(copy)[0]?.reason).toBe(
      'For a: m7.xlarge is paid for by commitment ri-m7.xlarge (0 of its 1 were in use), so it costs nothing more',
    );
    expect(launchesOf(bought([reserved('m7.xlarge', 1, { zone: 'zb' })], [wish('a')]))).toEqual([
      'm7.xlarge zb: a by ri-m7.xlarge',
    ]);
  });

  test('is paid for by what is left beside a stopped node that the same decision starts', () => {
    const stopped = node({ id: 'i-1', state: 'stopped', instanceType: 'm7.xlarge', warm: newWarm(0, 0.1) });
    const copyWith = (isStarting: boolean): readonly string[] => {
      const world = { listing: claimListing({}), pool: pool({ commitments: [reserved('m7.xlarge', 1)] }) };
      const copy = claimCopy({ ...world, offerings: market, nodes: [stopped], claims: [wish('a')] });
      if (isStarting) copy.setNode({ ...stopped, state: 'starting' });
      decideBuying(copy, [wish('a')]);
      return launchesOf(copy);
    };
    expect(copyWith(false)).toEqual(['m7.xlarge za: a by ri-m7.xlarge']);
    expect(copyWith(true)).toEqual(['c7.large za: a by nobody']);
  });

  test('on spot is paid for by nothing', () => {
    expect(launchesOf(bought([reserved('m7.xlarge', 1)], [wish('a', { capacityType: 'spot' })]))).toEqual([
      'c7.large za: a by nobody',
    ]);
  });

  test('is not of a type at more than twice the price of its cheapest: its pool counts that price', () => {
    const dear = typeOf('r7.xlarge', 4, 32, 0.21);
    const world = { offerings: [...market, offer(dear, 'za', 'on-demand')] };
    expect(launchesOf(bought([reserved('r7.xlarge', 1)], [wish('a')], world))).toEqual(['c7.large za: a by nobody']);
  });

  test('has a GPU, or bursts, only where it asked for it', () => {
    expect(launchesOf(bought([reserved('g6.large', 1)], [wish('a')]))).toEqual(['c7.large za: a by nobody']);
    const needs = { ...machineSpec.needs, gpu: 1 };
    expect(launchesOf(bought([reserved('g6.large', 1)], [wish('a', { needs })]))).toEqual([
      'g6.large za: a by ri-g6.large',
    ]);
    expect(launchesOf(bought([reserved('t3.xlarge', 1)], [wish('a')]))).toEqual(['c7.large za: a by nobody']);
    const bursty = wish('a', { requirements: { bursty: true } });
    expect(launchesOf(bought([reserved('t3.xlarge', 1)], [bursty]))).toEqual(['t3.xlarge za: a by ri-t3.xlarge']);
  });

  test('is paid for with all others of its claim, or none is', () => {
    const both = [wish('a', { count: 2 })];
    expect(launchesOf(bought([reserved('m7.xlarge', 1)], both))).toEqual(['c7.large za: a a by nobody']);
    expect(launchesOf(bought([reserved('m7.xlarge', 2)], both))).toEqual(['m7.xlarge za: a a by ri-m7.xlarge']);
  });

  test('of a savings plan is the cheapest that it has enough left for; reserved instances go first', () => {
    expect(launchesOf(bought([saved(0.1)], [wish('a'), wish('b')]))).toEqual([
      'c7.large za: a by sp',
      'c7.large za: b by nobody',
    ]);
    expect(launchesOf(bought([saved(0.2, { instanceFamily: 'm7' })], [wish('a')]))).toEqual(['m7.xlarge za: a by sp']);
    expect(launchesOf(bought([saved(9), reserved('m7.xlarge', 1)], [wish('a')]))).toEqual([
      'm7.xlarge za: a by ri-m7.xlarge',
    ]);
    const ofFamily = { ...saved(9, { instanceFamily: 'm7' }), name: 'sp-m7' } as Commitment;
    expect(launchesOf(bought([saved(9), ofFamily], [wish('a')]))).toEqual(['m7.xlarge za: a by sp-m7']);
  });

  test('is bought as ever where limits leave no room for what is paid for, or EC2 refuses it', () => {
    const limited = pool({ commitments: [reserved('m7.xlarge', 1)], limits: { vcpu: 3 } });
    expect(launchesOf(bought([], [wish('a')], { pool: limited }))).toEqual(['c7.large za: a by nobody']);
    const refusals = {
      'm7.xlarge/*/on-demand': { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' },
    };
    const world = { memory: { ...emptyMemory, refusals } };
    expect(launchesOf(bought([reserved('m7.xlarge', 1)], [wish('a')], world))).toEqual(['c7.large za: a by nobody']);
  });
});

describe('what is used already', () => {
  test('are machines that run, nodes, launches, and what this decision bought for tasks', () => {
    const one = [reserved('m7.xlarge', 1)];
    const claim = machines('m');
    const [part] = claim.machines;
    if (!part) throw new Error('a claim without a machine');
    const there = { ...claim, machines: [machineThere(part, 'i-1', { instanceType: 'm7.xlarge', zone: 'za' })] };
    expect(launchesOf(bought(one, [wish('a')], { claims: [there] }))).toEqual(['c7.large za: a by nobody']);
    const nodes: NodeLaunch = launch('l', {
      request: {
        call: 'fleet',
        capacityType: 'on-demand',
        templateVersion: '1',
        count: 1,
        overrides: [{ instanceType: 'm7.xlarge', zone: 'za', priceUsdPerHour: 0.19 }],
        tags: {},
      },
    });
    const copy = claimCopy({
      listing: claimListing({}),
      pool: pool({ commitments: one }),
      offerings: market,
      claims: [wish('a')],
    });
    copy.buy(nodes);
    decideBuying(copy, [wish('a')]);
    expect(launchesOf(copy)).toEqual(['c7.large za: a by nobody']);
  });
});

describe('what has to be named', () => {
  test('is launched into by its name, though EC2 is short of its type otherwise, within its count', () => {
    const shortage = { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' };
    const world = { memory: { ...emptyMemory, refusals: { 'm7.xlarge/zb/on-demand': shortage } } };
    const copy = bought([named()], [wish('a'), wish('b'), wish('c')], world);
    expect(launchesOf(copy)).toEqual(['m7.xlarge zb: a b by cr-1 into cr-1', 'c7.large za: c by nobody']);
    expect(launchesIn(copy)[0]?.reason).toMatch(/^For a, b: m7.xlarge is paid for by capacity reservation cr-1 \(0 of/);
    expect(lastEntry(copy, 'a')).toBe(
      'launching: asks EC2 for m7.xlarge (on-demand) in zb, into capacity reservation cr-1',
    );
  });

  test('is not launched into while EC2 refuses that, before its time, or for what is kept warm', () => {
    const refusal = { untilMs: nowMs + 1, waitMs: 1, code: 'ReservationCapacityExceeded' };
    const world = { memory: { ...emptyMemory, refusals: { 'reservation cr-1': refusal } } };
    const plain = ['c7.large za: a by nobody'];
    expect(launchesOf(bought([named()], [wish('a')], world))).toEqual(plain);
    expect(launchesOf(bought([named({ fromMs: nowMs + 1 })], [wish('a')]))).toEqual(plain);
    const warm = machineWish('w-a', {}, { tenant: warmTenant });
    expect(launchesOf(bought([named()], [warm]))).toEqual(['c7.large za: w-a by nobody']);
  });

  test('serves a machine for which there is nothing else, whatever it costs', () => {
    const shortage = { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' };
    const world = { memory: { ...emptyMemory, refusals: { '*/*/on-demand': { ...shortage, aboveVcpu: 1 } } } };
    const dear = offer(typeOf('x2.xlarge', 4, 16, 5), 'zb', 'on-demand');
    const offerings = [...market, dear];
    const copy = bought([named({ instanceType: 'x2.xlarge' })], [wish('a')], { ...world, offerings });
    expect(launchesOf(copy)).toEqual(['x2.xlarge zb: a by cr-1 into cr-1']);
  });

  test('and is a block gets only machines whose lease ends before EC2 ends what is in it', () => {
    const block = [blockUntil(nowMs + 3 * hour)];
    const plain = ['c7.large za: a by nobody'];
    expect(launchesOf(bought(block, [wish('a')]))).toEqual(plain);
    expect(launchesOf(bought(block, [wish('a', { leaseMs: 3 * hour })]))).toEqual(plain);
    const copy = bought(block, [wish('a', { leaseMs: hour })]);
    expect(launchesIn(copy)[0]?.request.reservation).toEqual({ id: 'cr-1', kind: 'capacity-block' });
    expect(lastEntry(copy, 'a')).toMatch(/into capacity block cr-1, whose instances EC2 ends at 1970-01-01T0.*Z$/);
    // Five minutes are for the launch.
    const [early, late] = [5, 4].map((minutes) => 2.5 * hour - minutes * 60_000) as [number, number];
    expect(launchesOf(bought(block, [wish('a', { leaseMs: early })]))).not.toEqual(plain);
    expect(launchesOf(bought(block, [wish('a', { leaseMs: late })]))).toEqual(plain);
  });
});

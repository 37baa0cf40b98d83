// Which nodes a repack does not want, asked of the rule itself: what goes now, what is bought in the place of others,
// and what stands in the way. With the engine; what becomes of it: consolidation.test.ts and replacing.test.ts.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { keptReplacements, repackOf } from '../../../lib/core/disruption/consolidation-choice.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { capacityQuestion } from '../../../lib/core/tasks/capacity/capacity-question.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, launch, node, nowMs, observation, offer, pool, request, task, typeOf } from '../builders.ts';

const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
const small = typeOf('c7.large', 2, 4, 0.1);
const large = typeOf('c7.2xlarge', 8, 16, 0.4);
const half = { cpuMilli: 900, memoryMib: 1_000, gpu: 0 };
const sold = (...types: readonly (typeof small)[]): readonly Offering[] =>
  types.map((type) => offer(type, 'za', 'on-demand'));

/** A task of about half a small node runs there, of one that bears a stop and says no duration. */
function busy(id: string, more: Partial<NodeRecord> = {}, one: Partial<Assignment> = {}, type = small): NodeRecord {
  const { name: instanceType, allocatable, onDemandUsdPerHour } = type;
  return node({
    ...{ id, instanceType, allocatable, priceUsdPerHour: onDemandUsdPerHour ?? 0, emptySinceMs: null },
    assigned: [assignment(`r-${id}`, { resources: half, startedAtMs: 20, savedAtMs: nowMs, ...one })],
    ...more,
  });
}

type More = Omit<NonNullable<Parameters<typeof observation>[0]>, 'pool' | 'nodes'> & {
  readonly spec?: Partial<PoolSpec>;
  readonly isShared?: boolean;
};

function repacked(
  nodes: readonly NodeRecord[],
  { spec, isShared = true, ...more }: More = {},
  ...wanted: readonly string[]
) {
  const requests = nodes
    .flatMap(({ assigned }) => assigned)
    .map(({ requestId, resources, attempt }) =>
      request(requestId, { resources, disruption: { mode: 'checkpoint' } }, { tasks: [task({ attempt })] }),
    );
  const shared = isShared ? ({ nodesServe: 'any-tenant' } as const) : {};
  const of = pool({ disruption: { consolidation: {} }, ...shared, ...spec });
  const seen = observation({ pool: of, nodes, requests, offerings: sold(small, large), ...more });
  const copy = new WorkingCopy(seen);
  const { input } = capacityQuestion(seen, copy, settings, () => false, everything);
  const repack = repackOf({ input, wanted: new Set(wanted) }, copy, allocate, settings);
  return {
    repack,
    going: repack?.commands.map((one) => one.node.id) ?? [],
    replaced: repack?.purchase?.replaces ?? [],
    planned: repack?.purchase?.planned ?? [],
    kept: keptReplacements(copy),
  };
}

const two = [busy('i-1'), busy('i-2')];

describe('what others carry', () => {
  test('goes, and nothing is bought', () => {
    const { going, repack } = repacked(two);
    expect([going, repack?.purchase]).toEqual([['i-1'], null]);
    expect(repack?.commands[0]?.reason).toMatch(/^its task fits on other nodes: /);
  });

  test('goes together, as many as budgets let go', () => {
    const five = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map((id) =>
      busy(id, {}, { resources: { ...half, cpuMilli: 300, memoryMib: 100 } }),
    );
    expect(repacked(five).going).toEqual(['i-1', 'i-2', 'i-3', 'i-4']);
    const budgets = (nodes: number) => ({ spec: { disruption: { consolidation: {}, budgets: [{ nodes }] } } });
    expect([3, 2, 1, 0].map((nodes) => repacked(five, budgets(nodes)).going.length)).toEqual([2, 2, 1, 1]);
  });

  test('has its place on ready nodes that run others, take more, and that nothing counts on', () => {
    const beside = (more: Partial<NodeRecord>) => repacked([busy('i-1'), busy('i-2', more)]).going;
    expect(beside({ assigned: [], emptySinceMs: 0 })).toEqual([]);
    expect(beside({ state: 'launching', readyAtMs: null })).toEqual([]);
    expect(beside({ tasksMax: 1 })).not.toContain('i-1');
    expect(beside({ announced: { reason: 'retirement', atMs: nowMs + 10_000_000 } })).not.toContain('i-1');
    expect(repacked(two, {}, 'i-1').going).toEqual([]);
    expect(repacked(two, {}, 'i-3').going).toEqual(['i-1']);
  });

  test('needs room for each task, and for all of them', () => {
    const sized = (first: number, second: number) =>
      repacked([
        busy('i-1', {}, { resources: { ...half, cpuMilli: first } }),
        busy('i-2', {}, { resources: { ...half, cpuMilli: second } }),
      ]).going;
    expect([sized(900, 1_000), sized(900, 1_001)]).toEqual([['i-1'], []]);
    const pair = busy('i-1', {
      assigned: ['a', 'b'].map((id) => assignment(id, { resources: half, startedAtMs: 20, savedAtMs: nowMs })),
    });
    expect(repacked([pair, busy('i-2')]).going).toEqual([]);
  });

  test('leaves room for as much as came for the first time lately', () => {
    const lately = (placedAtMs: number, attempt: number) => {
      const third = busy('i-3', {}, { placedAtMs, attempt, resources: { ...half, cpuMilli: 7_000 } }, large);
      return repacked([...two, third]).going;
    };
    expect([lately(nowMs - 400_000, 2), lately(nowMs - 400_000, 1)]).toEqual([['i-1'], []]);
    expect(lately(nowMs - 900_000, 1)).toEqual(['i-1']);
  });

  test('has no room on nodes of other tenants, where these are kept apart', () => {
    const paidBy = (tenant: string) => ({ payer: { tenant, meterNanoUsd: 0 } });
    const nodes = (tenant: string) => [busy('i-1', {}, paidBy('t')), busy('i-2', {}, paidBy(tenant))];
    const apart: More = { isShared: false };
    expect([repacked(nodes('t'), apart).going, repacked(nodes('u'), apart).going]).toEqual([['i-1'], []]);
    expect(repacked(nodes('u')).going).toEqual(['i-1']);
  });
});

test.each<[string, readonly NodeRecord[], More]>([
  ['the pool does not consolidate', two, { spec: { disruption: {} } }],
  ['something is being bought', two, { launches: [launch('l')] }],
  ['a task is being stopped', [...two, busy('i-3', {}, { withdrawn: { reason: 'x', atSeq: 1, atBootId: 'b' } })], {}],
  [
    'a node is being emptied already',
    [
      ...two,
      busy('i-3', { state: 'draining', drain: { by: 'consolidation', reason: 'x', atMs: 1, deadlineMs: null } }),
    ],
    {},
  ],
  ['a node was bought a short time ago', [...two, busy('i-3', { createdAtMs: nowMs - 299_999 })], {}],
  ['another went a short time ago', two, { memory: { ...emptyMemory, consolidatedAtMs: nowMs - 59_999 } }],
  ['their nodes cost nothing', two, { offerings: sold(small).map((one) => ({ ...one, priceUsdPerHour: 0 })) }],
])('nothing goes while %s', (_what, nodes, more) => {
  expect(repacked(nodes, more).repack).toBeNull();
});

test('one that is emptied for another reason stops nothing', () => {
  const drain = { by: 'operator', reason: 'x', atMs: 1, deadlineMs: null } as const;
  expect(repacked([...two, busy('i-3', { state: 'draining', drain })]).going).toEqual(['i-1']);
});

describe('what is bought in the place of others', () => {
  const huge = [busy('i-1', {}, {}, large)];
  const market = (...usd: readonly number[]): readonly Offering[] => [
    ...sold(large),
    ...usd.map((price, at) => ({ ...offer(small, `z${String(at)}`, 'on-demand'), priceUsdPerHour: price })),
  ];

  test('is for a node that is much too large, which stays until it is there', () => {
    const { going, replaced, planned } = repacked(huge, { offerings: market(0.1) });
    expect([going, replaced]).toEqual([[], ['i-1']]);
    expect(planned).toMatchObject([{ count: 1, offerings: [{ type: { name: 'c7.large' } }] }]);
    expect(planned[0]?.reason).toMatch(/ In the place of i-1: its task fits on what is bought and on others: /);
  });

  test('costs at most 85 % of it, whichever of the offerings EC2 takes', () => {
    const [dear, ...others] = market(0.1, 0.101, 0.104);
    const at = (...offerings: readonly Offering[]) =>
      repacked(huge, { offerings: dear ? [{ ...dear, priceUsdPerHour: 0.12 }, ...offerings] : [] });
    const prices = at(...others).planned[0]?.offerings ?? [];
    expect(prices.map(({ priceUsdPerHour }) => priceUsdPerHour)).toEqual([0.1, 0.101]);
    expect(at(...market(0.1).slice(1)).replaced).toEqual(['i-1']);
    expect(at(...market(0.103).slice(1)).replaced).toEqual([]);
  });

  test('is one for two that none of the others can carry', () => {
    const middle = typeOf('c7.xlarge', 4, 8, 0.15);
    const both = ['i-1', 'i-2'].map((id) => busy(id, {}, { resources: { ...half, cpuMilli: 1_000 } }));
    const { replaced, planned } = repacked(both, { offerings: sold(small, middle) });
    expect(replaced).toEqual(['i-1', 'i-2']);
    expect(planned).toMatchObject([{ count: 1, offerings: [{ type: { name: 'c7.xlarge' } }] }]);
    const budgets = { disruption: { consolidation: {}, budgets: [{ nodes: 1 }] } };
    expect(repacked(both, { offerings: sold(small, middle), spec: budgets }).replaced).toEqual([]);
  });

  test('pays by what its boot takes', () => {
    const booting = (bootMs: number) => repacked(huge, { offerings: market(0.1), memory: { ...emptyMemory, bootMs } });
    expect([booting(60_000).replaced, booting(10 * 3_600_000).replaced]).toEqual([['i-1'], []]);
  });

  test('is nothing while nodes come and never call, within no budget, and where nothing is saved', () => {
    const boots = { failed: 3, countedToMs: 1, last: '' };
    expect(repacked(huge, { offerings: market(0.1), memory: { ...emptyMemory, boots } }).repack).toBeNull();
    const budgets = { disruption: { consolidation: {}, budgets: [{ nodes: 0 }] } };
    expect(repacked(huge, { offerings: market(0.1), spec: budgets }).repack).toBeNull();
    expect(repacked(huge, { offerings: sold(large) }).repack).toBeNull();
    // It is as full as a smaller one would be.
    const full = { resources: { cpuMilli: 7_500, memoryMib: 8_000, gpu: 0 } };
    expect(repacked([busy('i-1', {}, full, large)], { offerings: market(0.1) }).repack).toBeNull();
  });

  test('is on demand for nodes on demand where the pool wants a share of that', () => {
    const spot = { ...offer(small, 'za', 'spot'), priceUsdPerHour: 0.02 };
    const types = (spec: Partial<PoolSpec>, capacityType: 'spot' | 'on-demand' = 'on-demand') =>
      repacked([busy('i-1', { capacityType }, {}, large)], {
        offerings: [...market(0.1), spot, offer(large, 'za', 'spot')],
        spec,
      }).planned.flatMap(({ offerings }) => offerings.slice(0, 1).map((one) => one.capacityType));
    const share = { onDemand: { baseVcpu: 0, percent: 20 } };
    expect([types({}), types(share), types(share, 'spot')]).toEqual([['spot'], ['on-demand'], ['spot']]);
  });
});

describe('when what was bought is there', () => {
  const spare = (more: Partial<NodeRecord> = {}): NodeRecord =>
    node({
      id: 'i-9',
      replaces: ['i-1'],
      readyAtMs: nowMs - 1_000,
      createdAtMs: nowMs - 60_000,
      emptySinceMs: 0,
      ...more,
    });
  const huge = busy('i-1', {}, {}, large);

  test('those that it replaces go, if it still pays', () => {
    const { going, repack, kept } = repacked([huge, spare()]);
    expect(going).toEqual(['i-1']);
    expect(repack?.commands[0]?.reason).toMatch(/^its task fits on what was bought for that \(i-9\) and on others: /);
    expect(kept).toEqual({ ids: ['i-9'], untilMs: nowMs + 119_000 });
    const soon = busy('i-1', {}, { expectedEndAtMs: nowMs + 1_000 }, large);
    expect(repacked([soon, spare()]).going).toEqual([]);
  });

  test('no other does meanwhile, nor anything before it has booted', () => {
    expect(repacked([huge, ...[busy('i-2'), busy('i-3')], spare()]).going).toEqual(['i-1']);
    const coming = repacked([huge, spare({ state: 'launching', readyAtMs: null })]);
    expect([coming.repack, coming.kept]).toEqual([null, { ids: ['i-9'], untilMs: null }]);
    const second = spare({ id: 'i-8', state: 'launching', readyAtMs: null });
    expect(repacked([huge, spare(), second]).repack).toBeNull();
    expect(repacked([{ ...huge, cordon: { by: 'alice', atMs: 1 } }, spare()]).repack).toBeNull();
    expect(repacked([huge, spare()], {}, 'i-1').repack).toBeNull();
  });

  test('it is kept for them until its time is over or they are gone', () => {
    expect(repacked([spare()]).kept).toEqual({ ids: [], untilMs: null });
    expect(repacked([huge, spare({ readyAtMs: nowMs - 120_000 })]).kept).toEqual({ ids: [], untilMs: null });
    const both = [huge, spare(), spare({ id: 'i-8', readyAtMs: nowMs - 9_000 })];
    expect(repacked(both).kept).toEqual({ ids: ['i-9', 'i-8'], untilMs: nowMs + 111_000 });
  });
});

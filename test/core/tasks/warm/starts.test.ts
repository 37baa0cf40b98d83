// Start before buying: which stopped nodes start, for what, and within what.
import { describe, expect, test } from '@jest/globals';
import { allocate as engine } from '../../../../lib/core/allocation/index.ts';
import { countingAll } from '../../../../lib/core/allocation/constraints/paid-first.ts';
import { decide } from '../../../../lib/core/plan/decide.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { NodeRecord, NodeWarm } from '../../../../lib/core/records/node.ts';
import { isNodeLaunch } from '../../../../lib/core/records/launch.ts';
import { offeringId } from '../../../../lib/core/values/offering.ts';
import { awsDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import {
  node,
  nowMs,
  observation,
  offer,
  offerings,
  pool,
  request,
  smallType,
  task,
  terms,
  typeOf,
} from '../../builders.ts';

/** The engine as a tick asks it. */
const allocate = countingAll(engine);
const bigType = typeOf('c7.8xlarge', 32, 64, 1.6);
const all = [...offerings, offer(bigType, 'za', 'on-demand')];
const warmPool = pool({ warmNodes: { stopped: 5, expireAfterMs: 1e9 } });
const stopped = (id: string, more: Partial<NodeRecord> = {}, warm: Partial<NodeWarm> = {}): NodeRecord =>
  node({
    id,
    state: 'stopped',
    lastSeenAtMs: null,
    emptySinceMs: null,
    priceUsdPerHour: 0.002,
    reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0.002 },
    warm: { ...newWarm(0, 0.1), stops: 1, ...warm },
    ...more,
  });
const big = (id: string): NodeRecord => stopped(id, { instanceType: bigType.name, allocatable: bigType.allocatable });
/** As many as fill a small node. */
const one = request('r-1', { resources: { cpuMilli: 1_500, memoryMib: 1_000, gpu: 0 } });

function decided(more: Parameters<typeof observation>[0]) {
  const seen = observation({ pool: warmPool, requests: [one], offerings: all, ...more });
  const { plan, culprits } = decide(seen, settings, terms, allocate, () => false);
  expect(culprits).toEqual([]);
  const started = plan.actions.flatMap((action) =>
    action.kind === 'change'
      ? action.writes.flatMap((write) =>
          write.type === 'node' && write.record.state === 'starting' ? [write.record] : [],
        )
      : [],
  );
  const bought = plan.actions.flatMap((action) =>
    action.kind === 'launch' && isNodeLaunch(action.launch) ? [action.launch] : [],
  );
  return { plan, started: started.map(({ id }) => id), nodes: started, bought: bought.length };
}

describe('what waits', () => {
  test('has a stopped node started, and nothing bought', () => {
    const found = decided({ nodes: [stopped('i-1'), stopped('i-2')] });
    expect(found).toMatchObject({ started: ['i-1'], bought: 0 });
    expect(found.nodes).toMatchObject([
      { reserved: { instances: 1, vcpu: 2, memoryMib: 4096, usdPerHour: 0.1 }, warm: { askedAtMs: nowMs } },
    ]);
    const change = found.plan.actions.find((action) => action.kind === 'change' && action.what === 'power');
    expect(change).toMatchObject({ activity: { code: 'node_starting' }, reason: expect.stringContaining('r-1') });
  });

  test('has what is there and what boots before that', () => {
    expect(decided({ nodes: [stopped('i-1'), node({ id: 'i-2' })] }).started).toEqual([]);
    const booting = node({ id: 'i-2', state: 'launching', readyAtMs: null, lastSeenAtMs: null });
    expect(decided({ nodes: [stopped('i-1'), booting] })).toMatchObject({ started: [], bought: 0 });
    expect(decided({ nodes: [stopped('i-1'), { ...stopped('i-2'), state: 'starting' }] }).started).toEqual([]);
  });

  test('has others bought beside them where they do not do', () => {
    const many = [one, { ...one, id: 'r-2' }, { ...one, id: 'r-3' }];
    const found = decided({ requests: many, nodes: [stopped('i-1'), stopped('i-2')] });
    expect(found.started).toEqual(['i-1', 'i-2']);
    expect(found.bought).toBe(1);
  });

  test('never has one that is far too large for it', () => {
    expect(decided({ nodes: [big('i-1')] })).toMatchObject({ started: [], bought: 1 });
    const large = request('r-1', { resources: { cpuMilli: 30_000, memoryMib: 1_000, gpu: 0 } });
    expect(decided({ nodes: [big('i-1')], requests: [large] })).toMatchObject({ started: ['i-1'], bought: 0 });
  });

  test.each<[string, NodeRecord]>([
    ['cordoned', stopped('i-1', { cordon: { by: 'anna', atMs: 0 } })],
    ['about to be taken', stopped('i-1', { announced: { reason: 'maintenance', atMs: 2 * nowMs } })],
    ['one that a late call may stop', stopped('i-1', {}, { unheardUntilMs: nowMs + 1 })],
    ['of a type that the pool may not have any more', stopped('i-1', { instanceType: 'm1.small' })],
  ])('starts none that is %s', (_, other) => {
    expect(decided({ nodes: [other] })).toMatchObject({ started: [], bought: 1 });
  });

  test('starts one when no late call can stop it any more', () => {
    expect(decided({ nodes: [stopped('i-1', {}, { unheardUntilMs: nowMs })] }).started).toEqual(['i-1']);
  });

  test('goes elsewhere at once where EC2 has no capacity to start it', () => {
    const refusal = { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' };
    const memory = { ...emptyMemory, refusals: { [offeringId(smallType.name, 'za', 'on-demand')]: refusal } };
    expect(decided({ memory, nodes: [stopped('i-1')] })).toMatchObject({ started: [], bought: 1 });
    expect(decided({ memory, nodes: [stopped('i-1'), stopped('i-2', { zone: 'zb' })] }).started).toEqual(['i-2']);
  });

  test('is started for within the limits alone, and nothing while the pool is paused', () => {
    const limited = (instances: number) => ({ pool: { ...warmPool, limits: { instances } } });
    expect(decided({ nodes: [stopped('i-1')], ...limited(0) })).toMatchObject({ started: [], bought: 0 });
    expect(decided({ nodes: [stopped('i-1')], ...limited(1) }).started).toEqual(['i-1']);
    const two = [one, { ...one, id: 'r-2' }];
    expect(decided({ nodes: [stopped('i-1')], requests: two, ...limited(1) })).toMatchObject({
      started: ['i-1'],
      bought: 0,
    });
    const found = decided({ nodes: [stopped('i-1'), stopped('i-2')], requests: two, ...limited(1) });
    expect(found.started).toHaveLength(1);
    expect(decided({ nodes: [stopped('i-1')], paused: { by: 'anna', sinceMs: 0 } })).toMatchObject({
      started: [],
      bought: 0,
    });
  });

  test('takes of the limits what it counts: headroom and who does not run alone have what is left', () => {
    const limited = { nodes: [stopped('i-1')], pool: { ...warmPool, limits: { instances: 1 } } };
    const floor = { nodes: 1, because: '', nextActAtMs: null };
    expect(decided({ ...limited, floor })).toMatchObject({ started: ['i-1'], bought: 0 });
    const alone = { ...one, id: 'r-0', tasks: [task({ nodeLosses: 2 })] };
    expect(decided({ ...limited, requests: [alone, one] })).toMatchObject({ started: ['i-1'], bought: 0 });
    const spec = { ...limited.pool, warmNodes: { stopped: 5, minStopped: 1, expireAfterMs: 1e9 } };
    expect(decided({ ...limited, pool: spec })).toMatchObject({ started: ['i-1'], bought: 0 });
  });

  test('is started for where nothing may be bought, as EC2 has none of it', () => {
    const refusal = { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' };
    const memory = { ...emptyMemory, refusals: { [offeringId(smallType.name, 'zb', 'on-demand')]: refusal } };
    const inZa = { ...one, spec: { ...one.spec, requirements: { zone: ['za'] } } };
    expect(decided({ memory, requests: [inZa], nodes: [stopped('i-1')], offerings }).started).toEqual(['i-1']);
  });
});

describe('what is paid for pays for what starts', () => {
  const reserved = { kind: 'reserved-instances', name: 'ri', instanceType: smallType.name, count: 1 } as const;
  const paidBy = ({ plan }: ReturnType<typeof decided>): readonly (string | undefined)[] =>
    plan.actions.flatMap((one) => (one.kind === 'launch' && isNodeLaunch(one.launch) ? [one.launch.paidBy] : []));
  const paying = (count: number) => ({ pool: { ...warmPool, commitments: [{ ...reserved, count }] } });
  const two = [one, { ...one, id: 'r-2' }];

  test('and not for what is bought beside it', () => {
    const nodes = [stopped('i-1')];
    const found = decided({ requests: two, nodes, ...paying(1) });
    expect([found.started, paidBy(found)]).toEqual([['i-1'], [undefined]]);
    expect(paidBy(decided({ requests: two, nodes, ...paying(2) }))).toEqual(['ri']);
  });

  test('nor for headroom that is bought in the same decision', () => {
    const floor = { nodes: 2, because: '', nextActAtMs: null };
    const nodes = [stopped('i-1')];
    expect(paidBy(decided({ requests: [one], nodes, floor, ...paying(1) }))).not.toContain('ri');
    const forecast = { ...floor, ahead: { wantedMilli: 1_800, because: 'ahead of a forecast' } };
    const found = decided({ requests: [], nodes, floor: forecast, ...paying(1) });
    expect([found.started, paidBy(found)]).toEqual([['i-1'], [undefined]]);
    expect(paidBy(decided({ requests: [], nodes, floor: forecast, ...paying(2) }))).toEqual(['ri']);
  });
});

test('one is tried at a time while nodes come and never call', () => {
  const boots = { failed: 3, countedToMs: nowMs, last: 'it never called' };
  const memory = { ...emptyMemory, boots };
  const many = ['r-1', 'r-2', 'r-3'].map((id) => ({ ...one, id }));
  const nodes = [stopped('i-1'), stopped('i-2'), stopped('i-3')];
  expect(decided({ requests: many, nodes }).started).toHaveLength(3);
  expect(decided({ memory, requests: many, nodes })).toMatchObject({ started: ['i-1'], bought: 0 });
  const starting: NodeRecord = { ...stopped('i-1', {}, { askedAtMs: nowMs }), state: 'starting' };
  expect(decided({ memory, requests: many, nodes: [starting, stopped('i-2')] })).toMatchObject({
    started: [],
    bought: 0,
  });
});

describe('what nobody waits for yet', () => {
  const floor = (nodes: number, ahead?: { wantedMilli: number; because: string }) => ({
    floor: { nodes, because: ' (alarm busy)', nextActAtMs: null, ...(ahead && { ahead }) },
    requests: [],
  });
  const reasons = ({ plan }: ReturnType<typeof decided>): readonly string[] =>
    plan.actions.flatMap((action) => (action.kind === 'change' && action.what === 'power' ? [action.reason] : []));

  test('headroom has stopped nodes started, and what these lack bought', () => {
    const found = decided({ nodes: [stopped('i-1'), stopped('i-2')], ...floor(2) });
    expect(found).toMatchObject({ started: ['i-1', 'i-2'], bought: 0 });
    expect(reasons(found)[0]).toBe('started for headroom of 2 nodes (alarm busy), which nothing is bought for then');
    expect(decided({ nodes: [stopped('i-1')], ...floor(2) })).toMatchObject({ started: ['i-1'], bought: 1 });
  });

  test('headroom counts those that start already, and a large node once', () => {
    expect(decided({ nodes: [{ ...stopped('i-1'), state: 'starting' }, stopped('i-2')], ...floor(1) }).started).toEqual(
      [],
    );
    const middle = typeOf('m7.xlarge', 4, 8, 0.15);
    const sold = [...offerings, offer(middle, 'za', 'on-demand')];
    const larger = stopped('i-1', { instanceType: middle.name, allocatable: middle.allocatable });
    const found = decided({ nodes: [larger], offerings: sold, ...floor(2) });
    expect(found).toMatchObject({ started: ['i-1'], bought: 1 });
  });

  test('a forecast has them started, and headroom then as many fewer', () => {
    const forecast = { wantedMilli: 1_800, because: 'ahead of a forecast' };
    const found = decided({ nodes: [stopped('i-1'), stopped('i-2'), stopped('i-3')], ...floor(2, forecast) });
    expect(found).toMatchObject({ started: ['i-1', 'i-2'], bought: 0 });
    expect(reasons(found)[0]).toContain('ahead of a forecast');
  });

  test('all of it within the limits', () => {
    const limited = { ...warmPool, limits: { instances: 1 } };
    const forecast = { wantedMilli: 1_800, because: 'ahead of a forecast' };
    const found = decided({ nodes: [stopped('i-1'), stopped('i-2')], ...floor(2, forecast), pool: limited });
    expect(found).toMatchObject({ started: ['i-1'], bought: 0 });
  });

  test('none of it in a pool that is paused, or where somebody waits for room within the limits', () => {
    expect(decided({ nodes: [stopped('i-1')], ...floor(1), paused: { by: 'anna', sinceMs: 0 } }).started).toEqual([]);
    const limited = { ...warmPool, limits: { instances: 0 } };
    expect(decided({ nodes: [stopped('i-1')], ...floor(1), requests: [one], pool: limited }).started).toEqual([]);
  });
});

// Stopped nodes that are there before anybody asks: when they are bought, and as what.
import { expect, test } from '@jest/globals';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { decide } from '../../../lib/core/plan/decide.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { isNodeLaunch } from '../../../lib/core/records/launch.ts';
import { newNode, newWarm } from '../../../lib/core/records/node.ts';
import { offeringId } from '../../../lib/core/values/offering.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { launch, node, nowMs, observation, offer, pool, request, smallType, terms, typeOf } from '../builders.ts';

const sold = (['spot', 'on-demand'] as const).map((capacityType) => offer(smallType, 'za', capacityType));
const stocked = pool({ warmNodes: { stopped: 3, minStopped: 2, expireAfterMs: 1e9 } });
const small = request('r-1', { resources: { cpuMilli: 1_500, memoryMib: 1_000, gpu: 0 } });

function decided(more: Parameters<typeof observation>[0] = {}) {
  const seen = observation({ pool: stocked, offerings: sold, ...more });
  const { plan, culprits, tasks } = decide(seen, settings, terms, allocate, () => false);
  expect(culprits).toEqual([]);
  const why = plan.actions.flatMap((action) => (action.kind === 'explain' ? [action.why] : []));
  const launches = plan.actions.flatMap((action) =>
    action.kind === 'launch' && isNodeLaunch(action.launch) ? [action.launch] : [],
  );
  const warm = launches.filter(({ isWarm }) => isWarm === true);
  return {
    warm,
    warmNodes: warm.reduce((sum, { request: { count } }) => sum + count, 0),
    others: launches.length - warm.length,
    why: why[0],
    dueMs: tasks.unplacedDueMs,
  };
}

test('they are bought on demand, and are warm nodes from the start', () => {
  const { warm, warmNodes, others } = decided();
  expect({ warmNodes, others }).toEqual({ warmNodes: 2, others: 0 });
  const [launch] = warm;
  expect(launch?.request.capacityType).toBe('on-demand');
  expect(launch?.reason).toMatch(/^one of 2 stopped nodes that the pool has ready; /);
  if (launch === undefined) throw new Error('nothing is bought');
  const instance = {
    instanceType: smallType.name,
    zone: 'za',
    capacityType: 'on-demand',
    priceUsdPerHour: 0.1,
  } as const;
  expect(newNode(launch, { id: 'i-1', ...instance }, smallType, nowMs).warm).toMatchObject({ stops: 0 });
});

test('none is bought where they are there, or where the pool asks for none', () => {
  const stopped = ['i-1', 'i-2'].map((id) =>
    node({ id, state: 'stopped', templateVersion: terms.templateVersion, lastSeenAtMs: null, warm: newWarm(0, 0.1) }),
  );
  expect(decided({ nodes: stopped }).warmNodes).toBe(0);
  expect(decided({ pool: pool({ warmNodes: { stopped: 3, expireAfterMs: 1e9 } }) }).warmNodes).toBe(0);
  expect(decided({ launches: [launch('l-1', { isWarm: true })] }).warmNodes).toBe(1);
  expect(decided({ launches: [launch('l-1', { isWarm: true }, 2)] }).warmNodes).toBe(0);
  expect(decided({ isPoolDeleting: true }).warmNodes).toBe(0);
  expect(decided({ paused: { by: 'anna', sinceMs: 0 } }).warmNodes).toBe(0);
});

test('none is bought for an hour after one could not be stopped, and then one alone until it is', () => {
  const drain = { by: 'refused-power', reason: 'EC2 refused to stop it', atMs: 1, deadlineMs: null } as const;
  const refused = node({ id: 'i-1', state: 'terminating', drain, warm: newWarm(0, 0.1) });
  const rememberedOf = (more: Parameters<typeof observation>[0]) => {
    const { plan } = decide(
      observation({ pool: stocked, offerings: sold, ...more }),
      settings,
      terms,
      allocate,
      () => false,
    );
    return plan.actions.flatMap((one) => (one.kind === 'remember' ? [one.memory.stopFailedAtMs] : []));
  };
  expect(rememberedOf({ nodes: [refused] })).toEqual([nowMs]);
  const after = (agoMs: number) => ({ memory: { ...emptyMemory, stopFailedAtMs: nowMs - agoMs } });
  const waits = decided(after(3_599_999));
  expect(waits).toMatchObject({
    warmNodes: 0,
    why: { warmNodes: { message: expect.stringMatching(/could not be, as/) } },
  });
  expect(waits.why?.warmNodes?.message).toContain(`the next is bought at ${new Date(nowMs + 1).toISOString()}.`);
  expect(decided(after(3_600_000)).warmNodes).toBe(1);
  // It is not noted anew while that node goes, and forgotten once one is stopped.
  expect(rememberedOf({ nodes: [refused], ...after(60_000) })).toEqual([]);
  const off = { state: 'stopped', lastSeenAtMs: null, templateVersion: terms.templateVersion } as const;
  const stopped = node({ id: 'i-2', ...off, warm: { ...newWarm(0, 0.1), sinceMs: nowMs - 30_000, stops: 1 } });
  expect(rememberedOf({ nodes: [stopped], ...after(60_000) })).toEqual([undefined]);
});

test('tasks come first, and what is bought for them counts against the limits', () => {
  expect(decided({ requests: [small] })).toMatchObject({ others: 1, warmNodes: 2 });
  const limited = (instances: number) => ({ pool: { ...stocked, limits: { instances } }, requests: [small] });
  expect(decided(limited(2))).toMatchObject({ others: 1, warmNodes: 1 });
  expect(decided(limited(1))).toMatchObject({ others: 1, warmNodes: 0 });
  expect(decided(limited(0))).toMatchObject({ others: 0, warmNodes: 0 });
});

test('what is lacking is said, and looked at again', () => {
  const refusal = { untilMs: nowMs + 1, waitMs: 1, code: 'InsufficientInstanceCapacity' };
  const memory = { ...emptyMemory, refusals: { [offeringId(smallType.name, 'za', 'on-demand')]: refusal } };
  const { warmNodes, why, dueMs } = decided({ memory });
  expect(warmNodes).toBe(0);
  expect(why?.warmNodes?.code).toBe('no_capacity');
  expect(dueMs).toBeGreaterThan(nowMs);
  expect(decided().why?.warmNodes).toBeUndefined();
});

test('two of them are never one large node', () => {
  const middle = typeOf('m7.xlarge', 4, 8, 0.11);
  const offered = [...sold, offer(middle, 'za', 'on-demand')];
  expect(decided({ offerings: offered }).warmNodes).toBe(2);
});

test('none is bought for tasks that run on spot alone', () => {
  const spot = { ...small, spec: { ...small.spec, requirements: { capacityType: ['spot' as const] } } };
  expect(decided({ requests: [spot] })).toMatchObject({ others: 1, warmNodes: 0 });
});

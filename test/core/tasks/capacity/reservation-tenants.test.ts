// Nodes that serve one tenant at a time, as a pool's decisions see them: whose a node is, who waits for it, and why.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import type { PoolSpec } from '../../../../lib/core/records/pool.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import { binsOf } from '../../../../lib/core/tasks/capacity/bins.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { reservationOf } from '../../../../lib/core/tasks/capacity/reservation.ts';
import { explain } from '../../../../lib/core/tasks/placing/why-waiting.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, placedTask, pool, request, smallType } from '../../builders.ts';

const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
const resources = { cpuMilli: 500, memoryMib: 500, gpu: 0 };

const of = (id: string, tenant: string, more: Partial<Assignment> = {}): Assignment =>
  assignment(id, { resources, payer: { tenant, meterNanoUsd: 0 }, ...more });
const busy = (id: string, ...assigned: readonly Assignment[]): NodeRecord =>
  node({ id, assigned, emptySinceMs: null, lastSeenAtMs: nowMs });

function binsOn(nodes: readonly NodeRecord[], spec: Partial<PoolSpec> = {}) {
  const seen = observation({ pool: pool(spec), nodes });
  return binsOf(seen, new WorkingCopy(seen), settings).bins;
}

describe('a node', () => {
  test('is whose tasks it has, also while they are stopped; an empty one is nobody’s', () => {
    const withdrawn = { reason: 'cancelled', atSeq: 1, atBootId: 'b' };
    const bins = binsOn([busy('i-1', of('r', 'shop', { withdrawn })), node({ id: 'i-2' })]);
    expect(bins).toMatchObject([{ id: 'i-1', tenant: 'shop', freeTasks: 9 }, { id: 'i-2' }]);
    expect(bins[1]).not.toHaveProperty('tenant');
  });

  test('with tasks of two, from before the pool kept them apart, takes nothing until it has those of one', () => {
    const shared = [busy('i-1', of('r', 'shop'), of('s', 'lab'))];
    expect(binsOn(shared)).toMatchObject([{ freeTasks: 0 }]);
    expect(binsOn(shared, { nodesServe: 'any-tenant' })).toMatchObject([{ freeTasks: 8 }]);
    expect(binsOn(shared, { nodesServe: 'any-tenant' })[0]).not.toHaveProperty('tenant');
  });
});

/** A pool that may not have more nodes than it has. */
function look(nodes: readonly NodeRecord[], waiting: readonly RequestRecord[], spec: Partial<PoolSpec> = {}) {
  const rows = nodes
    .flatMap(({ assigned }) => assigned)
    .map((one) => request(one.requestId, { resources }, { tenant: one.payer?.tenant ?? '', tasks: [placedTask()] }));
  const limits = { instances: nodes.length };
  const seen = observation({ pool: pool({ limits, ...spec }), nodes, requests: [...waiting, ...rows] });
  const copy = new WorkingCopy(seen);
  const question = capacityQuestion(seen, copy, settings, () => false, everything);
  const plan = allocate(question.input);
  const reservation = reservationOf({ question, plan, copy, allocate }, settings);
  return { plan, reservation, why: explain(plan, [], question, seen, copy) };
}

describe('who waits', () => {
  const waits = request('waits', { resources }, { tenant: 'lab', createdAtMs: nowMs - settings.reserveAfterMs });

  test('is told of the node with room that serves another', () => {
    const { plan, why } = look([busy('i-1', of('r', 'shop'))], [waits]);
    expect(plan.placements).toEqual([]);
    expect(Object.values(why)).toMatchObject([{ code: 'limit_reached' }]);
    expect(Object.values(why)[0]?.message).toContain(
      'Node i-1 has room, but serves another tenant until it is empty (nodesServe of the pool: one-tenant).',
    );
    expect(look([busy('i-1', of('r', 'shop'))], [waits], { nodesServe: 'any-tenant' }).plan.placements).toHaveLength(1);
  });

  test('has the node kept that is known to be empty first, and nothing else may go beside it then', () => {
    const first = busy('i-1', of('r', 'shop', { expectedEndAtMs: nowMs + 9_000 }));
    const second = busy('i-2', of('s', 'shop', { expectedEndAtMs: nowMs + 4_000 }));
    const { reservation } = look([first, second], [waits]);
    expect(reservation?.vacated.size).toBe(0);
    expect(reservation?.startsAtMs).toBe(nowMs + 4_000);
    expect([...(reservation?.kept ?? [])]).toMatchObject([['i-2', { demandId: 'waits', tenant: 'lab' }]]);
  });

  test('where nobody knows when: the one with least on it', () => {
    const full = busy('i-1', of('r', 'shop', { resources: { ...smallType.allocatable, memoryMib: 500 } }));
    const { reservation } = look([full, busy('i-2', of('s', 'shop'))], [waits]);
    expect(reservation).toMatchObject({ startsAtMs: null, vacated: new Set() });
    expect([...(reservation?.kept.keys() ?? [])]).toEqual(['i-2']);
  });

  test('is not served by what another tenant was given a moment ago', () => {
    const lately = busy('i-1', of('r', 'shop', { placedAtMs: nowMs - 1, expectedEndAtMs: nowMs + 9_000 }));
    expect(look([lately], [waits]).reservation?.demandId).toBe('waits');
    const whole = request('waits', { resources: smallType.allocatable }, { tenant: 'shop', createdAtMs: 0 });
    const twin = of('r', 'shop', { placedAtMs: nowMs - 1, resources: smallType.allocatable });
    expect(look([busy('i-1', twin)], [whole]).reservation).toBeNull();
    expect(look([busy('i-1', twin)], [{ ...whole, tenant: 'lab' }]).reservation?.demandId).toBe('waits');
  });
});

describe('whose turn it is', () => {
  const more = { ...smallType.allocatable, memoryMib: 100 };
  const half = { cpuMilli: smallType.allocatable.cpuMilli / 2, memoryMib: 100, gpu: 0 };
  /** Two nodes, each half full with what the shop runs, which has more that waits. */
  const shops = ['i-1', 'i-2'].map((id) => busy(id, of(`on-${id}`, 'shop', { resources: half })));
  const later = request('later', { resources: half, count: 9 }, { tenant: 'shop', createdAtMs: nowMs - 10 });
  const since = (ms: number, spec: Partial<RequestRecord['spec']> = {}) =>
    request('first', { resources: half, ...spec }, { tenant: 'lab', createdAtMs: nowMs - ms });
  const kept = (...parameters: Parameters<typeof look>) => [...(look(...parameters).reservation?.kept ?? [])];
  const long = settings.reserveAfterMs;

  test('who comes first and has waited for long gets a node of those who are served after him', () => {
    expect(kept(shops, [since(long), later])).toMatchObject([['i-1', { demandId: 'first', tenant: 'lab' }]]);
  });

  test('also where he has tasks of his own that end and begin all the time', () => {
    const own = busy('i-3', of('own', 'lab', { resources: more, placedAtMs: nowMs - 1 }));
    expect(kept([...shops, own], [since(long), later])).toMatchObject([['i-1', { demandId: 'first' }]]);
  });

  test('not who has just come, nor who comes after them, nor where nodes serve any tenant', () => {
    expect(kept(shops, [since(11), later])).toEqual([]);
    const before = { ...later, createdAtMs: nowMs - 2 * long };
    const own = busy('i-3', of('own', 'lab', { resources: more, placedAtMs: nowMs - 1 }));
    expect(kept([...shops, own], [since(long, { resources: more }), before])).toEqual([]);
    expect(kept(shops, [since(long), later], { nodesServe: 'any-tenant' })).toEqual([]);
  });

  test('not where nobody else is given more there: what ends makes room by itself', () => {
    expect(kept([busy('i-1', of('x', 'shop', { placedAtMs: nowMs - 1 }))], [since(11)])).toEqual([]);
  });

  describe('with fair shares', () => {
    const fair = { ordering: 'fair-share' as const };

    test('who has less than the other would have without the node, at once', () => {
      expect(kept(shops, [since(1), later], fair)).toMatchObject([['i-1', { demandId: 'first' }]]);
      const own = busy('i-3', of('own', 'lab', { resources: half }));
      expect(kept([...shops, own], [since(1, { resources: more }), later], fair)).toEqual([]);
    });

    test('who has nothing, in turns, when he has waited for long', () => {
      const [one] = shops;
      if (!one) throw new RangeError('no node');
      expect(kept([one], [since(long - 1), later], fair)).toEqual([]);
      expect(kept([one], [since(long), later], fair)).toMatchObject([['i-1', { demandId: 'first' }]]);
    });
  });
});

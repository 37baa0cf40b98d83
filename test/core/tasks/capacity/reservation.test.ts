// The first that does not fit for a while: which nodes are kept for it, from when, and what may go ahead.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationPlan } from '../../../../lib/core/allocation/types.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import { noUsage } from '../../../../lib/core/records/pool.ts';
import type { CapacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import type { Reservation } from '../../../../lib/core/tasks/capacity/reservation.ts';
import {
  reservationOf,
  reservedText,
  withReasons,
  withReservation,
} from '../../../../lib/core/tasks/capacity/reservation.ts';
import { noResources } from '../../../../lib/core/values/resources.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, placedTask, pool, request, smallType } from '../../builders.ts';

const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
const whole = smallType.allocatable;
const size = (cpuMilli: number) => ({ cpuMilli, memoryMib: 500, gpu: 0 });
/** It wants the whole of a node, and has waited since 0. */
const large = request('large', { resources: { ...whole, memoryMib: 500 } });

interface Seen {
  readonly question: CapacityQuestion;
  readonly plan: AllocationPlan;
  readonly reservation: Reservation | null;
}

type World = NonNullable<Parameters<typeof observation>[0]>;

/** A pool that may not have more nodes than it has. */
function look(nodes: readonly NodeRecord[], requests: readonly RequestRecord[] = [large], more: World = {}): Seen {
  const running = nodes.flatMap(({ assigned }) => assigned).map(({ requestId }) => requestId);
  const rows = running.map((id) => request(id, {}, { tasks: [placedTask()] }));
  const limits = { instances: nodes.length };
  const seen = observation({ pool: pool({ limits }), nodes, requests: [...requests, ...rows], ...more });
  const copy = new WorkingCopy(seen);
  const question = capacityQuestion(seen, copy, settings, () => false, everything);
  const plan = allocate(question.input);
  return { question, plan, reservation: reservationOf({ question, plan, copy, allocate }, settings) };
}

/** A task of 1,000 that ends then; null: nobody knows. */
function busy(id: string, endsAtMs: number | null, more: Partial<Assignment> = {}): NodeRecord {
  const own = assignment(`on-${id}`, { resources: size(1_000), expectedEndAtMs: endsAtMs, ...more });
  return node({ id, assigned: [own], emptySinceMs: null });
}

describe('who gets one', () => {
  test('who has waited for long enough, and not who came later', () => {
    const at = (createdAtMs: number) => look([busy('i-1', null)], [{ ...large, createdAtMs }]).reservation?.demandId;
    expect(at(nowMs - settings.reserveAfterMs)).toBe('large');
    expect(at(nowMs - settings.reserveAfterMs + 1)).toBeUndefined();
  });

  test('nobody, where everybody has a place or none of the nodes will ever carry it', () => {
    expect(look([node()]).reservation).toBeNull();
    const huge = request('huge', { resources: size(90_000) });
    expect(look([busy('i-1', nowMs + 5_000)], [huge]).reservation).toBeNull();
  });

  test('not who has a task that was placed a moment ago, nor one like it', () => {
    const placedAtMs = nowMs - 1_000;
    const twin = busy('i-1', nowMs + 9_000, { placedAtMs, resources: large.spec.resources });
    expect(look([twin]).reservation).toBeNull();
    const smaller = busy('i-1', nowMs + 9_000, { placedAtMs });
    expect(look([smaller]).reservation?.demandId).toBe('large');
  });

  test('the first of two in the serving order', () => {
    const second = { ...large, id: 'second', createdAtMs: 5 };
    expect(look([busy('i-1', nowMs + 5_000)], [second, large]).reservation?.demandId).toBe('large');
  });
});

describe('which node', () => {
  test('the one that is known to be free first, from then on', () => {
    const nodes = [busy('i-1', nowMs + 9_000), busy('i-2', nowMs + 4_000), busy('i-3', null)];
    const { reservation } = look(nodes);
    expect(reservation).toMatchObject({ startsAtMs: nowMs + 4_000, room: noUsage, vacated: new Set() });
    expect([...(reservation?.kept ?? [])]).toEqual([
      [
        'i-2',
        {
          ...{ demandId: 'large', fromMs: nowMs + 4_000, spareTasks: 9, tenant: 't' },
          spare: { cpuMilli: 0, memoryMib: whole.memoryMib - 500, gpu: 0 },
        },
      ],
    ]);
  });

  test('a timeout says when, where the task itself says nothing or that is over', () => {
    const row = request('on-i-1', { timeoutMs: 60_000 }, { tasks: [placedTask()] });
    const late = (expectedEndAtMs: number | null): number | null | undefined => {
      const carrier = busy('i-1', expectedEndAtMs, { startedAtMs: nowMs - 20_000 });
      const seen = {
        ...observation({ requests: [large, row], nodes: [carrier] }),
        pool: pool({ limits: { instances: 1 } }),
      };
      const copy = new WorkingCopy(seen);
      const question = capacityQuestion(seen, copy, settings, () => false, everything);
      return reservationOf({ question, plan: allocate(question.input), copy, allocate }, settings)?.startsAtMs;
    };
    expect(late(null)).toBe(nowMs + 40_000);
    expect(late(nowMs - 1)).toBe(nowMs + 40_000);
    expect(late(nowMs + 5_000)).toBe(nowMs + 5_000);
  });

  test('where nobody knows when: the one on which least has to end, and only the largest of its tasks', () => {
    const small = assignment('on-i-2-small', { resources: { cpuMilli: 0, memoryMib: 100, gpu: 0 } });
    const second = busy('i-2', null);
    const nodes = [busy('i-1', null, { resources: size(1_500) }), { ...second, assigned: [...second.assigned, small] }];
    const { reservation } = look(nodes);
    expect(reservation?.startsAtMs).toBeNull();
    expect([...(reservation?.kept ?? [])]).toEqual([
      [
        'i-2',
        {
          ...{ demandId: 'large', fromMs: null, spareTasks: 8, tenant: 't' },
          spare: { cpuMilli: 0, memoryMib: whole.memoryMib - 600, gpu: 0 },
        },
      ],
    ]);
  });

  test('all that a gang needs', () => {
    const gang = request('gang', { count: 2, resources: { ...whole, memoryMib: 500 }, gang: true });
    const nodes = [busy('i-1', nowMs + 9_000), busy('i-2', nowMs + 4_000), busy('i-3', nowMs + 6_000)];
    const { reservation } = look(nodes, [gang]);
    expect([...(reservation?.kept.keys() ?? [])].sort()).toEqual(['i-2', 'i-3']);
    expect(reservation?.startsAtMs).toBe(nowMs + 6_000);
  });
});

describe('room within the limits', () => {
  test('of a node that goes is kept from a time at which that is known to be empty', () => {
    const going = { ...busy('i-1', nowMs + 3_000), state: 'draining' } as const;
    const zonal = request('large', { resources: large.spec.resources, requirements: { zone: ['za'] } });
    const { reservation } = look([going, { ...busy('i-2', nowMs + 7_000), zone: 'zb' }], [zonal]);
    expect(reservation).toMatchObject({ startsAtMs: nowMs + 7_000, room: { instances: 1, vcpu: 2 } });
    expect([...(reservation?.kept ?? [])]).toEqual([]);
    expect(reservation && reservedText(reservation, nowMs)).toBe('The next room within the limits is kept for it.');
  });

  test('is made by a node that is too small for it', () => {
    const tiny = { ...busy('i-1', nowMs + 7_000), zone: 'zb' };
    const zonal = request('large', { resources: large.spec.resources, requirements: { zone: ['za'] } });
    const { reservation } = look([tiny], [zonal]);
    expect([...(reservation?.vacated ?? [])]).toEqual(['i-1']);
    expect(reservation).toMatchObject({ startsAtMs: nowMs + 7_000, room: { instances: 1 } });
    expect(reservation?.kept.get('i-1')).toEqual({
      ...{ demandId: 'large', fromMs: nowMs + 7_000, spare: noResources, spareTasks: 0, tenant: 't' },
    });
    const unknown = look([{ ...tiny, assigned: busy('i-1', null).assigned }], [zonal]).reservation;
    expect(unknown).toMatchObject({ startsAtMs: null, vacated: new Set(['i-1']) });
  });
});

test("nothing is kept that waits for the end of a service's replica: there is none", () => {
  const replica = (id: string) => request(id, { service: { name: 'web', slot: 0, revision: 1 } });
  const carrier = busy('i-1', null);
  const seen = observation({
    ...{ pool: pool({ limits: { instances: 1 } }), nodes: [carrier], requests: [large, replica('on-i-1')] },
  });
  const copy = new WorkingCopy(seen);
  const question = capacityQuestion(seen, copy, settings, () => false, everything);
  const plan = allocate(question.input);
  expect(reservationOf({ question, plan, copy, allocate }, settings)).toBeNull();
  expect(look([carrier]).reservation?.startsAtMs).toBeNull();
});

test('a node on which a gang waits for one that boots makes no room for who comes behind it', () => {
  const gang = request('gang', { count: 2, gang: true, resources: { ...whole, memoryMib: 500 } }, { createdAtMs: 0 });
  const nodes = [node({ id: 'i-1' }), node({ id: 'i-2', state: 'launching' })];
  const zonal = { resources: large.spec.resources, requirements: { zone: ['zb'] } };
  const late = request('late', zonal, { createdAtMs: 1 });
  const { plan, reservation } = look(nodes, [gang, late]);
  expect(plan.placements.map(({ binId }) => binId).sort()).toEqual(['i-1', 'i-2']);
  expect(reservation).toBeNull();
  expect([...(look(nodes, [late]).reservation?.vacated ?? [])]).toEqual(['i-1']);
});

// Seed 10100941: shares are drawn by lot, so that now one gang is first, now the other.
test('nor for a gang before it that does not fit', () => {
  const own = { ...whole, memoryMib: 500 };
  const gang = request('gang', { count: 3, gang: true, resources: own }, { createdAtMs: 1 });
  const nodes = [node({ id: 'i-1' }), node({ id: 'i-2' }), node({ id: 'i-3', state: 'launching' })];
  const other = request('other', { count: 2, gang: true, resources: own, requirements: { zone: ['zb'] } });
  const { plan, reservation } = look(nodes, [other, gang]);
  expect(plan.placements.map(({ binId }) => binId).sort()).toEqual(['i-1', 'i-2', 'i-3']);
  expect(reservation).toBeNull();
  expect([...(look(nodes, [other]).reservation?.vacated ?? [])].sort()).toEqual(['i-1', 'i-2']);
});

describe('the question once more', () => {
  const room = { ...noUsage, instances: 3 };
  const kept = new Map([['i-1', { demandId: 'large', fromMs: null, spare: noResources, spareTasks: 0 }]]);
  const reservation: Reservation = { demandId: 'large', kept, vacated: new Set(), room, startsAtMs: null };

  test('says what is kept, and counts the room as used', () => {
    const { question, plan } = look([busy('i-1', null), busy('i-2', null)]);
    const { input } = withReservation(question, plan, reservation);
    expect(input.bins.map((one) => one.kept)).toEqual([kept.get('i-1'), undefined]);
    expect(input.usage.instances).toBe(question.input.usage.instances + 3);
  });

  test('who is served before it and buys comes before its room', () => {
    const first = request('first', { resources: size(1_900) }, { createdAtMs: -1 });
    const { question, plan } = look([busy('i-1', null)], [first, large], { pool: pool({ limits: { instances: 2 } }) });
    expect(plan.launches).toHaveLength(1);
    expect(withReservation(question, plan, reservation).input.usage).toEqual(question.input.usage);
  });

  test('who has no place only because of it is told so; the others keep their reason', () => {
    const { plan } = look([busy('i-1', null)]);
    const [own] = plan.unplaced;
    if (!own) throw new Error('it has a place');
    const other = { ...own, demandId: 'small', message: 'x' };
    const answer = withReasons({ ...plan, unplaced: [{ ...own, count: 7, message: 'y' }, other] }, plan, reservation);
    expect(answer.unplaced).toEqual([
      { ...own, count: 7 },
      { ...other, kind: 'limits', excluded: [], message: 'What has room for it is kept for request large.' },
    ]);
  });
});

describe('as a text', () => {
  const kept = (...ids: readonly string[]): Pick<Reservation, 'kept'> => ({
    kept: new Map(ids.map((id) => [id, { demandId: 'd', fromMs: null, spare: noResources, spareTasks: 0 }])),
  });
  const plain = { demandId: 'd', vacated: new Set<string>(), room: noUsage, startsAtMs: null };

  test.each<[Reservation, string]>([
    [
      { ...plain, ...kept('a') },
      'Node a is kept for it; free when, is not known, since what runs there tells no duration.',
    ],
    [{ ...plain, ...kept('a', 'b'), startsAtMs: 0 }, 'Nodes a, b are kept for it; free by 1970-01-01T00:00:00.000Z.'],
    [
      { ...plain, ...kept('a', 'b', 'c', 'd', 'e'), startsAtMs: 0 },
      'Nodes a, b, c and 2 more are kept for it; free by 1970-01-01T00:00:00.000Z.',
    ],
    [
      { ...plain, ...kept('a'), vacated: new Set(['a']), startsAtMs: 0 },
      'Node a is emptied for it, and a node that carries it is bought in place; free by 1970-01-01T00:00:00.000Z.',
    ],
    // The present time is no news.
    [{ ...plain, ...kept('a'), startsAtMs: -1 }, 'Node a is kept for it; free now, and waiting for the rest.'],
  ])('%#', (reservation, text) => {
    expect(reservedText(reservation, -1)).toBe(text);
  });
});

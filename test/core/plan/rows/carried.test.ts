// What a node's document and the rows that it names say together.
import { describe, expect, test } from '@jest/globals';
import type { OpenRequest } from '../../../../lib/core/plan/observation.ts';
import {
  Carried,
  isSameOpen,
  joinedDemand,
  lastOf,
  newCarried,
  SeenRow,
} from '../../../../lib/core/plan/rows/carried.ts';
import type { Assignment } from '../../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import { array, assignment, chunk, node, nowMs, request, resources, task } from '../../builders.ts';

const open = (record: RequestRecord, more: Partial<OpenRequest> = {}): OpenRequest => ({ ...array(record), ...more });

/** A node with a task of each row. */
function carrying(opens: readonly (OpenRequest | undefined)[], more: Partial<Assignment> = {}): Carried {
  const assigned = opens.map((one, n) => assignment(one?.record.id ?? `gone-${String(n)}`, more));
  return new Carried(node({ assigned }), opens);
}

describe('a row', () => {
  test('that a document names runs there, and is put together once', () => {
    const { rows, node: on } = carrying([open(request('r'))]);
    const [row] = rows;
    expect(row?.isPlaced).toBe(true);
    expect(row?.on?.node).toBe(on);
    expect(row?.now).toMatchObject({ id: 'r', state: 'running' });
    expect(row?.now.tasks[0]?.state).toBe('placed');
    expect(row?.now).toBe(row?.now);
  });

  test('that no document names is as it was observed', () => {
    const record = request('r');
    const row = new SeenRow(open(record));
    expect([row.isPlaced, row.on]).toEqual([false, null]);
    expect(row.now).toBe(record);
  });

  test.each<[string, RequestRecord, Partial<Assignment>]>([
    ['is set aside', request('r', {}, { quarantine: 'broken' }), {}],
    ['waits for another attempt', request('r', {}, { tasks: [task({ attempt: 2 })] }), {}],
    ['has ended there', request('r', {}, { tasks: [task({ state: 'succeeded' })] }), {}],
    ['is an array', request('r', { count: 2 }), {}],
  ])('that %s is not placed by the document', (_why, record, more) => {
    const { rows, isSettled } = carrying([open(record)], more);
    expect(rows[0]?.isPlaced).toBe(false);
    expect(rows[0]?.now).toBe(record);
    expect(isSettled).toBe(false);
  });
});

describe('a node is settled', () => {
  test('while all its tasks run, and nothing is to be done about any', () => {
    const carried = carrying([open(request('r')), open(request('s'))]);
    expect(carried).toMatchObject({ isSettled: true, untilMs: Infinity });
    expect(carried.rows.map(({ open: { record } }) => record.id)).toEqual(['r', 's']);
    expect(carrying([]).isSettled).toBe(true);
  });

  test('until the first deadline, or the end of the list of a batch', () => {
    const until = (...records: readonly RequestRecord[]): number => carrying(records.map((one) => open(one))).untilMs;
    expect(until(request('r', { deadlineMs: 500 }, { createdAtMs: 100 }), request('s'))).toBe(600);
    expect(until(request('r', {}, { batch: { id: 'b', untilMs: 70 } }), request('s', { deadlineMs: 80 }))).toBe(70);
  });

  const mounts = { requests: ['v'], areAttached: false };
  const unsettled: Readonly<Record<string, { readonly one?: OpenRequest; readonly more?: Partial<Assignment> }>> = {
    'was not observed': {},
    'has volumes mounted': { one: open(request('r')), more: { mounts } },
    'is to mount some': { one: open(request('r', { mounts: [] })) },
    'is collected': { one: open(request('r'), { isCollected: true }) },
    'has ended': { one: open(request('r', {}, { endedAtMs: nowMs })) },
    'is to be canceled': { one: open(request('r', {}, { cancelRequestedAtMs: nowMs })) },
    'has a task that is to be canceled': {
      one: open(request('r', {}, { tasks: [task({ cancelRequestedAtMs: nowMs })] })),
    },
  };
  test.each(Object.keys(unsettled))('but not with one that %s, wherever in its document that is', (what) => {
    const { one, more = {} } = unsettled[what] ?? {};
    const still = open(request('still'));
    expect(carrying([one, still], more).isSettled).toBe(false);
    expect(carrying([still, one], more).isSettled).toBe(false);
  });

  test('what was not observed has a place and no row', () => {
    const seen = open(request('s'));
    const { rows, opens } = carrying([undefined, seen]);
    expect(opens).toEqual([undefined, seen]);
    expect(rows.map((row) => row.open)).toEqual([seen]);
  });
});

describe('what runs', () => {
  const predictive = { learningStyle: 'predictive' as const };

  test('on a node is summed by the style of the requests, once', () => {
    const { facts, ...carried } = carrying([
      open(request('r')),
      open(request('s', predictive)),
      open(request('t', {}, { tenant: 'u' })),
    ]);
    const twice = { cpuMilli: 2 * resources.cpuMilli, memoryMib: 2 * resources.memoryMib, gpu: 0 };
    expect(carried.rows).toHaveLength(3);
    expect(facts.demand).toEqual([
      { style: null, resources: twice },
      { style: 'predictive', resources },
    ]);
    expect(facts.tenants).toEqual(['t', 'u']);
  });

  test('is worked out once for a node', () => {
    const carried = carrying([open(request('r'))]);
    expect(carried.facts).toBe(carried.facts);
  });

  test('on many nodes is the sum of theirs', () => {
    const one = carrying([open(request('r'))]);
    const other = carrying([open(request('s')), open(request('t', predictive))]);
    expect(joinedDemand([one, other])).toEqual([
      { style: null, resources: { cpuMilli: 2 * resources.cpuMilli, memoryMib: 2 * resources.memoryMib, gpu: 0 } },
      { style: 'predictive', resources },
    ]);
    expect(joinedDemand([])).toEqual([]);
  });
});

test('a document remembers what was worked out of it last', () => {
  const on = node();
  expect(lastOf(on)).toBeUndefined();
  const first = newCarried(on, []);
  expect(lastOf(on)).toBe(first);
  const second = newCarried(on, []);
  expect(lastOf(on)).toBe(second);
  expect(lastOf(node())).toBeUndefined();
});

describe('two readings of a row', () => {
  const record = request('r');
  const read = open(record);

  test('are the same with the same record in the same version', () => {
    expect(isSameOpen(read, read)).toBe(true);
    expect(isSameOpen(read, { ...read })).toBe(true);
    expect(isSameOpen(undefined, undefined)).toBe(true);
  });

  test.each<[string, OpenRequest | undefined]>([
    ['nothing was read', undefined],
    ['the record is another object', { ...read, record: { ...record } }],
    ['the version is another', { ...read, version: 2 }],
    ['it was collected', { ...read, isCollected: true }],
    ['it has chunks', array(record, [chunk('r', 0, 1)])],
  ])('differ where %s', (_why, other) => {
    expect(isSameOpen(read, other)).toBe(false);
    expect(isSameOpen(other, read)).toBe(false);
  });
});

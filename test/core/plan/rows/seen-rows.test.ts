// What documents of nodes and rows say together is the same whether it is worked out anew or goes on from before, and a
// decision by it, too.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { decide, nextDueAtMs } from '../../../../lib/core/plan/decide.ts';
import type { Observation, OpenRequest } from '../../../../lib/core/plan/observation.ts';
import { rowsOf, SeenRows } from '../../../../lib/core/plan/rows/seen-rows.ts';
import { demandNow } from '../../../../lib/core/scaling/demand-now.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import { withPlacement } from '../../../../lib/core/tasks/request-lifecycle.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { aside, assignment, node, nowMs, observation, offerings, request, task, terms } from '../../builders.ts';

test('one observation has one set of rows; other nodes or other requests have others', () => {
  const seen = observation({ requests: [request('r')], nodes: [node({ assigned: [assignment('r')] })] });
  expect(rowsOf({ ...seen, nowMs: 1 } as typeof seen)).toBe(rowsOf(seen));
  expect(rowsOf({ ...seen, nodes: [] })).not.toBe(rowsOf(seen));
  expect(rowsOf({ ...seen, nodes: [] }).get('r')?.state).toBe('pending');
  expect(rowsOf({ ...seen, requests: [] }).get('r')).toBeUndefined();
  expect(rowsOf({ ...seen, aside: aside({ requests: new Set(['r']) }) }).get('r')?.state).toBe('pending');
});

test('a document that is the same places a row that is the same as before, and one that has changed anew', () => {
  const on = node({ assigned: [assignment('gone'), assignment('r'), assignment('s')] });
  const [r, s] = [request('r'), request('s')];
  const rowsWith = (...requests: readonly (typeof r)[]): SeenRows =>
    new SeenRows(observation({ requests, nodes: [on] }));
  const first = rowsWith(r, s);
  expect(rowsWith(r, s).get('r')).toBe(first.get('r'));
  const again = request('r', {}, { tasks: [task({ attempt: 2 })] });
  const later = rowsWith(again, s);
  expect(later.get('r')).toBe(again);
  expect(later.get('s')).toEqual(first.get('s'));
  expect(rowsWith(s).get('s')).toEqual(first.get('s'));
  expect(later.open('r')?.record).toBe(again);
  expect(later.open('gone')).toBeUndefined();
});

test('nodes are settled behind a node with many ends that are not published yet', () => {
  const ended = Array.from({ length: 1_000 }, (_, n) =>
    request(`e-${String(n)}`, {}, { state: 'succeeded', endedAtMs: nowMs }),
  );
  const nodes = [
    node({ assigned: [assignment('a')], ended: ended.map(({ id }) => id) }),
    node({ id: 'i-2', assigned: [assignment('b')] }),
    node({ id: 'i-3', assigned: [assignment('c')] }),
  ];
  const rows = rowsOf(observation({ requests: [request('a'), ...ended, request('b'), request('c')], nodes }));
  expect(rows.settled.map((one) => one.node.id)).toEqual(['i-1', 'i-2', 'i-3']);
  expect(rows.unsettled.map(({ record }) => record.id)).toEqual(ended.map(({ id }) => id));
  expect(rows.get('b')?.state).toBe('running');
});

test('what a decision must look at is all but the quiet tasks of nodes, which it looks at when it is time', () => {
  const late = request('late', { deadlineMs: 5_000 }, { createdAtMs: nowMs });
  const later = request('later', { deadlineMs: 9_000 }, { createdAtMs: nowMs });
  const nodes = [
    node({ assigned: [assignment('a'), assignment('late')] }),
    node({ id: 'i-2', assigned: [assignment('later')] }),
    node({ id: 'i-3', assigned: [assignment('ends')] }),
    node({ id: 'i-4' }),
  ];
  const done = { record: request('done', {}, { state: 'succeeded' }), version: 1, chunks: [], isCollected: true };
  const broken = request('broken', {}, { quarantine: 'it cannot be read' });
  const ends = request('ends', {}, { cancelRequestedAtMs: nowMs });
  const requests = [request('a', {}, { tenant: 'u' }), late, later, ends, request('many', { count: 3 }), done, broken];
  const rows = rowsOf(observation({ requests, nodes, aside: aside({ requests: new Set(['out']) }) }));
  const others = ['ends', 'many', 'done', 'broken'];
  const restAt = (atMs: number, out?: string) =>
    rows.rest(atMs, (one) => one.node.id === out).map(({ record }) => record.id);
  expect(rows.untilMs).toBe(nowMs + 5_000);
  expect(restAt(nowMs)).toEqual(others);
  expect(restAt(nowMs + 4_999)).toEqual(others);
  expect(restAt(nowMs + 5_000)).toEqual(['a', 'late', ...others]);
  expect(restAt(nowMs + 9_000)).toEqual(['a', 'late', 'later', ...others]);
  expect(restAt(nowMs, 'i-2')).toEqual(['later', ...others]);
  expect(rows.arrays.map(({ record }) => record.id)).toEqual(['many']);
  expect([...rows.collected]).toEqual(['done']);
  expect([...rows.aside]).toEqual(['out', 'broken']);
  expect([...rows.settledTenants]).toEqual(['u', 't']);
  const on = (id: string) => rows.settled.find((one) => one.node.id === id);
  expect(nodes.map((one) => rows.settledOn(one))).toEqual([on('i-1'), on('i-2'), undefined, undefined]);
  expect(on('i-2')).toBeDefined();
  expect(['a', 'ends', 'many', 'nowhere'].map((id) => rows.isPlaced(id))).toEqual([true, true, false, false]);
});

test('a task that is no longer observed is not found in what an earlier observation knew', () => {
  const [stays, goes] = [node({ assigned: [assignment('a')] }), node({ id: 'i-2', assigned: [assignment('b')] })];
  const first = rowsOf(observation({ requests: [request('a'), request('b')], nodes: [stays, goes] }));
  expect(first.get('b')?.state).toBe('running');
  const later = rowsOf(observation({ requests: [request('a')], nodes: [stays] }), first);
  expect(later.get('a')?.state).toBe('running');
  expect(later.row('b')).toBeUndefined();
});

test('the first document that carries a task says where it is, and none does of one that is set aside', () => {
  const cancelled = request('r', {}, { cancelRequestedAtMs: nowMs });
  const nodes = ['i-1', 'i-2'].map((id) => node({ id, assigned: [assignment('r')] }));
  const seen = observation({ requests: [cancelled], nodes });
  expect(rowsOf(seen).get('r')?.tasks[0]?.allocation?.nodeId).toBe('i-1');
  expect(rowsOf({ ...seen, aside: aside({ requests: new Set(['r']) }) }).get('r')).toBe(cancelled);
});

/** As simply as it can be said. */
function plainly({ requests, nodes, aside: out }: Observation): ReadonlyMap<string, RequestRecord> {
  const now = new Map(requests.map(({ record }) => [record.id, record]));
  for (const { record: on } of nodes)
    for (const one of on.assigned) {
      const row = now.get(one.requestId);
      if (row?.quarantine === null && out?.requests.has(row.id) !== true) now.set(row.id, withPlacement(row, on, one));
    }
  return now;
}

/** A world that changes from round to round: what stays as it was is the very same object. */
class Changing {
  readonly #random: () => number;
  #nodes: NodeRecord[] = [];
  #requests = new Map<string, OpenRequest>();
  #names = 0;

  constructor(seed: number) {
    let state = seed;
    this.#random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    for (let n = 0; n < 6; n += 1) this.#nodes.push(node({ id: `i-${String(n)}`, lastSeenAtMs: nowMs }));
    for (let n = 0; n < 30; n += 1) this.#begin();
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#random() * all.length)];
  }

  #isLikely(part: number): boolean {
    return this.#random() < part;
  }

  #put(record: RequestRecord, more: Partial<OpenRequest> = {}): void {
    const version = (this.#requests.get(record.id)?.version ?? 0) + 1;
    this.#requests.set(record.id, { record, version, chunks: [], isCollected: false, ...more });
  }

  #begin(): void {
    this.#names += 1;
    const id = `r-${String(this.#names)}`;
    if (this.#isLikely(0.1)) {
      this.#put(request(id, { count: 3 }), { chunks: [] });
      return;
    }
    const deadline = this.#isLikely(0.2) ? { deadlineMs: 1_000 * Math.floor(this.#random() * 20) } : {};
    const style = this.#isLikely(0.2) ? { learningStyle: 'predictive' as const } : {};
    this.#put(request(id, { ...deadline, ...style }, { createdAtMs: nowMs }));
    if (this.#isLikely(0.8)) this.#give(id);
  }

  #give(id: string): void {
    const at = Math.floor(this.#random() * this.#nodes.length);
    const on = this.#nodes[at];
    if (on === undefined) return;
    const more = { attempt: this.#isLikely(0.9) ? 1 : 2, attemptId: `${id}-0-1`, isOffered: true };
    this.#nodes[at] = { ...on, assigned: [...on.assigned, assignment(id, more)], emptySinceMs: null };
  }

  #changeRow(): void {
    const one = this.#pick([...this.#requests.values()]);
    if (one === undefined || one.record.spec.count > 1) return;
    const { record } = one;
    const choice = this.#random();
    if (choice < 0.2) this.#put({ ...record, cancelRequestedAtMs: nowMs });
    else if (choice < 0.4) this.#put({ ...record, tasks: [task({ attempt: 2 })] });
    else if (choice < 0.5) this.#put({ ...record, quarantine: 'broken' });
    else if (choice < 0.7) this.#put({ ...record, state: 'succeeded', endedAtMs: nowMs }, { isCollected: true });
    else if (choice < 0.8) this.#requests.delete(record.id);
    else this.#put({ ...record });
  }

  #changeNode(): void {
    const at = Math.floor(this.#random() * this.#nodes.length);
    const on = this.#nodes[at];
    if (on === undefined) return;
    const [gone] = on.assigned;
    const choice = this.#random();
    if (choice < 0.5 && gone !== undefined) this.#nodes[at] = { ...on, assigned: on.assigned.slice(1) };
    else if (choice < 0.7) this.#nodes[at] = { ...on, lastSeenAtMs: nowMs, seq: on.seq + 1 };
    else if (choice < 0.8) this.#nodes[at] = { ...on, ended: [`r-${String(this.#names)}`] };
  }

  /** In the order in which documents name them, mostly, and the others behind them. */
  round(n: number): Observation {
    for (let changes = 0; changes < 4; changes += 1) {
      if (this.#isLikely(0.4)) this.#begin();
      if (this.#isLikely(0.4)) this.#changeRow();
      if (this.#isLikely(0.4)) this.#changeNode();
    }
    const named = this.#nodes.flatMap((one) => [
      ...one.assigned.map(({ requestId }) => requestId),
      ...(one.ended ?? []),
    ]);
    const ids = [...new Set([...named, ...this.#requests.keys()])];
    if (this.#isLikely(0.1)) ids.reverse();
    const out = this.#isLikely(0.2) ? this.#pick(ids) : undefined;
    return {
      ...observation({ nodes: [], ...(out === undefined ? {} : { aside: aside({ requests: new Set([out]) }) }) }),
      nodes: this.#nodes.map((record) => ({ record, version: 1 })),
      requests: ids.flatMap((id) => this.#requests.get(id) ?? []),
      offerings,
      nowMs: nowMs + 2_000 * n,
    };
  }
}

function decidedAs(seen: Observation) {
  let ids = 0;
  const own = { ...terms, newId: () => `l-${String((ids += 1))}` };
  const decision = decide(seen, settings, own, allocate, () => false);
  return { plan: decision.plan, culprits: decision.culprits, dueAtMs: nextDueAtMs(decision, settings) };
}

describe.each(Array.from({ length: 4 }, (_, seed) => seed + 1))('a world that changes, seed %d', (seed) => {
  test('rows that go on from before are the same as those that are worked out anew', () => {
    const world = new Changing(seed);
    let before: SeenRows | null = null;
    let settled = 0;
    for (let n = 0; n < 15; n += 1) {
      const seen = world.round(n);
      const rows: SeenRows = rowsOf(seen, before);
      const expected = plainly(seen);
      const fresh = new SeenRows(structuredClone(seen));
      settled += rows.settled.length;
      const ids = seen.requests.map(({ record }) => record.id);
      expect(ids.map((id) => rows.get(id))).toEqual(ids.map((id) => expected.get(id)));
      expect([...rows.with(new Map())]).toEqual(ids.map((id) => expected.get(id)));
      expect(ids.map((id) => rows.open(id))).toEqual(seen.requests);
      expect(rows.row('r-0')).toBeUndefined();
      expect([rows.aside, rows.arrays, rows.collected]).toEqual([fresh.aside, fresh.arrays, fresh.collected]);
      expect(rows.loose).toEqual(
        seen.requests.map(({ record }) => record).filter((record) => expected.get(record.id) === record),
      );
      const mustSee = seen.requests.filter(
        ({ record }) =>
          expected.get(record.id) === record
          || record.cancelRequestedAtMs !== null
          || (record.spec.deadlineMs !== null && record.createdAtMs + record.spec.deadlineMs <= seen.nowMs),
      );
      expect(rows.rest(seen.nowMs, () => false)).toEqual(expect.arrayContaining(mustSee));
      expect(demandNow(seen)).toEqual(demandNow(structuredClone(seen)));
      // Whoever asks an earlier one still has its answer.
      expect(before?.requests.every(({ record }) => before?.get(record.id)?.id === record.id)).not.toBe(false);
      before = rows;
    }
    expect(settled).toBeGreaterThan(0);
  });

  test('a decision is the same of the very same records and of records that are read anew', () => {
    const world = new Changing(seed + 100);
    let before: SeenRows | null = null;
    for (let n = 0; n < 6; n += 1) {
      const seen = world.round(n);
      before = rowsOf(seen, before);
      expect(decidedAs(seen)).toEqual(decidedAs(structuredClone(seen)));
    }
  });
});

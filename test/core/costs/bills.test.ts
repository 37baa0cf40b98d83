// What a node's price is split into, example by example: who pays, how much, on which day, and what is idle.
import { describe, expect, test } from '@jest/globals';
import {
  areBillsDue,
  billsMax,
  byDay,
  daysAtOnce,
  othersName,
  payerOf,
  spread,
  unbilled,
  withBills,
  withoutBills,
} from '../../../lib/core/costs/bills.ts';
import type { CostEntry } from '../../../lib/core/costs/days.ts';
import { costTenantsMax, noCosts, withCosts } from '../../../lib/core/costs/days.ts';
import { meterAt, withMeter } from '../../../lib/core/costs/meter.ts';
import { shareOf } from '../../../lib/core/costs/node-share.ts';
import { recordBytes, recordBytesMax } from '../../../lib/core/plan/bounds.ts';
import { tenantsMax } from '../../../lib/core/records/tenant.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import { withoutAttempts } from '../../../lib/core/plan/working-copy.ts';
import { assignment, node, request } from '../builders.ts';
import { fc } from '../../properties.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** 1 USD an hour, with 4 vCPU and 8,000 MiB for tasks, since midnight. */
const empty: NodeRecord = node({
  createdAtMs: 10 * day,
  priceUsdPerHour: 1,
  allocatable: { cpuMilli: 4_000, memoryMib: 8_000, gpu: 0 },
  assigned: [],
});

type Sizes = Partial<Assignment['resources']>;

function placed(at: NodeRecord, id: string, nowMs: number, sizes: Sizes, tenant = id): NodeRecord {
  const payer = payerOf({ ...request(id), tenant }, at, [], nowMs);
  const resources = { cpuMilli: 0, memoryMib: 0, gpu: 0, ...sizes };
  return {
    ...withMeter(at, nowMs),
    assigned: [...at.assigned, assignment(id, { resources, placedAtMs: nowMs, payer })],
  };
}

function left(at: NodeRecord, id: string, nowMs: number): NodeRecord {
  return withoutAttempts(at, new Set([`${id}.0.1`]), nowMs);
}

function usdBy(entries: readonly CostEntry[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, tenant = '', nanoUsd } of entries)
    sums[`${kind} ${tenant}`.trim()] = (sums[`${kind} ${tenant}`.trim()] ?? 0) + nanoUsd / 1e9;
  return sums;
}

describe('a share', () => {
  test.each([
    [{ cpuMilli: 1_000, memoryMib: 1_000 }, 0.25],
    [{ cpuMilli: 1_000, memoryMib: 6_000 }, 0.75],
    [{ cpuMilli: 9_000 }, 1],
    [{}, 0],
  ])('of %j is %d', (sizes, share) => {
    const resources = { cpuMilli: 0, memoryMib: 0, gpu: 0, ...sizes };
    expect(shareOf({ resources }, empty.allocatable)).toBe(share);
    expect(shareOf({ resources, isAlone: true }, empty.allocatable)).toBe(1);
  });
});

describe('a node', () => {
  const t = empty.createdAtMs;

  test('is paid by who is on it, by dominant resource, and the rest is idle', () => {
    const two = placed(placed(empty, 'a', t + hour, { cpuMilli: 1_000 }), 'b', t + hour, { memoryMib: 4_000 });
    expect(usdBy(unbilled(two, t + 3 * hour))).toEqual({ node: 3, 'task a': 0.5, 'task b': 1 });
    const gone = left(two, 'a', t + 2 * hour);
    expect(usdBy(unbilled(gone, t + 3 * hour))).toEqual({ node: 3, 'task a': 0.25, 'task b': 1 });
  });

  test('of which tasks ask for more than a whole costs them together what it costs', () => {
    const full = placed(placed(empty, 'a', t, { cpuMilli: 4_000 }), 'b', t, { memoryMib: 8_000 });
    expect(usdBy(unbilled(full, t + hour))).toEqual({ node: 1, 'task a': 0.5, 'task b': 0.5 });
    // After one has gone the other has the node to itself.
    expect(usdBy(unbilled(left(full, 'a', t + hour), t + 2 * hour))).toEqual({ node: 2, 'task a': 0.5, 'task b': 1.5 });
  });

  test('counts equal payers as one sum a day, and tells labels apart', () => {
    const labelled = (id: string, team: string): NodeRecord['assigned'][number] => {
      const record = request(id);
      const spec = { ...record.spec, labels: { team, secret: 'x' } };
      return assignment(id, { placedAtMs: t, payer: payerOf({ ...record, spec }, empty, ['team'], t) });
    };
    const three = { ...empty, assigned: [labelled('a', 'x'), labelled('b', 'x'), labelled('c', 'y')] };
    const { bills } = withBills(three, three.assigned, t + hour);
    expect(bills).toEqual([
      { day: 10, tenant: 't', labels: { team: 'x' }, nanoUsd: 500_000_000 },
      { day: 10, tenant: 't', labels: { team: 'y' }, nanoUsd: 250_000_000 },
    ]);
  });

  test('that passes midnight costs on both days', () => {
    const one = placed(empty, 'a', t + 23 * hour, { cpuMilli: 2_000 });
    expect(unbilled(one, t + 25 * hour)).toEqual([
      { kind: 'node', day: 10, nanoUsd: 24e9 },
      { kind: 'node', day: 11, nanoUsd: 1e9 },
      { kind: 'task', day: 10, tenant: 'a', nanoUsd: 5e8 },
      { kind: 'task', day: 11, tenant: 'a', nanoUsd: 5e8 },
    ]);
  });

  test('passes on what it cost once: what is passed on is not said again', () => {
    const one = placed(empty, 'a', t, { cpuMilli: 2_000 });
    expect(areBillsDue(one, t + 23 * hour)).toBe(false);
    expect(areBillsDue(one, t + 24 * hour)).toBe(true);
    const later = withoutBills(one, t + 24 * hour);
    expect(areBillsDue(later, t + 25 * hour)).toBe(false);
    expect(unbilled(later, t + 24 * hour)).toEqual([]);
    expect(usdBy(unbilled(left(later, 'a', t + 26 * hour), t + 30 * hour))).toEqual({ node: 6, 'task a': 1 });
  });

  test('names so many payers, and keeps the money of the others', () => {
    let many = empty;
    for (let n = 0; n < 2 * billsMax; n += 1) {
      many = placed(many, `r${String(n)}`, t + n * 36_000, { cpuMilli: 1 });
      many = left(many, `r${String(n)}`, t + (n + 1) * 36_000);
    }
    expect(many.bills).toHaveLength(billsMax);
    expect(many.bills?.at(-1)).toEqual({ day: 10, tenant: othersName, nanoUsd: (billsMax + 1) * 2_500 });
    expect(areBillsDue(many, t + hour)).toBe(true);
  });

  test('whatever comes and goes, its tasks pay no more than it costs', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      cpuMilli: fc.integer({ min: 0, max: 4_000 }),
      memoryMib: fc.integer({ min: 0, max: 8_000 }),
      ms: fc.integer({ min: 1, max: 20 * hour }),
      isBilled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let [at, nowMs] = [empty, t];
        const all: CostEntry[] = [];
        for (const { id, ms, isBilled, ...sizes } of steps) {
          nowMs += ms;
          const name = `r${String(id)}`;
          const isThere = at.assigned.some((one) => one.requestId === name);
          at = isThere ? left(at, name, nowMs) : placed(at, name, nowMs, sizes);
          if (!isBilled) continue;
          all.push(...unbilled(at, nowMs));
          at = withoutBills(at, nowMs);
        }
        all.push(...unbilled(at, nowMs));
        const sum = (kind: string): number =>
          all.filter((one) => one.kind === kind).reduce((usd, one) => usd + one.nanoUsd, 0);
        expect(Math.abs(sum('node') - (nowMs - t) * (1e9 / hour))).toBeLessThan(50);
        // Each split is rounded to whole nano-USD.
        expect(sum('task')).toBeLessThanOrEqual(sum('node') + 50);
        expect(at.assigned.length > 0 || meterAt(at, nowMs) === meterAt(withMeter(at, nowMs), nowMs)).toBe(true);
      }),
    );
  });
});

describe('days', () => {
  test('begin at midnight UTC, and parts add up to the whole', () => {
    expect(byDay(5, 5)).toEqual([]);
    expect(byDay(day - 1, day + 2)).toEqual([
      { day: 0, ms: 1 },
      { day: 1, ms: 2 },
    ]);
    // Of a beginning that is not known no more days are made than a write can hold.
    expect(byDay(0, 20_000 * day + 1)).toEqual([
      { day: 20_001 - daysAtOnce, ms: (20_002 - daysAtOnce) * day },
      ...Array.from({ length: daysAtOnce - 2 }, (_, n) => ({ day: 20_002 - daysAtOnce + n, ms: day })),
      { day: 20_000, ms: 1 },
    ]);
    const parts = spread(1_000, day - 1, day + 2);
    expect(parts).toEqual([
      { day: 0, nanoUsd: 333 },
      { day: 1, nanoUsd: 667 },
    ]);
  });

  test('name so many tenants and labels, and sum up the others', () => {
    const entries = Array.from({ length: costTenantsMax + 500 }, (_, n): CostEntry => ({
      kind: 'task',
      day: 1,
      nanoUsd: 1,
      tenant: `t${String(n)}`,
      labels: { ['__proto__']: String(n) },
    }));
    const { tasks, tenants, labels } = withCosts(noCosts('p', 1), entries);
    expect([tasks, Object.keys(tenants).length, Object.keys(labels).length]).toEqual([1_500, 1_001, 401]);
    expect(tenants['(others)']).toBe(500);
    expect(labels['\n__proto__\n(others)']).toBe(1_100);
  });

  test('have room for each tenant that can be declared, with the longest names', () => {
    const named = (letter: string, n: number, length: number): string => `${letter}${String(n)}`.padEnd(length, 'x');
    const entries = Array.from({ length: tenantsMax }, (_, n): CostEntry => ({
      kind: 'task',
      day: 1,
      nanoUsd: Number.MAX_SAFE_INTEGER / tenantsMax,
      tenant: named('t', n, 128),
      labels: { [named('k', n % 5, 63)]: named('v', n, 128) },
    }));
    const day = withCosts(noCosts('p', 1), entries);
    expect(Object.keys(day.tenants)).toHaveLength(tenantsMax);
    expect(recordBytes(day)).toBeLessThan(recordBytesMax);
  });
});

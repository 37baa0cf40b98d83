// How many tasks a zone takes now, while nodes of other zones are still on their way.
import { expect, test } from '@jest/globals';
import type { Demand } from '../../../../lib/core/allocation/types.ts';
import { gateKey, gateSpread } from '../../../../lib/core/tasks/placing/spread-gate.ts';
import { demandOf } from '../../allocation/worlds.ts';
import { node, offerings } from '../../builders.ts';

const spread = (maxSkew: number, more: Partial<Demand> = {}): Demand =>
  demandOf('d', 1, 100, 10, { group: 'g', spread: [{ topology: 'zone', group: 'g', maxSkew }], ...more });
const nodes = [node({ id: 'a1', zone: 'za' }), node({ id: 'a2', zone: 'za' }), node({ id: 'b1', zone: 'zb' })];

/** `planned`: tasks of the demand by node; `running`: tasks of the group by zone. */
function gate(demand: Demand, planned: Record<string, number>, running: Record<string, number> = {}) {
  const placements = Object.entries(planned).map(([binId, count]) => ({
    binId,
    tasks: [
      { demandId: 'other', count: 9 },
      { demandId: demand.id, count },
    ],
  }));
  const allowed = gateSpread({
    placements,
    demand: [demand],
    offerings,
    ready: new Map(nodes.map((one) => [one.id, one])),
    running: (group, zone) => (group === 'g' ? (running[zone] ?? 0) : 99),
  });
  return Object.fromEntries(Object.keys(planned).map((id) => [id, allowed.get(gateKey(demand.id, id))]));
}

test('the first zone that has a node takes no more than maxSkew while the other is empty', () => {
  expect(gate(spread(1), { a1: 5 })).toEqual({ a1: 1 });
  expect(gate(spread(2), { a1: 5 })).toEqual({ a1: 2 });
});

test('zones with nodes fill evenly, first of all by name', () => {
  expect(gate(spread(1), { a1: 3, b1: 3 })).toEqual({ a1: 3, b1: 3 });
  expect(gate(spread(1), { a1: 3, b1: 1 })).toEqual({ a1: 2, b1: 1 });
  expect(gate(spread(1), { a1: 1, b1: 3 })).toEqual({ a1: 1, b1: 2 });
});

test('nodes of one zone are filled one after the other', () => {
  expect(gate(spread(3), { a1: 2, a2: 2 })).toEqual({ a1: 2, a2: 1 });
});

test('what runs already counts', () => {
  expect(gate(spread(1), { a1: 5 }, { zb: 3 })).toEqual({ a1: 4 });
  expect(gate(spread(1), { a1: 5, b1: 5 }, { za: 1 })).toEqual({ a1: 5, b1: 5 });
  expect(gate(spread(1), { a1: 5 }, { za: 1 })).toEqual({ a1: 0 });
});

test('a zone that could not carry the task, or may not, does not count', () => {
  expect(gate(spread(1, { requirements: { zone: ['za'] } }), { a1: 5 })).toEqual({ a1: 5 });
  const large = spread(1, { resources: { cpuMilli: 100_000, memoryMib: 1, gpu: 0 } });
  expect(gate(large, { a1: 5 })).toEqual({ a1: 5 });
});

test('nodes on their way, and other demands, are not gated', () => {
  expect(gate(spread(1), { coming: 5 })).toEqual({ coming: undefined });
  expect(gate(spread(1), { a1: 0 })).toEqual({ a1: undefined });
  expect(gate(demandOf('d', 1, 100, 10), { a1: 5 })).toEqual({ a1: undefined });
});

test.each<[string, Partial<Demand>]>([
  ['over nodes', { spread: [{ topology: 'node', group: 'g', maxSkew: 1 }] }],
  ['of another group', { spread: [{ topology: 'zone', group: 'h', maxSkew: 1 }] }],
])('a spread %s is not gated here', (_what, more) => {
  expect(gate(spread(1, more), { a1: 5 })).toEqual({ a1: undefined });
});

test('requests of one group are gated together, also the one that names no spread itself', () => {
  const members = [spread(1), { ...spread(1), id: 'e' }, demandOf('f', 1, 100, 10, { group: 'g' })];
  const allowed = gateSpread({
    placements: [{ binId: 'a1', tasks: members.map(({ id }) => ({ demandId: id, count: 1 })) }],
    demand: members,
    offerings,
    ready: new Map(nodes.map((one) => [one.id, one])),
    running: () => 0,
  });
  expect(members.map(({ id }) => allowed.get(gateKey(id, 'a1')))).toEqual([1, 0, 0]);
});

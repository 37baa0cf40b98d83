// Nodes in the dashboard: which are shown in which order, and bars that are packed with tasks.
import { describe, expect, test } from '@jest/globals';
import { capacityOf, fullness, segmentsOf, shownNodes, stateOf } from '../../dashboard/logic/nodes.ts';
import type { NodeView } from '../../lib/api/schemas/pools.ts';

const task = (vcpu: number, at: number): NonNullable<NodeView['assigned']>[number] => ({
  request: `r-${String(at)}`,
  index: 0,
  attempt: 1,
  vcpu,
  memoryMib: 512,
  gpu: 0,
  placedAt: new Date(at).toISOString(),
  startedAt: null,
});

function node(id: string, changes: Partial<NodeView> = {}): NodeView {
  return {
    id,
    pool: 'default',
    state: 'ready',
    instanceType: 'c7a.large',
    zone: 'us-east-1a',
    capacityType: 'spot',
    priceUsdPerHour: 0.03,
    launchId: 'l-1',
    allocatable: { vcpu: 2, memoryMib: 4_096, gpu: 0 },
    used: { vcpu: 1, memoryMib: 1_024, gpu: 0 },
    tasks: 2,
    tasksMax: 32,
    createdAt: '2026-11-27T00:00:00.000Z',
    readyAt: null,
    lastSeenAt: null,
    drainReason: null,
    announced: null,
    cordoned: null,
    stopsTasksAt: null,
    ...changes,
  };
}

describe('lists', () => {
  const full = node('i-full', { used: { vcpu: 2, memoryMib: 100, gpu: 0 }, priceUsdPerHour: 0.01 });
  const empty = node('i-empty', { used: { vcpu: 0, memoryMib: 0, gpu: 0 }, tasks: 0, zone: 'us-east-1b' });
  const kept = node('i-kept', { cordoned: { by: 'alice', at: '2026-11-27T00:00:00.000Z' } });
  const all = [full, empty, kept];
  const ids = (nodes: readonly NodeView[]): string => nodes.map(({ id }) => id).join(' ');

  test('are ordered, ties by id', () => {
    expect(ids(shownNodes(all, {}, 'fullest'))).toBe('i-full i-kept i-empty');
    expect(ids(shownNodes(all, {}, 'emptiest'))).toBe('i-empty i-kept i-full');
    expect(ids(shownNodes(all, {}, 'price'))).toBe('i-empty i-kept i-full');
    expect(ids(shownNodes(all, {}, 'age'))).toBe('i-empty i-full i-kept');
  });

  test('find by words and state; a cordoned node is shown as cordoned', () => {
    expect(ids(shownNodes(all, { text: ' US-EAST-1B ' }, 'id'))).toBe('i-empty');
    expect(ids(shownNodes(all, { state: 'cordoned' }, 'id'))).toBe('i-kept');
    expect(stateOf(node('i', { state: 'draining', cordoned: kept.cordoned }))).toBe('draining');
  });

  test('sum what ready nodes have and use', () => {
    expect(capacityOf([...all, node('i-new', { state: 'launching' })])).toEqual({ have: 6, used: 3 });
    expect(fullness(full)).toBe(1);
  });
});

describe('bars', () => {
  test('have a segment for each task, in the order in which they came, and never more than the whole', () => {
    const packed = node('i', { assigned: [task(0.5, 2), task(1, 1), task(9, 3)] });
    expect(segmentsOf(packed, 'vcpu').map(({ from, size, request }) => [from, size, request])).toEqual([
      [0, 0.5, 'r-1'],
      [0.5, 0.25, 'r-2'],
      [0.75, 0.25, 'r-3'],
    ]);
    expect(segmentsOf(packed, 'gpu').map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  test('have one segment where the tasks are not known', () => {
    expect(segmentsOf(node('i'), 'vcpu')).toEqual([{ from: 0, size: 0.5, label: 'tasks', request: null }]);
  });
});

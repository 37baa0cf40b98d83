// How others pack, measured on the same demand and prices in the same run. They know resources only. They are
// written here from the descriptions of the methods; none of them is any product's own code.
import type { Demand } from '../../../lib/core/allocation/index.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';

type Vector = [cpu: number, memory: number, gpu: number];

interface Kind {
  readonly size: Vector;
  readonly count: number;
}

interface Type {
  readonly capacity: Vector;
  readonly vcpu: number;
  readonly price: number;
}

export interface BaselineResult {
  readonly name: string;
  readonly costUsdPerHour: number | null;
  readonly nodes: number;
  readonly ms: number;
}

const cap64 = 64;
const vectorOf = ({ cpuMilli, memoryMib, gpu }: Demand['resources']): Vector => [cpuMilli, memoryMib, gpu];

function timesIn(size: Vector, free: Vector): number {
  let times = Infinity;
  for (let d = 0; d < 3; d++)
    if ((size[d] ?? 0) > 0) times = Math.min(times, Math.floor((free[d] ?? 0) / (size[d] ?? 1)));
  return times;
}

function minus(free: Vector, size: Vector, count: number): Vector {
  return [free[0] - count * size[0], free[1] - count * size[1], free[2] - count * size[2]];
}

export function runBaselines(
  demand: readonly Demand[],
  offerings: readonly Offering[],
  clock: () => number,
): BaselineResult[] {
  const merged = new Map<string, Kind>();
  for (const { resources, count } of demand) {
    const size = vectorOf(resources);
    merged.set(size.join(), { size, count: count + (merged.get(size.join())?.count ?? 0) });
  }
  // Decreasing: vCPU first, then memory; devices before all.
  const kinds = [...merged.values()].sort(
    (a, b) => b.size[2] - a.size[2] || b.size[0] - a.size[0] || b.size[1] - a.size[1],
  );
  const byName = new Map(offerings.map((one) => [one.type.name, one]));
  const types = [...byName.values()]
    .map((one): Type => ({ capacity: vectorOf(one.type.allocatable), vcpu: one.type.vcpu, price: one.priceUsdPerHour }))
    .sort((a, b) => a.price - b.price);
  const small = types.filter((one) => one.vcpu <= cap64);
  const methods: [string, () => { cost: number | null; nodes: number }][] = [
    ['first-fit decreasing, price last', () => firstFitPriceLast(kinds, types)],
    ['first-fit decreasing, price last, <= 64 vCPU', () => firstFitPriceLast(kinds, small)],
    ['best fit by dot product', () => bestFit(kinds, small)],
    ['one type, cheapest per vCPU', () => oneType(kinds, types)],
    ['best-fit progressive (Batch-like)', () => progressive(kinds, types)],
  ];
  return methods.map(([name, run]) => {
    const start = clock();
    const { cost, nodes } = run();
    return { name, costUsdPerHour: cost, nodes, ms: clock() - start };
  });
}

/**
 * A node in the making keeps every type that could still hold its tasks; the cheapest of these
 * is bought at the end.
 */
function firstFitPriceLast(kinds: readonly Kind[], types: readonly Type[]): { cost: number | null; nodes: number } {
  const nodes: { used: Vector; types: Type[]; copies: number }[] = [];
  for (const { size, count } of kinds) {
    let left = count;
    for (let at = 0; at < nodes.length && left > 0; at++) {
      const node = nodes[at];
      if (node === undefined) continue;
      const most = Math.max(0, ...node.types.map((type) => timesIn(size, minus(type.capacity, node.used, 1))));
      if (most === 0) continue;
      // Equal nodes are one entry; split it where the tasks run out.
      const full = Math.min(node.copies, Math.floor(left / most));
      const share = full > 0 ? most : left;
      const copies = Math.max(1, full);
      if (copies < node.copies) nodes.splice(at + 1, 0, { ...node, copies: node.copies - copies });
      const used = minus(node.used, size, -share);
      nodes[at] = { used, types: node.types.filter((type) => timesIn(used, type.capacity) >= 1), copies };
      left -= share * copies;
    }
    if (left === 0) continue;
    const most = Math.max(0, ...types.map((type) => timesIn(size, type.capacity)));
    if (most === 0) return { cost: null, nodes: 0 };
    const full = Math.floor(left / most);
    const open = (share: number, copies: number): void => {
      const used = minus([0, 0, 0], size, -share);
      nodes.push({ used, types: types.filter((type) => timesIn(used, type.capacity) >= 1), copies });
    };
    if (full > 0) open(most, full);
    if (left % most > 0) open(left % most, 1);
  }
  return {
    cost: nodes.reduce((sum, one) => sum + one.copies * Math.min(...one.types.map((type) => type.price)), 0),
    nodes: nodes.reduce((sum, one) => sum + one.copies, 0),
  };
}

interface Group {
  free: Vector;
  readonly price: number;
  copies: number;
}

/** Fills open nodes in the order of `rank`, then opens nodes of the type that `choose` names. */
function fillOpen(
  kinds: readonly Kind[],
  rank: ((size: Vector, group: Group) => number) | null,
  choose: (size: Vector, leftVcpu: number) => Type | null,
): { cost: number | null; nodes: number } {
  const groups: Group[] = [];
  let leftVcpu = kinds.reduce((sum, one) => sum + (one.count * one.size[0]) / 1000, 0);
  let cost = 0;
  let nodes = 0;
  for (const { size, count } of kinds) {
    let left = count;
    const put = (group: Group): void => {
      const most = timesIn(size, group.free);
      if (most === 0) return;
      const full = Math.min(group.copies, Math.floor(left / most));
      const share = full > 0 ? most : left;
      const copies = Math.max(1, full);
      if (copies < group.copies) groups.push({ ...group, copies: group.copies - copies });
      group.copies = copies;
      group.free = minus(group.free, size, share);
      left -= share * copies;
    };
    while (left > 0) {
      const open = groups.filter((group) => timesIn(size, group.free) >= 1);
      if (open.length === 0) break;
      let best = open[0] as Group;
      if (rank) for (const group of open) if (rank(size, group) > rank(size, best)) best = group;
      put(best);
    }
    while (left > 0) {
      const type = choose(size, Math.max(leftVcpu, size[0] / 1000));
      if (type === null) return { cost: null, nodes: 0 };
      const most = timesIn(size, type.capacity);
      const copies = Math.max(1, Math.min(Math.floor(left / most), Math.floor(leftVcpu / type.vcpu)));
      const group = { free: type.capacity, price: type.price, copies };
      groups.push(group);
      cost += type.price * copies;
      nodes += copies;
      leftVcpu -= type.vcpu * copies;
      put(group);
    }
  }
  return { cost, nodes };
}

/** The open node whose free space points most in the task's direction (dot product of the shares). */
function bestFit(kinds: readonly Kind[], types: readonly Type[]): { cost: number | null; nodes: number } {
  const largest = [0, 1, 2].map((d) => Math.max(1, ...types.map((type) => type.capacity[d] ?? 0)));
  const dot = (size: Vector, free: Vector): number =>
    size.reduce((sum, one, d) => sum + (one * (free[d] ?? 0)) / (largest[d] ?? 1) ** 2, 0);
  return fillOpen(
    kinds,
    (size, group) => dot(size, group.free),
    (size) => {
      let best: Type | null = null;
      for (const type of types) {
        if (timesIn(size, type.capacity) < 1) continue;
        if (best === null || dot(size, type.capacity) / type.price > dot(size, best.capacity) / best.price) best = type;
      }
      return best;
    },
  );
}

function oneType(kinds: readonly Kind[], types: readonly Type[]): { cost: number | null; nodes: number } {
  const fitting = types
    .filter((type) => kinds.every(({ size }) => timesIn(size, type.capacity) >= 1))
    .sort((a, b) => a.price / a.vcpu - b.price / b.vcpu || b.vcpu - a.vcpu);
  const [type] = fitting;
  return type === undefined ? { cost: null, nodes: 0 } : fillOpen(kinds, null, () => type);
}

/** Cheapest per vCPU of those that fit the task, the largest of them that the demand left still fills. */
function progressive(kinds: readonly Kind[], types: readonly Type[]): { cost: number | null; nodes: number } {
  return fillOpen(kinds, null, (size, leftVcpu) => {
    const fitting = types.filter((type) => timesIn(size, type.capacity) >= 1);
    const sized = fitting.filter((type) => type.vcpu <= leftVcpu);
    const pool = sized.length > 0 ? sized : fitting;
    let best: Type | null = null;
    for (const type of pool) {
      if (
        best === null
        || type.price / type.vcpu < best.price / best.vcpu - 1e-12
        || (type.price / type.vcpu < best.price / best.vcpu + 1e-12 && type.vcpu > best.vcpu)
      )
        best = type;
    }
    return best;
  });
}

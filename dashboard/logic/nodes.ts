// Nodes in lists: which are shown, in which order, and how full they are.
import type { NodeView } from '../../lib/api/schemas/pools.ts';

export type NodeOrder = 'id' | 'age' | 'price' | 'type' | 'fullest' | 'emptiest';
export const nodeOrders: readonly NodeOrder[] = ['age', 'price', 'type', 'fullest', 'emptiest', 'id'];

export interface NodeFilter {
  readonly state?: string | undefined;
  readonly text?: string | undefined;
}

export function shownNodes(
  nodes: readonly NodeView[],
  { state, text = '' }: NodeFilter,
  order: NodeOrder,
): readonly NodeView[] {
  const word = text.trim().toLowerCase();
  return nodes
    .filter((node) => state === undefined || stateOf(node) === state)
    .filter(
      (node) =>
        word === ''
        || [node.id, node.instanceType, node.zone, node.pool, node.capacityType].some((one) =>
          one.toLowerCase().includes(word),
        ),
    )
    .sort((a, b) => compare(order, a, b) || (a.id < b.id ? -1 : 1));
}

/** A cordoned node is shown as such, whatever else it is: that is what people look for. */
export function stateOf({ state, cordoned }: Pick<NodeView, 'state' | 'cordoned'>): string {
  return cordoned !== null && state === 'ready' ? 'cordoned' : state;
}

/** The fullest of its resources, 0 to 1. */
export function fullness({ used, allocatable, tasks, tasksMax }: NodeView): number {
  return Math.max(
    ...[
      [used.vcpu, allocatable.vcpu],
      [used.memoryMib, allocatable.memoryMib],
      [used.gpu, allocatable.gpu],
      [tasks, tasksMax],
    ].map(([part = 0, whole = 0]) => share(part, whole)),
  );
}

export function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}

function compare(order: NodeOrder, a: NodeView, b: NodeView): number {
  switch (order) {
    case 'id':
      return 0;
    case 'age':
      // RFC 3339 in UTC with as many digits each: the order of the texts is that of the times.
      return a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? -1 : 1;
    case 'price':
      return b.priceUsdPerHour - a.priceUsdPerHour;
    case 'type':
      return a.instanceType === b.instanceType ? 0 : a.instanceType < b.instanceType ? -1 : 1;
    case 'fullest':
      return fullness(b) - fullness(a);
    case 'emptiest':
      return fullness(a) - fullness(b);
  }
}

export interface Segment {
  /** Shares of the whole, 0 to 1. */
  readonly from: number;
  readonly size: number;
  readonly label: string;
  readonly request: string | null;
}

/** One bar of a resource: a segment for each task on the node, in the order in which they came. */
export function segmentsOf(node: NodeView, key: 'vcpu' | 'memoryMib' | 'gpu'): readonly Segment[] {
  const whole = node.allocatable[key];
  if (node.assigned === undefined)
    return [{ from: 0, size: share(node.used[key], whole), label: 'tasks', request: null }];
  let from = 0;
  return [...node.assigned]
    .sort((a, b) => (a.placedAt < b.placedAt ? -1 : a.placedAt > b.placedAt ? 1 : a.index - b.index))
    .map((one) => {
      const segment = {
        from,
        size: Math.min(1 - from, share(one[key], whole)),
        label: one.request === null ? 'a task' : `${one.request} [${String(one.index)}]`,
        request: one.request,
      };
      from = Math.min(1, from + segment.size);
      return segment;
    });
}

/** What the fleet has and uses, of ready nodes. */
export function capacityOf(nodes: readonly NodeView[]): { readonly have: number; readonly used: number } {
  const ready = nodes.filter((node) => node.state === 'ready');
  return {
    have: ready.reduce((sum, node) => sum + node.allocatable.vcpu, 0),
    used: ready.reduce((sum, node) => sum + node.used.vcpu, 0),
  };
}

// The operator's brake: what a person orders for one node. An order is written by whoever takes it, on the document as
// it is; from then on ticks see to it.
import type { NodeRecord } from '../../records/node.ts';

export type NodeOrder =
  /** No new tasks; it stays, also without work. */
  | { readonly kind: 'cordon' }
  | { readonly kind: 'uncordon' }
  /** No new tasks; it goes when its tasks have ended. `stopAfterMs`: those that run then are stopped; null: never. */
  | { readonly kind: 'drain'; readonly stopAfterMs: number | null }
  /** Its tasks are stopped now, and it goes. */
  | { readonly kind: 'terminate' };

export interface OrderedNode {
  readonly node: NodeRecord;
  /** Of the pool's activity. */
  readonly code: 'node_cordoned' | 'node_uncordoned' | 'node_draining' | 'node_terminating';
  readonly message: string;
}

/** null: it is as ordered already. A string: why it cannot be. */
export function ordered(node: NodeRecord, order: NodeOrder, by: string, nowMs: number): OrderedNode | string | null {
  const isLeaving = node.state === 'draining' || node.state === 'terminating';
  switch (order.kind) {
    case 'cordon':
      if (isLeaving) return `node ${node.id} is on its way out (${reasonOf(node)}); it takes no tasks any more`;
      if (node.cordon) return null;
      return {
        node: { ...node, cordon: { by, atMs: nowMs } },
        code: 'node_cordoned',
        message: `${node.id}: takes no new tasks and stays; cordoned by ${by}`,
      };
    case 'uncordon': {
      if (isLeaving) return `node ${node.id} is on its way out (${reasonOf(node)}); what goes does not come back`;
      if (!node.cordon) return null;
      const { cordon: _cordon, ...rest } = node;
      return { node: rest, code: 'node_uncordoned', message: `${node.id}: takes tasks again; uncordoned by ${by}` };
    }
    case 'drain':
      return drainedFor(node, order.stopAfterMs === null ? null : nowMs + order.stopAfterMs, by, nowMs);
    case 'terminate':
      return terminatedFor(node, by, nowMs);
  }
}

/** One that drains already keeps its reason; a deadline may still be set or changed. */
function drainedFor(node: NodeRecord, stopAtMs: number | null, by: string, nowMs: number): OrderedNode | null {
  if (node.state === 'terminating' || node.isLost) return null;
  const stop = stopAtMs === null ? {} : { stopAtMs };
  const until = stopAtMs === null ? '' : `; tasks that run at ${new Date(stopAtMs).toISOString()} are stopped then`;
  const note = { code: 'node_draining', message: `${node.id}: drained by ${by}${until}` } as const;
  if (node.state === 'draining' && node.drain) {
    if (stopAtMs === null || node.drain.stopAtMs === stopAtMs) return null;
    return { node: { ...node, drain: { ...node.drain, ...stop } }, ...note };
  }
  const drain = { by: 'operator', reason: `drained by ${by}`, atMs: nowMs, deadlineMs: null, ...stop } as const;
  return { node: { ...node, state: 'draining', drain }, ...note };
}

function terminatedFor(node: NodeRecord, by: string, nowMs: number): OrderedNode | null {
  if (node.state === 'terminating' || node.isLost) return null;
  // Its tasks are being stopped already.
  if (node.drain?.stopAtMs !== undefined && node.drain.stopAtMs <= nowMs) return null;
  const drain = { by: 'operator', reason: `terminated by ${by}`, atMs: nowMs, deadlineMs: null } as const;
  return {
    node: { ...node, state: 'draining', drain: { ...drain, stopAtMs: nowMs } },
    code: 'node_terminating',
    message: `${node.id}: terminated by ${by}; its tasks are stopped and queued again`,
  };
}

function reasonOf(node: NodeRecord): string {
  return node.drain?.reason ?? node.state;
}

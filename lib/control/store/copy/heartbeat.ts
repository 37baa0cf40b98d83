// Heartbeats without news move two fields of a node's document, once a minute and node: more than everything else that
// changes in a quiet pool. They are not listed as changes. So the copy of a document may be behind by heartbeats alone,
// and whoever writes the document with what was read from a copy takes the later heartbeat over.
import type { NodeRecord } from '../../../core/records/node.ts';

type Heartbeat = Pick<NodeRecord, 'seq' | 'lastSeenAtMs'>;

const ofHeartbeats: ReadonlySet<string> = new Set<keyof Heartbeat>(['seq', 'lastSeenAtMs']);

/**
 * Whether nothing but a heartbeat is between the two documents of one node. What a write left as it was is the same
 * object in both, so that only what it changed is compared as text.
 */
export function isHeartbeat(before: unknown, after: unknown): boolean {
  const [was, is] = [before as Readonly<Record<string, unknown>>, after as Readonly<Record<string, unknown>>];
  const isLeft = (name: string): boolean =>
    ofHeartbeats.has(name) || was[name] === is[name] || JSON.stringify(was[name]) === JSON.stringify(is[name]);
  return Object.keys(is).every(isLeft) && Object.keys(was).every((name) => name in is || isLeft(name));
}

/**
 * What is to be written, of a document that has had another heartbeat since it was read. Of a node that is stopped with
 * this write it is no news that its agent was heard before: it would count as silent once it goes.
 */
export function withHeartbeat(written: NodeRecord, { seq, lastSeenAtMs }: Heartbeat): NodeRecord {
  return { ...written, seq, lastSeenAtMs: written.lastSeenAtMs === null ? null : lastSeenAtMs };
}

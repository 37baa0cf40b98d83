// Heartbeats without news move two fields of a node's document, once a minute and node: more than everything else that
// changes in a quiet pool. They are not listed as changes. So the copy of a document may be behind by heartbeats alone,
// and whoever writes the document with what was read from a copy takes the later heartbeat over.
import type { NodeRecord } from '../../../core/records/node.ts';

type Heartbeat = Pick<NodeRecord, 'seq' | 'lastSeenAtMs'>;

/** Whether nothing but a heartbeat is between the two documents of one node. */
export function isHeartbeat(before: unknown, after: unknown): boolean {
  const none: Heartbeat = { seq: 0, lastSeenAtMs: 0 };
  return (
    JSON.stringify({ ...(before as NodeRecord), ...none }) === JSON.stringify({ ...(after as NodeRecord), ...none })
  );
}

/** What is to be written, of a document that has had another heartbeat since it was read. */
export function withHeartbeat(written: NodeRecord, { seq, lastSeenAtMs }: Heartbeat): NodeRecord {
  return { ...written, seq, lastSeenAtMs };
}

// Once a day, and when they become many, what nodes cost passes from their documents to the pool's days.
import { areBillsDue, unbilled, withoutBills } from './bills.ts';
import type { NodeRecord } from '../records/node.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';

/** In one decision: each writes a document, and the next decision goes on. */
export const billedAtOnceMax = 40;

export function passOnBills(copy: WorkingCopy): void {
  const isDue = (node: NodeRecord): boolean =>
    node.quarantine === undefined && !copy.forgotten.has(node.id) && areBillsDue(node, copy.nowMs);
  const due = [...copy.nodes()].filter(isDue);
  for (const node of due.slice(0, billedAtOnceMax))
    copy.change(
      'bill',
      `costs of ${node.id} pass to the days of the pool`,
      [copy.setNode(withoutBills(node, copy.nowMs))],
      { costs: unbilled(node, copy.nowMs) },
    );
}

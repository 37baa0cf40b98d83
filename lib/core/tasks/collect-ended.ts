// Requests that have ended leave the open ones, and their ends are published with the change that takes them out. An
// array is collected by the tick that ends it; a single task may be collected by the sync that reports its end.
import type { Observation } from '../plan/observation.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { attemptId } from '../records/request.ts';
import { holdersOf } from './decide-requests.ts';

/** Their events are written with the change, many to an item. */
const endedPerChangeMax = 1_000;

/**
 * Ends that are not published yet: those of the tick itself and of callers are still among the open requests, those
 * that syncs stored are named by their node's document. Last of all, so that nothing waits for the publishing.
 */
export function decideEnded(observation: Observation, copy: WorkingCopy): void {
  for (const { record, isCollected } of copy.rows.unsettled) {
    if (record.endedAtMs === null || isCollected || copy.isAside(record.id)) continue;
    // Not while a document still carries the attempt that ended: it must not take the end for one
    // that is not published yet.
    const holders = holdersOf(observation);
    if (record.tasks.some((task) => holders.has(attemptId(record.id, task.index, task.attempt)))) continue;
    copy.change('collect', 'ended', [{ type: 'request', record, isCollected: true }], { ended: [record] });
  }
  // Two documents that name one end publish it once.
  const published = new Set<string>();
  for (const node of copy.nodes()) {
    if ((node.ended?.length ?? 0) === 0) continue;
    const { ended = [], ...rest } = node;
    const now = ended.slice(0, endedPerChangeMax).filter((id) => !published.has(id));
    for (const id of now) published.add(id);
    const records = now.map((id) => copy.request(id)).filter((one) => one !== undefined);
    const left = ended.slice(endedPerChangeMax);
    copy.change('collect', 'ended', [copy.setNode(left.length === 0 ? rest : { ...rest, ended: left })], {
      ended: records,
    });
  }
}

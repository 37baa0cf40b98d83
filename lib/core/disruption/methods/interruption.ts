// Interruption: EC2 announced that it takes the instance (a spot interruption, a scheduled retirement). The notice
// comes as an event or through the agent, ahead of any tick, so whoever gets it first drains the document at once.
import type { NodeRecord } from '../../records/node.ts';

export interface InterruptionNotice {
  readonly reason: string;
  /** When EC2 takes the instance; null: it did not say. */
  readonly deadlineMs: number | null;
}

export const spotInterruption = 'spot interruption';

/** The node that no task is placed on any more; null: it is leaving already, for an earlier reason. */
export function drainedBy(
  node: NodeRecord,
  { reason, deadlineMs }: InterruptionNotice,
  nowMs: number,
): NodeRecord | null {
  if (node.state !== 'launching' && node.state !== 'ready') return null;
  return { ...node, state: 'draining', drain: { by: 'interruption', reason, atMs: nowMs, deadlineMs } };
}

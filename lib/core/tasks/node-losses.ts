// A task that takes its node down is stopped. Only losses that nobody announced count, and only those of the task's own
// node on EC2's evidence: no spot interruption, no drain, no termination that was announced, no outage of ours. Its
// neighbours were on the node as well, so a task is kept apart after its second such loss: alone on a node it can
// be told apart from them, and once `lossesMax` is reached by a loss without neighbours, it fails.
import type { Listing } from '../plan/listing.ts';
import type { NodeRecord } from '../records/node.ts';
import type { PoolSpec } from '../records/pool.ts';
import type { TaskRecord, TaskSpec } from '../records/request.ts';
import { requeueAfterLoss } from './task-lifecycle.ts';

/** Of a pool that says nothing. */
export const lossesMaxDefault = 10;
const aloneAfterLosses = 2;

/** How many nodes of a pool tasks that are kept apart have at once: a quarter of its limit, and at least one. */
const aloneShare = 1 / 4;
const aloneMaxWithoutLimit = 50;

export function lossesMaxOf(spec: Pick<TaskSpec, 'lossesMax'>, pool: Pick<PoolSpec, 'lossesMax'>): number {
  return spec.lossesMax ?? pool.lossesMax ?? lossesMaxDefault;
}

/** Whether the task runs on a node without neighbours from now on. */
export function runsAlone(
  task: Pick<TaskRecord, 'nodeLosses'>,
  spec: Pick<TaskSpec, 'lossesMax'>,
  pool: Pick<PoolSpec, 'lossesMax'>,
): boolean {
  const { nodeLosses = 0 } = task;
  return nodeLosses > 0 && nodeLosses >= Math.min(aloneAfterLosses, lossesMaxOf(spec, pool));
}

export function aloneMax({ limits }: Pick<PoolSpec, 'limits'>): number {
  return limits.instances === undefined ? aloneMaxWithoutLimit : Math.max(1, Math.floor(limits.instances * aloneShare));
}

/**
 * Whether this end of a node counts against its tasks: EC2 shows that it ended, and nobody had
 * announced or wished it.
 */
export function isUnannounced(node: NodeRecord, listing: Listing | null, isMassSilence: boolean): boolean {
  const instance = listing?.instances.get(node.id);
  // A tick between "shutting-down" and "terminated" drains the node already; that it was seen ending announced nothing.
  const isUntouched = node.state === 'ready' && node.drain === null && node.announced === undefined;
  if (isMassSilence || !(isUntouched || (node.drain?.by === 'ending' && !node.isLost))) return false;
  if (instance?.state !== 'terminated' && instance?.state !== 'stopped') return false;
  // EC2's reason of a reclaimed spot instance: "Server.SpotInstanceTermination: Spot instance termination".
  return !/spot/i.test(instance.stateReason ?? '');
}

export interface NodeLoss {
  readonly nodeId: string;
  readonly reason: string;
  /** The node had no other task. */
  readonly isAlone: boolean;
  readonly lossesMax: number;
}

/**
 * The task waits again, one more loss counted; or fails, where the loss of a node that it had for
 * itself reaches the bound.
 */
export function afterNodeLoss(
  task: TaskRecord,
  { nodeId, reason, isAlone, lossesMax }: NodeLoss,
  nowMs: number,
): TaskRecord {
  const nodeLosses = (task.nodeLosses ?? 0) + 1;
  if (nodeLosses >= lossesMax && isAlone) {
    const message =
      `takes_nodes_down: ${String(nodeLosses)} node${nodeLosses === 1 ? ' was' : 's were'} lost under it `
      + `without notice, the last, ${nodeId}, `
      + `while it ran alone there (${reason}); lossesMax is ${String(lossesMax)}. See what it does to `
      + 'its machine (memory, disk, shutdown); if it is not at fault, raise lossesMax and send it again';
    return { ...task, state: 'failed', losses: task.losses + 1, nodeLosses, reason: message, endedAtMs: nowMs };
  }
  const next = nodeLosses >= Math.min(aloneAfterLosses, lossesMax) ? '; it runs alone on a node from now on' : '';
  return {
    ...requeueAfterLoss(
      task,
      `node ${nodeId} was lost: ${reason} (loss ${String(nodeLosses)} without notice, of at most `
        + `${String(lossesMax)}${next})`,
      nowMs,
    ),
    nodeLosses,
  };
}

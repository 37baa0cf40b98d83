// Invariant 31: warm nodes. A node is stopped only by a decision that its document has, without a task, and started
// only so; none takes a task while it is off; only on-demand nodes are stopped; a pool has no more of them than it
// says.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { keepsItsTasks } from './fence.ts';

const name = '31: warm nodes';

/** Its document says that it stops, is stopped or starts. */
function isOff({ state }: NodeRecord): boolean {
  return state === 'stopping' || state === 'stopped' || state === 'starting';
}

/** Of each run: since when a node is in its state, and the most that a pool has ever declared. */
interface Seen {
  readonly sinceMs: Map<string, number>;
  readonly most: Map<string, number>;
}

const seenOf = new WeakMap<Truth, Seen>();

function seenIn(truth: Truth): Seen {
  const seen = seenOf.get(truth) ?? { sinceMs: new Map<string, number>(), most: new Map<string, number>() };
  seenOf.set(truth, seen);
  return seen;
}

export function warmNodes(truth: Truth): Watcher {
  const seen = seenIn(truth);
  return {
    pool(_before, after) {
      if (after === null) return;
      const { name: pool, warmNodes: kept } = after.spec;
      seen.most.set(pool, Math.max(seen.most.get(pool) ?? 0, kept?.stopped ?? 0));
    },
    node(before, after) {
      if (after === null) return;
      if (before?.state !== after.state) seen.sinceMs.set(after.id, truth.nowMs);
      if (isOff(after) && after.assigned.length > 0) {
        const [first] = after.assigned;
        truth.violate(name, `node ${after.id} is ${after.state} and has ${first?.attemptId ?? ''}`, [after.id]);
      }
      if (before !== null && before.state !== after.state) checkWay(truth, before, after);
    },
    ec2Call(action, parameters, by) {
      if (action !== 'StopInstances' && action !== 'StartInstances') return;
      for (const [key, id] of Object.entries(parameters)) {
        if (!key.startsWith('InstanceId.')) continue;
        const instance = truth.instances.get(id);
        if (instance === undefined || instance.isClaimed || instance.isEnding) continue;
        checkCall(truth, action, id, by);
      }
    },
  };
}

function checkWay(truth: Truth, before: NodeRecord, after: NodeRecord): void {
  const way = `${before.state} to ${after.state}`;
  if ((isOff(before) || isOff(after)) && !ways.has(way))
    truth.violate(name, `node ${after.id} goes from ${way}`, [after.id]);
  if (after.state === 'stopping' && after.capacityType === 'spot')
    truth.violate(name, `spot node ${after.id} is to be stopped`, [after.id]);
  if (way === 'ready to stopping') checkCount(truth, after);
  if (way === 'starting to ready' && after.bootId === before.bootId)
    truth.violate(name, `node ${after.id} is ready by the word of an agent from before it was stopped`, [after.id]);
}

const ways: ReadonlySet<string> = new Set([
  'ready to stopping',
  'stopping to stopped',
  'stopped to stopping',
  'stopped to starting',
  'starting to stopped',
  'starting to ready',
  ...['stopping', 'stopped', 'starting'].flatMap((from) => [`${from} to draining`, `${from} to terminating`]),
]);

/** The order may come late, when the node is on another way: what it does then is found and mended. */
function checkCall(truth: Truth, action: string, id: string, by: string): void {
  const node = truth.nodes.get(id);
  const wanted = action === 'StopInstances' ? 'stopping' : 'starting';
  if (node === undefined) truth.violate(name, `${by} calls ${action} for ${id}, which has no document`, [id]);
  else if (node.warm === undefined)
    truth.violate(name, `${by} calls ${action} for ${id}, which is no warm node (${node.state})`, [id]);
  else if (wanted === 'stopping') {
    const machine = truth.machines.get(id);
    const [busy] = machine?.running ?? [];
    if (node.assigned.length > 0)
      truth.violate(name, `${by} stops ${id}, whose document has ${node.assigned[0]?.attemptId ?? ''}`, [id]);
    else if (machine !== undefined && busy !== undefined && keepsItsTasks(machine, truth.nowMs))
      truth.violate(name, `${by} stops ${id} while ${busy.attemptId} runs on it`, [id, busy.attemptId]);
  }
}

/** Against the most that was declared: it may have been lowered since the decision. */
function checkCount(truth: Truth, { id, pool }: NodeRecord): void {
  const most = seenIn(truth).most.get(pool) ?? 0;
  const off = [...truth.nodes.values()].filter((one) => one.pool === pool && isOff(one)).length;
  if (off > most)
    truth.violate(name, `pool ${pool} stops ${id} as its node ${String(off)}, and keeps ${String(most)}`, [id]);
}

const lateMs = 35 * 60_000;

/** In calm every stop and every start comes to its end, and stopped nodes are stopped. */
export function checkWarmNodesSettled(truth: Truth): void {
  const { sinceMs } = seenIn(truth);
  for (const node of truth.nodes.values()) {
    if (!isOff(node)) continue;
    const instance = truth.instances.get(node.id);
    if (node.state !== 'stopped' && truth.nowMs - (sinceMs.get(node.id) ?? Infinity) > lateMs)
      truth.violate(name, `node ${node.id} is ${node.state} for more than half an hour`, [node.id]);
    if (node.state === 'stopped' && instance?.state !== 'stopped')
      truth.violate(name, `node ${node.id} is to be stopped, and EC2 says ${instance?.state ?? 'nothing'}`, [node.id]);
    const kept = truth.pools.get(node.pool)?.spec.warmNodes?.stopped ?? 0;
    const stopped = [...truth.nodes.values()].filter((one) => one.pool === node.pool && one.state === 'stopped').length;
    if (stopped > kept && node.cordon === undefined)
      truth.violate(name, `pool ${node.pool} has ${String(stopped)} stopped nodes, and keeps ${String(kept)}`, [
        node.id,
      ]);
  }
}

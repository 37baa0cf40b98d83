// Every method by which a node goes, in the order in which they are asked: the first that takes a node gives the
// reason.
import type { NodeRecord } from '../records/node.ts';
import { announced } from './methods/announced.ts';
import { bootTimeout } from './methods/boot-timeout.ts';
import { consolidation } from './methods/consolidation.ts';
import { drift } from './methods/drift.ts';
import { expiry } from './methods/expiry.ts';
import { emptiness } from './methods/emptiness.ts';
import { ending } from './methods/ending.ts';
import { makingRoom } from './methods/making-room.ts';
import type { Command, DisruptionContext, DisruptionMethod, LossContext } from './method.ts';
import { poolDeletion } from './methods/pool-deletion.ts';
import { silence } from './methods/silence.ts';
import { unhealthy } from './methods/unhealthy.ts';
import { termination } from './methods/termination.ts';

/** Nothing runs there any more: its tasks are queued again at once. */
export const losing: readonly DisruptionMethod<LossContext>[] = [termination, silence];

/** No task is placed there any more; it is terminated once its tasks have ended. */
export const draining: readonly DisruptionMethod[] = [
  ending,
  poolDeletion,
  announced,
  bootTimeout,
  unhealthy,
  makingRoom,
  emptiness,
  drift,
  expiry,
  consolidation,
];

export interface NamedCommand extends Command {
  readonly by: DisruptionMethod['name'];
}

/** By node id, at most one command each: that of the first method which takes the node. */
export function commandsOf<C extends DisruptionContext>(
  methods: readonly DisruptionMethod<C>[],
  candidates: readonly NodeRecord[],
  context: C,
): ReadonlyMap<string, NamedCommand> {
  const taken = new Map<string, NamedCommand>();
  for (const { name, commands } of methods) {
    const left = taken.size === 0 ? candidates : candidates.filter((node) => !taken.has(node.id));
    for (const command of commands(left, context)) taken.set(command.node.id, { ...command, by: name });
  }
  return taken;
}

/** When any method may take the node by time alone; null: none. */
export function disruptionDueAtMs(node: NodeRecord, context: DisruptionContext): number | null {
  let first: number | null = null;
  for (const method of all) {
    const dueAtMs = method.dueAtMs?.(node, context) ?? null;
    if (dueAtMs !== null && (first === null || dueAtMs < first)) first = dueAtMs;
  }
  return first;
}

const all = [...losing, ...draining];

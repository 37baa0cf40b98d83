// What each method thinks of one node now: why it is kept, and when it may go next. For people; decides nothing.
import type { DisruptionName, NodeRecord } from '../records/node.ts';
import type { DecisionSettings } from '../values/settings.ts';
import type { PoolMemory } from '../plan/observation.ts';
import { withinBudgets } from './budgets.ts';
import { commandsOf, draining, losing } from './index.ts';
import type { DisruptionMethod, LossContext, SeenByMethods } from './method.ts';
import { timeText } from './method.ts';
import { judgeSilence } from './methods/silence.ts';

export interface MethodVerdict {
  readonly method: DisruptionName;
  /** It would take the node at the next tick. */
  readonly takes: boolean;
  readonly reason: string;
  /** When time alone may change its mind; null: it does not. */
  readonly atMs: number | null;
}

export interface NodeWhy {
  readonly summary: string;
  /** In the order in which they are asked. */
  readonly methods: readonly MethodVerdict[];
  /** When one of them may take it, if nothing else happens; null: only something that happens makes it go. */
  readonly mayGoAtMs: number | null;
}

/** What is known without a listing of EC2 of now, and without a plan: `others` are all nodes of the pool. */
export interface WhyInput extends Omit<SeenByMethods, 'nodes'> {
  readonly others: readonly NodeRecord[];
  readonly memory: Pick<PoolMemory, 'massSilenceSinceMs' | 'consolidatedAtMs'>;
  readonly templateVersion?: string;
}

export function whyNode(node: NodeRecord, input: WhyInput, settings: DecisionSettings): NodeWhy {
  const observation = { ...input, nodes: input.others.map((record) => ({ record, version: 0 })) };
  const { lost: lostBySilence } = judgeSilence(observation, settings);
  const { templateVersion } = input;
  const seen = { observation, settings, wanted: new Set<string>(), lostBySilence };
  const context: LossContext = { ...seen, ...(templateVersion === undefined ? {} : { templateVersion }) };
  const isLeaving = node.state === 'draining' || node.state === 'terminating';
  const methods = [
    ...losing.map((method) => verdictOf(method, node, context, [])),
    // Methods are asked of nodes that stay.
    ...(isLeaving ? [] : draining.map((method) => verdictOf(method, node, context, input.others))),
  ];
  const times = methods.flatMap(({ atMs }) => atMs ?? []).filter((atMs) => atMs > input.nowMs);
  return { summary: summaryOf(node, methods), methods, mayGoAtMs: times.length === 0 ? null : Math.min(...times) };
}

function verdictOf<C extends LossContext>(
  method: Pick<DisruptionMethod<C>, 'name' | 'commands' | 'leaves' | 'dueAtMs'>,
  node: NodeRecord,
  context: C,
  others: readonly NodeRecord[],
): MethodVerdict {
  const wishes = commandsOf([method], [node], context);
  const { allowed, keptBack } = withinBudgets(wishes, others, context.observation);
  const kept = keptBack.get(node.id);
  if (kept !== undefined) return { method: method.name, takes: false, reason: kept.reason, atMs: kept.untilMs };
  const command = allowed.get(node.id);
  return {
    method: method.name,
    takes: command !== undefined,
    reason: command?.reason ?? method.leaves(node, context),
    atMs: command ? null : (method.dueAtMs?.(node, context) ?? null),
  };
}

function summaryOf({ state, drain, assigned, cordon }: NodeRecord, methods: readonly MethodVerdict[]): string {
  const tasks = `${String(assigned.length)} task${assigned.length === 1 ? '' : 's'}`;
  if (state === 'terminating') return `it is being terminated: ${drain?.reason ?? 'it drained'}`;
  if (state === 'draining') {
    const until = drain?.stopAtMs === undefined ? '' : `, or is stopped at ${timeText(drain.stopAtMs)}`;
    return `it drains: ${drain?.reason ?? 'set aside'}; it goes when the last of ${tasks} has ended${until}`;
  }
  const taking = methods.find((one) => one.takes);
  if (taking) {
    const unless = taking.method === 'emptiness' ? ', unless waiting tasks or headroom count on it' : '';
    return `it goes at the next tick${unless}: ${taking.reason}`;
  }
  if (cordon) return `an operator keeps it: cordoned by ${cordon.by} at ${timeText(cordon.atMs)}`;
  return assigned.length > 0 ? `it is kept for its ${tasks}` : 'it is kept: no method takes it now';
}

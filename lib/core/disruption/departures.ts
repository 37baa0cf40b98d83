// What becomes of a node that shall go: it drains, is retired when it is empty, terminated in EC2, and forgotten once
// EC2 says that it is gone.
import { nodeNote } from '../plan/change.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Observation } from '../plan/observation.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { withinBudgets } from './budgets.ts';
import { commandsOf, draining } from './index.ts';
import type { NamedCommand } from './index.ts';
import type { DisruptionContext } from './method.ts';
import { stopTasks } from './stop-tasks.ts';
import { evidenceOfTermination } from './methods/termination.ts';
import { WarmNodes } from './warm-nodes.ts';

/**
 * Drains what shall go, retires what is drained, calls EC2 for what is retired, forgets what is gone. `wanted`:
 * nodes that the plan counts on; `vacated`: those that go when they are empty, for the sake of a larger one. Answers
 * the nodes that a budget keeps back.
 */
export function decideDepartures(
  observation: Observation,
  copy: WorkingCopy,
  wanted: ReadonlySet<string>,
  settings: DecisionSettings,
  more: Pick<DisruptionContext, 'vacated' | 'moves' | 'templateVersion' | 'rootVolumeGib'> = {},
): ReadonlySet<string> {
  const { nowMs, listing } = observation;
  // What this decision has changed already goes on in the next round.
  const unchanged = observation.nodes
    .map(({ record }) => record)
    .filter((node) => (copy.node(node.id) ?? node) === node);
  const candidates = unchanged.filter(({ state }) => ['launching', 'ready', 'stopped', 'starting'].includes(state));
  const wishes = commandsOf(draining, candidates, { observation, settings, wanted, ...more });
  const { allowed: commands, keptBack } = withinBudgets(wishes, [...copy.nodes()], observation);
  const toTerminate: NodeRecord[] = [];
  const warm = new WarmNodes(copy, settings, more);
  for (const node of unchanged) {
    const evidence = evidenceOfTermination(node, listing, settings);
    // A document that still has ends to publish is published first.
    if (evidence && !isStopped(node, listing) && node.assigned.length === 0 && (node.ended ?? []).length === 0) {
      copy.forget(node, node.drain?.reason ?? evidence);
      continue;
    }
    switch (node.state) {
      case 'launching':
      case 'ready': {
        const command = commands.get(node.id);
        if (command && !(command.by === 'emptiness' && warm.stopInstead(node))) drain(command, copy);
        break;
      }
      case 'stopping':
      case 'stopped':
      case 'starting': {
        const command = commands.get(node.id);
        if (command) drain(command, copy);
        else warm.follow(node);
        break;
      }
      case 'draining':
        if (node.assigned.length === 0)
          copy.change('retire', node.drain?.reason ?? 'drained', [copy.setNode({ ...node, state: 'terminating' })]);
        else if (!node.isLost) stopTasks(node, copy, observation.pool);
        break;
      case 'terminating': {
        const isAsked =
          node.terminateAcceptedAtMs !== null && nowMs - node.terminateAcceptedAtMs < settings.listingsApartMs;
        if (!isAsked && listing?.instances.get(node.id)?.state !== 'shutting-down') toTerminate.push(node);
        break;
      }
    }
  }
  if (toTerminate.length > 0) copy.add({ kind: 'terminate', nodes: toTerminate });
  warm.end();
  return new Set(keptBack.keys());
}

/** One of the pool's warm nodes that is stopped is still there: it goes by our call. */
function isStopped({ id, warm }: NodeRecord, listing: Observation['listing']): boolean {
  return warm !== undefined && listing?.instances.get(id)?.state === 'stopped';
}

function drain({ node, by, reason }: NamedCommand, copy: WorkingCopy): void {
  // Nothing to drain: the write that stops placements is conditional on the very document that is empty.
  const state = node.assigned.length === 0 ? 'terminating' : 'draining';
  const next: NodeRecord = { ...node, state, drain: { by, reason, atMs: copy.nowMs, deadlineMs: null } };
  copy.change('drain', reason, [copy.setNode(next)], { activity: nodeNote('node_draining', next, reason) });
}

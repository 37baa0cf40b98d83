// What nodes of before cannot do: they keep the agent that they were started with, and a deployment brings tasks that
// it would fail. Those go to nodes whose agent can, or to new ones.
import type { NodeRecord } from '../../records/node.ts';
import type { TaskSpec } from '../../records/request.ts';
import type { Offering } from '../../values/offering.ts';
import type { Requirements } from '../../values/requirements.ts';

/** Of `agentProtocol`: since then agents give tasks with an image roles, logins for the image, and GPUs. */
const protocolForImages = 2;

type Wishes = Pick<TaskSpec, 'run' | 'role' | 'imageCredentials' | 'resources'>;

/** Where an agent of before would end the attempt with an error of its own. */
export function needsCurrentAgent({ run, role, imageCredentials, resources }: Wishes): boolean {
  return run.kind === 'container' && (role !== undefined || imageCredentials !== undefined || resources.gpu > 0);
}

/** What a task asks of nodes: its own requirements, and what it needs of their agent. */
export function requirementsOf(spec: Wishes & Pick<TaskSpec, 'requirements'>): Requirements {
  return needsCurrentAgent(spec) ? { ...spec.requirements, currentAgent: true } : spec.requirements;
}

/**
 * Its agent has called and cannot do what {@link needsCurrentAgent} says. A node of the launch template that is current
 * counts as able, whatever it says: one that is bought would be no other, and buying has to end.
 */
export function isOfEarlierAgent(
  { state, agentProtocol = 0, templateVersion }: NodeRecord,
  current: string | undefined,
): boolean {
  return (
    state !== 'launching' && agentProtocol < protocolForImages && current !== undefined && templateVersion !== current
  );
}

const marked = new WeakMap<Offering, Offering>();

/** The same object each time. */
export function ofEarlierAgent(offering: Offering): Offering {
  const known = marked.get(offering) ?? { ...offering, isOfEarlierAgent: true as const };
  marked.set(offering, known);
  return known;
}

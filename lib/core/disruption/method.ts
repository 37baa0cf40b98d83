// The interface of everything that ends a node: one small file per method, so that another is one more file and one
// more entry in index.ts.
import type { DecisionSettings } from '../values/settings.ts';
import type { DisruptionName, NodeRecord } from '../records/node.ts';
import type { Observation, PoolMemory } from '../plan/observation.ts';

/** What methods look at, beside the nodes. */
export interface SeenByMethods extends Pick<
  Observation,
  'nowMs' | 'pool' | 'isPoolDeleting' | 'listing' | 'offerings' | 'paused' | 'nodes'
> {
  readonly memory: Pick<PoolMemory, 'consolidatedAtMs'>;
}

export interface DisruptionContext {
  readonly observation: SeenByMethods;
  readonly settings: DecisionSettings;
  /** Nodes that this decision places tasks on, or keeps as headroom. */
  readonly wanted: ReadonlySet<string>;
  /** Nodes in whose place a larger one is bought once they are empty (see capacity/reservation.ts); absent: none. */
  readonly vacated?: ReadonlySet<string>;
  /** Nodes that others can do without (see consolidation-choice.ts); absent: there are none. */
  readonly moves?: readonly Command[];
  /** Of the launch template that nodes are started from now; absent: it is not known here. */
  readonly templateVersion?: string;
  /** Of each node's root volume; absent: as the stack has it by default. */
  readonly rootVolumeGib?: number;
}

/** Of methods by which nodes are lost. */
export interface LossContext extends DisruptionContext {
  /** Silent nodes that count as lost now. */
  readonly lostBySilence: ReadonlySet<string>;
}

/** A node that shall go. */
export interface Command {
  readonly node: NodeRecord;
  /** For people: the activity, the node's listing. */
  readonly reason: string;
}

/**
 * A voluntary or involuntary way in which a node ends. Methods only judge: draining, queueing again and terminating are
 * the same for all (losses.ts, departures.ts).
 */
export interface DisruptionMethod<C extends DisruptionContext = DisruptionContext> {
  readonly name: DisruptionName;
  /** Of these candidates, those that go by this method now, each with its reason. */
  readonly commands: (candidates: readonly NodeRecord[], context: C) => readonly Command[];
  /** When it may take the node though nothing else happens; null: only something that happens makes it. */
  readonly dueAtMs?: (node: NodeRecord, context: DisruptionContext) => number | null;
  /** For people: why it leaves a node alone that it does not take now. */
  readonly leaves: (node: NodeRecord, context: C) => string;
}

/** As texts name times. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

// Silence is not death. A node is lost by silence only when it has been silent for so long that its agent has killed
// its tasks; and not even then while the silence looks like an outage of ours.
import type { NodeRecord } from '../../records/node.ts';
import { isOff } from '../../records/node.ts';
import type { Observation } from '../../plan/observation.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import { silentAfterMs } from '../../values/settings.ts';
import type { DisruptionMethod, LossContext } from '../method.ts';
import { timeText } from '../method.ts';

export const silence: DisruptionMethod<LossContext> = {
  name: 'silence',
  commands: (candidates, { lostBySilence }) =>
    candidates
      .filter((node) => lostBySilence.has(node.id))
      .map((node) => ({ node, reason: 'silent for longer than the fence time; its agent has stopped its tasks' })),
  dueAtMs: (node, { settings }) =>
    node.lastSeenAtMs === null || node.isLost || isOff(node) ? null : node.lastSeenAtMs + silentAfterMs(settings) + 1,
  leaves: (node, { observation: { nowMs }, settings }) => {
    if (isOff(node)) return 'it stops, is stopped or starts: no agent is expected to call';
    if (node.lastSeenAtMs === null) return 'its agent has not called yet';
    const heard = `its agent was heard at ${timeText(node.lastSeenAtMs)}`;
    return isSilent(node, nowMs, settings) ? `${heard}; that many are silent may be an outage of ours` : heard;
  },
};

export function isSilent(node: NodeRecord, nowMs: number, settings: DecisionSettings): boolean {
  return (
    node.lastSeenAtMs !== null && !node.isLost && !isOff(node) && nowMs - node.lastSeenAtMs > silentAfterMs(settings)
  );
}

/** Its agent leaves, and EC2 may take long to terminate it: its silence says nothing of others. */
function isOnItsWayOut({ state, assigned }: NodeRecord): boolean {
  return state === 'terminating' && assigned.length === 0;
}

export interface SilenceVerdict {
  /** Silent nodes that count as lost now. */
  readonly lost: ReadonlySet<string>;
  /** Since when a mass silence is borne; null: there is none. */
  readonly massSilenceSinceMs: number | null;
}

/**
 * More than 20 % of the pool's nodes (and more than 5) silent together, or no agent heard within the last
 * minute of written heartbeats: then nobody is lost by silence until `massSilenceWaitMs` has passed.
 */
export function judgeSilence(
  {
    nowMs,
    memory,
    nodes,
  }: Pick<Observation, 'nowMs' | 'nodes'> & { readonly memory: Pick<Observation['memory'], 'massSilenceSinceMs'> },
  settings: DecisionSettings,
): SilenceVerdict {
  const talking = nodes
    .map(({ record }) => record)
    .filter((node) => node.lastSeenAtMs !== null && !node.isLost && !isOff(node))
    .filter((node) => !(isOnItsWayOut(node) && isSilent(node, nowMs, settings)));
  const silent = talking.filter((node) => isSilent(node, nowMs, settings));
  if (silent.length === 0) return { lost: new Set(), massSilenceSinceMs: null };
  const newestMs = Math.max(...talking.map((node) => node.lastSeenAtMs ?? 0));
  const isMass =
    (silent.length > 5 && silent.length > 0.2 * talking.length) || nowMs - newestMs > 60_000 + settings.lastSeenWriteMs;
  const lost = new Set(silent.map((node) => node.id));
  if (!isMass) return { lost, massSilenceSinceMs: null };
  const sinceMs = memory.massSilenceSinceMs ?? nowMs;
  const isBorne = nowMs - sinceMs < settings.massSilenceWaitMs;
  return { lost: isBorne ? new Set() : lost, massSilenceSinceMs: sinceMs };
}

// Boot timeout: a node whose agent has not called within the boot time, from its launch or its start, is terminated,
// and capacity memory hears of it.
import type { NodeRecord } from '../../records/node.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';

export const bootTimeout: DisruptionMethod = {
  name: 'boot-timeout',
  commands: (candidates, { observation: { nowMs }, settings }) =>
    candidates
      .filter((node) => nowMs > untilMs(node, settings))
      .map((node) => ({ node, reason: 'its agent did not call within the boot time' })),
  dueAtMs: (node, { settings }) => (isBooting(node) ? untilMs(node, settings) + 1 : null),
  leaves: (node, { settings }) => {
    if (isBooting(node)) return `its agent has until ${timeText(untilMs(node, settings))} to call`;
    return node.state === 'stopping' || node.state === 'stopped' ? `it is ${node.state}` : 'its agent has called';
  },
};

function isBooting({ state }: NodeRecord): boolean {
  return state === 'launching' || state === 'starting';
}

/** Infinity: it does not boot. */
function untilMs(node: NodeRecord, { bootTimeoutMs }: DecisionSettings): number {
  if (!isBooting(node)) return Infinity;
  return (node.state === 'launching' ? node.createdAtMs : (node.warm?.askedAtMs ?? node.createdAtMs)) + bootTimeoutMs;
}

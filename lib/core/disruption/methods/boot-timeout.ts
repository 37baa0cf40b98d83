// Boot timeout: a node whose agent has not called within the boot time is terminated, and capacity memory hears of it.
import type { DisruptionMethod } from '../method.ts';
import { timeText } from '../method.ts';

export const bootTimeout: DisruptionMethod = {
  name: 'boot-timeout',
  commands: (candidates, { observation: { nowMs }, settings }) =>
    candidates
      .filter((node) => node.state === 'launching' && nowMs - node.createdAtMs > settings.bootTimeoutMs)
      .map((node) => ({ node, reason: 'its agent did not call within the boot time' })),
  dueAtMs: (node, { settings }) => (node.state === 'launching' ? node.createdAtMs + settings.bootTimeoutMs + 1 : null),
  leaves: ({ state, createdAtMs }, { settings }) =>
    state === 'launching'
      ? `its agent has until ${timeText(createdAtMs + settings.bootTimeoutMs)} to call`
      : 'its agent has called',
};

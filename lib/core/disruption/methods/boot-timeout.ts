// Boot timeout: a node whose agent has not called within the boot time is terminated, and capacity memory hears of it.
import type { NodeRecord } from '../../records/node.ts';
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

/** Why a node never became ready, for whoever buys the next one; null: it did, or something else took it. */
export function bootFailure({
  id,
  instanceType,
  zone,
  readyAtMs,
  drain,
}: NodeRecord): { readonly atMs: number; readonly message: string } | null {
  if (readyAtMs !== null || drain === null) return null;
  if (drain.by !== 'boot-timeout' && drain.by !== 'termination' && drain.by !== 'ending') return null;
  return { atMs: drain.atMs, message: `${id} (${instanceType} in ${zone}): ${drain.reason}` };
}

// Invariant 5: nothing leaks. Every tagged instance is known to the store (by its node's document or its open
// launch), or its deletion is accepted by EC2, within 10 minutes; while faults rage, within 45.
import type { Truth, Watcher } from '../truth.ts';

const name = '5: nothing leaks';
const everyMs = 10_000;
const boundCalmMs = 10 * 60_000;
const boundBusyMs = 45 * 60_000;

export function nothingLeaks(truth: Truth): Watcher {
  const unknownSince = new Map<string, number>();
  let nextAtMs = 0;
  return {
    step() {
      if (truth.nowMs < nextAtMs) return;
      nextAtMs = truth.nowMs + everyMs;
      const claimed = new Set(
        [...truth.claims.values()]
          .filter((one) => one.endedAtMs === null)
          .flatMap((one) => one.machines.map((part) => part.instanceId)),
      );
      for (const { id, launchId, isEnding } of truth.instances.values()) {
        const isKnown =
          isEnding || claimed.has(id) || truth.nodes.has(id) || truth.launches.get(launchId)?.state === 'open';
        if (isKnown) {
          unknownSince.delete(id);
          continue;
        }
        const since = unknownSince.get(id) ?? truth.nowMs;
        unknownSince.set(id, since);
        const isOver =
          truth.nowMs - since > boundBusyMs || truth.nowMs - Math.max(since, truth.steadySinceMs) > boundCalmMs;
        if (isOver)
          truth.violate(
            name,
            `instance ${id} of launch ${launchId} has run for `
              + `${String(Math.round((truth.nowMs - since) / 60_000))} minutes without anybody knowing`,
            [id, launchId],
          );
      }
    },
    end() {
      for (const { id, launchId, isEnding } of truth.instances.values()) {
        if (!isEnding)
          truth.violate(name, `instance ${id} of launch ${launchId} still runs long after everything has ended`, [
            id,
            launchId,
          ]);
      }
    },
  };
}

// Invariant 5: nothing leaks. Every tagged instance is known to the store (by its node's document or its open
// launch), or its deletion is accepted by EC2, within 10 minutes; while faults rage, within 45.
import type { Truth, Watcher } from '../truth.ts';
import { UnknownTooLong } from './unknown-too-long.ts';

const name = '5: nothing leaks';
const boundCalmMs = 10 * 60_000;

export function nothingLeaks(truth: Truth): Watcher {
  const unknown = new UnknownTooLong(truth, boundCalmMs);
  return {
    step() {
      unknown.step(
        () => unknownInstances(truth),
        (id, minutes) => {
          const launchId = truth.instances.get(id)?.launchId ?? '';
          truth.violate(
            name,
            `instance ${id} of launch ${launchId} has run for ${minutes} minutes without anybody knowing`,
            [id, launchId],
          );
        },
      );
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

function unknownInstances(truth: Truth): readonly string[] {
  const claimed = new Set(
    [...truth.claims.values()]
      .filter((one) => one.endedAtMs === null)
      .flatMap((one) => one.machines.map((part) => part.instanceId)),
  );
  return [...truth.instances.values()]
    .filter(
      ({ id, launchId, isEnding }) =>
        !isEnding && !claimed.has(id) && !truth.nodes.has(id) && truth.launches.get(launchId)?.state !== 'open',
    )
    .map(({ id }) => id);
}

// Invariant 4: one launch, one effect. A launch is in the store before anything of it exists, never changes
// what it asks for, never yields more than it asked for, and is closed only when EC2 has answered and all
// it yielded is known.
import { strayPrefix } from '../../truth.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '4: one launch, one effect';

export function oneLaunchOneEffect(truth: Truth): Watcher {
  const created = new Map<string, number>();
  const answered = new Set<string>();
  const everNodes = new Set<string>();
  const instancesOf = new Map<string, string[]>();
  const everClaimed = new Set<string>();
  const seen = new Set<string>();
  const closed = new Set<string>();
  return {
    launchAnswered(token) {
      answered.add(token);
    },
    node(_before, after) {
      if (after !== null) everNodes.add(after.id);
    },
    claim(_before, after) {
      for (const { instanceId } of after?.machines ?? []) if (instanceId !== null) everClaimed.add(instanceId);
    },
    launch(before, after) {
      if (before !== null && after !== null && JSON.stringify(before.request) !== JSON.stringify(after.request)) {
        truth.violate(name, `launch ${after.id} asks for something else than it did before`, [after.id]);
      }
      const isClosed =
        (before?.state === 'open' && (after === null || after.state === 'settled'))
        || (before === null && after?.state === 'settled');
      if (!isClosed) return;
      const id = (after ?? before)?.id ?? '';
      if (!answered.has(id)) truth.violate(name, `launch ${id} was closed although EC2 never answered its token`, [id]);
      closed.add(id);
    },
    written() {
      // A launch is closed and what it made handed out in one transaction: only the whole of it tells.
      for (const id of closed) {
        for (const instanceId of instancesOf.get(id) ?? []) {
          const isKnown = everNodes.has(instanceId) || everClaimed.has(instanceId);
          if (truth.instances.get(instanceId)?.isEnding === false && !isKnown)
            truth.violate(name, `launch ${id} was closed while its instance ${instanceId} is in no record`, [
              id,
              instanceId,
            ]);
        }
      }
      closed.clear();
    },
    instance(instance) {
      const { id, launchId } = instance;
      // A stopped machine that is started again is pending a second time.
      if (instance.state !== 'pending' || launchId.startsWith(strayPrefix) || seen.has(id)) return;
      seen.add(id);
      const launch = truth.launches.get(launchId);
      instancesOf.set(launchId, [...(instancesOf.get(launchId) ?? []), id]);
      const count = (created.get(launchId) ?? 0) + 1;
      created.set(launchId, count);
      if (launch === undefined)
        truth.violate(name, `instance ${id} was launched for ${launchId}, which is not in the store`, [id, launchId]);
      else if (launch.state !== 'open')
        truth.violate(name, `instance ${id} was launched for ${launchId}, which was closed before`, [id, launchId]);
      else if (count > launch.request.count)
        truth.violate(
          name,
          `launch ${launchId} asked for ${String(launch.request.count)} instances and yielded ${String(count)}`,
          [id, launchId],
        );
    },
  };
}

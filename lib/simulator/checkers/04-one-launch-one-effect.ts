// Invariant 4: one launch, one effect. A launch is in the store before anything of it exists, never changes what
// it asks for, never yields more than it asked for, and is closed only when EC2 has answered and all it yielded is known.
import { strayPrefix } from '../truth.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '4: one launch, one effect';

export function oneLaunchOneEffect(truth: Truth): Watcher {
  const created = new Map<string, number>();
  const answered = new Set<string>();
  const everNodes = new Set<string>();
  const instancesOf = new Map<string, string[]>();
  return {
    launchAnswered(token) {
      answered.add(token);
    },
    node(_before, after) {
      if (after !== null) everNodes.add(after.id);
    },
    launch(before, after) {
      if (before !== null && after !== null && JSON.stringify(before.request) !== JSON.stringify(after.request)) {
        truth.violate(name, `launch ${after.id} asks for something else than it did before`, [after.id]);
      }
      const isClosed = (before?.state === 'open' && (after === null || after.state === 'settled')) || (before === null && after?.state === 'settled');
      if (!isClosed) return;
      const id = (after ?? before)?.id ?? '';
      if (!answered.has(id)) truth.violate(name, `launch ${id} was closed although EC2 never answered its token`, [id]);
      for (const instanceId of instancesOf.get(id) ?? []) {
        const instance = truth.instances.get(instanceId);
        if (instance !== undefined && !instance.isEnding && !everNodes.has(instanceId) && !truth.nodes.has(instanceId)) {
          truth.violate(name, `launch ${id} was closed while its instance ${instanceId} is in no document`, [id, instanceId]);
        }
      }
    },
    instance(instance) {
      const { id, launchId } = instance;
      if (instance.state !== 'pending' || launchId.startsWith(strayPrefix)) return;
      const launch = truth.launches.get(launchId);
      instancesOf.set(launchId, [...(instancesOf.get(launchId) ?? []), id]);
      const count = (created.get(launchId) ?? 0) + 1;
      created.set(launchId, count);
      if (launch === undefined) truth.violate(name, `instance ${id} was launched for ${launchId}, which is not in the store`, [id, launchId]);
      else if (launch.state !== 'open') truth.violate(name, `instance ${id} was launched for ${launchId}, which was closed before`, [id, launchId]);
      else if (count > launch.request.count) truth.violate(name, `launch ${launchId} asked for ${String(launch.request.count)} instances and yielded ${String(count)}`, [id, launchId]);
    },
  };
}

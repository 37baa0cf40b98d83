// Invariant 6: no node is over-committed: neither by its document nor by the processes that really run on it.
import { isNodeLaunch } from '../../core/records/launch.ts';
import { instanceType } from '../../core/catalog/index.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '6: no node is over-committed';

export function noOvercommit(truth: Truth): Watcher {
  return {
    node(_before, after) {
      if (after === null) return;
      const room = instanceType(after.instanceType)?.allocatable;
      const excess = room === undefined ? 'is of an unknown type' : excessOf(after.assigned, room, after.tasksMax);
      if (excess !== null)
        truth.violate(name, `the document of node ${after.id} (${after.instanceType}) ${excess}`, [after.id]);
    },
    processStarted(machine, run) {
      const launchId = truth.instances.get(machine.id)?.launchId ?? '';
      const launch = truth.launches.get(launchId);
      const tasksMax = launch && isNodeLaunch(launch) ? launch.tasksMax : Infinity;
      const excess = excessOf(machine.running, machine.allocatable, tasksMax);
      if (excess !== null)
        truth.violate(name, `node ${machine.id} ${excess} with the start of ${run.attemptId}`, [
          machine.id,
          run.attemptId,
        ]);
    },
  };
}

function excessOf(
  tasks: readonly { readonly resources: Resources }[],
  room: Resources,
  tasksMax: number,
): string | null {
  if (tasks.length > tasksMax) return `carries ${String(tasks.length)} tasks of at most ${String(tasksMax)}`;
  for (const dimension of ['cpuMilli', 'memoryMib', 'gpu'] as const) {
    const sum = tasks.reduce((total, one) => total + one.resources[dimension], 0);
    if (sum > room[dimension]) return `carries ${String(sum)} ${dimension} of ${String(room[dimension])}`;
  }
  return null;
}

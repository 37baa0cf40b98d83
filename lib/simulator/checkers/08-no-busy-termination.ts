// Invariant 8: no busy node is terminated by choice before its drain is complete; and what the store does not know
// is ended only once nobody can be about to adopt it.
import type { Truth, Watcher } from '../truth.ts';
import { keepsItsTasks } from './protocol/fence.ts';

const name = '8: no busy node is terminated';
const orphanAgeMs = 60_000;
const clockToleranceMs = 5_000;

export function noBusyTermination(truth: Truth): Watcher {
  return {
    terminateCall(ids, by) {
      for (const id of ids) {
        const instance = truth.instances.get(id);
        if (instance === undefined || instance.isEnding) continue;
        const node = truth.nodes.get(id);
        if (node === undefined) {
          if (truth.launches.get(instance.launchId)?.state === 'open')
            truth.violate(name, `${by} ends ${id}, whose launch ${instance.launchId} is open and would adopt it`, [
              id,
              instance.launchId,
            ]);
          else if (truth.nowMs - instance.createdAtMs < orphanAgeMs - clockToleranceMs)
            truth.violate(
              name,
              `${by} ends ${id} as an orphan `
                + `${String(Math.round((truth.nowMs - instance.createdAtMs) / 1000))} s after its launch`,
              [id, instance.launchId],
            );
        } else if (node.state !== 'terminating') {
          truth.violate(name, `${by} ends ${id}, whose document says ${node.state}`, [id]);
        } else if (node.assigned.length > 0) {
          truth.violate(
            name,
            `${by} ends ${id}, whose document still carries ${node.assigned.map((one) => one.attemptId).join(', ')}`,
            [id],
          );
        }
        const machine = truth.machines.get(id);
        const busy = machine?.running[0];
        if (machine !== undefined && busy !== undefined && keepsItsTasks(machine, truth.nowMs)) {
          truth.violate(name, `${by} ends ${id} while ${busy.attemptId} runs on it`, [id, busy.attemptId]);
        }
      }
    },
    node(before, after) {
      if (before?.state === 'terminating' && after !== null && after.state !== 'terminating')
        truth.violate(name, `node ${after.id} comes back from terminating to ${after.state}`, [after.id]);
    },
  };
}

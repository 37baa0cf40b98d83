// Invariant 18: the operator's brake. Nothing is bought for a pool that is paused, and a node that is cordoned or
// leaving gets no new attempt, from the write of the order on.
import type { Truth, Watcher } from '../../truth.ts';

const name = "18: the operator's brake";

export function operatorsBrake(truth: Truth): Watcher {
  return {
    launch(before, after) {
      // One that is settled is written anew elsewhere.
      if (before !== null || after?.state !== 'open') return;
      const paused = truth.pools.get(after.pool)?.paused;
      if (paused)
        truth.violate(name, `launch ${after.id} is recorded for pool ${after.pool}, paused by ${paused.by}`, [
          after.id,
        ]);
    },
    node(before, after) {
      if (before === null || after === null) return;
      const isShut = before.cordon !== undefined || before.state === 'draining' || before.state === 'terminating';
      if (!isShut) return;
      const known = new Set(before.assigned.map((one) => one.attemptId));
      const added = after.assigned.find((one) => !known.has(one.attemptId));
      if (added)
        truth.violate(
          name,
          `node ${after.id} gets ${added.attemptId}, though it is ${before.cordon ? 'cordoned' : before.state}`,
          [after.id, added.attemptId],
        );
    },
  };
}

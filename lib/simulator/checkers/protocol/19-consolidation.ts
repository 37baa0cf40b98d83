// Invariant 19: who goes by consolidation runs only tasks that bear a stop, is not kept by an operator, and is chosen
// with those that go at the same time: none is chosen while tasks are still being stopped for an earlier choice.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '19: consolidation stops what bears it, one choice at a time';

export function consolidates(truth: Truth): Watcher {
  return {
    node(before, after) {
      if (before?.state !== 'ready' || after === null || !isMoving(after)) return;
      const blame = (what: string): void => {
        truth.violate(name, `node ${after.id} goes by consolidation, ${what}`, [after.id]);
      };
      if (before.cordon) blame('though it is cordoned');
      const other = [...truth.nodes.values()].find(
        (one) =>
          one.id !== after.id && one.pool === after.pool && isMoving(one) && one.drain?.atMs !== after.drain?.atMs,
      );
      if (other) blame(`while tasks of ${other.id} are being stopped for it`);
      for (const { requestId, attemptId, isAlone } of before.assigned) {
        const spec = truth.requests.get(requestId)?.spec;
        const { mode = 'never' } = spec?.disruption ?? {};
        if (mode === 'never') blame(`and ${attemptId} does not bear it`);
        else if (spec?.gang === true || isAlone === true) blame(`and ${attemptId} has its place by a rule`);
      }
    },
  };
}

function isMoving({ state, drain, assigned }: NodeRecord): boolean {
  return state === 'draining' && drain?.by === 'consolidation' && assigned.length > 0;
}

// Invariant 26: where a pool does not say that any tenant may share a node, none is given tasks of two, and no process
// of one starts on a machine where a process of another still runs, or its files are still there.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { keepsItsTasks } from '../protocol/fence.ts';

const name = '26: a node serves one tenant at a time';

export function oneTenantPerNode(truth: Truth): Watcher {
  const isShared = (pool: string): boolean => truth.pools.get(pool)?.spec.nodesServe === 'any-tenant';
  const tenantOf = (requestId: string): string | undefined => truth.requests.get(requestId)?.tenant;
  const changed = new Map<string, NodeRecord>();
  return {
    node(before, after) {
      const known = new Set((before?.assigned ?? []).map((one) => one.attemptId));
      if (after?.assigned.some((one) => !known.has(one.attemptId)) === true) changed.set(after.id, after);
    },
    // Once a whole transaction is there: rows may be written with it.
    written() {
      for (const node of changed.values()) {
        const tenants = new Set(node.assigned.flatMap((one) => tenantOf(one.requestId) ?? []));
        if (tenants.size > 1 && !isShared(node.pool))
          truth.violate(name, `${node.id} is given tasks of ${[...tenants].join(' and ')}`, [node.id]);
      }
      changed.clear();
    },
    processStarted(machine, run) {
      const tenant = tenantOf(requestIdOf(run.attemptId));
      if (tenant === undefined || isShared(machine.pool)) return;
      const isOthers = (attemptId: string): boolean => tenantOf(requestIdOf(attemptId)) !== tenant;
      const left = [...machine.remains].find(isOthers);
      if (left !== undefined)
        truth.violate(name, `${run.attemptId} starts on ${machine.id} before what ${left} left is gone`, [machine.id]);
      const other = machine.running.find((one) => isOthers(one.attemptId));
      if (other !== undefined && keepsItsTasks(machine, truth.nowMs))
        truth.violate(name, `${run.attemptId} starts on ${machine.id} beside ${other.attemptId}`, [machine.id]);
    },
  };
}

/** Of `request.index.attempt`. */
function requestIdOf(attemptId: string): string {
  return attemptId.replace(/\.\d+\.\d+$/, '');
}

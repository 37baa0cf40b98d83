// Invariant 19: relations hold for whatever is placed: who keeps away from a group is in no node, or zone, with one of
// it; who keeps near to one is in a zone where it runs. A group is of one tenant. What runs there is what the documents
// of nodes say.
import type { Assignment, NodeRecord } from '../../../core/records/node.ts';
import type { RequestRecord } from '../../../core/records/request.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '19: relations hold';

export function apartAndNear(truth: Truth): Watcher {
  const requestOf = (one: Assignment): RequestRecord | undefined => truth.requests.get(one.requestId);
  /** A node that is given up has nothing any more. */
  const nodesNear = (node: NodeRecord, topology: 'node' | 'zone'): readonly NodeRecord[] =>
    topology === 'node'
      ? [node]
      : [...truth.nodes.values()]
          .map((other) => (other.id === node.id ? node : other))
          .filter((other) => other.pool === node.pool && other.zone === node.zone && !other.isLost);
  const judgeApart = (node: NodeRecord, placed: Assignment, request: RequestRecord): void => {
    for (const topology of ['node', 'zone'] as const)
      for (const other of nodesNear(node, topology).flatMap((one) => one.assigned)) {
        const its = requestOf(other);
        if (its?.tenant !== request.tenant || other.attemptId === placed.attemptId) continue;
        const refuses = ({ spec: from }: RequestRecord, { spec: to }: RequestRecord): boolean =>
          (from.antiAffinity ?? []).some((rule) => rule.topology === topology && rule.group === to.group);
        if (refuses(request, its) || refuses(its, request))
          truth.violate(
            name,
            `${placed.attemptId} is placed on ${node.id} in one ${topology} with ${other.attemptId}`,
            [placed.requestId, other.requestId],
          );
      }
  };
  const judgeNear = (node: NodeRecord, placed: Assignment, request: RequestRecord): void => {
    const isOf = (other: Assignment, group: string): boolean => {
      const its = requestOf(other);
      return its?.tenant === request.tenant && its.spec.group === group;
    };
    for (const rule of request.spec.affinity ?? []) {
      if (rule.topology !== 'zone') continue;
      const homes = [...truth.nodes.values()].filter(
        (one) =>
          one.pool === node.pool
          && !one.isLost
          && one.assigned.some((other) => other.attemptId !== placed.attemptId && isOf(other, rule.group)),
      );
      if (homes.length > 0 && homes.every((one) => one.zone !== node.zone))
        truth.violate(name, `${placed.attemptId} is placed in ${node.zone}, and ${rule.group} runs elsewhere`, [
          placed.requestId,
        ]);
    }
  };
  let placements: { readonly node: NodeRecord; readonly one: Assignment }[] = [];
  return {
    node(before, after) {
      if (after === null) return;
      const known = new Set((before?.assigned ?? []).map((one) => one.attemptId));
      for (const one of after.assigned) if (!known.has(one.attemptId)) placements.push({ node: after, one });
    },
    // Once a whole transaction is there: tasks of one group are placed together.
    written() {
      for (const { node, one } of placements) {
        const request = requestOf(one);
        if (!request) continue;
        judgeApart(node, one, request);
        judgeNear(node, one, request);
      }
      placements = [];
    },
  };
}

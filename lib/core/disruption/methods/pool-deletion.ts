// Pool deletion: a pool that is being deleted keeps its nodes only as long as tasks run on them.
import type { DisruptionMethod } from '../method.ts';

export const poolDeletion: DisruptionMethod = {
  name: 'pool-deletion',
  commands: (candidates, { observation: { isPoolDeleting } }) =>
    isPoolDeleting
      ? candidates
          .filter((node) => node.assigned.length === 0)
          .map((node) => ({ node, reason: 'the pool is being deleted' }))
      : [],
  leaves: (_node, { observation: { isPoolDeleting } }) =>
    isPoolDeleting ? 'its pool is being deleted; it goes when its tasks have ended' : 'its pool is not being deleted',
};

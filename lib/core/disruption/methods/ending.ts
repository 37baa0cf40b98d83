// Ending: EC2 shows that the instance shuts down or stops, though nobody here asked for it. Nothing new is placed
// there; what becomes of its tasks is decided once EC2 says that it has ended (termination.ts).
import type { DisruptionMethod } from '../method.ts';

export const ending: DisruptionMethod = {
  name: 'ending',
  commands: (candidates, { observation: { listing } }) =>
    candidates.flatMap((node) => {
      const instance = listing?.instances.get(node.id);
      if (instance?.state !== 'shutting-down' && instance?.state !== 'stopping') return [];
      return [{ node, reason: `EC2 says ${instance.state}${inBrackets(instance.stateReason)}` }];
    }),
  leaves: () => 'EC2 has not said that it shuts down or stops',
};

/** EC2's own reason, where it gave one. */
export function inBrackets(stateReason: string | null): string {
  return stateReason ? ` (${stateReason})` : '';
}

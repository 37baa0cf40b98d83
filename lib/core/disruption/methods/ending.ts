// Ending: EC2 shows that the instance shuts down or stops, though nobody here asked for it (warm nodes are
// stopped by a decision). Nothing new is placed
// there; what becomes of its tasks is decided once EC2 says that it has ended (termination.ts).
import type { DisruptionMethod } from '../method.ts';
import { isKnownToStop } from '../../tasks/warm/power.ts';

export const ending: DisruptionMethod = {
  name: 'ending',
  commands: (candidates, { observation: { listing }, settings }) =>
    candidates.flatMap((node) => {
      const instance = listing?.instances.get(node.id);
      if (listing === null || (instance?.state !== 'shutting-down' && instance?.state !== 'stopping')) return [];
      if (instance.state === 'stopping' && isKnownToStop(node, listing, settings)) return [];
      return [{ node, reason: `EC2 says ${instance.state}${inBrackets(instance.stateReason)}` }];
    }),
  leaves: () => 'EC2 has not said that it shuts down or stops',
};

/** EC2's own reason, where it gave one. */
export function inBrackets(stateReason: string | null): string {
  return stateReason ? ` (${stateReason})` : '';
}
